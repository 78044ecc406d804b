/** Express with a histogram of prom-client made by hand: a name and labels of the team's own, in milliseconds. */
import type { AddressInfo } from "node:net";
import express from "express";
import { Histogram, register } from "prom-client";

const duration = new Histogram({
  name: "shop_http_request_duration_ms",
  help: "How long requests took",
  labelNames: ["verb", "route", "code"],
  buckets: [50, 100, 250, 500, 1000, 5000],
});

const app = express();
app.use((req, res, next) => {
  const start = performance.now();
  res.on("finish", () => {
    if (!req.route) return;
    const labels = { verb: req.method, route: req.baseUrl + req.route.path, code: String(res.statusCode) };
    duration.observe(labels, performance.now() - start);
  });
  next();
});

const users = express.Router();
users.get("/:id", (req, res) => {
  res.status(req.params.id === "0" ? 500 : 200).json({ id: req.params.id });
});
app.use("/api/v1/users", users);

const metrics = express();
metrics.get("/metrics", async (_req, res) => {
  res.type(register.contentType).send(await register.metrics());
});

const server = app.listen(0, "127.0.0.1", () => {
  const other = metrics.listen(0, "127.0.0.1", () => {
    const at = (it: typeof server): string => `http://127.0.0.1:${(it.address() as AddressInfo).port}`;
    console.log(JSON.stringify({ url: at(server), metrics: `${at(other)}/metrics` }));
  });
});
process.once("SIGTERM", () => process.exit());
