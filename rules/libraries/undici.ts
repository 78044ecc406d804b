import {
  type CallView,
  defineLibrary,
  isSet,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";
import { creationOf, DISPATCHER_MS, dispatcherLimit, globalDispatcher, madeLimit } from "../_shared/dispatcher.ts";
import { fetchRequest } from "./fetch.ts";

const NEVER = { no: "no signal is given", defaultMs: DISPATCHER_MS };

/** `index`: where the options stand; 0 for what is asked of a dispatcher, whose origin is its own. */
function limitOf(call: CallView, index: number): Limit {
  const signal = limitFrom(call, call.option(index, "signal"), "call", NEVER);
  if (signal.bounded !== "no") return signal;
  const headers = call.option(index, "headersTimeout");
  const given = isSet(call.program, headers);
  const ms = headers.is === "yes" ? call.number(headers.at) : undefined;
  if (given === "yes")
    return { bounded: "yes", by: "call", why: "headersTimeout is set", ...(ms === undefined ? {} : { ms }) };
  if (given === "unknown") return { bounded: "unknown", by: "call", why: "the options cannot be read here" };
  if (headers.is === "yes") return { bounded: "no", by: "call", why: "headersTimeout is switched off" };
  if (index === 0) {
    const made = creationOf(call, call.recv);
    return made
      ? madeLimit(made, "instance")
      : { bounded: "unknown", by: "instance", why: "the dispatcher's creation is not seen" };
  }
  const dispatcher = call.option(index, "dispatcher");
  if (dispatcher.is === "no") return globalDispatcher(call) ?? signal;
  return (
    (dispatcher.is === "yes" ? dispatcherLimit(call, dispatcher.at, "instance") : undefined) ?? {
      bounded: "unknown",
      by: "call",
      why: "a dispatcher may bound it",
    }
  );
}

function request(call: CallView, index: number): RequestMeaning {
  const url = index === 0 ? undefined : call.arg(0);
  const site = call.optionSite(index);
  const method = call.option(index, "method");
  const text = method.is === "yes" ? call.text(method.at) : undefined;
  return {
    kind: "request",
    client: "undici",
    limit: limitOf(call, index),
    ...(url ? { url: url.value } : {}),
    ...(text ? { method: text } : {}),
    option: "signal: AbortSignal.timeout({ms})",
    ...(site ? { site } : {}),
    bodyHeld: true,
  };
}

const start: Member = { call: { returns: "Data", meaning: (call) => request(call, 1) } };
/** On a dispatcher the options come first, with the path among them. */
const through: Member = { call: { returns: "Data", meaning: (call) => request(call, 0) } };
const dispatcher: Member = { construct: { returns: "Dispatcher" } };
const MEMBERS = {
  request: start,
  stream: start,
  pipeline: start,
  fetch: { call: { returns: "fetch:Response", meaning: fetchRequest } },
  Agent: dispatcher,
  Pool: dispatcher,
  Client: dispatcher,
  BalancedPool: dispatcher,
  ProxyAgent: dispatcher,
  EnvHttpProxyAgent: dispatcher,
  RetryAgent: dispatcher,
  setGlobalDispatcher: { call: {} },
  getGlobalDispatcher: { call: {} },
};

export default defineLibrary({
  name: "undici",
  packages: ["undici"],
  exports: { ...MEMBERS, default: { type: "Undici" } },
  types: {
    Undici: { members: MEMBERS },
    Data: {},
    Dispatcher: {
      members: {
        request: through,
        stream: through,
        pipeline: through,
        compose: { call: { returns: "this" } },
        close: { call: {} },
        destroy: { call: {} },
        on: { call: { returns: "this" } },
      },
    },
  },
  typeNames: { Agent: "Dispatcher", Pool: "Dispatcher", Client: "Dispatcher" },
});
