import {
  type CallView,
  defineLibrary,
  type Limit,
  limitFrom,
  type RequestMeaning,
  type Value,
} from "../../engine/index.ts";
import { DISPATCHER_MS, dispatcherLimit, globalDispatcher } from "../_shared/dispatcher.ts";

/** `fetch(url, options)` and `fetch(new Request(url, options), options)`. */
export function fetchRequest(call: CallView): RequestMeaning {
  const url = call.arg(0);
  const site = call.optionSite(1);
  const method = call.option(1, "method");
  return {
    kind: "request",
    client: "fetch",
    limit: limitOf(call),
    ...(url ? { url: url.value } : {}),
    ...(method.is === "yes" && call.text(method.at) ? { method: call.text(method.at)! } : {}),
    option: "signal: AbortSignal.timeout({ms})",
    ...(site ? { site } : {}),
    bodyHeld: true,
  };
}

function limitOf(call: CallView): Limit {
  const why = { no: "no signal is given", defaultMs: DISPATCHER_MS };
  const own = limitFrom(call, call.option(1, "signal"), "call", why);
  if (own.bounded !== "no") return own;
  const request = requestOf(call, call.arg(0)?.value, 0);
  if (request === "unknown") return { bounded: "unknown", by: "call", why: "the Request is made elsewhere" };
  if (request) {
    const inside = limitFrom(request, request.option(1, "signal"), "call", why);
    if (inside.bounded !== "no") return inside;
  }
  const dispatcher = call.option(1, "dispatcher");
  if (dispatcher.is !== "no")
    return (
      (dispatcher.is === "yes" ? dispatcherLimit(call, dispatcher.at, "instance") : undefined) ?? {
        bounded: "unknown",
        by: "call",
        why: "a dispatcher may bound it",
      }
    );
  return globalDispatcher(call) ?? own;
}

/** Where the Request that is sent was made; undefined where it is an address. */
function requestOf(call: CallView, value: Value | undefined, depth: number): CallView | "unknown" | undefined {
  if (!value || depth > 3) return undefined;
  if (value.k === "ref") {
    const binding = call.file.bindings[value.b];
    if (binding?.type?.t === "name" && binding.type.name === "Request" && !binding.value) return "unknown";
    return binding?.kind === "const" && binding.value ? requestOf(call, binding.value, depth + 1) : undefined;
  }
  if (value.k !== "call") return undefined;
  const { callee, kind } = call.file.calls[value.c]!;
  const isRequest =
    (callee.k === "global" && callee.name === "Request") ||
    (callee.k === "ref" && call.file.bindings[callee.b]?.name === "Request");
  return isRequest && kind === "new" ? call.program.view({ file: call.file, c: value.c }, call.env) : undefined;
}

export default defineLibrary({
  name: "fetch",
  packages: [],
  exports: {},
  globals: { fetch: { call: { returns: "Response", meaning: fetchRequest } } },
  types: { Response: {}, Request: {} },
});
