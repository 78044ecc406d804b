import {
  type CallView,
  defineLibrary,
  isSet,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";
import { fetchRequest } from "./fetch.ts";

/** `headersTimeout` and `bodyTimeout` are 300 s (lib/dispatcher/client.js, 7.30): measured 302 s. */
const DEFAULT_MS = 300_000;

function request(call: CallView): RequestMeaning {
  const signal = limitFrom(call, call.option(1, "signal"), "call", { no: "no signal is given", defaultMs: DEFAULT_MS });
  const headers = isSet(call.program, call.option(1, "headersTimeout"));
  const dispatcher = call.option(1, "dispatcher").is !== "no";
  const limit: Limit =
    headers === "yes"
      ? { bounded: "yes", by: "call", why: "headersTimeout is set" }
      : headers === "unknown" || dispatcher
        ? { bounded: "unknown", by: "call", why: "a dispatcher may bound it" }
        : signal;
  const url = call.arg(0);
  const site = call.optionSite(1);
  return {
    kind: "request",
    client: "undici",
    limit,
    ...(url ? { url: url.value } : {}),
    option: "signal: AbortSignal.timeout({ms})",
    ...(site ? { site } : {}),
  };
}

const start: Member = { call: { returns: "Data", meaning: request } };

export default defineLibrary({
  name: "undici",
  packages: ["undici"],
  exports: {
    request: start,
    stream: start,
    pipeline: start,
    fetch: { call: { returns: "fetch:Response", meaning: fetchRequest } },
    Agent: { construct: { returns: "Agent" } },
    Pool: { construct: { returns: "Pool" } },
    setGlobalDispatcher: { call: {} },
  },
  types: { Data: {}, Agent: {}, Pool: {} },
});
