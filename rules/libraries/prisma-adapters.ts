import { defineLibrary, type Member } from "../../engine/index.ts";
import { connectionLimit, statementLimit } from "./pg.ts";

/** Prisma 7 takes the pool of the driver, and so node-postgres' defaults: measured, neither connecting nor a query ever ends. */
const adapter: Member = {
  construct: {
    returns: "Adapter",
    meaning: (call) => {
      // A pool made elsewhere is judged where it is made.
      const given = call.arg(0);
      const found = given ? call.origin(given) : undefined;
      if (found && found.k === "lib") return undefined;
      const site = call.optionSite(0);
      return {
        kind: "client",
        client: "Prisma's node-postgres adapter",
        of: "database",
        limit: connectionLimit(call),
        statementLimit: statementLimit(call),
        option: "connectionTimeoutMillis: 2_000",
        ...(site ? { site } : {}),
      };
    },
  },
};

export default defineLibrary({
  name: "prisma-adapters",
  packages: ["@prisma/adapter-pg"],
  exports: { PrismaPg: adapter, PrismaPgAdapterFactory: adapter },
  types: { Adapter: {} },
});
