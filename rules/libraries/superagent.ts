import { type CallView, defineLibrary, type Member } from "../../engine/index.ts";

/** No default (lib/node/index.js); measured, 10.4 was still waiting after 660 s. Requests start when awaited: the end of the chain counts. */
const start = (method: string): Member => ({
  call: {
    returns: "Request",
    meaning: (call: CallView) => ({
      kind: "request",
      client: "superagent",
      method,
      limit: followedBy(call, "timeout")
        ? { bounded: "yes", by: "call", why: ".timeout() follows" }
        : leaves(call)
          ? { bounded: "unknown", by: "call", why: "the request is finished elsewhere" }
          : { bounded: "no", by: "default", why: "superagent waits without end by default" },
      ...(call.arg(0) ? { url: call.arg(0)!.value } : {}),
    }),
  },
});

/** Whether a later link of the chain that starts here is called `name`. */
function followedBy(call: CallView, name: string): boolean {
  let at = call.c;
  for (let i = 0; i < 30; i++) {
    const next = call.file.calls.findIndex(
      (it) => it.callee.k === "get" && it.callee.of.k === "call" && it.callee.of.c === at,
    );
    if (next < 0) return false;
    const { callee } = call.file.calls[next]!;
    if (callee.k === "get" && callee.name === name) return true;
    at = next;
  }
  return false;
}

/** A request kept under a name or handed on may get its limit later. */
const leaves = (call: CallView): boolean =>
  call.call.use === "init" || call.call.use === "return" || call.call.use === "argument" || call.call.use === "assign";

const verbs = Object.fromEntries(
  ["get", "post", "put", "patch", "delete", "del", "head"].map((it) => [it, start(it.toUpperCase())]),
);

export default defineLibrary({
  name: "superagent",
  packages: ["superagent"],
  exports: { default: { type: "Static" }, ...verbs },
  types: { Static: { members: verbs, call: start("").call! }, Request: { other: { call: { returns: "this" } } } },
});
