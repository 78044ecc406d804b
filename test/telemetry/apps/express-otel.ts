/** Express under OpenTelemetry's instrumentation, its metrics offered by OpenTelemetry's own Prometheus exporter. */

import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type Express from "express";
import { metrics } from "./otel.ts";

// Loaded once the instrumentation is there; what comes before it is not instrumented.
const express = createRequire(import.meta.url)("express") as typeof Express;

const users = express.Router();
users.get("/:id", (req, res) => {
  res.status(req.params.id === "0" ? 500 : 200).json({ id: req.params.id });
});

const app = express();
app.use("/api/v1/users", users);
app.get("/api/v1/health", (_req, res) => void res.send("ok"));

const server = app.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  console.log(JSON.stringify({ url, metrics }));
});
process.once("SIGTERM", () => process.exit());
