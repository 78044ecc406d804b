import { createRequire, register } from "node:module";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { ExpressInstrumentation } from "@opentelemetry/instrumentation-express";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { freePort } from "../../../examples/recipes/stand-ins/free-port.ts";

// Without it the HTTP instrumentation never learns the route that Express found.
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

// `import`ed packages are instrumented through a loader that has to be asked for; without it they go unseen.
if (process.env.INSTRUMENT_IMPORTS === "yes") register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);

const port = await freePort();
const exporter = new PrometheusExporter({ host: "127.0.0.1", port, preventServerStart: true });
registerInstrumentations({
  meterProvider: new MeterProvider({ readers: [exporter] }),
  instrumentations: [
    // The scrapes are requests too, and would be counted.
    new HttpInstrumentation({ ignoreIncomingRequestHook: (request) => request.url === "/metrics" }),
    new ExpressInstrumentation(),
  ],
});
await exporter.startServer();
// The hooks sit on `require`; the first one of `http` makes them take hold.
createRequire(import.meta.url)("node:http");

/** Address of the metrics. */
export const metrics = `http://127.0.0.1:${port}/metrics`;
