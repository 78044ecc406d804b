/** What is wrong in an SLO file though it can be read. Everything is said where it stands, nothing is refused. */
import { isCalendarStart, isTimeZone } from "./calendar.ts";
import { nearest } from "./config.ts";
import {
  bool,
  field,
  firstKey,
  has,
  isInBraces,
  isMapping,
  isPlainValue,
  isQuoted,
  items,
  keys,
  number,
  path,
  removalOf,
  text,
  type Value,
} from "./formats/document.ts";
import { openSloShorthand } from "./formats/duration.ts";
import { nameForms, type Shape, shapeOf, toolOf } from "./formats/fields.ts";
import type { References } from "./formats/openslo.ts";
import { endpointNamesIn, plainNumber } from "./formats/shared.ts";
import type { CodeEndpoint, Match, Slo, SloDocument, SloFix, SloFormat, SloProblem, TextRange } from "./model.ts";
import { problem, remove, write } from "./problem-texts.ts";
import { isSameRoute } from "./route-pattern.ts";

// --- a document's fields -------------------------------------------------------------------------------------------

const MAX_PROBLEMS = 50;

/** A document as it can be judged by itself. */
export interface LintedDocument {
  readonly root: Value;
  readonly format: SloDocument["format"];
  readonly kind: string;
  /** The file's text, Helm's actions taken out. */
  readonly source: string;
  /** The file's text as it is, of the same length. */
  readonly original: string;
  /** Where Helm fills values in; none for a file that is no template. */
  readonly holes: readonly TextRange[];
}

/** Lints of a document's form: unknown fields and values, references to nothing, secrets written out. */
export function lintDocument(document: LintedDocument, references: References): SloProblem[] {
  const { root, format, kind } = document;
  if (format === "not-slo" || format.startsWith("other:")) return [];
  const known = format as SloFormat;
  const shape = shapeOf(known, kind);
  if (shape === undefined) {
    const at = field(root, "kind");
    return kind === "" ? [] : [problem("kind-unknown", "warning", at.range, { name: kind })];
  }
  const problems: SloProblem[] = [];
  const lint: Linting = { format: known, references, problems, document };
  lintFields(root, shape, lint);
  if (kind === "DataSource") lintSecrets(path(root, "spec", "connectionDetails"), problems);
  if (known.startsWith("openslo")) {
    if (kind === "SLO") lintObjectives(root, lint);
    if (kind === "AlertCondition") lintCondition(field(root, "spec"), problems);
  }
  if (known.startsWith("sloth")) lintAlerts(known === "sloth" ? root : field(root, "spec"), problems);
  return problems.slice(0, MAX_PROBLEMS);
}

interface Linting {
  readonly format: SloFormat;
  readonly references: References;
  readonly problems: SloProblem[];
  readonly document: LintedDocument;
}

function lintFields(of: Value, shape: Shape, lint: Linting, name = ""): void {
  if (shape.isList === true) {
    const { isList: _, ...one } = shape;
    for (const item of items(of)) lintItem(item, one, lint, name);
    return;
  }
  if (shape.fields === undefined && shape.entries === undefined) {
    lintScalar(of, name, shape, lint);
    return;
  }
  const seen = new Set<string>();
  for (const { name, range, value } of keys(of)) {
    if (seen.has(name) && name !== "<<") lint.problems.push(problem("key-twice", "warning", range, { name }));
    seen.add(name);
    const inner = shape.fields && Object.hasOwn(shape.fields, name) ? shape.fields[name] : shape.entries;
    if (inner !== undefined) lintFields(value, inner, lint, name);
    else lintUnknown(name, range, shape, lint);
  }
}

/** An element of a list; people leave out the key of one that is only a name. */
function lintItem(item: Value, shape: Shape, lint: Linting, name: string): void {
  const written = text(item);
  if (shape.nameField === undefined || written === undefined) {
    lintFields(item, shape, lint, name);
    return;
  }
  const data = { meant: shape.nameField, written };
  lint.problems.push(
    problem("list-name", "information", item.range, data, write(item.range, `{ ${shape.nameField}: ${written} }`)),
  );
}

