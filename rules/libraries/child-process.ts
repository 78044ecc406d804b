import {
  type Answer,
  type BlockingMeaning,
  type CallView,
  defineLibrary,
  isSet,
  type Limit,
  type Member,
  type OptionSite,
  type SpawnMeaning,
} from "../../engine/index.ts";

/**
 * `timeout` is 0 (lib/child_process.js): a child runs until it ends. At the limit it gets SIGTERM; one that ignores it was
 * still waited for to its own end (measured, Node 20.20), and `killSignal: "SIGKILL"` ended it.
 */
const OPTION = 'timeout: {ms}, killSignal: "SIGKILL"';

/** `optionIndex`: where the options stand; undefined where it cannot be told. */
function limitOf(call: CallView, optionIndex: number | undefined): Limit {
  const unknown: Limit = { bounded: "unknown", by: "call", why: "the options cannot be read here" };
  if (optionIndex === undefined || call.hasSpread) return unknown;
  if (call.call.args[optionIndex]?.k === "fn") return { bounded: "no", by: "default", why: "no timeout is given" };
  const set = ["timeout", "signal"].map((it) => isSet(call.program, call.option(optionIndex, it)));
  if (set.includes("yes")) return { bounded: "yes", by: "call", why: "a timeout or a signal is given" };
  return set.includes("unknown") ? unknown : { bounded: "no", by: "default", why: "no timeout is given" };
}

/** Before a callback, or where the options are or would be. */
function siteOf(call: CallView, index: number): OptionSite | undefined {
  if (call.call.args[index]?.k !== "fn" || index === 0) return call.optionSite(index);
  return { path: call.file.path, insertAt: call.call.argsAt[index - 1]![1], missing: 0 };
}

/** `execFile(file, args?, options?)`: the second is the list or the options. */
function afterList(call: CallView): number | undefined {
  const second = call.arg(1);
  if (!second) return call.hasSpread ? undefined : 1;
  if (second.value.k === "obj" || second.value.k === "fn") return 1;
  if (second.value.k === "arr" || call.argCount > 3) return 2;
  const found = call.origin(second);
  if (found.k === "arr" || found.k === "arrayOf") return 2;
  const binding = second.value.k === "ref" ? call.file.bindings[second.value.b] : undefined;
  if (binding?.type?.t === "array") return 2;
  // Three of which the last is no callback can only be file, list and options.
  return call.argCount === 3 && call.call.args[2]!.k === "obj" ? 2 : undefined;
}

const start = (
  name: string,
  waits: (call: CallView) => Answer,
  optionIndex: (call: CallView) => number | undefined,
): Member => ({
  call: {
    returns: "Child",
    meaning: (call: CallView): SpawnMeaning => {
      const index = optionIndex(call);
      const site = index === undefined ? undefined : siteOf(call, index);
      return {
        kind: "spawn",
        client: name,
        limit: limitOf(call, index),
        waits: waits(call),
        option: OPTION,
        ...(site ? { site } : {}),
      };
    },
  },
});

/** With a callback, or promisified and awaited. */
const forResult = (call: CallView): Answer =>
  call.call.args.at(-1)?.k === "fn" || ["await", "return", "argument", "element", "receiver"].includes(call.call.use)
    ? "yes"
    : "unknown";

/** The loop stands still until the child has ended, with a time limit or without. */
const runSync = (name: string): Member => ({
  call: { meaning: (): BlockingMeaning => ({ kind: "blocking", client: "node:child_process", name, on: "process" }) },
});

const members: Record<string, Member> = {
  exec: start("exec", forResult, () => 1),
  execFile: start("execFile", forResult, afterList),
  spawn: start("spawn", () => "unknown", afterList),
  // A forked module is a partner that stays.
  fork: { call: { returns: "Child" } },
  execSync: runSync("execSync"),
  execFileSync: runSync("execFileSync"),
  spawnSync: runSync("spawnSync"),
};

export default defineLibrary({
  name: "child_process",
  packages: ["node:child_process"],
  exports: members,
  types: { Child: { other: { call: { returns: "this" } } } },
});
