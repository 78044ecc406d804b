import {
  type CallView,
  defineLibrary,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";

/** Every `timeout.*` is undefined (source/core/options.ts): measured, 14.6 was still waiting after 660 s. */
const NEVER = { no: "got waits without end by default" };

/** `timeout: { request: ms }` and its phases; a plain number in got 11 and older. */
function limitIn(call: CallView, index: number, by: Limit["by"]): Limit {
  const own = call.option(index, "timeout");
  if (own.is !== "yes") return limitFrom(call, own, by, NEVER);
  const value = call.origin(own.at);
  if (value.k !== "obj") return limitFrom(call, own, by, NEVER);
  const phases = ["request", "response", "socket", "read"].map((it) => call.program.property(own.at, it));
  if (phases.some((it) => it.is === "yes")) return { bounded: "yes", by, why: "a limit is given" };
  return phases.some((it) => it.is === "unknown")
    ? { bounded: "unknown", by, why: "the options cannot be read here" }
    : { bounded: "no", by, why: NEVER.no };
}

function request(call: CallView): RequestMeaning {
  const index = call.call.args[0]?.k === "obj" ? 0 : 1;
  const signal = limitFrom(call, call.option(index, "signal"), "call", NEVER);
  const own = limitIn(call, index, "call");
  const url = call.arg(0);
  const site = call.optionSite(index);
  const base = {
    kind: "request" as const,
    client: "got",
    ...(url && index === 1 ? { url: url.value } : {}),
    option: "timeout: { request: {ms} }",
  };
  if (own.bounded !== "no" || signal.bounded !== "no")
    return { ...base, limit: own.bounded !== "no" ? own : signal, ...(site ? { site } : {}) };
  for (let it = call.recv; it?.via; it = it.recv) {
    const creation = call.program.view(it.via, call.env);
    const made = limitIn(creation, 0, "instance");
    if (made.bounded !== "no") return { ...base, limit: made };
  }
  return { ...base, limit: own, ...(call.recv?.via ? { instance: call.recv.via } : site ? { site } : {}) };
}

const call: Member = { call: { returns: "Response", meaning: request } };
const extend: Member = {
  call: {
    returns: "Got",
    meaning: (it) => ({
      kind: "client",
      client: "got",
      of: "http",
      limit: limitIn(it, 0, "instance"),
      option: "timeout: { request: {ms} }",
      sharesConnections: true,
    }),
  },
};

export default defineLibrary({
  name: "got",
  packages: ["got"],
  exports: { default: { type: "Got", ...call }, got: { type: "Got", ...call } },
  types: {
    Got: {
      members: { get: call, post: call, put: call, patch: call, head: call, delete: call, extend },
      call: call.call!,
    },
    Response: {},
  },
});
