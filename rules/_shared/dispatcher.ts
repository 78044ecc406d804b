/** undici's dispatchers: what `fetch` and `undici.request` send through, on one call or for the whole process. */
import { type CallView, isSet, type LibOrigin, type Limit, type Scoped } from "../../engine/index.ts";

/** `headersTimeout` and `bodyTimeout` are 300 s each (lib/dispatcher/client.js of undici 6.29 and 7.30): measured 302 s. */
export const DISPATCHER_MS = 300_000;

/** The limit of what an `Agent`, a `Pool` or a `Client` was made with; undefined for what was not seen to be made. */
export function dispatcherLimit(call: CallView, of: Scoped, by: Limit["by"]): Limit | undefined {
  const found = call.origin(of);
  const made = found.k === "lib" && found.library.name === "undici" ? creationOf(call, found) : undefined;
  return made && madeLimit(made, by);
}

/** The `new` that a dispatcher goes back to, `compose(…)` and its like left out. */
export function creationOf(call: CallView, of: LibOrigin | undefined): CallView | undefined {
  for (let it = of; it?.via; it = it.recv) {
    const made = call.program.view(it.via, call.env);
    if (made.call.kind === "new") return made;
  }
  return undefined;
}

/** Options stand last: `new Agent(options)`, `new Pool(origin, options)`. A limit on the answer's head is a limit. */
export function madeLimit(made: CallView, by: Limit["by"]): Limit {
  // `new RetryAgent(agent)` sends through the one that it is given.
  const first = made.arg(0);
  const inner = first && dispatcherLimit(made, first, by);
  if (inner) return inner;
  const index = optionsIndex(made);
  const given = isSet(made.program, made.option(index, "headersTimeout"));
  const found = made.option(index, "headersTimeout");
  const ms = found.is === "yes" ? made.number(found.at) : undefined;
  if (given === "yes") return { bounded: "yes", by, why: "headersTimeout is set", ...(ms === undefined ? {} : { ms }) };
  if (given === "unknown") return { bounded: "unknown", by, why: "the dispatcher's options cannot be read here" };
  // `headersTimeout: 0` switches it off.
  return found.is === "yes"
    ? { bounded: "no", by, why: "headersTimeout is switched off" }
    : { bounded: "no", by: "default", why: "the dispatcher sets no limit", defaultMs: DISPATCHER_MS };
}

/** An address comes first for those that speak to one host. */
function optionsIndex(made: CallView): number {
  const callee = made.program.callee(made.file, made.c);
  const first = made.arg(0);
  if (callee.k === "method" && /^(Pool|Client|BalancedPool|RoundRobinPool|H2CClient)$/.test(callee.name)) return 1;
  return first && made.text(first) !== undefined ? 1 : 0;
}

/** What `setGlobalDispatcher` was given in code that runs in the same process. */
export function globalDispatcher(call: CallView): Limit | undefined {
  let perhaps: Limit | undefined;
  for (const at of call.program.callsNamed("setGlobalDispatcher")) {
    const callee = call.program.callee(at.file, at.c);
    if (callee.k !== "method" || callee.library.name !== "undici") continue;
    const holds = call.program.sharesProcess(at.file, call.file);
    const value = at.file.calls[at.c]!.args[0];
    if (holds === "no" || !value) continue;
    const limit = dispatcherLimit(call, { value, file: at.file }, "global") ?? {
      bounded: "unknown",
      by: "global",
      why: "a global dispatcher may bound it",
    };
    if (limit.bounded === "yes" && holds === "yes") return limit;
    if (limit.bounded !== "no") perhaps = { ...limit, bounded: "unknown", by: "global" };
  }
  return perhaps;
}
