/** Where a process starts serving: the function that calls `listen`, and what it hands over to run once it does. */
import { type Activity, defineFramework } from "../../engine/index.ts";
import { activity } from "./_activity.ts";
import { callIndex } from "./_calls.ts";
import { functionsOf } from "./_handlers.ts";

const FRONT_END = /\.[jt]sx$/;

export default defineFramework({
  name: "startup",
  *entries({ program }): Iterable<Activity> {
    for (const { file, c } of callIndex(program).members.get("listen") ?? []) {
      if (FRONT_END.test(file.path)) continue;
      const call = file.calls[c]!;
      // `listen("event", fn)` registers a listener; a port is no text but for pipes and sockets.
      if (call.args[0]?.k === "lit" && typeof call.args[0].v === "string" && !/^[\d/\\.]/.test(call.args[0].v))
        continue;
      const after = call.args.flatMap((it) => (it.k === "obj" ? [] : functionsOf(program, { value: it, file })));
      yield activity("startup", "process", "listen", file, call.at, [...after, { file, f: call.fn }]);
    }
  },
});
