import {
  type CallView,
  defineLibrary,
  isSet,
  type Limit,
  type Member,
  type PageAnswer,
  type RequestMeaning,
} from "../../engine/index.ts";

/**
 * 80 s in every version, and 2 retries since 17, 1 from 13 to 16, none before (lib/stripe.js of 10, stripe.core.js of 12 to
 * 17, PlatformFunctions.js of 23): measured on 23.1, 243 s.
 */
const DEFAULT_MS = 80_000;

function limitOf(call: CallView): Limit {
  const set = isSet(call.program, call.option(1, "timeout"));
  if (set === "unknown") return { bounded: "unknown", by: "instance", why: "the options cannot be read here" };
  const found = call.option(1, "timeout");
  const ms = found.is === "yes" ? call.number(found.at) : undefined;
  return set === "yes"
    ? { bounded: "yes", by: "instance", why: "timeout is set", ...(ms !== undefined ? { ms } : {}) }
    : { bounded: "yes", by: "default", ms: DEFAULT_MS, why: "80 s by default" };
}

function attemptsOf(call: CallView): number {
  const found = call.option(1, "maxNetworkRetries");
  const given = found.is === "yes" ? call.number(found.at) : undefined;
  return (given ?? defaultRetries(call)) + 1;
}

function defaultRetries(call: CallView): number {
  const major = Number.parseInt(call.version("stripe") ?? "", 10);
  return major < 13 ? 0 : major < 17 ? 1 : 2;
}

/** `create(params, { maxNetworkRetries: 0 })`. */
function ownAttempts(call: CallView): number | undefined {
  const found = call.option(-1, "maxNetworkRetries");
  const n = found.is === "yes" ? call.number(found.at) : undefined;
  return n === undefined ? undefined : n + 1;
}

const construct: Member = {
  construct: {
    returns: "Stripe",
    meaning: (call) => ({
      kind: "client",
      client: "Stripe",
      of: "http",
      limit: limitOf(call),
      attempts: attemptsOf(call),
      option: "timeout: {ms}",
      // Agents of the module (`defaultHttpsAgent`), or the global fetch.
      sharesConnections: true,
    }),
  },
};

/** Ten of them where no `limit` is given, a hundred at most (docs.stripe.com/api/pagination). */
function pageOf(call: CallView): PageAnswer {
  const asked = ["limit", "starting_after", "ending_before", "page", "lookup_keys", "ids"].map(
    (it) => call.option(0, it).is,
  );
  return {
    operation: call.name,
    items: ["data"],
    more: ["has_more", "starting_after", "ending_before", "next_page", "autoPagingEach", "autoPagingToArray"],
    holds: "10",
    sized: asked.includes("yes") ? "yes" : asked.includes("unknown") ? "unknown" : "no",
    flag: "has_more",
    all: "autoPagingToArray",
    allText: (text) => `{ data: await ${text}.autoPagingToArray({ limit: 10_000 }) }`,
  };
}

/** Money moves, or somebody will be charged again each month. */
const CHARGES = new Set([
  "charges",
  "paymentIntents",
  "refunds",
  "transfers",
  "payouts",
  "subscriptions",
  "invoiceItems",
  "topups",
]);
const ACTS = new Set(["create", "confirm", "capture", "pay"]);

/**
 * The library sends a key of its own with each call and repeats it in its own tries (src/RequestSender.ts); a call that is
 * made anew gets another.
 */
function effectOf(call: CallView): RequestMeaning["effect"] {
  const { callee } = call.call;
  const resource = callee.k === "get" && callee.of.k === "get" ? callee.of.name : "";
  if (!ACTS.has(call.name) || !CHARGES.has(resource)) return undefined;
  const given = [0, 1, 2].map((it) => call.option(it, "idempotencyKey").is);
  // `confirm(id, params, options)`: the options come last.
  const index = call.name === "create" ? 1 : 2;
  const site = call.optionSite(index);
  return {
    of: "payment",
    keyed: given.includes("yes") ? "yes" : given.includes("unknown") ? "unknown" : "no",
    option: "idempotencyKey: {key}",
    ...(site ? { site } : {}),
  };
}

/** `create(params, { timeout: 5_000 })`. */
function ownLimit(call: CallView): Limit | undefined {
  const found = call.argCount > 0 ? call.option(-1, "timeout") : undefined;
  const ms = found?.is === "yes" ? call.number(found.at) : undefined;
  return ms === undefined ? undefined : { bounded: "yes", by: "call", ms, why: "timeout is given" };
}

const request: Member = {
  call: {
    meaning: (call) => {
      const effect = effectOf(call);
      let root = call.recv;
      while (root && !root.via && root.recv) root = root.recv;
      return {
        kind: "request",
        client: "Stripe",
        attempts:
          ownAttempts(call) ??
          (root?.via ? attemptsOf(call.program.view(root.via, call.env)) : defaultRetries(call) + 1),
        method: call.name === "retrieve" || call.name === "list" || call.name === "search" ? "GET" : "POST",
        limit:
          ownLimit(call) ??
          (root?.via
            ? limitOf(call.program.view(root.via, call.env))
            : { bounded: "yes", by: "default", ms: DEFAULT_MS, why: "80 s by default" }),
        ...(effect ? { effect } : {}),
        ...(call.name === "list" || call.name === "search" ? { page: pageOf(call) } : {}),
      };
    },
  },
};

/** `checkout.sessions.create`: namespaces down to a method, and every method is a request. */
const RESOURCE: Member = { type: "Resource", call: request.call! };

export default defineLibrary({
  name: "stripe",
  packages: ["stripe"],
  exports: { default: { type: "StripeClass", ...construct }, Stripe: { type: "StripeClass", ...construct } },
  types: {
    StripeClass: { construct: construct.construct! },
    Stripe: { members: { webhooks: { type: "Webhooks" } }, other: { type: "Resource" } },
    Resource: { other: RESOURCE },
    Webhooks: { other: { call: {} } },
  },
});
