import {
  type CallView,
  defineLibrary,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";

/** `timeout ?? 10_000` (source/core/Ky.ts, 0.x to 2.1); measured 10 s. `timeout: false` switches it off. */
const DEFAULT_MS = 10_000;
/** `retry.limit` 2 for these (source/utils/normalize.ts); `retryOnTimeout` is false, so what ran into its limit is not repeated. */
const RETRIES = 2;
const RETRIED = new Set(["GET", "PUT", "HEAD", "DELETE", "OPTIONS", "TRACE"]);

/** Options of the call, then of each `create` and `extend` on the way to it. */
function layers(call: CallView): readonly (readonly [CallView, number, Limit["by"]])[] {
  const found: [CallView, number, Limit["by"]][] = [[call, 1, "call"]];
  for (let it = call.recv; it?.via; it = it.recv) {
    const made = call.program.view(it.via, call.env);
    found.push([made, 0, "instance"]);
    // `create` begins anew.
    if (made.name === "create") break;
  }
  return found;
}

function limitOf(call: CallView): Limit {
  for (const [view, index, by] of layers(call)) {
    const timeout = view.option(index, "timeout");
    if (timeout.is === "no") continue;
    const limit = limitFrom(view, timeout, by, { no: "the timeout is switched off" });
    if (limit.bounded !== "no") return limit;
    const signal = limitFrom(call, call.option(1, "signal"), "call", { no: "the timeout is switched off" });
    return signal.bounded === "no" ? { bounded: "no", by, why: "the timeout is switched off" } : signal;
  }
  return { bounded: "yes", by: "default", ms: DEFAULT_MS, why: "ky gives up after 10 s by default" };
}

function attemptsOf(call: CallView, method: string | undefined): number | undefined {
  for (const [view, index] of layers(call)) {
    const found = view.option(index, "retry");
    if (found.is === "no") continue;
    if (found.is === "unknown") return undefined;
    const limit = call.program.property(found.at, "limit");
    const n = view.number(found.at) ?? (limit.is === "yes" ? view.number(limit.at) : undefined);
    return n === undefined || call.program.property(found.at, "methods").is === "yes" ? undefined : n + 1;
  }
  return method === undefined ? undefined : RETRIED.has(method) ? RETRIES + 1 : 1;
}

function request(call: CallView, verb: string | undefined): RequestMeaning {
  const limit = limitOf(call);
  const asked = call.option(1, "method");
  const method =
    asked.is === "yes" ? call.text(asked.at)?.toUpperCase() : (verb ?? (asked.is === "no" ? "GET" : undefined));
  const attempts = attemptsOf(call, method);
  const url = call.arg(0);
  const site = call.optionSite(1);
  return {
    kind: "request",
    client: "ky",
    limit,
    ...(url ? { url: url.value } : {}),
    ...(method ? { method } : {}),
    ...(attempts === undefined ? {} : { attempts, lastOnTimeout: true }),
    ...(site && call.option(1, "retry").is === "no" ? { once: { option: "retry: 0", site } } : {}),
    option: "timeout: {ms}",
  };
}

const call = (verb?: string): Member => ({
  call: { returns: "ResponsePromise", meaning: (view: CallView) => request(view, verb) },
});
const verbs = Object.fromEntries(
  ["get", "post", "put", "patch", "head", "delete"].map((it) => [it, call(it.toUpperCase())]),
);
const create: Member = { call: { returns: "KyInstance" } };

export default defineLibrary({
  name: "ky",
  packages: ["ky", "ky-universal"],
  exports: { default: { type: "KyInstance", ...call() } },
  types: {
    KyInstance: { members: { ...verbs, create, extend: create }, call: call().call! },
    ResponsePromise: {},
  },
});
