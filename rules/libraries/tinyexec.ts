import {
  type Answer,
  type BlockingMeaning,
  type CallView,
  defineLibrary,
  isSet,
  type Limit,
  type Member,
  type SpawnMeaning,
} from "../../engine/index.ts";

/** No default (dist/main.mjs of 1.4): `timeout` and `signal` abort the child, which sends it SIGTERM. */
function meaning(call: CallView): SpawnMeaning {
  const asked: Answer[] = ["timeout", "signal"].map((it) => isSet(call.program, call.option(2, it)));
  const limit: Limit = asked.includes("yes")
    ? { bounded: "yes", by: "call", why: "a timeout or a signal is given" }
    : asked.includes("unknown") || call.hasSpread || call.after().some((it) => it.name === "kill")
      ? { bounded: "unknown", by: "call", why: "the options cannot be read here" }
      : { bounded: "no", by: "default", why: "no timeout is given" };
  const site = call.argCount > 1 ? call.optionSite(2) : undefined;
  return {
    kind: "spawn",
    client: "tinyexec",
    limit,
    waits: ["await", "return", "argument", "element"].includes(call.call.use) ? "yes" : "unknown",
    option: "timeout: {ms}",
    ...(site ? { site } : {}),
  };
}

const run: Member = { call: { returns: "Result", meaning } };
const runSync = (name: string): Member => ({
  call: { meaning: (): BlockingMeaning => ({ kind: "blocking", client: "tinyexec", name, on: "process" }) },
});

export default defineLibrary({
  name: "tinyexec",
  packages: ["tinyexec"],
  exports: { x: run, exec: run, xSync: runSync("xSync"), execSync: runSync("execSync") },
  types: { Result: {} },
});
