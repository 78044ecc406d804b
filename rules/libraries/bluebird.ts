import { defineLibrary } from "../../engine/index.ts";
import { eachElement } from "../_shared/fan-out.ts";

/** `concurrency` Infinity where it is not given (js/release/map.js of 3.7); `each` and `mapSeries` take one after the other. */
const each = eachElement({ client: "Bluebird", overAt: 0, workAt: 1, optionsAt: 2, option: "concurrency" });

export default defineLibrary({
  name: "bluebird",
  packages: ["bluebird"],
  exports: { default: { type: "Static" }, map: each, filter: each },
  types: { Static: { members: { map: each, filter: each } } },
});
