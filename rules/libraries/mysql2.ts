import { defineLibrary } from "../../engine/index.ts";
import { limitOr, mysqlClient } from "../_shared/mysql-client.ts";

/**
 * `connectTimeout` is 10 s (lib/connection_config.js of 3.24). Nothing bounds the wait for a free connection: there is no
 * `acquireTimeout`, and `queueLimit` 0 lets any number wait (lib/pool_config.js, lib/base/pool.js); how long they do is up to
 * the statements that hold the connections, and a statement has a limit only where `{ sql, timeout }` gives one
 * (lib/commands/query.js; `timeout` is no option of a connection).
 */
export default defineLibrary({
  name: "mysql2",
  packages: ["mysql2", "mysql2/promise"],
  ...mysqlClient({
    client: "mysql2",
    limit: (call) => limitOr(call, "connectTimeout", 10_000),
    promises: ["mysql2/promise"],
  }),
});
