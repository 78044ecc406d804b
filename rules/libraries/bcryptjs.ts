import { type BlockingMeaning, defineLibrary, type Member } from "../../engine/index.ts";

/**
 * Measured at cost 10 on Node 20.20 with bcryptjs 3.0. Written in JavaScript, it computes on the loop in either form; the
 * asynchronous one pauses after every 100 ms (`MAX_EXECUTION_TIME` in index.js).
 */
const held = (name: string): Member => ({
  call: {
    meaning: (): BlockingMeaning => ({
      kind: "blocking",
      client: "bcryptjs",
      name,
      on: "computation",
      measured: { ms: 83, of: "cost 10", with: "bcryptjs 3.0" },
      instead: {
        name: name.slice(0, -"Sync".length),
        onLoop: { pauses: "100 ms", better: ["bcrypt", "@node-rs/bcrypt"] },
      },
    }),
  },
});

const members: Record<string, Member> = { compareSync: held("compareSync"), hashSync: held("hashSync") };

export default defineLibrary({
  name: "bcryptjs",
  packages: ["bcryptjs"],
  exports: members,
  types: {},
});
