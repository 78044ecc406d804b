import { defineLibrary } from "../../engine/index.ts";
import { limitOr, mysqlClient } from "../_shared/mysql-client.ts";

/**
 * `acquireTimeout` 10 s of waiting for a connection of a pool, `connectTimeout` 1 s, `queryTimeout` and `socketTimeout` 0
 * (lib/config/pool-options.js, lib/config/connection-options.js of 3.5). It gives promises.
 */
export default defineLibrary({
  name: "mariadb",
  packages: ["mariadb"],
  ...mysqlClient({
    client: "MariaDB",
    limit: (call) =>
      call.name === "createPool" ? limitOr(call, "acquireTimeout", 10_000) : limitOr(call, "connectTimeout", 1_000),
    promises: ["mariadb"],
  }),
});
