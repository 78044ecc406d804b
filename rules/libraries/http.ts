import {
  type CallView,
  defineLibrary,
  isSet,
  type Limit,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";

/**
 * `timeout` only emits an event: without a listener that destroys the request, Node waits for ever (measured on 20.20, with
 * `timeout: 3000`). `signal` cuts.
 */
function request(call: CallView): RequestMeaning {
  const index = call.call.args[0]?.k === "obj" ? 0 : 1;
  const at = call.call.args[index]?.k === "fn" ? -1 : index;
  const signal = at < 0 ? "no" : isSet(call.program, call.option(at, "signal"));
  const timeout = at < 0 ? "no" : isSet(call.program, call.option(at, "timeout"));
  // A listener, or a limit set later on the request.
  const handled = call
    .after()
    .some(
      (it) =>
        it.name === "setTimeout" ||
        it.name === "destroy" ||
        (/^(on|once)$/.test(it.name) && it.view.text(it.view.arg(0)) === "timeout"),
    );
  const limit: Limit =
    signal === "yes" || handled
      ? { bounded: "yes", by: "call", why: signal === "yes" ? "a signal is given" : "the timeout event is handled" }
      : signal === "unknown" ||
          timeout === "unknown" ||
          (at >= 0 &&
            call.call.args[at] !== undefined &&
            call.call.args[at]!.k !== "obj" &&
            call.call.args[at]!.k !== "tpl")
        ? { bounded: "unknown", by: "call", why: "the options cannot be read here" }
        : {
            bounded: "no",
            by: timeout === "yes" ? "call" : "default",
            why: timeout === "yes" ? "`timeout` only emits an event" : "node:http waits without end by default",
          };
  // A request that leaves the function may be bounded by whoever gets it.
  const leaves = call.call.use === "return" || call.call.use === "argument";
  const url = index === 1 ? call.arg(0) : undefined;
  const site = at >= 0 ? call.optionSite(at) : undefined;
  return {
    kind: "request",
    client: "node:http",
    promise: "no",
    limit:
      leaves && limit.bounded === "no" ? { bounded: "unknown", by: "call", why: "the request is handed on" } : limit,
    ...(url ? { url: url.value } : {}),
    option: "signal: AbortSignal.timeout({ms})",
    ...(site?.object ? { site } : {}),
  };
}

const start: Member = { call: { returns: "ClientRequest", meaning: request } };
const createServer: Member = { call: { returns: "Server" } };
const SERVER: Record<string, Member> = {
  listen: { call: { returns: "this", meaning: () => ({ kind: "other", what: "listen", client: "node:http" }) } },
  on: { call: { returns: "this" } },
  close: { call: {} },
  setTimeout: { call: {} },
};

export default defineLibrary({
  name: "http",
  packages: ["node:http", "node:https"],
  exports: {
    request: start,
    get: start,
    createServer,
    Server: { type: "Server" },
    ClientRequest: { type: "ClientRequest" },
    Agent: { construct: { returns: "Agent" } },
    default: { type: "Http" },
  },
  types: {
    Http: { members: { request: start, get: start, createServer } },
    ClientRequest: {
      members: {
        on: { call: { returns: "this" } },
        once: { call: { returns: "this" } },
        setTimeout: { call: { returns: "this" } },
        end: { call: {} },
        write: { call: {} },
        destroy: { call: {} },
      },
    },
    Server: { members: SERVER },
    Agent: {},
  },
});
