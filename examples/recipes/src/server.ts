import type { AddressInfo } from "node:net";
import { app } from "./app.ts";
import { pool } from "./db.ts";

const server = app.listen(Number(process.env.PORT ?? 0), "127.0.0.1", (error) => {
  if (error) throw error;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  console.log(JSON.stringify({ url, metrics: `${url}/metrics` }));
});

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);

/** Takes no new requests, answers those under way, then lets go of the database. */
function stop() {
  server.close(() => void pool.end());
  server.closeIdleConnections();
}
