/**
 * NestJS with @willsoto/nestjs-prometheus: the metrics page is the library's, the histogram a provider, observed by an
 * interceptor. The decorators are applied by hand, since Node strips types and no more.
 */
import "reflect-metadata";
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  HttpException,
  Module,
  Param,
  UseInterceptors,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { InjectMetric, makeHistogramProvider, PrometheusModule } from "@willsoto/nestjs-prometheus";
import type { Request, Response } from "express";
import type { Histogram } from "prom-client";

class UsersController {
  show(id: string) {
    if (id === "0") throw new HttpException("broken", 500);
    return { id };
  }
}
Param("id")(UsersController.prototype, "show", 0);
Get(":id")(UsersController.prototype, "show", Object.getOwnPropertyDescriptor(UsersController.prototype, "show")!);
Controller("api/v1/users")(UsersController);

class RequestMetrics {
  readonly #duration: Histogram;

  constructor(duration: Histogram) {
    this.#duration = duration;
  }

  intercept(context: ExecutionContext, next: CallHandler) {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const stop = this.#duration.startTimer({ method: request.method, route: request.route.path });
    // The answer to an exception is written behind the interceptors.
    response.once("finish", () => stop({ status: String(response.statusCode) }));
    return next.handle();
  }
}
InjectMetric("api_request_duration_seconds")(RequestMetrics, undefined!, 0);
// Only of these: the scrapes are requests too, and would be counted.
UseInterceptors(RequestMetrics)(UsersController);

class AppModule {}
Module({
  imports: [PrometheusModule.register({ defaultMetrics: { enabled: false } })],
  controllers: [UsersController],
  providers: [
    makeHistogramProvider({
      name: "api_request_duration_seconds",
      help: "How long requests took",
      labelNames: ["method", "route", "status"],
      buckets: [0.05, 0.1, 0.3, 1, 5],
    }),
    RequestMetrics,
  ],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, "127.0.0.1");
const url = await app.getUrl();
console.log(JSON.stringify({ url, metrics: `${url}/metrics` }));
process.once("SIGTERM", () => process.exit());
