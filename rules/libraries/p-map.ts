import { defineLibrary, type Member } from "../../engine/index.ts";
import { eachElement } from "../_shared/fan-out.ts";

/** `concurrency` is `Infinity` where it is not given (index.js of 7.1; p-filter 4 hands its options on to p-map). */
const each = (client: string): Member =>
  eachElement({ client, overAt: 0, workAt: 1, optionsAt: 2, option: "concurrency" });

export default defineLibrary({
  name: "p-map",
  packages: ["p-map", "p-filter"],
  exports: { default: each("p-map"), pMapSettled: each("p-map"), pMapIterable: each("p-map") },
  types: {},
});
