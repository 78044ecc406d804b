/** Fastify with fastify-metrics as its README shows it. */
import Fastify from "fastify";
import fastifyMetrics from "fastify-metrics";

const app = Fastify();

await app.register(fastifyMetrics.default, {
  endpoint: "/metrics",
  defaultMetrics: { enabled: false },
  // The scrapes are requests too, and would be counted.
  routeMetrics: { routeBlacklist: ["/metrics"] },
});
await app.register(
  async (users) => {
    users.get<{ Params: { id: string } }>("/:id", async (req, reply) => {
      reply.code(req.params.id === "0" ? 500 : 200);
      return { id: req.params.id };
    });
  },
  { prefix: "/api/v1/users" },
);

const url = await app.listen({ host: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ url, metrics: `${url}/metrics` }));
process.once("SIGTERM", () => process.exit());
