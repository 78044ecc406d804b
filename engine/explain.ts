/**
 * What is believed of one line of code, as plain data: what each call on it is and how that was found out, what it means,
 * which time limit holds and who set it, which library and version, what runs inside of it, what starts it, where it runs,
 * and what could not be told and why. Words for it are in `rules/explanation.ts`.
 */
import { type Analysis, functionAt } from "./analysis.ts";
import type { EntryKind } from "./entry.ts";
import { explainMeaning } from "./explain/meaning.ts";
import { nameOf, placeIn, placeOfFunction } from "./explain/places.ts";
import {
  type ExplainedCall,
  type ExplainedInner,
  type ExplainedReach,
  type LineExplanation,
  MAX_WRITTEN,
  type Statement,
  type StatementKey,
} from "./explain/statements.ts";
import { explainValue, MAX_ALTERNATIVES } from "./explain/value.ts";
import { versionOf } from "./explain/version.ts";
import { wayTo } from "./explain/way.ts";
import { positionAt } from "./lines.ts";
import type { FileSummary, Span } from "./model.ts";
import type { Env, Origin, Placed, PlacedFunction } from "./origin.ts";
import type { Chain } from "./reach.ts";

const MAX_CALLS = 30;
const MAX_CHAINS = 50;
const MAX_INNER = 8;
const MAX_INNER_DEPTH = 3;
const MAX_INNER_CALLS = 300;
/** @param line 1-based; of a file of the analysis */
export function explainLine(analysis: Analysis, file: FileSummary, line: number): LineExplanation {
  const text = analysis.text(file.path) ?? "";
  const start = file.lines[line - 1] ?? 0;
  const end = file.lines[line] ?? Number.POSITIVE_INFINITY;
  const isOn = (offset: number): boolean => start <= offset && offset < end;
  const calls = file.calls
    .flatMap((call, c) => (isOn(call.nameAt[0]) ? [c] : []))
    .sort((a, b) => file.calls[a]!.nameAt[0] - file.calls[b]!.nameAt[0])
    .slice(0, MAX_CALLS)
    .map((c) => explainCall(analysis, { file, c }, text));
  const reached = functionsOn(file, line, text).map(({ f, at }) => explainReach(analysis, { file, f }, at));
  const reason = analysis.sideReason(file);
  const side: Statement = {
    key: `side.${reason.side}`,
    parts: { why: [{ key: `sideBy.${reason.by}`, data: { what: reason.what ?? "" } }] },
  };
  const untold = [
    ...calls.flatMap((it) =>
      [
        ...[...(isOpen(it) ? [it.is] : []), ...[it.is, ...(it.version ? [it.version] : [])].filter(isUntold)],
        ...it.meanings.flatMap(({ says }) => says.filter(isUntold)),
      ].map((what) => ({ of: it.written, what })),
    ),
    ...calls.flatMap(({ inside }) =>
      inside.flatMap(({ way, says }) => says.filter(isUntold).map((what) => ({ of: way.at(-1)!.name, what }))),
    ),
    ...(reason.side === "unknown" ? [{ of: "", what: side }] : []),
    ...reached
      .filter((it) => !it.complete)
      .map((it) => ({ of: "", what: { key: "reach.incomplete", data: { name: it.function } } satisfies Statement })),
  ];
  return { path: file.path, line, side, calls, reached, untold: withoutRepeats(untold) };
}

/** Functions that a line is about: the one it stands in, those that begin on it, those of the calls on it. */
export function functionsOn(
  file: FileSummary,
  line: number,
  text: string,
): readonly { readonly f: number; readonly at: Span }[] {
  const start = file.lines[line - 1]!;
  const end = file.lines[line] ?? Number.POSITIVE_INFINITY;
  const first = lineStart(file, line, text);
  const found = new Map<number, Span>();
  for (const call of file.calls) if (start <= call.nameAt[0] && call.nameAt[0] < end) found.set(call.fn, call.at);
  file.functions.forEach((fn, f) => {
    if (f > 0 && start <= fn.nameAt[0] && fn.nameAt[0] < end) found.set(f, fn.bodyAt);
  });
  const around = functionAt(file, first);
  if (!found.has(around)) found.set(around, [first, first]);
  return [...found].map(([f, at]) => ({ f, at }));
}

/** Offset of the first character of a line (1-based) that is no space. */
export function lineStart(file: FileSummary, line: number, text: string): number {
  const start = file.lines[line - 1]!;
  return start + (/^[ \t]*/.exec(text.slice(start, file.lines[line]))?.[0].length ?? 0);
}

