/**
 * What is believed of one line of code, as plain data: what each call on it is and how that was found out, what it means,
 * which time limit holds and who set it, which library and version, what runs inside of it, what starts it, where it runs,
 * and what could not be told and why. Words for it are in `rules/explanation.ts`.
 */
import type { Analysis } from "./analysis.ts";
import { functionAt } from "./analysis.ts";
import type { Hop } from "./call-graph.ts";
import type { EntryKind } from "./entry.ts";
import { type Library, type Limit, type Meaning, packageOf } from "./library.ts";
import { positionAt } from "./lines.ts";
import type { Answer, FileSummary, Span, TypeRef, Value } from "./model.ts";
import type { Env, Origin, Placed, PlacedFunction } from "./origin.ts";
import type { Chain } from "./reach.ts";
import type { Side } from "./side.ts";

/** A place in a file of the workspace; `line` is 1-based. */
export interface ExplainedPlace {
  readonly path: string;
  readonly at: Span;
  readonly line: number;
}

/** One thing that is believed. `parts` are statements that stand inside of it; `data` is text of the repository or numbers. */
export interface Statement {
  readonly key: StatementKey;
  readonly data?: Readonly<Record<string, string | number>>;
  readonly place?: ExplainedPlace;
  readonly parts?: Readonly<Record<string, readonly Statement[]>>;
}

type AnswerKey = `answer.${Answer}`;
type Fact =
  | "filter"
  | "filterBy"
  | "capped"
  | "transaction"
  | "overlaps"
  | "jitter"
  | "atOnce"
  | "attemptsGiven"
  | "backoffGiven"
  | "removed"
  | "forgets"
  | "bounded";

export type StatementKey =
  // What something is.
  | "value.unknown"
  | "value.literal"
  | "value.function"
  | "value.class"
  | "value.instance"
  | "value.object"
  | "value.list"
  | "value.listOf"
  | "value.module"
  | "value.library"
  | "value.libraryValue"
  | "value.libraryMember"
  | "value.made"
  | "value.method"
  | "value.methodOf"
  | "value.package"
  | "value.global"
  | "value.parameter"
  | "value.type"
  | "value.signature"
  | "value.shape"
  | "value.any"
  // How that was found out.
  | "way.import"
  | "way.require"
  | "way.dynamic"
  | "way.reexport"
  | "way.outside"
  | "way.declared"
  | "way.assigned"
  | "way.made"
  | "way.result"
  | "way.parameter"
  | "way.typed"
  | "way.injected"
  | "way.token"
  | "way.field"
  | "way.self"
  | "way.global"
  | "way.loop"
  // Library and version.
  | "version.installed"
  | "version.lockfile"
  | "version.manifest"
  | "version.pinned"
  | "version.node"
  | "version.unknown"
  // What it means.
  | "mean.request"
  | "mean.client"
  | "mean.query"
  | "mean.blocking"
  | "mean.spawn"
  | "mean.metric"
  | "mean.span"
  | "mean.schedule"
  | "mean.retry"
  | "mean.limiter"
  | "mean.job"
  | "mean.settle"
  | "mean.consume"
  | "mean.cache"
  | "mean.other"
  | "says.stream"
  | "says.through"
  | "says.attempts"
  | "says.every"
  | "says.measured"
  | "says.many"
  | "says.grouped"
  | "says.batched"
  | "says.lazy"
  | "says.schema"
  | "says.pause"
  | "says.statement"
  | "limit.yes"
  | "limit.yesMs"
  | "limit.no"
  | "limit.noAfter"
  | "limit.unknown"
  | "limit.param"
  | `by.${Limit["by"]}`
  | `fact.${Fact}`
  | AnswerKey
  // Where it runs.
  | `side.${Side}`
  | `sideBy.${"directive" | "import" | "markup" | "global" | "package" | "path" | "nothing"}`
  | "reach.incomplete";

