/** NestJS on Express under OpenTelemetry; the decorators are applied by hand, since Node strips types and no more. */
import { metrics } from "./otel.ts";

// Not static imports: those would be loaded before the instrumentation is there.
await import("reflect-metadata");
const { Controller, Get, HttpException, Module, Param, VersioningType } = await import("@nestjs/common");
const { NestFactory } = await import("@nestjs/core");

class UsersController {
  show(id: string) {
    if (id === "0") throw new HttpException("broken", 500);
    return { id };
  }
}
Param("id")(UsersController.prototype, "show", 0);
Get(":id")(UsersController.prototype, "show", Object.getOwnPropertyDescriptor(UsersController.prototype, "show")!);
Controller({ path: "users", version: "1" })(UsersController);

class AppModule {}
Module({ controllers: [UsersController] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
app.setGlobalPrefix("api");
app.enableVersioning({ type: VersioningType.URI });
await app.listen(0, "127.0.0.1");
console.log(JSON.stringify({ url: await app.getUrl(), metrics }));
process.once("SIGTERM", () => process.exit());
