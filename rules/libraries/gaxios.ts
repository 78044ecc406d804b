import {
  type CallView,
  defineLibrary,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";

/** "No timeout by default" (src/gaxios.ts of 6.7 and 7.3: a signal is made only where `timeout` is given). */
const NEVER = { no: "gaxios waits without end by default" };

/** A limit or a signal among the options of a gaxios request. */
export function gaxiosLimit(call: CallView, index: number, by: Limit["by"], no = NEVER.no): Limit {
  const timeout = limitFrom(call, call.option(index, "timeout"), by, { no });
  return timeout.bounded === "no" ? limitFrom(call, call.option(index, "signal"), by, { no }) : timeout;
}

function request(call: CallView): RequestMeaning {
  const own = gaxiosLimit(call, 0, "call");
  const created = call.recv?.via;
  // `new Gaxios(defaults)`; `instance` is a shared one.
  const limit =
    own.bounded !== "no"
      ? own
      : created
        ? gaxiosLimit(call.program.view(created, call.env), 0, "instance")
        : call.assigned("instance.defaults", "module")
          ? ({ bounded: "unknown", by: "global", why: "defaults are assigned" } as const)
          : own;
  const site = call.optionSite(0);
  return { kind: "request", client: "gaxios", limit, option: "timeout: {ms}", ...(site ? { site } : {}) };
}

const start: Member = { call: { returns: "Response", meaning: request } };

export default defineLibrary({
  name: "gaxios",
  packages: ["gaxios"],
  exports: {
    request: start,
    default: start,
    instance: { type: "Gaxios" },
    Gaxios: { construct: { returns: "Gaxios" } },
  },
  types: { Gaxios: { members: { request: start } }, Response: {} },
});