/** What a function on the way makes happen, read under the arguments of the call that is explained. */
export interface ExplainedInner {
  /** Functions from the called one down to the one that does it. */
  readonly way: readonly { readonly name: string; readonly place: ExplainedPlace }[];
  readonly place: ExplainedPlace;
  readonly says: readonly Statement[];
}

export interface ExplainedCall {
  /** As written, its first line, cut. */
  readonly written: string;
  readonly place: ExplainedPlace;
  /** 1-based, in UTF-16 code units. */
  readonly column: number;
  readonly is: Statement;
  readonly way: readonly Statement[];
  readonly version?: Statement;
  readonly meanings: readonly { readonly kind: string; readonly says: readonly Statement[] }[];
  readonly inside: readonly ExplainedInner[];
}

export interface ExplainedLink {
  readonly name: string;
  readonly place: ExplainedPlace;
  /** The one before does not wait for it. */
  readonly hop?: Partial<Hop>;
}

export interface ExplainedReach {
  readonly function: string;
  readonly place: ExplainedPlace;
  readonly chains: readonly {
    readonly kind: EntryKind;
    /** `GET /orders/:id`, or what people call the job. */
    readonly name: string;
    readonly framework: string;
    readonly place: ExplainedPlace;
    readonly links: readonly ExplainedLink[];
  }[];
  /** How many there are of each kind, those that are not listed included. */
  readonly kinds: Readonly<Partial<Record<EntryKind, number>>>;
  readonly complete: boolean;
}

export interface LineExplanation {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly side: Statement;
  readonly calls: readonly ExplainedCall[];
  readonly reached: readonly ExplainedReach[];
  /** What could not be told, and of what: a call as written, or the function that does it inside. */
  readonly untold: readonly { readonly of: string; readonly what: Statement }[];
}

const MAX_CALLS = 30;
const MAX_WAY = 16;
const MAX_CHAINS = 50;
const MAX_INNER = 8;
const MAX_INNER_DEPTH = 3;
const MAX_INNER_CALLS = 300;
const MAX_WRITTEN = 120;
const MAX_VALUE_DEPTH = 4;
const MAX_ALTERNATIVES = 4;

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

const placeIn = (file: FileSummary, at: Span): ExplainedPlace => ({
  path: file.path,
  at,
  line: positionAt(file, at[0]).line,
});

/** A function's name without the number that tells it from others of that name. */
const nameOf = ({ file, f }: PlacedFunction): string => file.functions[f]!.name.replace(/(.)<\d+>$/, "$1");

function placeOfFunction({ file, f }: PlacedFunction): ExplainedPlace {
  return placeIn(file, file.functions[f]!.nameAt);
}

// What something is

