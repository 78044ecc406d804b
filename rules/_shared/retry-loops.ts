/** Loops that try one thing until it works. */
import type { FileSummary, Loop, Meaning, Placed, RuleContext, Span, Value } from "../../engine/index.ts";
import { type Effect, effectOf } from "./effects.ts";
import { triesOf } from "./loop-counts.ts";

export interface RetryLoop {
  readonly loop: Loop;
  /** The calls that are tried, in the order of the text. */
  readonly tried: readonly Placed[];
  /** Times, where counted by a known number; `Infinity` where nothing counts or ends it. */
  readonly attempts?: number;
  readonly pause: "none" | "constant" | "growing" | "unknown";
  readonly jitter: boolean;
  /** Name of the loop's counter. */
  readonly counter?: string;
  /** Where a pause would stand: the end of the handler, before its brace. */
  readonly handlerEnd: number;
}

const PAUSES = /^(?:sleep|delay|wait|pause|backoff|timeout|setTimeout|setImmediate)|(?:Sleep|Delay|Wait|Backoff)/;
/** Words of somebody who counts, has a deadline, or can be told to stop. */
const ENDS =
  /\+\+|--|[+-]=|attempt|retr|tries|count|deadline|Date\.now|performance\.now|signal|abort|stop|running|clos|shut|max/i;

/** More than a request and the reading of its answer is a process of its own. */
const MAX_TRIED = 4;

/** The first of the calls that are tried that does what is wanted. */
export function triedFor<M extends Meaning>(
  it: RetryLoop,
  context: RuleContext,
  wanted: (meaning: Meaning) => meaning is M,
): { readonly at: Placed; readonly effect: Effect<M> } | undefined {
  for (const at of it.tried) {
    const effect = effectOf(at, context, wanted);
    if (effect) return { at, effect };
  }
  return undefined;
}

/** Loops over nothing but themselves whose body is tried, left when it works, and begun again when it throws. */
export function retryLoops(file: FileSummary, context: RuleContext): readonly RetryLoop[] {
  if (file.loops.length === 0 || file.tries.length === 0) return [];
  const text = context.text(file.path);
  if (text === undefined) return [];
  return file.loops.flatMap((loop) => {
    if (loop.kind !== "for" && loop.kind !== "while" && loop.kind !== "do") return [];
    const tried = file.tries.find(
      (it) =>
        it.fn === loop.fn &&
        inside(it.at, loop.bodyAt) &&
        it.parent === undefined &&
        innermost(file, it.at, loop.fn) === loop,
    );
    if (!tried?.handler || tried.finallyAt) return [];
    const block = text.slice(...tried.blockAt);
    const handler = text.slice(...tried.handler.at);
    // Success leaves the loop; failure, some of it at least, comes round again.
    if (!/\b(?:return|break)\b/.test(block) && !setsFlag(loop, block, file)) return [];
    if (leavesAlways(file, tried.handler.at, text)) return [];
    const calls = file.calls.flatMap((call, c) =>
      call.fn === loop.fn &&
      inside(call.at, tried.blockAt) &&
      (call.use === "await" || call.use === "return" || call.use === "init")
        ? [c]
        : [],
    );
    const work = calls.filter((c) => !isPause(file.calls[c]!.callee, file));
    if (work.length === 0 || work.length > MAX_TRIED) return [];
    const body = text.slice(...loop.bodyAt);
    const head = text.slice(loop.at[0], loop.bodyAt[0]);
    const counter = counterOf(loop, file);
    // One after the other of a list: nothing is tried twice.
    if (/\.length\b/.test(head) || (counter !== undefined && body.includes(`[${counter}]`))) return [];
    const attempts = triesOf(loop, file, context, text);
    const isEndless = attempts === undefined && isForEver(loop) && !ENDS.test(`${head}${body.replace(block, "")}`);
    return [
      {
        loop,
        tried: work.map((c) => ({ file, c })),
        ...(isEndless ? { attempts: Number.POSITIVE_INFINITY } : attempts === undefined ? {} : { attempts }),
        pause: pauseIn(loop, tried.blockAt, file, context),
        jitter: /Math\.random|random|jitter/i.test(body),
        ...(counter === undefined ? {} : { counter }),
        handlerEnd: tried.handler.at[0] + handler.lastIndexOf("}"),
      },
    ];
  });
}

