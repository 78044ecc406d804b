import {
  type CallView,
  defineLibrary,
  type LimiterMeaning,
  type Meaning,
  type Member,
  type Placed,
  type RetryMeaning,
} from "../../engine/index.ts";

const CLIENT = "cockatiel";
const MAX_POLICIES = 8;

/** The calls that made the policies through which a function goes, outermost first: `wrap(retry(…), timeout(…))`. */
function policiesOf(call: CallView, made: Placed | undefined, depth = 0): readonly CallView[] {
  if (!made || depth > 2) return [];
  const view = call.program.view(made, call.env);
  const name = exportOf(view);
  if (name !== "wrap") return [view];
  return view.call.args.slice(0, MAX_POLICIES).flatMap((_, i) => {
    const given = view.arg(i);
    const found = given && call.program.at(given);
    return found?.k === "lib" ? policiesOf(call, found.via, depth + 1) : [];
  });
}

/** Which function of the library made it, whatever it was imported as. */
function exportOf(view: CallView): string {
  const { callee } = view.call;
  if (callee.k === "get") return callee.name;
  const from = callee.k === "ref" ? view.file.bindings[callee.b]?.from : undefined;
  return from?.name ?? "";
}

/** What goes through a policy, policy by policy; a function that is handed over by name runs only there. */
function through(call: CallView): readonly Meaning[] {
  const work = call.arg(0);
  const run = work ? { work } : {};
  return policiesOf(call, call.recv?.via).flatMap((policy): Meaning[] => {
    switch (exportOf(policy)) {
      case "timeout": {
        const ms = policy.number(policy.arg(0));
        return [
          {
            kind: "limiter",
            client: CLIENT,
            limit: { bounded: "yes", by: "wrapper", why: "a timeout policy", ...(ms === undefined ? {} : { ms }) },
            ...run,
          } satisfies LimiterMeaning,
        ];
      }
      case "bulkhead":
        return [{ kind: "limiter", client: CLIENT, atOnce: "yes", ...run } satisfies LimiterMeaning];
      case "retry":
        return [{ ...retryOf(policy), ...run }];
      default:
        return [];
    }
  });
}

/**
 * `maxAttempts` counts the tries after the first, without end where it is not given, and `ConstantBackoff(0)` (dist/Policy.js,
 * dist/RetryPolicy.js of 3.2 and 4.0). `ExponentialBackoff` has decorrelated jitter unless another generator is given
 * (dist/backoff/ExponentialBackoff.js).
 */
function retryOf(policy: CallView): RetryMeaning {
  const found = policy.option(1, "maxAttempts");
  const retries =
    found.is === "no" ? Number.POSITIVE_INFINITY : found.is === "yes" ? policy.number(found.at) : undefined;
  const backoff = policy.option(1, "backoff");
  const origin = backoff.is === "yes" ? policy.program.at(backoff.at) : undefined;
  const made = origin?.k === "lib" && origin.via ? policy.program.view(origin.via, policy.env) : undefined;
  const kind = made ? exportOf(made) : "";
  const isGrowing = kind === "ExponentialBackoff";
  return {
    kind: "retry",
    client: CLIENT,
    ...(retries === undefined ? {} : { attempts: retries + 1 }),
    pause:
      backoff.is === "no"
        ? "none"
        : isGrowing
          ? "growing"
          : kind === "ConstantBackoff"
            ? made!.number(made!.arg(0)) === 0
              ? "none"
              : "constant"
            : "unknown",
    jitter: isGrowing
      ? made!.option(0, "generator").is === "no"
        ? "yes"
        : "unknown"
      : kind === "ConstantBackoff"
        ? "no"
        : "unknown",
    pauseOption: "backoff: new ExponentialBackoff()",
  };
}

const policy: Member = { call: { returns: "Policy" } };
const backoff: Member = { construct: { returns: "Backoff" } };

export default defineLibrary({
  name: "cockatiel",
  packages: ["cockatiel"],
  exports: {
    ...Object.fromEntries(
      ["retry", "timeout", "bulkhead", "circuitBreaker", "fallback", "wrap"].map((it) => [it, policy]),
    ),
    ...Object.fromEntries(
      ["ExponentialBackoff", "ConstantBackoff", "IterableBackoff", "DelegateBackoff"].map((it) => [it, backoff]),
    ),
  },
  types: {
    Policy: { members: { execute: { call: { meaning: through } }, dangerouslyUnref: { call: { returns: "this" } } } },
    Backoff: {},
  },
  typeNames: {
    IPolicy: "Policy",
    RetryPolicy: "Policy",
    TimeoutPolicy: "Policy",
    BulkheadPolicy: "Policy",
    CircuitBreakerPolicy: "Policy",
  },
});
