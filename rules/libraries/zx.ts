import {
  type Answer,
  type CallMeaning,
  type CallView,
  defineLibrary,
  isSet,
  type Limit,
  type SpawnMeaning,
} from "../../engine/index.ts";

/** No default (build/core.d.ts of 8.8): on the call `.timeout("5s")`, on the shell `$({ timeout })` or `$.timeout = "5s"`. */
function meaning(call: CallView): SpawnMeaning | undefined {
  if (call.call.kind !== "tag") return undefined;
  const bound = call.recv?.via ? call.program.view(call.recv.via) : undefined;
  const asked: Answer[] = bound
    ? ["timeout", "signal", "ac"].map((it) => isSet(call.program, bound.option(0, it)))
    : [];
  const later = call.after().some((it) => /^(timeout|kill|abort)$/.test(it.name));
  const limit: Limit =
    asked.includes("yes") || later || call.program.assignmentsTo("timeout").length > 0
      ? { bounded: "yes", by: "call", why: "a timeout is given" }
      : asked.includes("unknown")
        ? { bounded: "unknown", by: "call", why: "the options cannot be read here" }
        : { bounded: "no", by: "default", why: "no timeout is given" };
  return {
    kind: "spawn",
    client: "zx",
    limit,
    waits: ["await", "return", "argument", "element", "receiver"].includes(call.call.use) ? "yes" : "unknown",
  };
}

const run: CallMeaning = { returns: (call) => (call.call.kind === "tag" ? "Output" : "Shell"), meaning };

export default defineLibrary({
  name: "zx",
  packages: ["zx", "zx/core", "zx/globals"],
  exports: { $: { type: "Shell" } },
  types: { Shell: { call: run }, Output: { other: { call: { returns: "this" } } } },
});
