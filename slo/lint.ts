/** What is wrong in an SLO file though it can be read. Everything is said where it stands, nothing is refused. */
import { nearest } from "./config.ts";
import { field, firstKey, has, isMapping, items, keys, path, text, type Value } from "./formats/document.ts";
import { type Shape, shapeOf, toolOf } from "./formats/fields.ts";
import type { References } from "./formats/openslo.ts";
import { type LabelMatcher, type MetricSelector, queriesOf, statusLabels } from "./match.ts";
import type {
  CodeEndpoint,
  Indicator,
  Match,
  Query,
  Slo,
  SloDocument,
  SloFormat,
  SloProblem,
  TextRange,
} from "./model.ts";
import { problem, write } from "./problem-texts.ts";
import { hasOperator, parses, readSelectors, type SelectorAt } from "./promql.ts";
import { matchesPattern } from "./safe-pattern.ts";

// --- a document's fields -------------------------------------------------------------------------------------------

const MAX_PROBLEMS = 50;

/** Lints of a document's form: unknown fields and values, references to nothing, secrets written out. */
export function lintDocument(
  root: Value,
  format: SloDocument["format"],
  kind: string,
  references: References,
): SloProblem[] {
  if (format === "not-slo" || format.startsWith("other:")) return [];
  const known = format as SloFormat;
  const shape = shapeOf(known, kind);
  if (shape === undefined) {
    const at = field(root, "kind");
    return kind === "" ? [] : [problem("kind-unknown", "warning", at.range, { name: kind })];
  }
  const problems: SloProblem[] = [];
  lintFields(root, shape, { format: known, references, problems });
  if (kind === "DataSource") lintSecrets(path(root, "spec", "connectionDetails"), problems);
  if (kind === "SLO") lintObjectives(root, known, references, problems);
  return problems.slice(0, MAX_PROBLEMS);
}

interface Linting {
  readonly format: SloFormat;
  readonly references: References;
  readonly problems: SloProblem[];
}

function lintFields(of: Value, shape: Shape, lint: Linting, name = ""): void {
  if (shape.fields === undefined) {
    lintScalar(of, name, shape, lint);
    return;
  }
  if (shape.isList === true) {
    for (const item of items(of)) lintFields(item, { fields: shape.fields }, lint, name);
    return;
  }
  const seen = new Set<string>();
  for (const { name, range, value } of keys(of)) {
    if (seen.has(name) && name !== "<<") lint.problems.push(problem("key-twice", "warning", range, { name }));
    seen.add(name);
    const inner = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    if (inner !== undefined) {
      lintFields(value, inner, lint, name);
      continue;
    }
    // Extensions by convention, and the one mistake that Sloth's own reader tells already.
    if (name.startsWith("x-") || name === "<<" || !/^[\w.-]{1,60}$/.test(name) || isOtherCase(name, shape.fields))
      continue;
    const meant = nearest(name, Object.keys(shape.fields));
    const tool = toolOf(lint.format);
    lint.problems.push(
      meant === undefined
        ? problem("field-unknown", "hint", range, { tool, name })
        : problem("field-misspelt", "warning", range, { tool, name, meant }, write(range, meant)),
    );
  }
}

const isOtherCase = (name: string, fields: Readonly<Record<string, Shape>>) =>
  Object.keys(fields).some((it) => it !== name && plain(it) === plain(name) && /_/.test(it + name));
const plain = (name: string) => name.replaceAll("_", "").toLowerCase();

