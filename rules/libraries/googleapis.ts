import {
  type CallView,
  defineLibrary,
  type LibraryType,
  type Limit,
  type Member,
  type PageAnswer,
  type RequestMeaning,
} from "../../engine/index.ts";
import { gaxiosLimit } from "./gaxios.ts";

/** Sent by gaxios, which sets no limit by itself (googleapis-common 6.0 to 8.0, src/apirequest.ts); measured, never. */
const NEVER = "Google's API client waits without end by default";
/** `retry` is true unless said otherwise (src/apirequest.ts), and gaxios then tries these three more times (src/retry.ts). */
const ATTEMPTS = 4;

/** Every `list` answers with a page and, where there is more, a `nextPageToken` (developers.google.com/drive and its like). */
function pageOf(call: CallView): PageAnswer {
  const asked = ["pageSize", "maxResults", "pageToken", "mine", "id"].map((it) => call.option(0, it).is);
  return {
    operation: call.name,
    items: ["data.files", "data.messages", "data.items", "data.users", "data.members", "data.threads", "data.groups"],
    more: ["nextPageToken", "pageToken"],
    sized: asked.includes("yes") ? "yes" : asked.includes("unknown") ? "unknown" : "no",
    flag: "data.nextPageToken",
  };
}

/** On the call, on the API's creation (`google.drive({ version, timeout })`), or for all of them (`google.options(…)`). */
function limitOf(call: CallView): Limit {
  const own = gaxiosLimit(call, 1, "call", NEVER);
  // A callback may stand where the options would.
  if (own.bounded !== "no" && call.call.args[1]?.k !== "fn") return own;
  let made = call.recv;
  while (made && !made.via && made.recv) made = made.recv;
  if (!made?.via) return { bounded: "unknown", by: "instance", why: "the API's creation is not seen" };
  const creation = call.program.view(made.via, call.env);
  // `google.drive("v3")`
  const created: Limit =
    creation.text(creation.arg(0)) === undefined
      ? gaxiosLimit(creation, 0, "instance", NEVER)
      : { bounded: "no", by: "default", why: NEVER };
  if (created.bounded !== "no") return created;
  for (const at of call.program.callsNamed("options")) {
    const callee = call.program.callee(at.file, at.c);
    if (callee.k !== "method" || callee.library.name !== "googleapis") continue;
    const holds = call.program.sharesProcess(at.file, call.file);
    const all = gaxiosLimit(call.program.view(at), 0, "global", NEVER);
    if (holds !== "no" && all.bounded !== "no") return holds === "yes" ? all : { ...all, bounded: "unknown" };
  }
  return created;
}

function request(call: CallView): RequestMeaning {
  const site = call.optionSite(1);
  const isRead = /^(list|get|search|query|export)/.test(call.name);
  const retry = call.option(1, "retry");
  const isRetried = isRead || call.name === "update" || call.name === "delete";
  return {
    kind: "request",
    client: "Google API",
    limit: limitOf(call),
    method: isRead ? "GET" : "POST",
    ...(retry.is === "no" ? { attempts: isRetried ? ATTEMPTS : 1 } : {}),
    option: "timeout: {ms}",
    ...(site && call.call.args[1]?.k !== "fn" ? { site } : {}),
    ...(call.option(1, "responseType").is === "yes" ? { stream: true } : {}),
    ...(call.name === "list" ? { page: pageOf(call) } : {}),
  };
}

const VERB =
  /^(list|get|create|insert|update|patch|delete|send|query|append|clear|copy|export|search|move|import|modify|trash|untrash|publish|execute|run|aggregatedList|enable|disable|undelete|stop|(batch|generate|add|remove|set|get|list)[A-Z]\w*)$/;

/** `drive.files.list(…)`: an API, its resources, their methods. */
const other = (name: string): Member =>
  VERB.test(name) ? { type: "Resource", call: { meaning: request } } : { type: "Resource" };
const RESOURCE: LibraryType = { members: { context: { type: "Context" } }, other };

export default defineLibrary({
  name: "googleapis",
  packages: ["googleapis"],
  exports: { google: { type: "Google" } },
  types: {
    Google: {
      members: { auth: { type: "Auth" }, options: { call: {} } },
      // `google.drive({ version: "v3", auth })`
      other: { call: { returns: "Resource" } },
    },
    Auth: {},
    Context: {},
    Resource: RESOURCE,
  },
});
