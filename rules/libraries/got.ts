import {
  type CallView,
  defineLibrary,
  type Limit,
  type Lookup,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";

/** Every `timeout.*` is undefined (source/core/options.ts): measured, 14.6 was still waiting after 660 s. */
const NEVER = { no: "got waits without end by default" };
/** `retry.limit` 2 for these (source/core/options.ts of 11.8, 12.6 and 14.6); a try that ran into its limit is repeated. */
const RETRIES = 2;
const RETRIED = new Set(["GET", "PUT", "HEAD", "DELETE", "OPTIONS", "TRACE"]);

/** `timeout: { request: ms }` and its phases; a plain number in got 11 and older. */
function limitIn(call: CallView, index: number, by: Limit["by"]): Limit {
  const signal = limitFrom(call, call.option(index, "signal"), by, NEVER);
  const own = call.option(index, "timeout");
  const value = own.is === "yes" ? call.origin(own.at) : undefined;
  if (own.is !== "yes" || value?.k !== "obj") {
    const limit = limitFrom(call, own, by, NEVER);
    return limit.bounded === "no" ? signal : limit;
  }
  const phases = ["request", "response", "socket", "read"].map((it) => call.program.property(own.at, it));
  const [whole] = phases;
  const ms = whole?.is === "yes" ? call.number(whole.at) : undefined;
  if (phases.some((it) => it.is === "yes"))
    return { bounded: "yes", by, why: "a limit is given", ...(ms === undefined ? {} : { ms }) };
  if (phases.some((it) => it.is === "unknown"))
    return { bounded: "unknown", by, why: "the options cannot be read here" };
  return signal.bounded === "no" ? { bounded: "no", by, why: NEVER.no } : signal;
}

/** The creations on the way from `got` to this client, the latest first: `got.extend(a).extend(b)`. */
function creations(call: CallView): readonly CallView[] {
  const found: CallView[] = [];
  for (let it = call.recv; it?.via; it = it.recv) found.push(call.program.view(it.via, call.env));
  return found;
}

/** Any of `extend(options, otherClient, …)`; the last says most. */
function limitOfCreation(made: CallView): Limit {
  let limit: Limit = { bounded: "no", by: "default", why: NEVER.no };
  for (let i = 0; i < Math.max(1, made.argCount); i++) {
    const given = made.arg(i);
    if (!given) {
      if (made.hasSpread) return { bounded: "unknown", by: "instance", why: "the options cannot be read here" };
      continue;
    }
    const origin = made.origin(given);
    // Another client hands its own options on.
    const own =
      origin.k === "lib" && origin.via
        ? limitOfCreation(made.program.view(origin.via))
        : origin.k === "lib" || origin.k === "method"
          ? limit
          : limitIn(made, i, "instance");
    if (own.bounded !== "no") limit = own;
  }
  return limit;
}

/** `retry: { limit: 0 }`, `retry: 0`. */
function retriesIn(call: CallView, index: number): number | "unknown" | undefined {
  const found = call.option(index, "retry");
  if (found.is !== "yes") return found.is === "no" ? undefined : "unknown";
  const plain = call.number(found.at);
  if (plain !== undefined) return plain;
  const limit: Lookup = call.program.property(found.at, "limit");
  if (limit.is === "no") return undefined;
  return (limit.is === "yes" ? call.number(limit.at) : undefined) ?? "unknown";
}

function attemptsOf(call: CallView, index: number, method: string | undefined): number | undefined {
  const given = [retriesIn(call, index), ...creations(call).map((it) => retriesIn(it, 0))].find(
    (it) => it !== undefined,
  );
  const methods = [call.option(index, "retry.methods"), ...creations(call).map((it) => it.option(0, "retry.methods"))];
  if (given === "unknown" || methods.some((it) => it.is === "yes") || method === undefined) return undefined;
  return RETRIED.has(method) ? (given ?? RETRIES) + 1 : 1;
}

function request(call: CallView, verb: string | undefined): RequestMeaning {
  const index = call.call.args[0]?.k === "obj" ? 0 : 1;
  const own = limitIn(call, index, "call");
  const url = call.arg(0);
  const site = call.optionSite(index);
  const asked = call.option(index, "method");
  const method =
    asked.is === "yes" ? call.text(asked.at)?.toUpperCase() : (verb ?? (asked.is === "no" ? "GET" : undefined));
  const attempts = attemptsOf(call, index, method);
  const base = {
    kind: "request" as const,
    client: "got",
    ...(url && index === 1 ? { url: url.value } : {}),
    ...(method ? { method } : {}),
    ...(attempts === undefined ? {} : { attempts }),
    ...(site && call.option(index, "retry").is === "no" ? { once: { option: "retry: { limit: 0 }", site } } : {}),
    option: "timeout: { request: {ms} }",
  };
  if (own.bounded !== "no" || own.by === "call") return { ...base, limit: own, ...(site ? { site } : {}) };
  for (const made of creations(call)) {
    const limit = limitOfCreation(made);
    if (limit.bounded !== "no") return { ...base, limit };
  }
  return { ...base, limit: own, ...(call.recv?.via ? { instance: call.recv.via } : site ? { site } : {}) };
}

const call = (verb?: string): Member => ({
  call: { returns: "Response", meaning: (view: CallView) => request(view, verb) },
});
const verbs = Object.fromEntries(
  ["get", "post", "put", "patch", "head", "delete"].map((it) => [it, call(it.toUpperCase())]),
);
const extend: Member = {
  call: {
    returns: "Got",
    meaning: (it) => ({
      kind: "client",
      client: "got",
      of: "http",
      limit: limitOfCreation(it),
      option: "timeout: { request: {ms} }",
      sharesConnections: true,
    }),
  },
};

export default defineLibrary({
  name: "got",
  packages: ["got"],
  exports: { default: { type: "Got", ...call() }, got: { type: "Got", ...call() } },
  types: {
    Got: {
      members: { ...verbs, extend, stream: { type: "Stream", ...call() }, paginate: call("GET") },
      call: call().call!,
    },
    Stream: { members: verbs },
    Response: {},
  },
});