function lintUnknown(name: string, range: TextRange, { fields = {}, renamed = {} }: Shape, lint: Linting): void {
  // Extensions by convention, and the one mistake that Sloth's own reader tells already.
  if (name.startsWith("x-") || name === "<<" || !/^[\w.-]{1,60}$/.test(name) || isOtherCase(name, fields)) return;
  const { problems } = lint;
  const now = Object.hasOwn(renamed, name) ? renamed[name] : undefined;
  if (now !== undefined) {
    problems.push(problem("field-renamed", "information", range, { name, meant: now }, write(range, now)));
    return;
  }
  const meant = nearest(name, Object.keys(fields));
  const tool = toolOf(lint.format);
  problems.push(
    meant === undefined
      ? problem("field-unknown", "hint", range, { tool, name })
      : problem("field-misspelt", "warning", range, { tool, name, meant }, write(range, meant)),
  );
}

const isOtherCase = (name: string, fields: Readonly<Record<string, Shape>>) =>
  Object.keys(fields).some((it) => it !== name && plain(it) === plain(name) && /_/.test(it + name));
const plain = (name: string) => name.replaceAll("_", "").toLowerCase();

function lintScalar(of: Value, name: string, shape: Shape, lint: Linting): void {
  const { references, problems } = lint;
  const written = text(of);
  if (written === undefined) return;
  const { values, refers, type, form } = shape;
  if (values !== undefined && !values.includes(written)) {
    // Budgeting methods have a problem of their own, which tells what they are read as.
    if (values.includes("Occurrences")) return;
    const near = meantBy(written, values);
    problems.push(
      problem(
        "value-unknown",
        // Pyrra reads its files whatever group they are of; a cluster does not.
        name === "apiVersion" ? "information" : "warning",
        of.range,
        { name, values: values.join(", "), written },
        ...(near === undefined ? [] : [write(of.range, near)]),
      ),
    );
  }
  if (type !== undefined) lintType(of, name, written, type, lint);
  if (form !== undefined) {
    const { pattern, limit, severity } = nameForms[form];
    if (written !== "" && (!pattern.test(written) || written.length > limit)) {
      const better = nameLike(written, form);
      problems.push(
        problem(
          `name-${form}`,
          severity,
          of.range,
          { written: written.slice(0, 80) },
          ...(better === undefined ? [] : [write(of.range, better)]),
        ),
      );
    }
  }
  // A service is a name first: few teams write a document for it. An SLI that is missing is told by the loader.
  if (refers === undefined || refers === "Service" || refers === "SLI" || references.get(refers, written)) return;
  const meant = nearest(written, references.names(refers));
  const fixes = meant === undefined ? [] : [write(of.range, meant)];
  problems.push(problem("reference-unresolved", "information", of.range, { kind: refers, name: written }, ...fixes));
}

/** How Helm makes a text of a value. */
const QUOTING = /\bs?quote\b|\btoJson\b|\btoYaml\b/;

/** Numbers and texts that the tool would take for the other, Helm's as well. */
function lintType(of: Value, name: string, written: string, type: Shape["type"] & string, lint: Linting): void {
  const { problems, format, document } = lint;
  const { start, end } = of.range;
  const quotes = isQuoted(of) ? 1 : 0;
  if (document.holes.some((it) => it.start === start + quotes && it.end === end - quotes)) {
    const action = document.original.slice(start + quotes, end - quotes);
    if (type === "number" && quotes > 0)
      problems.push(
        problem("number-quoted-template", "warning", of.range, { name, tool: toolOf(format) }, write(of.range, action)),
      );
    if (type === "numeral" && quotes === 0 && !QUOTING.test(action))
      problems.push(
        problem(
          "text-unquoted-template",
          "warning",
          of.range,
          { name },
          write(of.range, action.replace(/\s*(-?\}\})$/, " | quote $1")),
        ),
      );
    return;
  }
  if (type === "number" && quotes > 0 && number(of) !== undefined)
    problems.push(
      problem("number-quoted", "warning", of.range, { name, tool: toolOf(format) }, write(of.range, written.trim())),
    );
  // Pyrra's own reader of files takes both.
  if (type !== "number" && isPlainValue(of))
    problems.push(
      problem("text-unquoted", "information", of.range, { name, written }, write(of.range, `"${written}"`)),
    );
}

