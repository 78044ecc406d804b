/**
 * Clients of one generator (openai, @anthropic-ai/sdk, groq-sdk, together-ai): the same options and the same two retries, and a
 * default limit each (`DEFAULT_TIMEOUT` of client.js).
 */
import {
  type CallView,
  defineLibrary,
  isSet,
  type Library,
  type LibraryType,
  type Limit,
  type Member,
} from "../../engine/index.ts";
import { rootOf } from "./sdk.ts";

const RETRIES = 2;

const VERBS = [
  "create",
  "stream",
  "parse",
  "generate",
  "edit",
  "retrieve",
  "list",
  "del",
  "delete",
  "cancel",
  "upload",
  "content",
  "countTokens",
  "runTools",
];

function limitOf(call: CallView, index: number, defaultMs: number): Limit {
  const found = call.option(index, "timeout");
  const set = isSet(call.program, found);
  if (set === "yes") {
    const ms = found.is === "yes" ? call.number(found.at) : undefined;
    return { bounded: "yes", by: "instance", why: "timeout is set", ...(ms !== undefined ? { ms } : {}) };
  }
  // Bounded, if late: for `timeout-exceeds-slo` to judge, not for a missing limit.
  return set === "unknown"
    ? { bounded: "unknown", by: "instance", why: "the options cannot be read here" }
    : { bounded: "yes", by: "default", ms: defaultMs, why: `${defaultMs / 1_000} s by default` };
}

function attemptsIn(call: CallView, index: number): number | undefined {
  const found = call.option(index, "maxRetries");
  const n = found.is === "yes" ? call.number(found.at) : undefined;
  return n === undefined ? undefined : n + 1;
}

/** `names`: the classes that make a client; `defaultMs` is what a request may take where nothing is said. */
export function generatedSdk(
  name: string,
  {
    packages,
    names,
    defaultMs,
  }: { readonly packages: readonly string[]; readonly names: readonly string[]; readonly defaultMs: number },
): Library {
  const create: Member = {
    construct: {
      returns: "Client",
      meaning: (call) => ({
        kind: "client",
        client: name,
        of: "http",
        limit: limitOf(call, 0, defaultMs),
        attempts: attemptsIn(call, 0) ?? RETRIES + 1,
        option: "timeout: {ms}",
        // The global fetch; in earlier versions agents of the module.
        sharesConnections: true,
      }),
    },
  };
  const request: Member = {
    call: {
      meaning: (call) => {
        const made = rootOf(call.recv)?.via;
        const creation = made && call.program.view(made, call.env);
        const own = limitOf(call, 1, defaultMs);
        const site = call.optionSite(1);
        const stream = call.option(0, "stream");
        return {
          kind: "request",
          client: name,
          limit: own.by === "default" && creation ? limitOf(creation, 0, defaultMs) : own,
          attempts: attemptsIn(call, 1) ?? (creation && attemptsIn(creation, 0)) ?? RETRIES + 1,
          stream: call.name === "stream" || (stream.is === "yes" && call.program.truth(stream.at).is !== "no"),
          ...(site && call.option(1, "maxRetries").is === "no" ? { once: { option: "maxRetries: 0", site } } : {}),
        };
      },
    },
  };
  /** `client.chat.completions.create(…)`: namespaces down to a verb. */
  const namespace: LibraryType = {
    members: Object.fromEntries(VERBS.map((it) => [it, request])),
    other: { type: "Namespace" },
  };
  return defineLibrary({
    name: name.toLowerCase(),
    packages,
    exports: { default: create, ...Object.fromEntries(names.map((it) => [it, create])) },
    types: { Client: namespace, Namespace: namespace },
    typeNames: Object.fromEntries(names.map((it) => [it, "Client"])),
  });
}
