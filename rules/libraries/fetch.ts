import { type CallView, defineLibrary, limitFrom, type RequestMeaning, type Value } from "../../engine/index.ts";

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
  const isRequest = url !== undefined && isRequestObject(call, url.value);
  const dispatcher = call.option(1, "dispatcher").is !== "no";
  const site = call.optionSite(1);
  const method = call.option(1, "method");
  return {
    kind: "request",
    client: "fetch",
    limit:
      limit.bounded === "no" && (isRequest || dispatcher)
        ? { bounded: "unknown", by: "call", why: "a Request or a dispatcher may bound it" }
        : limit,
    ...(url ? { url: url.value } : {}),
    ...(method.is === "yes" && call.text(method.at) ? { method: call.text(method.at)! } : {}),
    option: "signal: AbortSignal.timeout({ms})",
    ...(site ? { site } : {}),
  };
}

function isRequestObject(call: CallView, value: Value): boolean {
  if (value.k === "ref") {
    const binding = call.file.bindings[value.b];
    if (binding?.type?.t === "name" && binding.type.name === "Request") return true;
    return (
      binding?.value !== undefined &&
      binding.kind === "const" &&
      binding.value.k === "call" &&
      isRequestObject(call, binding.value)
    );
  }
  if (value.k !== "call") return false;
  const { callee } = call.file.calls[value.c]!;
  return (
    (callee.k === "global" && callee.name === "Request") ||
    (callee.k === "ref" && call.file.bindings[callee.b]?.name === "Request")
  );
}

export default defineLibrary({
  name: "fetch",
  packages: [],
  exports: {},
  globals: { fetch: { call: { returns: "Response", meaning: fetchRequest } } },
  types: { Response: {}, Request: {} },
});
