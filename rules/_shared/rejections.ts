/** Whether something async lets an error out: followed through the project's functions, down to what goes over a wire. */
import type {
  CallSummary,
  FileSummary,
  FunctionSummary,
  PlacedFunction,
  RuleContext,
  Value,
} from "../../engine/index.ts";
import { callsWithin } from "./calls.ts";

const MAX_DEPTH = 6;
/** Packages whose functions turn an error into a value. */
const CAUGHT = /^(await-to-js|await-of|neverthrow|p-reflect|p-settle|ts-results|oxide\.ts)(\/|$)/;
/** What waits for time to pass, or hands an error back as a value. */
const PAUSES =
  /^(?:sleep|delay|wait|pause|setTimeout|setImmediate|nextTick|timeout|safely|safeAwait|tryCatch|tryit|attempt|attemptAsync|catchError)$/;

interface Known {
  readonly answers: Map<FunctionSummary, boolean>;
  /** Functions being asked, with the depth of the question. */
  readonly open: Map<FunctionSummary, number>;
  /** Least depth of an open question that an answer had to do without. */
  needed: number;
}

const newKnown = (): Known => ({ answers: new Map(), open: new Map(), needed: Number.POSITIVE_INFINITY });

/**
 * Whether a function's promise may reject: it awaits or returns something that may, or throws, outside of a `try` whose
 * handler keeps the error. What fails while an error is being handled does not count.
 */
export function canReject(fn: PlacedFunction, context: RuleContext, depth = 0): boolean {
  if (depth > MAX_DEPTH) return true;
  const known = context.once(newKnown);
  const key = fn.file.functions[fn.f]!;
  const cached = known.answers.get(key);
  if (cached !== undefined) return cached;
  // While it is asked it adds nothing: what calls itself rejects by something else.
  const opened = known.open.get(key);
  if (opened !== undefined) {
    known.needed = Math.min(known.needed, opened);
    return false;
  }
  const before = known.needed;
  const at = known.open.size;
  known.needed = Number.POSITIVE_INFINITY;
  known.open.set(key, at);
  const answer = letsOut(fn, context, depth);
  known.open.delete(key);
  // A "no" that did without an open question may be a "yes" once that is answered.
  if (answer || known.needed >= at) known.answers.set(key, answer);
  known.needed = Math.min(before, answer || known.needed >= at ? Number.POSITIVE_INFINITY : known.needed);
  return answer;
}

function letsOut({ file, f }: PlacedFunction, context: RuleContext, depth: number): boolean {
  const isKept = (tryIndex: number | undefined): boolean => {
    for (let t = tryIndex; t !== undefined; t = file.tries[t]!.parent) {
      const { handler } = file.tries[t]!;
      if (handler && !handler.throws) return true;
    }
    return false;
  };
  for (const c of callsWithin(file, f)) {
    const call = file.calls[c]!;
    if (call.fn !== f || (call.use !== "await" && call.use !== "return")) continue;
    if (
      call.catch !== undefined ||
      isTidying(file, call) ||
      isKept(call.try) ||
      (call.use === "return" && answers(file, call))
    )
      continue;
    if (callRejects(file, c, context, depth)) return true;
  }
  return file.throws.some(
    (it) =>
      it.fn === f &&
      !file.tries.some(
        (t) => t.fn === f && t.handler && !t.handler.throws && t.blockAt[0] <= it.at[0] && it.at[1] <= t.blockAt[1],
      ),
  );
}

/** Gives something back in a `finally`: what fails there comes after the work. */
const isTidying = (file: FileSummary, { fn, at }: CallSummary): boolean =>
  file.tries.some((it) => it.fn === fn && it.finallyAt && it.finallyAt[0] <= at[0] && at[1] <= it.finallyAt[1]);

