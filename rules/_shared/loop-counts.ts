/** How often a loop that counts its tries goes round, where that is a known number. */
import type { FileSummary, Loop, RuleContext, Span, Value } from "../../engine/index.ts";

/**
 * Tries at most: by the loop's own test (`i < 5`, `while (retries--)`, `tries > 0 && !done`), or by a branch inside that
 * leaves when the count is reached (`if (attempt >= 3) throw error`). Undefined where neither can be read.
 */
export function triesOf(loop: Loop, file: FileSummary, context: RuleContext, text: string): number | undefined {
  const counts = parts(loop.over, "&&").map((it) => byTest(it, loop, file, context, text));
  for (const it of file.branches) {
    if (it.fn !== loop.fn || !isInside(it.at, loop.bodyAt)) continue;
    const leaves = it.exits === "throw" || it.exits === "return";
    if (!leaves && !(it.exits === "jump" && /\bbreak\b/.test(text.slice(...it.thenAt)))) continue;
    for (const part of parts(it.test, "||")) counts.push(byBranch(part, it.at, loop, file, context, text));
  }
  const known = counts.filter((it): it is number => it !== undefined && it > 0);
  return known.length > 0 ? Math.min(...known) : undefined;
}

const isInside = (at: Span, outer: Span): boolean => outer[0] <= at[0] && at[1] <= outer[1];

function parts(value: Value | undefined, op: "&&" | "||"): readonly Value[] {
  if (!value) return [];
  return value.k === "either" && value.op === op ? [...parts(value.a, op), ...parts(value.b, op)] : [value];
}

interface Counter {
  readonly name: string;
  readonly from: number;
}

function counterOf(value: Value, file: FileSummary, context: RuleContext): Counter | undefined {
  if (value.k !== "ref") return undefined;
  const { name, value: start, kind } = file.bindings[value.b]!;
  const from = start && kind !== "item" ? context.program.number({ value: start, file }) : undefined;
  return from === undefined ? undefined : { name, from };
}

/** The places in a loop where a name goes up or down by one: `i++`, `--i`, `i += 1`. */
function steps({ name }: Counter, loop: Loop, text: string): readonly { readonly by: 1 | -1; readonly at: number }[] {
  const word = name.replaceAll("$", "\\$");
  const step = new RegExp(
    `(?<![\\w$.])(?:${word}\\s*(\\+\\+|--)|(\\+\\+|--)\\s*${word}(?![\\w$])|${word}\\s*([+-])=\\s*1\\b)`,
    "g",
  );
  return [...text.slice(...loop.at).matchAll(step)].map((it) => ({
    by: (it[1] ?? it[2] ?? it[3])!.startsWith("+") ? 1 : -1,
    at: loop.at[0] + it.index,
  }));
}

function byTest(test: Value, loop: Loop, file: FileSummary, context: RuleContext, text: string): number | undefined {
  // `while (retries)`, `while (retries--)`.
  const [op, left, right]: readonly [string, Value, Value | undefined] =
    test.k === "op" && test.args.length === 2 ? [test.op, test.args[0]!, test.args[1]] : [">", test, undefined];
  const isStepped = left.k === "op" && (left.op === "++" || left.op === "--");
  const counter = counterOf(isStepped ? left.args[0]! : left, file, context);
  const bound = right ? context.program.number({ value: right, file }) : 0;
  if (!counter || bound === undefined) return undefined;
  const own = steps(counter, loop, text);
  if (own.length !== 1) return undefined;
  const { by, at } = own[0]!;
  // `--n` and `++n` are asked after the step.
  const isBefore = isStepped && /^[+-]/.test(text.slice(at, at + 1));
  const from = isBefore ? counter.from + by : counter.from;
  switch (op) {
    case "<":
      return by > 0 ? bound - from : undefined;
    case "<=":
      return by > 0 ? bound - from + 1 : undefined;
    case ">":
      return by < 0 ? from - bound : undefined;
    case ">=":
      return by < 0 ? from - bound + 1 : undefined;
    case "!==":
    case "!=":
      return by > 0 ? bound - from : from - bound;
    default:
      return undefined;
  }
}

function byBranch(
  test: Value,
  at: Span,
  loop: Loop,
  file: FileSummary,
  context: RuleContext,
  text: string,
): number | undefined {
  if (test.k !== "op" || test.args.length !== 2) return undefined;
  const [left, right] = test.args as readonly [Value, Value];
  const isStepped = left.k === "op" && (left.op === "++" || left.op === "--");
  const counter = counterOf(isStepped ? left.args[0]! : left, file, context);
  const bound = context.program.number({ value: right, file });
  if (!counter || bound === undefined) return undefined;
  const own = steps(counter, loop, text);
  if (own.length !== 1) return undefined;
  const { by, at: stepAt } = own[0]!;
  const inTest = isStepped && isInside([stepAt, stepAt], at);
  // A step in the loop's head is taken after the body.
  const isBefore = inTest ? /^[+-]/.test(text.slice(stepAt, stepAt + 1)) : stepAt >= loop.bodyAt[0] && stepAt < at[0];
  const distance = by > 0 ? bound - counter.from : counter.from - bound;
  const tries = distance + (isBefore ? 0 : 1);
  if (/^===?$/.test(test.op) || test.op === (by > 0 ? ">=" : "<=")) return tries;
  return test.op === (by > 0 ? ">" : "<") ? tries + 1 : undefined;
}
