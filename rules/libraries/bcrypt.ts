import { type BlockingMeaning, defineLibrary, type Member } from "../../engine/index.ts";

/** Measured at cost 10 on Node 20.20 with bcrypt 6.0; each step of the cost doubles it (12: 266 ms). */
const held = (name: string): Member => ({
  call: {
    meaning: (): BlockingMeaning => ({
      kind: "blocking",
      client: "bcrypt",
      name,
      on: "computation",
      measured: { ms: 67, of: "cost 10", with: "bcrypt 6.0" },
      instead: { name: name.slice(0, -"Sync".length) },
    }),
  },
});

const members: Record<string, Member> = {
  compareSync: held("compareSync"),
  hashSync: held("hashSync"),
  verifySync: held("verifySync"),
};

export default defineLibrary({
  name: "bcrypt",
  packages: ["bcrypt", "@node-rs/bcrypt"],
  exports: members,
  types: {},
});
