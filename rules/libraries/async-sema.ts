import { defineLibrary, type LimiterMeaning, type Member } from "../../engine/index.ts";

const wait = (): LimiterMeaning => ({ kind: "limiter", client: "async-sema", atOnce: "yes" });
const sema: Member = { construct: { returns: "Sema" } };

/** So many are let in before one has left; `RateLimit` gives a function that lets so many in each second (lib/index.js of 3.1). */
export default defineLibrary({
  name: "async-sema",
  packages: ["async-sema"],
  exports: { Sema: sema, default: sema, RateLimit: { call: { returns: "Rate" } } },
  types: {
    Sema: { members: { acquire: { call: { meaning: wait } }, v: { call: { meaning: wait } } } },
    Rate: { call: { meaning: wait } },
  },
});
