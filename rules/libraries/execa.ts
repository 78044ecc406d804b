import {
  type Answer,
  type BlockingMeaning,
  type CallMeaning,
  type CallView,
  defineLibrary,
  isSet,
  type Limit,
  type SpawnMeaning,
} from "../../engine/index.ts";

/**
 * No default (lib/terminate/timeout.js of 9.6). At the limit the child gets SIGTERM, and SIGKILL 5 s later
 * (`forceKillAfterDelay`).
 */
const OPTIONS = ["timeout", "signal", "cancelSignal"];

/** Options stand last; a call with options alone gives a function with those options. */
function meaning(call: CallView): SpawnMeaning | undefined {
  const isTemplate = call.call.kind === "tag";
  if (!isTemplate && call.call.args[0]?.k === "obj") return undefined;
  const last = call.call.args.length - 1;
  const index = !isTemplate && last > 0 && call.call.args[last]!.k !== "arr" ? last : undefined;
  const bound = call.recv?.via ? call.program.view(call.recv.via) : undefined;
  const asked: Answer[] = OPTIONS.flatMap((it) => [
    ...(index === undefined ? [] : [isSet(call.program, call.option(index, it))]),
    ...(bound ? [isSet(call.program, bound.option(0, it))] : []),
  ]);
  const limit: Limit = asked.includes("yes")
    ? { bounded: "yes", by: "call", why: "a timeout or a signal is given" }
    : asked.includes("unknown") || call.hasSpread
      ? { bounded: "unknown", by: "call", why: "the options cannot be read here" }
      : { bounded: "no", by: "default", why: "no timeout is given" };
  const site = isTemplate ? undefined : call.optionSite(index ?? last + 1);
  return {
    kind: "spawn",
    client: "execa",
    limit,
    waits: ["await", "return", "argument", "element"].includes(call.call.use) ? "yes" : "unknown",
    option: "timeout: {ms}",
    ...(site ? { site } : {}),
  };
}

const run: CallMeaning = {
  returns: (call) => (call.call.kind !== "tag" && call.call.args[0]?.k === "obj" ? "Runner" : "Result"),
  meaning,
};
const runSync = (name: string) => ({
  call: { meaning: (): BlockingMeaning => ({ kind: "blocking", client: "execa", name, on: "process" }) },
});

export default defineLibrary({
  name: "execa",
  packages: ["execa"],
  exports: {
    default: { type: "Runner" },
    execa: { type: "Runner" },
    execaCommand: { call: run },
    $: { type: "Runner" },
    execaSync: runSync("execaSync"),
    execaCommandSync: runSync("execaCommandSync"),
  },
  types: { Runner: { call: run }, Result: {} },
});