/** Whether what a call gives may reject. Of a result that is only handed on it has to be known that it is a promise. */
export function callRejects(file: FileSummary, c: number, context: RuleContext, depth = 0): boolean {
  const call = file.calls[c]!;
  if (isCaught(call.callee, file)) return false;
  const isAwaited = call.use === "await";
  // `load().then(…)` fails as `load()` does.
  if (call.callee.k === "get" && /^(then|finally)$/.test(call.callee.name) && call.callee.of.k === "call")
    return callRejects(file, call.callee.of.c, context, depth);
  if (context.program.meanings({ file, c }).some((it) => it.kind === "request" || it.kind === "query")) return true;
  const callee = context.program.callee(file, c);
  switch (callee.k) {
    case "fn":
      // With a signal it may be cut short, which is not a failure.
      if (/^(?:sleep|delay|wait|pause)(?:For|Ms)?$/i.test(nameOf(call.callee, file))) return false;
      return !isResult(callee.file.functions[callee.f]!) && canReject(callee, context, depth + 1);
    case "any":
      return callee.of.every((it) => it.k === "fn")
        ? callee.of.some((it) => it.k === "fn" && canReject(it, context, depth + 1))
        : isAwaited;
    case "global":
      return globalRejects(callee.name, call, file, context, depth) ?? isAwaited;
    case "ext":
      if (CAUGHT.test(callee.specifier) || PAUSES.test(callee.path.split(".").at(-1)!)) return false;
      break;
    default:
      if (PAUSES.test(nameOf(call.callee, file)) || startsCaught(call.callee, file, context)) return false;
  }
  if (!isAwaited) return false;
  // `queue.add(async () => …)`, `tracer.span("name", async () => …)`: fails as the work does that it is given.
  const work = call.args.find((it) => it.k === "fn" && file.functions[it.f]!.async);
  return work?.k !== "fn" || canReject({ file, f: work.f }, context, depth + 1);
}

/** A chain that begins with a function of ours whose result is an error or a value: `ResultAsync`, `TaskEither`. */
function startsCaught(callee: Value, file: FileSummary, context: RuleContext): boolean {
  for (let it = callee, i = 0; i < 12 && it.k === "get" && it.of.k === "call"; i++) {
    const found = context.program.callee(file, it.of.c);
    if (found.k === "fn") return isResult(found.file.functions[found.f]!);
    it = file.calls[it.of.c]!.callee;
  }
  return false;
}

function isResult({ returnType }: FunctionSummary): boolean {
  const inner = returnType?.t === "name" && returnType.name === "Promise" ? returnType.args?.[0] : returnType;
  return inner?.t === "name" && /^(ResultAsync|Result|TaskEither|Either|AsyncResult)$/.test(inner.name);
}

/** Of the language's own; undefined where nothing is known of it. */
function globalRejects(
  name: string,
  { kind, args }: CallSummary,
  file: FileSummary,
  context: RuleContext,
  depth: number,
): boolean | undefined {
  if (PAUSES.test(name) || name === "Promise.allSettled" || name === "Promise.resolve") return false;
  // An executor without `reject`.
  if (name === "Promise" && kind === "new" && args[0]?.k === "fn") return file.functions[args[0].f]!.params.length > 1;
  if (name !== "Promise.all" && name !== "Promise.race" && name !== "Promise.any") return undefined;
  const list = args[0];
  const rejects = (it: Value): boolean => it.k !== "call" || callRejects(file, it.c, context, depth);
  if (list?.k === "arr") return list.open || list.items.some(rejects);
  if (list?.k !== "call") return true;
  // `items.map(async (it) => …)`
  const { callee, args: given } = file.calls[list.c]!;
  const each = callee.k === "get" && /^(map|flatMap)$/.test(callee.name) ? given[0] : undefined;
  if (!each) return true;
  const found = context.program.origin(each, file);
  return found.k !== "fn" || canReject(found, context, depth + 1);
}

/** `.catch(report)` anywhere in a chain. */
function isCaught(callee: Value, file: FileSummary): boolean {
  for (let it = callee, i = 0; it.k === "get" && i < 12; i++) {
    if (it.name === "catch") return true;
    if (it.of.k !== "call") return false;
    const call = file.calls[it.of.c]!;
    // `.then(use, report)`
    if (call.callee.k === "get" && call.callee.name === "then" && call.args.length > 1) return true;
    it = call.callee;
  }
  return false;
}

/** `return next(error)`, `return res.status(400).json(…)`: what it gives is no promise of work to come. */
function answers(file: FileSummary, call: CallSummary): boolean {
  let { callee } = call;
  for (let i = 0; i < 8 && callee.k !== "ref"; i++) {
    if (callee.k === "get") callee = callee.of;
    else if (callee.k === "call") callee = file.calls[callee.c]!.callee;
    else return false;
  }
  if (callee.k !== "ref") return false;
  const binding = file.bindings[callee.b];
  return binding?.kind === "param" && /^(next|res|response|reply|done|cb|callback|resolve|reject)$/.test(binding.name);
}

function nameOf(callee: Value, file: FileSummary): string {
  if (callee.k === "get" || callee.k === "global") return callee.name;
  return callee.k === "ref" ? file.bindings[callee.b]!.name : "";
}