function explainCall(analysis: Analysis, placed: Placed, text: string): ExplainedCall {
  const { program } = analysis;
  const { file, c } = placed;
  const call = file.calls[c]!;
  const callee = program.callee(file, c);
  const version = versionOf(analysis, callee, file);
  return {
    written: text
      .slice(call.at[0], Math.min(call.at[1], call.at[0] + MAX_WRITTEN))
      .split(/\r?\n/)[0]!
      .trim(),
    place: placeIn(file, call.nameAt),
    column: positionAt(file, call.nameAt[0]).column,
    is: explainValue(callee),
    way: wayTo(analysis, call.callee, file),
    ...(version ? { version } : {}),
    meanings: program.meanings(placed).map((it) => ({
      kind: it.kind === "other" ? it.what : it.kind,
      says: explainMeaning(it, analysis),
    })),
    inside: insideOf(analysis, callee, placed),
  };
}

// What runs inside

/** Requests, clients and queries in or below a function that is called, read under what this call hands over. */
function insideOf(analysis: Analysis, callee: Origin, placed: Placed): readonly ExplainedInner[] {
  const { program } = analysis;
  const found: ExplainedInner[] = [];
  let looked = 0;
  const visited = new Set<FileSummary["functions"][number]>();
  const walk = (of: Origin, at: Placed, env: Env | undefined, way: ExplainedInner["way"]): void => {
    if (of.k === "any") {
      for (const it of of.of.slice(0, MAX_ALTERNATIVES)) walk(it, at, env, way);
      return;
    }
    if (of.k !== "fn" || way.length >= MAX_INNER_DEPTH) return;
    const fn = of.file.functions[of.f]!;
    if (visited.has(fn)) return;
    visited.add(fn);
    const entered = program.enter(of, at.file.calls[at.c]!, at.file, env);
    const here = [...way, { name: nameOf(of), place: placeIn(of.file, fn.nameAt) }];
    for (let c = 0; c < of.file.calls.length && found.length < MAX_INNER; c++) {
      const call = of.file.calls[c]!;
      if (call.at[0] < fn.at[0] || fn.at[1] < call.at[1]) continue;
      if (++looked > MAX_INNER_CALLS) return;
      const inner = { file: of.file, c };
      const meant = program.meaningsUnder(inner, entered);
      const told = new Set<string>();
      for (const it of meant) {
        if (it.kind === "other" || it.kind === "metric" || found.length >= MAX_INNER) continue;
        const says = explainMeaning(it, analysis).filter(({ key }) => key !== "says.schema");
        const key = JSON.stringify(says);
        if (!told.has(key)) found.push({ way: here, place: placeIn(of.file, call.nameAt), says });
        told.add(key);
      }
      if (meant.length === 0) walk(program.callee(of.file, c, entered), inner, entered, here);
    }
  };
  walk(callee, placed, undefined, []);
  return found;
}

// What reaches it

function explainReach(analysis: Analysis, fn: PlacedFunction, at: Span): ExplainedReach {
  const { chains, complete } = analysis.reach(fn, at);
  const kinds: Partial<Record<EntryKind, number>> = {};
  for (const { entry } of chains) kinds[entry.kind] = (kinds[entry.kind] ?? 0) + 1;
  return {
    function: nameOf(fn),
    place: placeOfFunction(fn),
    chains: chains.slice(0, MAX_CHAINS).map((it) => explainChain(analysis, it)),
    kinds,
    complete,
  };
}

function explainChain({ program }: Analysis, { entry, links }: Chain): ExplainedReach["chains"][number] {
  const at = entry.kind === "endpoint" ? entry.nameAt : entry.at;
  const file = program.files.get(entry.path);
  return {
    kind: entry.kind,
    name: entry.kind === "endpoint" ? `${entry.method} ${entry.route}` : entry.name,
    framework: entry.framework,
    // What is declared outside the code has no lines here.
    place: file ? placeIn(file, at) : { path: entry.path, at, line: 1 },
    links: links.map(({ fn }, i) => {
      const hop = links[i - 1]?.hop;
      return { name: nameOf(fn), place: placeOfFunction(fn), ...(hop ? { hop } : {}) };
    }),
  };
}

// What could not be told

const OPEN = new Set<StatementKey>([
  "value.parameter",
  "value.package",
  "value.type",
  "value.signature",
  "value.shape",
]);

/** What is called is known by name only: what it does is somebody else's to say. */
function isOpen({ is, meanings, inside }: ExplainedCall): boolean {
  return meanings.length === 0 && inside.length === 0 && OPEN.has(is.key);
}

function isUntold({ key, parts }: Statement): boolean {
  return (
    /\.unknown$|^limit\.param$/.test(key) || (parts?.["answer"]?.some((it) => it.key === "answer.unknown") ?? false)
  );
}

function withoutRepeats<T>(statements: readonly T[]): T[] {
  const seen = new Set<string>();
  return statements.filter((it) => {
    const key = JSON.stringify(it);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