export function explainValue(origin: Origin, depth = 0): Statement {
  if (depth > MAX_VALUE_DEPTH) return { key: "value.unknown", data: { why: "too many steps" } };
  const inner = (it: Origin): readonly Statement[] => [explainValue(it, depth + 1)];
  switch (origin.k) {
    case "unknown":
      return { key: "value.unknown", data: { why: origin.why } };
    case "lit":
      return { key: "value.literal", data: { text: (JSON.stringify(origin.v) ?? "undefined").slice(0, MAX_WRITTEN) } };
    case "fn": {
      const fn = origin.file.functions[origin.f];
      return fn
        ? { key: "value.function", data: { name: nameOf(origin) }, place: placeIn(origin.file, fn.nameAt) }
        : { key: "value.signature" };
    }
    case "class":
    case "instance": {
      const cls = origin.file.classes[origin.c];
      const is: Statement = cls
        ? { key: "value.class", data: { name: cls.name }, place: placeIn(origin.file, cls.nameAt) }
        : { key: "value.unknown", data: { why: "no such class" } };
      return origin.k === "class" ? is : { key: "value.instance", parts: { of: [is] } };
    }
    case "obj":
      return { key: "value.object", place: placeIn(origin.file, origin.value.at) };
    case "arr":
      return { key: "value.list", data: { count: origin.items.length } };
    case "arrayOf":
      return { key: "value.listOf", parts: { of: inner(origin.of) } };
    case "module":
      return { key: "value.module", place: placeIn(origin.file, [0, 0]) };
    case "library":
      return { key: "value.library", data: { library: origin.library.name } };
    case "lib": {
      const data = { library: origin.library.name, type: origin.type, member: origin.member ?? "" };
      const is: Statement = { key: origin.member ? "value.libraryMember" : "value.libraryValue", data };
      const made = origin.via && placeIn(origin.via.file, origin.via.file.calls[origin.via.c]!.nameAt);
      return made ? { key: "value.made", place: made, parts: { of: [is] } } : is;
    }
    case "method": {
      const data = { library: origin.library.name, name: origin.name };
      return origin.recv
        ? { key: "value.methodOf", data, parts: { of: inner(origin.recv) } }
        : { key: "value.method", data };
    }
    case "ext":
      return {
        key: "value.package",
        data: { name: origin.path === "*" ? "" : origin.path, specifier: origin.specifier },
      };
    case "global":
      return { key: "value.global", data: { name: origin.name } };
    case "param": {
      const fn = origin.file.functions[origin.f];
      const name = fn?.params[origin.index]?.name || `#${origin.index + 1}`;
      return {
        key: "value.parameter",
        data: { function: fn?.name ?? "?", name: [name, ...origin.path].join(".") },
        ...(fn ? { place: placeIn(origin.file, fn.nameAt) } : {}),
      };
    }
    case "type":
      return { key: "value.type", data: { name: origin.file.types[origin.t]?.name ?? "?" } };
    case "signature":
      return { key: "value.signature" };
    case "shape": {
      const names = origin.members.slice(0, 5).map((it) => it.name);
      return { key: "value.shape", data: { names: names.join(", ") } };
    }
    case "any":
      return {
        key: "value.any",
        parts: { of: origin.of.slice(0, MAX_ALTERNATIVES).map((it) => explainValue(it, depth + 1)) },
      };
  }
}

// How it was found out

/** The steps from a name as written to where it is made: imports, re-exports, fields, injection, results. */
function wayTo(analysis: Analysis, callee: Value, from: FileSummary): readonly Statement[] {
  const { program } = analysis;
  const steps: Statement[] = [];
  const seen = new Set<Value>();
  let value: Value | undefined = callee;
  let file = from;
  const done = (step: Statement): void => {
    steps.push(step);
    value = undefined;
  };
  while (value && steps.length < MAX_WAY && !seen.has(value)) {
    seen.add(value);
    switch (value.k) {
      case "get": {
        const self: Origin | undefined = value.of.k === "this" ? program.origin(value.of, file) : undefined;
        if (self?.k === "instance" && self.file.classes[self.c]) {
          const found = fieldStep(analysis, self.file, self.c, value.name, steps);
          value = found?.value;
          file = found?.file ?? file;
          break;
        }
        const site = program.memberSite(value, file);
        if (site) {
          steps.push({
            key: "way.declared",
            data: { name: value.name },
            place: placeIn(site.file, spanOf(site.value)),
          });
          value = site.value.k === "ref" ? site.file.bindings[site.value.b]?.value : site.value;
          file = site.file;
        } else value = value.of;
        break;
      }
      case "at":
        value = value.of;
        break;
      case "either":
        value = value.op === "&&" ? value.b : value.a;
        break;
      case "call": {
        const call: FileSummary["calls"][number] = file.calls[value.c]!;
        steps.push({ key: call.kind === "new" ? "way.made" : "way.result", place: placeIn(file, call.nameAt) });
        value = call.callee;
        break;
      }
      case "this":
        done({ key: "way.self", data: { name: classNameOf(program.origin(value, file)) } });
        break;
      case "global":
        done({ key: "way.global", data: { name: value.name } });
        break;
      case "fn":
        done({
          key: "way.declared",
          data: { name: nameOf({ file, f: value.f }) },
          place: placeOfFunction({ file, f: value.f }),
        });
        break;
      case "class":
        done({
          key: "way.declared",
          data: { name: file.classes[value.c]!.name },
          place: placeIn(file, file.classes[value.c]!.nameAt),
        });
        break;
      case "ref": {
        const next = bindingStep(analysis, file, value.b, steps);
        value = next?.value;
        file = next?.file ?? file;
        break;
      }
      default:
        value = undefined;
    }
  }
  return steps;
}