function lintScalar(of: Value, name: string, { values, refers }: Shape, { references, problems }: Linting): void {
  const written = text(of);
  if (written === undefined) return;
  if (values !== undefined && !values.includes(written)) {
    // Budgeting methods have a problem of their own, which tells what they are read as.
    if (values.includes("Occurrences")) return;
    const near = values.find((it) => it.toLowerCase() === written.toLowerCase()) ?? nearest(written, values);
    problems.push(
      problem(
        "value-unknown",
        "warning",
        of.range,
        { name, values: values.join(", "), written },
        ...(near === undefined ? [] : [write(of.range, near)]),
      ),
    );
  }
  // A service is a name first: few teams write a document for it. An SLI that is missing is told by the loader.
  if (refers === undefined || refers === "Service" || refers === "SLI" || references.get(refers, written)) return;
  problems.push(problem("reference-unresolved", "information", of.range, { kind: refers, name: written }));
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

/** What of an objective does not go with its metric or its budgeting method. */
function lintObjectives(root: Value, format: SloFormat, references: References, problems: SloProblem[]): void {
  const spec = field(root, "spec");
  const method = text(field(spec, "budgetingMethod"));
  for (const objective of items(field(spec, "objectives"))) {
    const indicator = indicatorSpec(objective, references) ?? indicatorSpec(spec, references) ?? NOTHING;
    const isRatio = isMapping(field(indicator, "ratioMetric")) || isMapping(field(objective, "ratioMetrics"));
    const isThreshold = isMapping(field(indicator, "thresholdMetric"));
    const op = keys(objective).find((it) => it.name === "op");
    if (isRatio && op && format === "openslo/v1")
      problems.push(problem("op-on-ratio", "hint", op.range, { field: "op" }));
    if (isThreshold && !(has(field(objective, "op", "operator")) && has(field(objective, "value"))))
      problems.push(problem("op-missing", "warning", firstKey(objective)));
    if (method === "Timeslices" && !has(field(objective, "timeSliceTarget")) && isRatio)
      problems.push(problem("slice-missing", "warning", firstKey(objective), { field: "timeSliceTarget" }));
    if (/Timeslices$/.test(method ?? "") && !has(field(objective, "timeSliceWindow")) && format !== "openslo/v1alpha")
      problems.push(problem("slice-missing", "information", firstKey(objective), { field: "timeSliceWindow" }));
  }
}

const NOTHING: Value = { node: undefined, range: { start: 0, end: 0 } };

function indicatorSpec(of: Value, references: References): Value | undefined {
  const inline = field(of, "indicator", "sli");
  if (isMapping(inline)) return isMapping(field(inline, "spec")) ? field(inline, "spec") : inline;
  const name = text(field(of, "indicatorRef", "sliRef"));
  const found = name === undefined ? undefined : references.get("SLI", name);
  return found ? field(found.root, "spec") : undefined;
}

// --- an indicator's queries ----------------------------------------------------------------------------------------

/** Lints of queries: parts that are no part of the whole, look-backs that do not follow the window. */
export function lintIndicator(indicator: Indicator, format: SloFormat, source: string): SloProblem[] {
  const problems: SloProblem[] = [];
  for (const query of queriesOf(indicator)) {
    if (query.dialect !== "promql" || query.range === undefined || !parses(query.text)) continue;
    if (format === "pyrra" && !/^[\w:]*\s*(\{.*\})?$/s.test(query.text.trim()))
      problems.push(problem("not-a-selector", "warning", query.range));
    if (format.startsWith("sloth")) problems.push(...fixedWindows(query, source));
  }
  if (indicator.type !== "ratio" || indicator.total.dialect !== "promql") return problems;
  if (indicator.bad?.dialect === "promql") problems.push(...quickAsBad(indicator.bad, source));
  const totals = readSelectors(indicator.total.text);
  for (const part of [indicator.bad, indicator.good]) {
    if (part?.range === undefined || part.dialect !== "promql" || part.text === indicator.total.text) continue;
    for (const selector of readSelectors(part.text)) {
      const detail = notWithin(selector, totals);
      if (detail === undefined) continue;
      problems.push(problem("not-subset", "warning", placeOf(part, selector, source), { detail }));
      break;
    }
  }
  if (format === "pyrra" && indicator.good?.range) problems.push(...successProblems(indicator.good, totals, source));
  return problems;
}

/** Sloth fills `{{.window}}`; a look-back beside it that is written out stays the same for every window. */
function fixedWindows(query: Query, source: string): SloProblem[] {
  if (!/\{\{-?\s*\.window/.test(query.text)) return [];
  return readSelectors(query.text).flatMap(({ lookBack }) => {
    if (lookBack === undefined || /[{$]/.test(lookBack.text)) return [];
    const at = within(query, lookBack.range, source);
    const fix = at ? [write(at, "{{.window}}")] : [];
    return [problem("window-fixed", "information", at ?? query.range!, { written: lookBack.text }, ...fix)];
  });
}

/** Buckets count what was quick enough: taken for the failures as they are, the ratio is the wrong way round. */
function quickAsBad(bad: Query, source: string): SloProblem[] {
  const [selector, ...more] = readSelectors(bad.text);
  const le = selector?.matchers.find((it) => it.label === "le" && it.op === "=")?.value;
  if (bad.range === undefined || !selector || more.length > 0 || le === undefined || !/^[\d.]+$/.test(le)) return [];
  // Anything reckoned with it may turn it round again.
  if (!/_bucket$/.test(selector.metric) || hasOperator(bad.text)) return [];
  return [problem("bad-is-quick", "warning", placeOf(bad, selector, source), { le })];
}

function successProblems(good: Query, totals: readonly SelectorAt[], source: string): SloProblem[] {
  const selectors = readSelectors(good.text);
  const [selector] = selectors;
  if (selector === undefined) return [];
  const errors = selector.matchers.find((it) => statusLabels.includes(it.label) && isErrorsOnly(it));
  const isOfAll = totals.every((it) => !it.matchers.some((each) => each.label === errors?.label));
  return [
    ...(errors && isOfAll
      ? [
          problem("success-is-errors", "warning", placeOf(good, selector, source), {
            matcher: `${errors.label}${errors.op}"${errors.value}"`,
          }),
        ]
      : []),
    ...(/_bucket$/.test(selector.metric) && !selector.matchers.some((it) => it.label === "le")
      ? [problem("le-missing", "warning", placeOf(good, selector, source))]
      : []),
  ];
}

const isErrorsOnly = ({ op, value }: LabelMatcher) =>
  (op === "=" || op === "=~") && /^[45][\dx.]/i.test(value) && !/[23]\.\.|[23]\d\d/.test(value);

/** A matcher of every total that a part has not got; undefined where the part is within, or cannot be compared. */
function notWithin(part: MetricSelector, totals: readonly MetricSelector[]): string | undefined {
  const same = totals.filter((it) => family(it.metric) === family(part.metric) && it.metric !== "");
  let missing: LabelMatcher | undefined;
  for (const total of same) {
    const lacks = total.matchers.find((it) => it.label !== "le" && !part.matchers.some((each) => implies(each, it)));
    if (lacks === undefined) return undefined;
    missing ??= lacks;
  }
  return missing === undefined ? undefined : `\`${missing.label}${missing.op}"${missing.value}"\``;
}

const family = (metric: string) => metric.replace(/_(?:count|bucket|sum|total)$/, "");

/** Whether all series of one matcher are of the other as well; when in doubt they are. */
function implies(narrow: LabelMatcher, wide: LabelMatcher): boolean {
  if (narrow.label !== wide.label) return wide.op === "=~" && /^\.[*+]$/.test(wide.value);
  if (narrow.op === wide.op && narrow.value === wide.value) return true;
  if (narrow.op === "=")
    switch (wide.op) {
      case "=":
        return narrow.value === wide.value;
      case "!=":
        return narrow.value !== wide.value;
      case "=~":
        return matchesPattern(wide.value, narrow.value) ?? true;
      case "!~":
        return !(matchesPattern(wide.value, narrow.value) ?? false);
    }
  if (narrow.op === "=~" && wide.op === "=") return false;
  if (narrow.op === "=~" && wide.op === "=~") {
    const words = narrow.value.split("|");
    return !words.every((it) => /^[\w/-]+$/.test(it)) || words.every((it) => matchesPattern(wide.value, it) ?? true);
  }
  return !(wide.op === "=" || wide.op === "=~");
}

function placeOf(query: Query, { range }: SelectorAt, source: string): TextRange {
  return within(query, range, source) ?? query.range!;
}

/** A part of a query in the file. Block scalars are indented in the file and not in the query, so its text is looked for. */
function within(query: Query, part: TextRange, source: string): TextRange | undefined {
  if (query.range === undefined) return undefined;
  const written = source.slice(query.range.start, query.range.end);
  if (written === query.text) return { start: query.range.start + part.start, end: query.range.start + part.end };
  const wanted = query.text.slice(part.start, part.end);
  let nth = query.text.slice(0, part.start).split(wanted).length - 1;
  let at = written.indexOf(wanted);
  while (at >= 0 && nth-- > 0) at = written.indexOf(wanted, at + 1);
  return at < 0 ? undefined : { start: query.range.start + at, end: query.range.start + at + wanted.length };
}

// --- with what else is known ---------------------------------------------------------------------------------------

/**
 * A latency threshold that is no bucket of its histogram counts nothing. `bucketsOf` gives the `le` values of a metric
 * (`…_bucket`) where telemetry has told them.
 */
export function lintBuckets(
  slo: Slo,
  bucketsOf: (metric: string) => readonly string[] | undefined,
  source = "",
): SloProblem[] {
  return queriesOf(slo.indicator).flatMap((query) =>
    query.dialect !== "promql" || query.range === undefined
      ? []
      : readSelectors(query.text).flatMap((selector): SloProblem[] => {
          const le = selector.matchers.find((it) => it.label === "le" && it.op === "=");
          const buckets = bucketsOf(selector.metric);
          if (le === undefined || le.value === "" || buckets === undefined || buckets.length === 0) return [];
          if (buckets.some((it) => it === le.value)) return [];
          const wanted = Number(le.value);
          const near = [...buckets]
            .filter((it) => Number.isFinite(Number(it)))
            .sort((a, b) => Math.abs(Number(a) - wanted) - Math.abs(Number(b) - wanted))
            .slice(0, 2);
          const selected = placeOf(query, selector, source);
          const at = source.slice(selected.start, selected.end).indexOf(`"${le.value}"`);
          const range =
            at < 0 ? selected : { start: selected.start + at + 1, end: selected.start + at + 1 + le.value.length };
          const fixes = at < 0 ? [] : near.map((it) => write(range, it));
          return [problem("bucket-unknown", "warning", range, { le: le.value, near: near.join(", ") }, ...fixes)];
        }),
  );
}

export interface MatchProblem {
  readonly slo: Slo;
  readonly problem: SloProblem;
}

/** Objectives that name an endpoint the code has not, and those no endpoint was found for. */
export function lintMatches(
  slos: readonly Slo[],
  endpoints: readonly CodeEndpoint[],
  matches: readonly Match[],
): readonly MatchProblem[] {
  // Without any endpoint read there is nothing to compare with.
  if (endpoints.length === 0) return [];
  const matched = new Set(matches.map((it) => it.sloId));
  const written = new Set(endpoints.map((it) => it.route));
  return slos.flatMap((slo): MatchProblem[] => {
    if (matched.has(slo.id)) return [];
    const gone = slo.endpoints.filter((it) => !written.has(it.route));
    if (gone.length > 0)
      return gone.map((it) => ({
        slo,
        problem: problem("endpoint-gone", "warning", slo.range, { endpoint: `${it.method} ${it.route}` }),
      }));
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
  const known = new Set(ofPath.flatMap((it) => it.problems).map((it) => `${it.code} ${it.message}`));
  return problems.filter((it) => !it.code.endsWith("-unresolved") || known.has(`${it.code} ${it.message}`));
}
