/** Hono with @hono/prometheus as its README shows it. */
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { prometheus } from "@hono/prometheus";
import { Hono } from "hono";

const { printMetrics, registerMetrics } = prometheus();
const app = new Hono();
app.use("/api/*", registerMetrics);
app.get("/metrics", printMetrics);

const users = new Hono();
users.get("/:id", (c) => c.json({ id: c.req.param("id") }, c.req.param("id") === "0" ? 500 : 200));
app.route("/api/v1/users", users);

const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, (at: AddressInfo) => {
  const url = `http://127.0.0.1:${at.port}`;
  console.log(JSON.stringify({ url, metrics: `${url}/metrics` }));
});
process.once("SIGTERM", () => server.close(() => process.exit()));