interface Site {
  readonly value: Value;
  readonly file: FileSummary;
}

function bindingStep(analysis: Analysis, file: FileSummary, b: number, steps: Statement[]): Site | undefined {
  const { program } = analysis;
  const binding = file.bindings[b];
  if (!binding) return undefined;
  const { name } = binding;
  const place = placeIn(file, binding.at);
  if (binding.from) {
    const { specifier, kind } = file.imports[binding.from.import]!;
    const key = kind === "require" ? "way.require" : kind === "dynamic" ? "way.dynamic" : "way.import";
    steps.push({ key, data: { name: binding.from.name === "*" ? name : binding.from.name, specifier }, place });
    return exportSteps(analysis, file, specifier, binding.from.name, steps);
  }
  if (binding.kind === "param") {
    const fn = file.functions[binding.fn]!;
    const param = fn.params[binding.param ?? -1];
    steps.push({ key: "way.parameter", data: { name, function: fn.name }, place });
    const token = tokenOf(param?.decorators ?? [], file);
    if (token) steps.push(token);
    else if (binding.type && program.typeOrigin(binding.type, file).k !== "unknown") {
      const isInjected =
        fn.kind === "constructor" && fn.cls !== undefined && file.classes[fn.cls]!.decorators.length > 0;
      steps.push({ key: isInjected ? "way.injected" : "way.typed", data: { type: typeName(binding.type) } });
    }
    return undefined;
  }
  if (binding.kind === "item") {
    steps.push({ key: "way.loop", data: { name }, place });
    return binding.value && { value: binding.value, file };
  }
  const given = binding.value ?? binding.writes?.[0];
  if (!given) {
    steps.push({ key: "way.declared", data: { name }, place });
    if (binding.type) steps.push({ key: "way.typed", data: { type: typeName(binding.type) } });
    return undefined;
  }
  if (given.k === "fn" || given.k === "class") return { value: given, file };
  steps.push({ key: "way.assigned", data: { name }, place });
  return { value: given, file };
}

/** Follows a name through the modules that pass it on. */
function exportSteps(
  { program }: Analysis,
  from: FileSummary,
  specifier: string,
  name: string,
  steps: Statement[],
): Site | undefined {
  let path = program.input.resolve(from.path, specifier);
  const seen = new Set<string>();
  for (let wanted = name; path !== undefined && !seen.has(`${path}#${wanted}`) && steps.length < MAX_WAY; ) {
    seen.add(`${path}#${wanted}`);
    const file: FileSummary | undefined = program.files.get(path);
    if (!file) {
      steps.push({ key: "way.outside", data: { specifier } });
      return undefined;
    }
    if (wanted === "*") return undefined;
    const own: FileSummary["exports"][number] | undefined =
      file.exports.find((it) => it.name === wanted) ??
      (wanted === "default" || wanted === "="
        ? file.exports.find((it) => it.name === "=" || it.name === "default")
        : undefined);
    if (own && "value" in own) {
      const imported = own.value.k === "ref" ? file.bindings[own.value.b]?.from : undefined;
      if (imported) steps.push({ key: "way.reexport", data: { name: wanted }, place: placeIn(file, own.at) });
      return { value: own.value, file };
    }
    const through =
      own && "import" in own
        ? own
        : file.exports.find(
            (it): it is Extract<typeof it, { import: number }> =>
              it.name === "*" && "import" in it && exportsName(program, file, it.import, wanted, 0),
          );
    if (!through) return undefined;
    steps.push({ key: "way.reexport", data: { name: wanted }, place: placeIn(file, through.at) });
    const next: string = file.imports[through.import]!.specifier;
    wanted = through.name === "*" ? wanted : through.imported;
    path = program.input.resolve(file.path, next);
  }
  return undefined;
}

