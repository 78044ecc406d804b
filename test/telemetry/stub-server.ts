/** A server on the loopback that answers as a test wants it, and an objective to ask it about. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import type { Slo } from "../../slo/model.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server on a free port of the loopback; its origin, and the requests it got. */
export async function serve(handler: Handler): Promise<{ readonly origin: string; readonly got: IncomingMessage[] }> {
  const got: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    got.push(request);
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => handler(request, response, body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got };
}

export const json = (response: ServerResponse, body: unknown, status = 200) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

export const vector = (response: ServerResponse, values: readonly string[], more: Record<string, unknown> = {}) =>
  json(response, {
    status: "success",
    data: {
      resultType: "vector",
      result: values.map((value, index) => ({ metric: { i: `${index}` }, value: [0, value] })),
    },
    ...more,
  });

const promql = (text: string) => ({ text, dialect: "promql" as const });

export const slo: Slo = {
  id: "shop/availability",
  format: "sloth",
  path: "slo.yaml",
  range: { start: 0, end: 0 },
  service: "shop",
  name: "availability",
  target: 0.999,
  window: { kind: "rolling", seconds: 30 * 86_400, text: "30d" },
  method: "request-weighted",
  indicator: {
    type: "ratio",
    bad: promql('sum(rate(r_total{code="500"}[{{.window}}]))'),
    total: promql("sum(rate(r_total[{{.window}}]))"),
  },
  endpoints: [],
  grouping: [],
  labels: {},
  level: "evaluable",
  problems: [],
};
