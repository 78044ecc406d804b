import { type CallView, defineLibrary, limitFrom, type RequestMeaning } from "../../engine/index.ts";

/**
 * undici's `headersTimeout` and `bodyTimeout` are 300 s each, connecting 10 s (undici 7.30 lib/dispatcher/client.js);
 * measured 302 s on Node 20.20 against a server that accepts and never answers.
 */
const DEFAULT_MS = 300_000;

export function fetchRequest(call: CallView): RequestMeaning {
  const signal = call.option(1, "signal");
  const limit = limitFrom(call, signal, "call", { no: "no signal is given", defaultMs: DEFAULT_MS });
  // A Request object carries its own signal, which is not followed.
  const url = call.arg(0);
  const target = url ? call.origin(url) : undefined;
  const isRequest = target?.k === "unknown" && url?.value.k === "call";
  const dispatcher = call.option(1, "dispatcher").is !== "no";
  const site = call.optionSite(1);
  const method = call.option(1, "method");
  return {
    kind: "request",
    client: "fetch",
    limit: limit.bounded === "no" && (isRequest || dispatcher) ? { bounded: "unknown", by: "call", why: "a Request or a dispatcher may bound it" } : limit,
    ...(url ? { url: url.value } : {}),
    ...(method.is === "yes" && call.text(method.at) ? { method: call.text(method.at)! } : {}),
    option: "signal: AbortSignal.timeout({ms})",
    ...(site ? { site } : {}),
  };
}

export default defineLibrary({
  name: "fetch",
  packages: [],
  exports: {},
  globals: { fetch: { call: { returns: "Response", meaning: fetchRequest } } },
  types: { Response: {}, Request: {} },
});