/** Whether what a module passes on as a whole has a name, itself or through others. */
function exportsName(
  program: Analysis["program"],
  file: FileSummary,
  index: number,
  name: string,
  depth: number,
): boolean {
  const path = program.input.resolve(file.path, file.imports[index]!.specifier);
  const target = path === undefined ? undefined : program.files.get(path);
  if (!target || depth > 4) return false;
  return target.exports.some(
    (it) =>
      it.name === name ||
      (it.name === "*" && "import" in it && exportsName(program, target, it.import, name, depth + 1)),
  );
}

/** A field of a class: what is written to it, or what is put into it by token or type. */
function fieldStep(
  { program }: Analysis,
  file: FileSummary,
  c: number,
  name: string,
  steps: Statement[],
): Site | undefined {
  const cls = file.classes[c]!;
  const member = cls.members.find((it) => it.name === name);
  if (member?.fn !== undefined) {
    const fn = file.functions[member.fn]!;
    steps.push({ key: "way.declared", data: { name: fn.name }, place: placeIn(file, fn.nameAt) });
    return undefined;
  }
  const at = member?.at ?? cls.nameAt;
  steps.push({ key: "way.field", data: { name, class: cls.name }, place: placeIn(file, at) });
  const token = tokenOf(member?.decorators ?? [], file);
  if (token) {
    steps.push(token);
    return undefined;
  }
  const written = program.assignedTo(file, c, name);
  if (written) return written;
  if (member?.value) return { value: member.value, file };
  if (member?.type) steps.push({ key: "way.typed", data: { type: typeName(member.type) } });
  return undefined;
}

/** What a decorator with an argument asks for: `@Inject("DB")`. */
function tokenOf(decorators: readonly Value[], file: FileSummary): Statement | undefined {
  for (const it of decorators) {
    const call = it.k === "call" ? file.calls[it.c] : undefined;
    const [token] = call?.args ?? [];
    if (!call || !token) continue;
    const name =
      token.k === "lit"
        ? String(token.v)
        : token.k === "ref"
          ? (file.bindings[token.b]?.name ?? "")
          : token.k === "get"
            ? token.name
            : "";
    if (name !== "") return { key: "way.token", data: { token: name }, place: placeIn(file, call.nameAt) };
  }
  return undefined;
}

function classNameOf(origin: Origin): string {
  return origin.k === "instance" || origin.k === "class" ? (origin.file.classes[origin.c]?.name ?? "?") : "?";
}

function typeName(type: TypeRef): string {
  if (type.t === "name") return type.name;
  if (type.t === "array") return `${typeName(type.of)}[]`;
  if (type.t === "union") return type.of.slice(0, 3).map(typeName).join(" | ");
  return type.t === "prim" ? type.name : "{ … }";
}

function spanOf(value: Value): Span {
  return "at" in value && value.at !== undefined && !("strings" in value) ? (value.at as Span) : [0, 0];
}

// Library and version

function versionOf({ program }: Analysis, callee: Origin, file: FileSummary): Statement | undefined {
  const library = libraryOf(callee);
  const packages = library ? packagesOf(library) : callee.k === "ext" ? [packageNamed(callee.specifier)] : [];
  if (packages.length === 0) return undefined;
  const { version } = program.input;
  for (const name of packages.slice(0, 12)) {
    const found = version.found?.(file.path, name);
    if (found)
      return {
        key: found.by === "manifest" && found.range === found.version ? "version.pinned" : `version.${found.by}`,
        data: { package: name, version: found.version, path: found.path, range: found.range ?? "" },
      };
    const known = version.found ? undefined : version(file.path, name);
    if (known) return { key: "version.installed", data: { package: name, version: known, path: "", range: "" } };
  }
  return { key: "version.unknown", data: { package: packages[0]! } };
}

