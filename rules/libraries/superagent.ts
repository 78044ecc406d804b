import { type CallView, defineLibrary, type Limit, type Member, type RequestMeaning } from "../../engine/index.ts";

/** No default (lib/request-base.js); measured, 10.4 was still waiting after 660 s. Requests start when awaited: the end of the chain counts. */
const NEVER = "superagent waits without end by default";

/** `.timeout(ms)`, `.timeout({ response, deadline })`; nothing at all for `0` (lib/request-base.js `timeout`). */
function limitOf(call: CallView): Limit {
  let perhaps = false;
  // `request.agent().timeout(…)` is the default of all that is made through it.
  for (const { name, view, conditional } of [...call.after(), ...call.chain()]) {
    if (name !== "timeout") continue;
    const given = view.arg(0);
    const truth = given ? view.program.truth(given).is : "no";
    if (truth === "no") continue;
    if (conditional || truth === "unknown") perhaps = true;
    else {
      const deadline = given && view.program.property(given, "deadline");
      const ms = given && (view.number(given) ?? (deadline?.is === "yes" ? view.number(deadline.at) : undefined));
      return { bounded: "yes", by: "call", why: ".timeout() is called", ...(ms === undefined ? {} : { ms }) };
    }
  }
  // A request kept under a name or handed on may get its limit later; what `use` is given may set one.
  const last = call.after().reduce((it, { view }) => (view.call.at[1] > it.call.at[1] ? view : it), call);
  const isSent = call.after().some((it) => /^(then|catch|finally|end|pipe)$/.test(it.name));
  const isOpen = !isSent && ["init", "return", "argument", "assign", "element"].includes(last.call.use);
  return perhaps || isOpen || call.after().some((it) => it.name === "use")
    ? { bounded: "unknown", by: "call", why: "the request is finished elsewhere" }
    : { bounded: "no", by: "default", why: NEVER };
}

function attemptsOf(call: CallView): number {
  const retry = call.after().find((it) => it.name === "retry")?.view;
  return retry ? (retry.arg(0) ? (retry.number(retry.arg(0)) ?? 0) : 1) + 1 : 1;
}

const start = (method: string): Member => ({
  call: {
    returns: "Request",
    meaning: (call: CallView): RequestMeaning => {
      const url = call.arg(method === "" && call.argCount > 1 ? 1 : 0);
      const verb = method === "" ? (call.argCount > 1 ? call.text(call.arg(0)) : "GET") : method;
      return {
        kind: "request",
        client: "superagent",
        ...(verb === undefined ? {} : { method: verb }),
        limit: limitOf(call),
        attempts: attemptsOf(call),
        ...(url ? { url: url.value } : {}),
      };
    },
  },
});

const verbs = Object.fromEntries(
  ["get", "post", "put", "patch", "delete", "del", "head", "options"].map((it) => [
    it,
    start(it === "del" ? "DELETE" : it.toUpperCase()),
  ]),
);
const agent: Member = { call: { returns: "Agent" } };

export default defineLibrary({
  name: "superagent",
  packages: ["superagent"],
  exports: { default: { type: "Static" }, agent, ...verbs },
  types: {
    Static: { members: { ...verbs, agent }, call: start("").call!, construct: start("").call! },
    Agent: { members: verbs, other: { call: { returns: "this" } } },
    Request: { other: { call: { returns: "this" } } },
  },
});
