import {
  type AsyncForm,
  type BlockingMeaning,
  type CallView,
  defineLibrary,
  isSet,
  type Member,
} from "../../engine/index.ts";

/** Measured on Node 20.20, file in the page cache: what a disk or a network volume adds comes on top. */
const NODE = "Node 20.20";

const whole = (name: string, ms: number): Member => ({
  call: {
    meaning: (): BlockingMeaning => ({
      kind: "blocking",
      client: "node:fs",
      name,
      on: "file",
      measured: { ms, of: "10 MB", with: NODE },
      instead: promised(name),
    }),
  },
});

/** One entry is microseconds; only a whole tree can take long. */
const tree = (name: string): Member => ({
  call: {
    meaning: (call: CallView): BlockingMeaning | undefined =>
      isSet(call.program, call.option(1, "recursive")) === "yes"
        ? { kind: "blocking", client: "node:fs", name, on: "file", instead: promised(name) }
        : undefined,
  },
});

function promised(name: string): AsyncForm {
  const own = name.slice(0, -"Sync".length);
  return { name: own, module: "node:fs/promises", path: `promises.${own}` };
}

// `existsSync`, `statSync`, `mkdirSync`, `unlinkSync` and their like took 0.01 ms and less: they are nobody's latency.
const members: Record<string, Member> = {
  readFileSync: whole("readFileSync", 5),
  writeFileSync: whole("writeFileSync", 34),
  appendFileSync: whole("appendFileSync", 34),
  copyFileSync: whole("copyFileSync", 34),
  cpSync: tree("cpSync"),
  rmSync: tree("rmSync"),
  rmdirSync: tree("rmdirSync"),
  readdirSync: tree("readdirSync"),
};

export default defineLibrary({
  name: "fs",
  packages: ["node:fs", "graceful-fs", "fs-extra"],
  exports: members,
  types: {},
});
