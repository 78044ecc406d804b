import { type CallView, defineLibrary, limitFrom, type Member, type RequestMeaning } from "../../engine/index.ts";

/** `timeout ?? 10_000` (source/core/Ky.ts, 0.x to 1.x); measured 10 s. `timeout: false` switches it off. */
const DEFAULT_MS = 10_000;

function request(call: CallView): RequestMeaning {
  const own = call.option(1, "timeout");
  const off = own.is === "yes" && call.program.truth(own.at).is === "no";
  const limit =
    own.is === "no"
      ? { bounded: "yes" as const, by: "default" as const, ms: DEFAULT_MS, why: "ky gives up after 10 s by default" }
      : limitFrom(call, own, "call", { no: "the timeout is switched off" });
  return {
    kind: "request",
    client: "ky",
    limit: off ? { bounded: "no", by: "call", why: "the timeout is switched off" } : limit,
    option: "timeout: {ms}",
  };
}

const call: Member = { call: { returns: "ResponsePromise", meaning: request } };
const create: Member = { call: { returns: "KyInstance" } };

export default defineLibrary({
  name: "ky",
  packages: ["ky", "ky-universal"],
  exports: { default: { type: "KyInstance", ...call } },
  types: {
    KyInstance: {
      members: { get: call, post: call, put: call, patch: call, head: call, delete: call, create, extend: create },
      call: call.call!,
    },
    ResponsePromise: {},
  },
});
