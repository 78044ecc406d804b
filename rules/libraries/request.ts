import {
  type CallView,
  defineLibrary,
  type Limit,
  type Lookup,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";

const NEVER = "request waits without end by default";

/** Options are the first argument, or the second behind an address. */
const optionsAt = (view: CallView): number => {
  const [first, second] = view.call.args;
  return first?.k !== "obj" && (second?.k === "obj" || view.text(view.arg(0)) !== undefined) ? 1 : 0;
};

function limitOf(call: CallView): Limit {
  const at = optionsAt(call);
  const own: Lookup = call.call.args[at]?.k === "fn" ? { is: "no" } : call.option(at, "timeout");
  if (own.is !== "no") return limitFrom(call, own, "call", { no: NEVER });
  // `request.defaults({ timeout })`.
  const made = call.recv?.via ? call.program.view(call.recv.via, call.env) : undefined;
  const given: Lookup = made?.name === "defaults" ? made.option(0, "timeout") : { is: "no" };
  return limitFrom(made ?? call, given, made ? "instance" : "call", { no: NEVER });
}

/** No limit unless `timeout` is given (request 2.88, request.js: measured, still waiting; request-promise 4.2 hands its options on). */
const request: Member = {
  call: {
    returns: "Request",
    meaning: (call): RequestMeaning => {
      const options = optionsAt(call);
      const url = options === 0 ? undefined : call.arg(0);
      const site = call.call.args[options]?.k === "fn" ? undefined : call.optionSite(options);
      return {
        kind: "request",
        client: "`request`",
        limit: limitOf(call),
        ...(call.name === "" || call.name === "default" ? {} : { method: call.name.toUpperCase() }),
        ...(url ? { url: url.value } : {}),
        option: "timeout: {ms}",
        ...(site ? { site } : {}),
        promise: "unknown",
      };
    },
  },
};

const verbs: Readonly<Record<string, Member>> = Object.fromEntries(
  ["get", "head", "options", "post", "put", "patch", "del", "delete"].map((it) => [it, request]),
);
const main: Member = { type: "Request$", call: request.call! };

export default defineLibrary({
  name: "request",
  packages: ["request", "request-promise", "request-promise-native"],
  exports: { default: main, ...verbs },
  types: {
    Request$: {
      call: request.call!,
      members: { ...verbs, defaults: { call: { returns: "Request$" } }, jar: { call: {} } },
    },
    Request: { other: { call: { returns: "this" } } },
  },
});
