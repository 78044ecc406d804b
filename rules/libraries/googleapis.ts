import { type CallView, defineLibrary, type LibraryType, type Member, type PageAnswer } from "../../engine/index.ts";

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

const list: Member = {
  call: {
    meaning: (call) => ({
      kind: "request",
      client: "googleapis",
      limit: { bounded: "unknown", by: "default", why: "the options of the request are not read" },
      method: "GET",
      page: pageOf(call),
    }),
  },
};

/** `drive.files.list(…)`: an API, its resources, their methods. */
const RESOURCE: LibraryType = { members: { list }, other: { type: "Resource" } };

export default defineLibrary({
  name: "googleapis",
  packages: ["googleapis"],
  exports: { google: { type: "Google" } },
  types: {
    Google: {
      members: { auth: { type: "Auth" } },
      // `google.drive({ version: "v3", auth })`
      other: { call: { returns: "Resource" } },
    },
    Auth: {},
    Resource: RESOURCE,
  },
});