function libraryOf(origin: Origin): Library | undefined {
  switch (origin.k) {
    case "lib":
    case "method":
    case "library":
      return origin.library;
    case "any":
      return origin.of.map(libraryOf).find((it) => it !== undefined);
    default:
      return undefined;
  }
}

/** Names to ask a version of; what comes with the runtime is Node.js. */
function packagesOf({ packages, globals }: Library): readonly string[] {
  const named = packages.map((it) => packageNamed(it.replace(/\/\*$/, "")));
  return globals && !packages.some((it) => !it.startsWith("node:")) ? ["node"] : [...new Set(named)];
}

const packageNamed = (specifier: string): string => (specifier.startsWith("node:") ? "node" : packageOf(specifier));

// What it means

const answer = (fact: Fact, is: Answer, data?: Statement["data"]): Statement => ({
  key: `fact.${fact}`,
  ...(data ? { data } : {}),
  parts: { answer: [{ key: `answer.${is}` }] },
});

export function explainLimit(limit: Limit): Statement {
  const { bounded, ms, defaultMs, param } = limit;
  const key =
    bounded === "yes"
      ? ms === undefined
        ? "limit.yes"
        : "limit.yesMs"
      : bounded === "no"
        ? defaultMs === undefined
          ? "limit.no"
          : "limit.noAfter"
        : param
          ? "limit.param"
          : "limit.unknown";
  return {
    key,
    data: { ms: ms ?? 0, after: defaultMs ?? 0, why: limit.why, param: param ? param.names.join(".") : "" },
    parts: { by: [{ key: `by.${limit.by}` }] },
  };
}

/** Queries that have no rows to choose, and those that may look at many. */
const FILTERLESS = new Set(["create", "create-many", "truncate", "transaction", "command"]);
const CAPPED = new Set(["count", "list", "list-and-count", "aggregate", "raw"]);

