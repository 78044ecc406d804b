import { type AsyncForm, type BlockingMeaning, type CallView, defineLibrary, type Member } from "../../engine/index.ts";

/** 100,000 rounds of SHA-512 took 65 ms on Node 20.20: fewer than these take less than 3 ms, and are used for tokens. */
const FEW_ROUNDS = 5_000;

const computes = (
  name: string,
  measured: { readonly ms: number; readonly of: string },
  instead: AsyncForm | undefined,
  isSmall: (call: CallView) => boolean = () => false,
): Member => ({
  call: {
    meaning: (call: CallView): BlockingMeaning | undefined =>
      isSmall(call)
        ? undefined
        : {
            kind: "blocking",
            client: "node:crypto",
            name,
            on: "computation",
            measured: { ...measured, with: "Node 20.20" },
            ...(instead ? { instead } : {}),
          },
  },
});

const members: Record<string, Member> = {
  // Rounds that cannot be read are not judged: half of the uses hash a long random key, for which one round is enough.
  pbkdf2Sync: computes(
    "pbkdf2Sync",
    { ms: 65, of: "100,000 × SHA-512" },
    { name: "pbkdf2", promisify: true },
    (call) => (call.number(call.arg(2)) ?? 0) < FEW_ROUNDS,
  ),
  // No `promisify` in an edit: the type that it gives demands the options.
  scryptSync: computes("scryptSync", { ms: 38, of: "N=16384" }, undefined),
  generateKeyPairSync: computes(
    "generateKeyPairSync",
    { ms: 170, of: "RSA 2048" },
    { name: "generateKeyPair", promisify: true },
    // Elliptic keys take well under a millisecond.
    (call) => call.text(call.arg(0)) !== "rsa" && call.text(call.arg(0)) !== "dsa",
  ),
};

export default defineLibrary({
  name: "crypto",
  packages: ["node:crypto"],
  exports: members,
  types: {},
});