const SIGNS: Readonly<Record<string, string>> = { "<=": "lte", ">=": "gte", "<": "lt", ">": "gt" };

/** The allowed value that was meant; undefined where that is a guess. */
function meantBy(written: string, values: readonly string[]): string | undefined {
  const sign = Object.hasOwn(SIGNS, written) ? SIGNS[written] : undefined;
  if (sign !== undefined) return values.includes(sign) ? sign : undefined;
  return values.find((it) => it.toLowerCase() === written.toLowerCase()) ?? nearest(written, values);
}

/** The name with what is not allowed in it replaced; undefined where nothing of it is left. */
function nameLike(written: string, form: keyof typeof nameForms): string | undefined {
  const { pattern, limit } = nameForms[form];
  const made = (form === "sloth" ? written : written.toLowerCase())
    .replace(form === "label" ? /[^a-z0-9]+/g : form === "object" ? /[^a-z0-9.]+/g : /[^A-Za-z0-9_.-]+/g, "-")
    .slice(0, limit)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
  return pattern.test(made) && made !== written ? made : undefined;
}

const SECRET = /(?:password|passwd|secret|token|api_?key|access_?key|private_?key)$/i;
const REFERENCE = /^\s*(?:\$\{?|\{\{|env:|vault:|arn:|secretRef|file:|<)|^\s*$|^x+$|^\*+$/i;

function lintSecrets(of: Value, problems: SloProblem[], depth = 0): void {
  // Connection details are a few levels of anything; aliases could make them endless.
  if (depth > 4 || problems.length > MAX_PROBLEMS) return;
  for (const item of items(of).slice(0, 20)) lintSecrets(item, problems, depth + 1);
  for (const { name, range, value } of keys(of).slice(0, 50)) {
    const written = text(value);
    if (written === undefined) lintSecrets(value, problems, depth + 1);
    else if (SECRET.test(name) && !REFERENCE.test(written))
      problems.push(problem("literal-secret", "warning", range, { name }));
  }
}

// --- OpenSLO's objectives ------------------------------------------------------------------------------------------

/** What of an objective does not go with its metric, its budgeting method or its window. */
function lintObjectives(root: Value, { format, references, problems, document: { source } }: Linting): void {
  const spec = field(root, "spec");
  const method = text(field(spec, "budgetingMethod"));
  for (const objective of items(field(spec, "objectives"))) {
    const indicator = indicatorSpec(objective, references) ?? indicatorSpec(spec, references) ?? NOTHING;
    const isRatio = isMapping(field(indicator, "ratioMetric")) || isMapping(field(objective, "ratioMetrics"));
    const isThreshold = isMapping(field(indicator, "thresholdMetric"));
    const op = keys(objective).find((it) => it.name === "op");
    if (isRatio && op && format !== "openslo/v1alpha")
      problems.push(
        problem(
          "op-on-ratio",
          "hint",
          op.range,
          { field: "op" },
          ...remove(removalOf(objective, "op", source), "`op`"),
        ),
      );
    if (isThreshold && !(has(field(objective, "op", "operator")) && has(field(objective, "value"))))
      problems.push(problem("op-missing", "warning", firstKey(objective)));
    if (method === "Timeslices" && !has(field(objective, "timeSliceTarget")) && isRatio)
      problems.push(problem("slice-missing", "warning", firstKey(objective), { field: "timeSliceTarget" }));
    if (/Timeslices$/.test(method ?? "") && !has(field(objective, "timeSliceWindow")) && format !== "openslo/v1alpha")
      problems.push(
        problem(
          "slice-missing",
          "information",
          firstKey(objective),
          { field: "timeSliceWindow" },
          ...added(objective, "timeSliceWindow: 1m", source),
        ),
      );
    lintGoal(objective, source, problems);
  }
  const windows = field(spec, "timeWindow", "timeWindows");
  if (!has(windows)) {
    const written =
      format === "openslo/v1alpha"
        ? "timeWindows: [{ unit: Day, count: 30, isRolling: true }]"
        : "timeWindow: [{ duration: 30d, isRolling: true }]";
    problems.push(
      problem("window-missing", "warning", spec.keyRange ?? spec.range, {}, ...added(spec, written, source)),
    );
  }
  for (const window of items(windows)) lintWindow(window, format, problems);
  for (const policy of items(field(spec, "alertPolicies")))
    for (const each of items(path(policy, "spec", "conditions"))) lintCondition(field(each, "spec"), problems);
}

function lintGoal(objective: Value, source: string, problems: SloProblem[]): void {
  const slice = field(objective, "timeSliceTarget");
  const ratio = number(slice);
  if (ratio !== undefined && ratio > 1 && ratio <= 100)
    problems.push(
      problem(
        "target-ratio",
        "warning",
        slice.range,
        { field: "timeSliceTarget", written: text(slice)! },
        write(slice.range, plainNumber(ratio / 100)),
      ),
    );
  const target = keys(objective).find((it) => it.name === "target");
  if (target && has(target.value) && has(field(objective, "targetPercent")))
    problems.push(
      problem(
        "target-twice",
        "warning",
        target.range,
        {},
        ...remove(removalOf(objective, "target", source), "`target`"),
      ),
    );
}

function lintWindow(window: Value, format: SloFormat, problems: SloProblem[]): void {
  lintDuration(field(window, "duration"), format === "openslo/v2alpha" ? "mhdw" : "mhdwMQY", problems);
  const calendar = field(window, "calendar");
  const start = field(calendar, "startTime");
  const zone = field(calendar, "timeZone");
  const began = text(start);
  const name = text(zone);
  if (began !== undefined && !isCalendarStart(began))
    problems.push(problem("calendar-start", "warning", start.range, { written: began.slice(0, 80) }));
  if (name !== undefined && !isTimeZone(name))
    problems.push(problem("calendar-zone", "warning", zone.range, { written: name.slice(0, 80) }));
}

function lintCondition(spec: Value, problems: SloProblem[]): void {
  const condition = field(spec, "condition");
  for (const name of ["lookbackWindow", "alertAfter"]) lintDuration(field(condition, name), "mhdwMQY", problems);
}

/** A duration that people read and OpenSLO does not; one that nobody reads is told by the loader. */
function lintDuration(of: Value, units: string, problems: SloProblem[]): void {
  const written = text(of);
  const short = written === undefined ? undefined : openSloShorthand(written);
  if (short === undefined || (short === written!.trim() && units.includes(short.at(-1)!))) return;
  problems.push(
    problem(
      "duration-form",
      "information",
      of.range,
      { written: written!, units: [...units].join(", ") },
      ...(units.includes(short.at(-1)!) ? [write(of.range, short)] : []),
    ),
  );
}

/** A field written before the first one of a mapping. */
function added(of: Value, written: string, source: string): readonly SloFix[] {
  const all = keys(of);
  const first = all[0]?.range;
  // A key without a value is for whoever typed it to fill.
  if (first === undefined || all.some((it) => written.startsWith(`${it.name}:`))) return [];
  // JSON wants quotes that YAML does not.
  if (source[first.start] === '"') return [];
  const line = source.slice(source.lastIndexOf("\n", first.start - 1) + 1, first.start);
  // The next one goes on at the same column, past the hyphens of lists.
  const behind = isInBraces(of) ? ", " : `\n${" ".repeat(line.length)}`;
  const range = { start: first.start, end: first.start };
  return [{ title: `Add ${written}`, ja: `${written} を追加`, edits: [{ range, text: `${written}${behind}` }] }];
}

const NOTHING: Value = { node: undefined, range: { start: 0, end: 0 } };

function indicatorSpec(of: Value, references: References): Value | undefined {
  const inline = field(of, "indicator", "sli");
  if (isMapping(inline)) return isMapping(field(inline, "spec")) ? field(inline, "spec") : inline;
  const name = text(field(of, "indicatorRef", "sliRef"));
  const found = name === undefined ? undefined : references.get("SLI", name);
  return found ? field(found.root, "spec") : undefined;
}

// --- Sloth's alerts ------------------------------------------------------------------------------------------------

function lintAlerts(spec: Value, problems: SloProblem[]): void {
  for (const slo of items(field(spec, "slos"))) {
    const alerting = field(slo, "alerting");
    const isOff = (...names: readonly string[]) => bool(field(field(alerting, ...names), "disable")) === true;
    if (
      (text(field(alerting, "name")) ?? "").trim() !== "" ||
      (isOff("page_alert", "pageAlert") && isOff("ticket_alert", "ticketAlert"))
    )
      continue;
    const at = keys(slo).find((it) => it.name === "alerting")?.range ?? firstKey(slo);
    problems.push(problem("alert-name-missing", "warning", at));
  }
}

// --- with what else is known ---------------------------------------------------------------------------------------

export interface MatchProblem {
  readonly slo: Slo;
  readonly problem: SloProblem;
}

/**
 * Objectives that name an endpoint the code has not, and those no endpoint was found for.
 *
 * @param source the text of an objective's file, for the place of what it names; the objective's name is it otherwise
 */
export function lintMatches(
  slos: readonly Slo[],
  endpoints: readonly CodeEndpoint[],
  matches: readonly Match[],
  source: (path: string) => string | undefined = () => undefined,
): readonly MatchProblem[] {
  // Without any endpoint read there is nothing to compare with.
  if (endpoints.length === 0) return [];
  const matched = new Set(matches.map((it) => it.sloId));
  const written = [...new Set(endpoints.map((it) => `${it.method} ${it.route}`))];
  const told = new Set<string>();
  return slos.flatMap((slo): MatchProblem[] => {
    const gone = slo.endpoints.filter((it) => !endpoints.some((each) => isSameRoute(each.route, it.route)));
    const text = gone.length === 0 ? undefined : source(slo.path);
    const named = text === undefined ? [] : endpointNamesIn(text);
    const problems = gone.flatMap((it): MatchProblem[] => {
      const endpoint = `${it.method} ${it.route}`;
      const at = named.find(({ name }) => name === endpoint || (it.method === "*" && name === it.route));
      const { range } = at ?? slo;
      // The objectives of one document share its annotation.
      const key = `${slo.path} ${range.start} ${endpoint}`;
      if (told.has(key)) return [];
      told.add(key);
      const meant = at && nearest(endpoint, written);
      return [
        {
          slo,
          problem: problem("endpoint-gone", "warning", range, { endpoint }, ...(meant ? [write(range, meant)] : [])),
        },
      ];
    });
    if (problems.length > 0 || gone.length > 0 || matched.has(slo.id)) return problems;
    return [{ slo, problem: problem("endpoint-missing", "information", slo.range, { detail: "" }) }];
  });
}

/** Endpoints of the code that no objective is about. */
export function uncovered(endpoints: readonly CodeEndpoint[], matches: readonly Match[]): readonly CodeEndpoint[] {
  const key = (it: CodeEndpoint) => `${it.method} ${it.route} ${it.path}`;
  const covered = new Set(matches.map((it) => key(it.endpoint)));
  return endpoints.filter((it) => !covered.has(key(it)));
}

/**
 * Problems of one file read alone, without those that other files answer: a name that is defined elsewhere. `loaded` is
 * the whole workspace as last read.
 */
export function amongOthers(
  problems: readonly SloProblem[],
  path: string,
  loaded: { readonly slos: readonly Slo[]; readonly documents: readonly SloDocument[] },
): readonly SloProblem[] {
  const ofPath = [...loaded.slos, ...loaded.documents].filter((it) => it.path === path);
  // A file that the workspace does not know yet is judged by itself.
  if (ofPath.length === 0) return problems;
  const known = new Map(ofPath.flatMap((it) => it.problems).map((it) => [`${it.code} ${it.message}`, it]));
  return problems.flatMap((it): SloProblem[] => {
    if (!it.code.endsWith("-unresolved")) return [it];
    const told = known.get(`${it.code} ${it.message}`);
    if (told === undefined) return [];
    // What may have been meant is known among all files; where it stands, in this text.
    const fixes = told.fixes?.flatMap(({ edits }) => edits.slice(0, 1).map((edit) => write(it.range, edit.text)));
    return [fixes ? { ...it, fixes } : it];
  });
}