function explainMeaning(meaning: Meaning, analysis: Analysis): readonly Statement[] {
  const { client } = meaning;
  switch (meaning.kind) {
    case "request":
      return [
        {
          key: "mean.request",
          data: { client, method: meaning.method ?? "", url: meaning.url ? writtenText(meaning.url) : "" },
        },
        explainLimit(meaning.limit),
        ...(meaning.instance
          ? [
              {
                key: "says.through" as const,
                place: placeIn(meaning.instance.file, meaning.instance.file.calls[meaning.instance.c]!.nameAt),
              },
            ]
          : []),
        ...(meaning.attempts === undefined ? [] : [attempts(meaning.attempts)]),
        ...(meaning.stream ? [{ key: "says.stream" as const }] : []),
      ];
    case "client":
      return [
        { key: "mean.client", data: { client, of: meaning.of } },
        explainLimit(meaning.limit),
        ...(meaning.statementLimit
          ? [{ key: "says.statement" as const, parts: { limit: [explainLimit(meaning.statementLimit)] } }]
          : []),
        ...(meaning.attempts === undefined ? [] : [attempts(meaning.attempts)]),
      ];
    case "query": {
      const { filter } = meaning;
      const columns = [
        ...(filter.equals ?? []).map((it) => `${it} =`),
        ...(filter.inLists ?? []).map((it) => `${it} in`),
        ...(filter.others ?? []).map((it) => `${it} …`),
      ];
      const says: readonly (readonly [boolean | undefined, StatementKey])[] = [
        [meaning.many, "says.many"],
        [meaning.grouped, "says.grouped"],
        [meaning.batched, "says.batched"],
        [meaning.lazy, "says.lazy"],
      ];
      return [
        { key: "mean.query", data: { client, action: meaning.action, table: meaning.table ?? "?" } },
        ...(FILTERLESS.has(meaning.action)
          ? []
          : [
              columns.length > 0
                ? answer("filterBy", filter.given, { columns: columns.slice(0, 12).join(", ") })
                : answer("filter", filter.given),
            ]),
        ...(CAPPED.has(meaning.action) ? [answer("capped", meaning.capped)] : []),
        ...says.flatMap(([is, key]): Statement[] => (is ? [{ key }] : [])),
        ...(meaning.inTransaction ? [answer("transaction", meaning.inTransaction)] : []),
        ...schemaOf(meaning.table, analysis),
      ];
    }
    case "blocking":
      return [
        { key: "mean.blocking", data: { client, name: meaning.name } },
        ...(meaning.measured
          ? [
              {
                key: "says.measured" as const,
                data: { of: meaning.measured.of, ms: meaning.measured.ms, with: meaning.measured.with },
              },
            ]
          : []),
      ];
    case "spawn":
      return [{ key: "mean.spawn", data: { client } }, explainLimit(meaning.limit)];
    case "metric": {
      const labels = meaning.labels.map((it) => it.name || "?").slice(0, 12);
      return [
        { key: meaning.of === "labels" ? "mean.metric" : "mean.span", data: { client, labels: labels.join(", ") } },
      ];
    }
    case "schedule":
      return [
        { key: "mean.schedule", data: { client } },
        ...(meaning.everyMs === undefined ? [] : [{ key: "says.every" as const, data: { ms: meaning.everyMs } }]),
        answer("overlaps", meaning.overlaps),
      ];
    case "retry":
      return [
        { key: "mean.retry", data: { client } },
        attempts(meaning.attempts),
        { key: "says.pause", data: { pause: meaning.pause } },
        answer("jitter", meaning.jitter),
      ];
    case "limiter":
      return [
        { key: "mean.limiter", data: { client } },
        ...(meaning.atOnce === undefined ? [] : [answer("atOnce", meaning.atOnce)]),
        ...(meaning.limit ? [explainLimit(meaning.limit)] : []),
      ];
    case "job":
      return [
        { key: "mean.job", data: { client, queue: meaning.queueName ?? "?" } },
        meaning.attempts === undefined ? answer("attemptsGiven", meaning.attemptsGiven) : attempts(meaning.attempts),
        answer("backoffGiven", meaning.backoffGiven),
        answer("removed", meaning.removed),
      ];
    case "settle":
      return [{ key: "mean.settle", data: { client, as: meaning.as } }];
    case "consume":
      return [{ key: "mean.consume", data: { client, onThrow: meaning.onThrow } }, answer("forgets", meaning.forgets)];
    case "cache":
      return [{ key: "mean.cache", data: { client } }, answer("bounded", meaning.bounded)];
    case "other":
      return [{ key: "mean.other", data: { client, what: meaning.what } }];
  }
}

const attempts = (count: number | undefined): Statement => ({
  key: "says.attempts",
  data: { count: count === undefined ? "?" : Number.isFinite(count) ? count : "∞" },
});

function schemaOf(table: string | undefined, { schema }: Analysis): readonly Statement[] {
  const facts = table === undefined ? undefined : schema.table(table);
  if (!facts) return [];
  const sets = (of: readonly (readonly string[])[]): string =>
    of
      .slice(0, 12)
      .map((it) => `(${it.join(", ")})`)
      .join(" ") || "–";
  return [{ key: "says.schema", data: { path: facts.path, unique: sets(facts.unique), indexes: sets(facts.indexes) } }];
}

/** A text with what is computed left out. */
function writtenText(value: Value, depth = 0): string {
  if (depth > 6) return "…";
  if (value.k === "lit") return String(value.v).slice(0, MAX_WRITTEN);
  if (value.k === "tpl") return value.strings.join("…").slice(0, MAX_WRITTEN);
  if (value.k === "op" && value.op === "+") return value.args.map((it) => writtenText(it, depth + 1)).join("");
  return "…";
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
