/**
 * Clients of remote services whose requests are methods, or methods of namespaces: how long they may take is an option
 * where the client is made, sometimes one of the call as well.
 */
import {
  type CallMeaning,
  type CallView,
  type LibOrigin,
  type LibraryType,
  type Limit,
  type Lookup,
  limitFrom,
  type Member,
  type OptionSite,
  type RequestMeaning,
} from "../../engine/index.ts";

export interface SdkFacts {
  /** As shown: "Slack". */
  readonly client: string;
  /** Index of the options at the creation. */
  readonly optionsAt: number;
  /** Option that limits a request, and any other that may (an agent, a `fetch` of one's own): given, the answer is open. */
  readonly option?: string;
  readonly perhaps?: readonly string[];
  /** Why there is no limit by default; or milliseconds of the default. */
  readonly byDefault:
    | { readonly never: string; readonly afterMs?: number }
    | { readonly ms: number; readonly why: string };
  /** Options of a call that limit it, among its last argument. */
  readonly perCall?: readonly string[];
  /** Tries in all where nothing is said, and the option that says how often it is tried again. */
  readonly attempts?: number;
  readonly retries?: string;
  readonly lastOnTimeout?: boolean;
  /** Members that ask nothing of the service. */
  readonly quiet?: RegExp;
  readonly method?: (name: string) => string;
  /** Text of the limit as an option of the creation, with `{ms}`. */
  readonly written?: string;
}

/** The limit that a client is made with. */
export function sdkLimit(facts: SdkFacts, made: CallView): Limit {
  const { byDefault } = facts;
  const found: Lookup = facts.option ? made.option(facts.optionsAt, facts.option) : { is: "no" };
  const open = (facts.perhaps ?? []).map((it) => made.option(facts.optionsAt, it).is);
  if (found.is === "no") {
    if (open.some((it) => it !== "no"))
      return { bounded: "unknown", by: "instance", why: "the client's options may bound it" };
    if ("ms" in byDefault) return { bounded: "yes", by: "default", ms: byDefault.ms, why: byDefault.why };
    return {
      bounded: "no",
      by: "default",
      why: byDefault.never,
      ...(byDefault.afterMs === undefined ? {} : { defaultMs: byDefault.afterMs }),
    };
  }
  return limitFrom(made, found, "instance", {
    no: "never" in byDefault ? byDefault.never : "the limit is switched off",
  });
}

function attemptsOf(facts: SdkFacts, made: CallView | undefined): number | undefined {
  if (facts.attempts === undefined) return undefined;
  const found: Lookup = made && facts.retries ? made.option(facts.optionsAt, facts.retries) : { is: "no" };
  if (found.is === "no") return facts.attempts;
  const n = found.is === "yes" ? made!.number(found.at) : undefined;
  return n === undefined ? undefined : n + 1;
}

function ownLimit(facts: SdkFacts, call: CallView): Limit | undefined {
  for (const name of facts.perCall ?? []) {
    const found = call.option(-1, name);
    if (found.is === "no" || call.argCount === 0) continue;
    const limit = limitFrom(call, found, "call", { no: "the limit is switched off" });
    if (limit.bounded !== "no") return limit;
  }
  return undefined;
}

/** The creation at the root of `client.chat.postMessage`. */
export function rootOf(of: LibOrigin | undefined): LibOrigin | undefined {
  let it = of;
  while (it && !it.via && it.recv) it = it.recv;
  return it;
}

export function sdkRequest(facts: SdkFacts, call: CallView): RequestMeaning {
  const root = rootOf(call.recv)?.via;
  const made = root && call.program.view(root, call.env);
  const created: Limit = made
    ? sdkLimit(facts, made)
    : { bounded: "unknown", by: "instance", why: "the client's creation is not seen" };
  const limit = ownLimit(facts, call) ?? created;
  const attempts = attemptsOf(facts, made);
  return {
    kind: "request",
    client: facts.client,
    limit,
    method:
      facts.method?.(call.name) ?? (/^(get|list|retrieve|fetch|search|find|query)/.test(call.name) ? "GET" : "POST"),
    ...(attempts === undefined ? {} : { attempts }),
    ...(facts.lastOnTimeout ? { lastOnTimeout: true } : {}),
    // Said once, where it can be set once.
    ...(root && limit.bounded === "no" && facts.written ? { instance: root } : {}),
  };
}

function siteOf(facts: SdkFacts, made: CallView): { readonly site?: OptionSite } {
  const site = made.optionSite(facts.optionsAt);
  return site ? { site } : {};
}

/** Types `Client` and `Namespace` of such a library, and what making a client means. */
export function sdk(facts: SdkFacts): {
  readonly create: Member;
  readonly types: { readonly Client: LibraryType; readonly Namespace: LibraryType };
} {
  const making: CallMeaning = {
    returns: "Client",
    meaning: (made) =>
      facts.written === undefined
        ? undefined
        : {
            kind: "client",
            client: facts.client,
            of: "http",
            limit: sdkLimit(facts, made),
            option: facts.written,
            ...siteOf(facts, made),
            ...(facts.attempts === undefined ? {} : { attempts: attemptsOf(facts, made) ?? facts.attempts }),
            sharesConnections: true,
          },
  };
  const asks: Member = { type: "Namespace", call: { meaning: (call) => sdkRequest(facts, call) } };
  const other = (name: string): Member | undefined => (facts.quiet?.test(name) ? { call: { returns: "this" } } : asks);
  return { create: { construct: making, call: making }, types: { Client: { other }, Namespace: { other } } };
}
