/** Somebody else's service: quick as a rule, but each 25th answer takes ten seconds, and now and then there is none. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const STALL_EVERY = Number(process.env.NUTRITION_STALL_EVERY ?? 25);
const STALL_MS = Number(process.env.NUTRITION_STALL_MS ?? 10_000);
const FAIL_EVERY = Number(process.env.NUTRITION_FAIL_EVERY ?? 200);

let asked = 0;

const server = createServer((req, res) => {
  asked += 1;
  if (asked % FAIL_EVERY === 0) {
    res.writeHead(503).end();
    return;
  }
  const { searchParams } = new URL(req.url ?? "/", "http://nutrition");
  const length = (searchParams.get("ingredients") ?? "").length;
  const answer = JSON.stringify({ kilocalories: 120 + length * 3, protein: 4 + (length % 20), salt: 1 + (length % 3) });
  const timer = setTimeout(
    () => res.setHeader("content-type", "application/json").end(answer),
    asked % STALL_EVERY === 0 ? STALL_MS : 15,
  );
  res.once("close", () => clearTimeout(timer));
});

server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
