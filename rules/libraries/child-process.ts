import { type BlockingMeaning, type CallView, defineLibrary, isSet, type Member } from "../../engine/index.ts";

/** `timeout` is 0 (lib/child_process.js): a child runs until it ends. */
const run = (name: string, optionIndex: readonly number[]): Member => ({
  call: {
    returns: "Child",
    meaning: (call: CallView) => {
      const set = optionIndex.flatMap((index) => [
        isSet(call.program, call.option(index, "timeout")),
        isSet(call.program, call.option(index, "signal")),
      ]);
      return {
        kind: "other",
        what: "exec",
        client: "node:child_process",
        data: { name, bounded: set.includes("yes") ? "yes" : set.includes("unknown") ? "unknown" : "no" },
      };
    },
  },
});

/** The loop stands still until the child has ended, with a time limit or without. */
const runSync = (name: string): Member => ({
  call: { meaning: (): BlockingMeaning => ({ kind: "blocking", client: "node:child_process", name, on: "process" }) },
});

const members: Record<string, Member> = {
  exec: run("exec", [1]),
  execFile: run("execFile", [1, 2]),
  spawn: {
    call: { returns: "Child", meaning: () => ({ kind: "other", what: "spawn", client: "node:child_process" }) },
  },
  fork: { call: { returns: "Child" } },
  execSync: runSync("execSync"),
  execFileSync: runSync("execFileSync"),
  spawnSync: runSync("spawnSync"),
};

export default defineLibrary({
  name: "child_process",
  packages: ["node:child_process"],
  exports: { ...members, default: { type: "Module" } },
  types: { Module: { members }, Child: { other: { call: { returns: "this" } } } },
});
