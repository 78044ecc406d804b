import { type CallView, defineLibrary, isSet, type LibraryType, type Limit, type Member } from "../../engine/index.ts";

/** 600 s and 2 retries (src/client.ts of openai 6.49 and @anthropic-ai/sdk 1.12): at worst half an hour. */
const DEFAULT_MS = 600_000;

function limitOf(call: CallView, index: number): Limit {
  const set = isSet(call.program, call.option(index, "timeout"));
  if (set === "yes") {
    const found = call.option(index, "timeout");
    const ms = found.is === "yes" ? call.number(found.at) : undefined;
    return { bounded: "yes", by: "instance", why: "timeout is set", ...(ms !== undefined ? { ms } : {}) };
  }
  // Bounded, if late: for `timeout-exceeds-slo` to judge, not for a missing limit.
  return set === "unknown"
    ? { bounded: "unknown", by: "instance", why: "the options cannot be read here" }
    : { bounded: "yes", by: "default", ms: DEFAULT_MS, why: "600 s by default" };
}

const attemptsOf = (call: CallView): number => {
  const found = call.option(0, "maxRetries");
  const n = found.is === "yes" ? call.number(found.at) : undefined;
  return (n ?? 2) + 1;
};

/** `create(body, { maxRetries: 0 })`. */
const ownAttempts = (call: CallView): number | undefined => {
  const found = call.option(1, "maxRetries");
  const n = found.is === "yes" ? call.number(found.at) : undefined;
  return n === undefined ? undefined : n + 1;
};

const client = (name: string): Member => ({
  construct: {
    returns: "Client",
    meaning: (call) => ({
      kind: "client",
      client: name,
      of: "http",
      limit: limitOf(call, 0),
      attempts: attemptsOf(call),
      option: "timeout: {ms}",
      // The global fetch; before 5 agents of the module.
      sharesConnections: true,
    }),
  },
});

const request: Member = {
  call: {
    meaning: (call) => {
      let root = call.recv;
      while (root && !root.via && root.recv) root = root.recv;
      const own = limitOf(call, 1);
      const site = call.optionSite(1);
      const created = root?.via ? limitOf(call.program.view(root.via, call.env), 0) : undefined;
      return {
        kind: "request",
        client: "OpenAI",
        limit: own.by === "default" && created ? created : own,
        attempts: ownAttempts(call) ?? (root?.via ? attemptsOf(call.program.view(root.via, call.env)) : 3),
        stream: call.option(0, "stream").is === "yes",
        ...(site ? { once: { option: "maxRetries: 0", site } } : {}),
      };
    },
  },
};

/** `client.chat.completions.create(…)`: namespaces down to a verb. */
const NAMESPACE: LibraryType = {
  members: Object.fromEntries(
    [
      "create",
      "stream",
      "parse",
      "generate",
      "edit",
      "retrieve",
      "list",
      "del",
      "delete",
      "countTokens",
      "runTools",
    ].map((it) => [it, request]),
  ),
  other: { type: "Namespace" },
};

export default defineLibrary({
  name: "openai",
  packages: ["openai", "@anthropic-ai/sdk"],
  exports: {
    default: client("OpenAI"),
    OpenAI: client("OpenAI"),
    AzureOpenAI: client("OpenAI"),
    Anthropic: client("Anthropic"),
  },
  types: { Client: NAMESPACE, Namespace: NAMESPACE },
});