const inside = (at: Span, outer: Span): boolean => outer[0] <= at[0] && at[1] <= outer[1];

function innermost(file: FileSummary, at: Span, fn: number): Loop | undefined {
  let found: Loop | undefined;
  for (const it of file.loops)
    if (it.fn === fn && inside(at, it.bodyAt) && (!found || inside(it.at, found.bodyAt))) found = it;
  return found;
}

/** `while (!sent && …) { try { …; sent = true; } … }`: success is written down, and the loop asks for it. */
function setsFlag(loop: Loop, block: string, file: FileSummary): boolean {
  const names: string[] = [];
  const collect = (value: Value | undefined, depth = 0): void => {
    if (!value || depth > 5) return;
    if (value.k === "ref") names.push(file.bindings[value.b]!.name);
    else if (value.k === "op") for (const it of value.args) collect(it, depth + 1);
    else if (value.k === "either") for (const it of [value.a, value.b]) collect(it, depth + 1);
  };
  collect(loop.over);
  return names.some((it) => new RegExp(`(?<![\\w$.])${it.replaceAll("$", "\\$")}\\s*=[^=>]`).test(block));
}

/** The handler ends in a throw, a return or a break that no branch stands before. */
function leavesAlways(file: FileSummary, at: Span, text: string): boolean {
  const branches = file.branches.filter((it) => inside(it.at, at));
  const words = /\b(?:throw|return|break)\b/g;
  words.lastIndex = at[0];
  for (let it = words.exec(text); it && it.index < at[1]; it = words.exec(text)) {
    const { index } = it;
    if (branches.some((b) => b.at[0] <= index && index < b.at[1])) continue;
    if (file.functions.some((fn) => fn.at[0] > at[0] && fn.at[0] <= index && index < fn.at[1])) continue;
    return true;
  }
  return false;
}

const isForEver = (loop: Loop): boolean =>
  loop.over === undefined || (loop.over.k === "lit" && (loop.over.v === true || loop.over.v === 1));

function counterOf(loop: Loop, file: FileSummary): string | undefined {
  const test = loop.over;
  if (loop.kind !== "for" || test?.k !== "op" || !/^<=?$/.test(test.op) || test.args[0]?.k !== "ref") return undefined;
  return file.bindings[test.args[0].b]!.name;
}

function nameOf(callee: Value, file: FileSummary): string {
  if (callee.k === "get" || callee.k === "global") return callee.name;
  return callee.k === "ref" ? file.bindings[callee.b]!.name : "";
}

const isPause = (callee: Value, file: FileSummary): boolean => PAUSES.test(nameOf(callee, file));

/** What is waited for between two tries: nothing, a number, something that depends on the count, or something unknown. */
function pauseIn(loop: Loop, block: Span, file: FileSummary, context: RuleContext): RetryLoop["pause"] {
  let found: RetryLoop["pause"] = "none";
  for (const call of file.calls) {
    const isHere = inside(call.at, loop.bodyAt) && !inside(call.at, block);
    if (!isHere) continue;
    if (isPause(call.callee, file)) {
      // `setTimeout(resolve, ms)`, `sleep(ms)`.
      const given = call.args.find((it) => it.k !== "fn" && context.program.number({ value: it, file }) !== undefined);
      const isConstant = call.args.some((it) => it.k !== "fn") ? given !== undefined : false;
      if (found !== "growing") found = isConstant ? "constant" : "growing";
    } else if (call.use === "await" && call.kind !== "new") {
      if (found === "none") found = "unknown";
    }
  }
  return found;
}
