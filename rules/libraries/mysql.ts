import { defineLibrary } from "../../engine/index.ts";
import { limitOr, mysqlClient } from "../_shared/mysql-client.ts";

/**
 * `connectTimeout` 10 s (lib/ConnectionConfig.js of 2.18), and `acquireTimeout` 10 s: of connecting, of the ping and of
 * `changeUser` with which a pool hands a connection out, not of waiting for a free one (lib/PoolConfig.js, lib/Pool.js), for which there
 * is no limit. `promise-mysql` 5 passes its options on to it (index.js).
 */
export default defineLibrary({
  name: "mysql",
  packages: ["mysql", "promise-mysql"],
  ...mysqlClient({
    client: "mysql",
    limit: (call) => limitOr(call, call.name === "createPool" ? "acquireTimeout" : "connectTimeout", 10_000),
    promises: ["promise-mysql"],
  }),
});
