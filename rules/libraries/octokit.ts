import { type CallView, defineLibrary, type Member, type PageAnswer } from "../../engine/index.ts";

/** 30 of them where `per_page` is not given, a hundred at most (docs.github.com, "Using pagination in the REST API"). */
function pageOf(call: CallView): PageAnswer {
  const asked = ["per_page", "page"].map((it) => call.option(0, it).is);
  return {
    operation: call.name,
    items: ["data"],
    more: ["paginate", "per_page", "headers.link", "hasNextPage"],
    holds: "30",
    sized: asked.includes("yes") ? "yes" : asked.includes("unknown") ? "unknown" : "no",
    all: "octokit.paginate",
    // `octokit.rest.issues.list` is asked page by page by the client in front of it.
    allText: (text, args) => {
      const written = text.slice(0, text.length - args.length - 2);
      const client = written.replace(/\.rest\.[\w.]+$/, "");
      return client === written
        ? ""
        : `{ data: await ${client}.paginate(${written}${args.trim() === "" ? "" : `, ${args}`}) }`;
    },
  };
}

const request: Member = {
  call: {
    meaning: (call) => ({
      kind: "request",
      client: "Octokit",
      limit: { bounded: "unknown", by: "default", why: "the client's request options are not read" },
      method: /^(get|list)/.test(call.name) ? "GET" : "POST",
      // `listForRepo` and its like; `list*` of the REST methods are the ones that are paged.
      ...(/^list([A-Z]|$)/.test(call.name) ? { page: pageOf(call) } : {}),
    }),
  },
};

const client: Member = { construct: { returns: "Octokit" } };

export default defineLibrary({
  name: "octokit",
  packages: ["octokit", "@octokit/rest", "@actions/github"],
  exports: {
    Octokit: client,
    getOctokit: { call: { returns: "Octokit" } },
  },
  types: {
    Octokit: {
      members: {
        rest: { type: "Rest" },
        issues: { type: "Group" },
        pulls: { type: "Group" },
        repos: { type: "Group" },
      },
    },
    Rest: { other: { type: "Group" } },
    Group: { other: request },
  },
});
