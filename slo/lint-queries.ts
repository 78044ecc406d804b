/** What is wrong with an indicator's queries: parts that are no part of the whole, look-backs that do not follow the window. */
import { type LabelMatcher, type MetricSelector, queriesOf, statusLabels } from "./match.ts";
import type { Indicator, Query, Slo, SloFix, SloFormat, SloProblem, TextRange } from "./model.ts";
import { problem, write } from "./problem-texts.ts";
import { hasOperator, parses, readSelectors, type SelectorAt, syntaxErrorIn, withMatchersIn } from "./promql.ts";
import { nodesNamed, readable } from "./query-tools.ts";
import { matchesPattern } from "./safe-pattern.ts";

/** @param source the text that the queries' ranges are of */
export function lintIndicator(indicator: Indicator, format: SloFormat, source: string): SloProblem[] {
  const problems: SloProblem[] = queriesOf(indicator).flatMap((query) => syntaxProblems(query, source));
  for (const query of queriesOf(indicator)) {
    if (query.dialect !== "promql" || query.range === undefined) continue;
    if (format.startsWith("sloth") && !query.isTemplated) problems.push(...windowProblems(query, source));
    if (!parses(query.text)) continue;
    if (format === "pyrra" && !/^[\w:]*\s*(\{.*\})?$/s.test(query.text.trim()))
      problems.push(problem("not-a-selector", "warning", query.range));
  }
  if (indicator.type !== "ratio" || indicator.total.dialect !== "promql") return problems;
  if (indicator.bad?.dialect === "promql") problems.push(...quickAsBad(indicator.bad, indicator.total, source));
  const totals = readSelectors(indicator.total.text);
  for (const part of [indicator.bad, indicator.good]) {
    if (part?.range === undefined || part.dialect !== "promql" || part.text === indicator.total.text) continue;
    // Gauges summed up in their own ways are reckoned with as they are: only events are a part of events.
    if (rangeFunctions(part.text) !== rangeFunctions(indicator.total.text)) continue;
    for (const selector of readSelectors(part.text)) {
      const lacks = notWithin(selector, totals);
      if (lacks === undefined) continue;
      const detail = `\`${matcherText(lacks)}\``;
      problems.push(
        problem(
          "not-subset",
          "warning",
          placeOf(part, selector, source),
          { detail },
          ...added(part, selector, lacks, source),
        ),
      );
      break;
    }
  }
  if (format === "pyrra" && indicator.good?.range) problems.push(...successProblems(indicator.good, totals, source));
  return problems;
}

/** A query that is no PromQL is listed and never evaluated; neither is one that Helm has yet to fill. */
function syntaxProblems(query: Query, source: string): SloProblem[] {
  const { dialect, range, text, isTemplated } = query;
  if (dialect !== "promql" || !range) return [];
  // A placeholder is no mistake of the query, so the one that holds some is not asked to parse.
  if (isTemplated) return [problem("query-templated", "information", range)];
  const error = syntaxErrorIn(text);
  if (error === undefined)
    return readSelectors(text).length === 0 ? [problem("query-no-metric", "warning", range)] : [];
  const at = within(query, error.range, source) ?? range;
  const name = text.slice(error.range.start, error.range.end);
  return error.isFunction
    ? [problem("query-function", "warning", at, { name })]
    : [problem("query-syntax", "warning", at.end > at.start ? at : range)];
}

/** Sloth's own expression, which knows no hyphens. */
const WINDOW = /\{\{-?\s*\.window\s*-?\}\}/;

/** Sloth fills `{{.window}}`; a look-back that is written out stays the same for every window. */
function windowProblems(query: Query, source: string): SloProblem[] {
  const fixed = readSelectors(query.text).flatMap(({ lookBack }) =>
    lookBack === undefined || /[{$]/.test(lookBack.text) ? [] : [lookBack],
  );
  const places = fixed.map((it) => within(query, it.range, source));
  if (!WINDOW.test(query.text)) {
    const edits = places.flatMap((range) => (range ? [{ range, text: "{{.window}}" }] : []));
    const fixes =
      edits.length === 0 || edits.length < fixed.length ? [] : [{ ...write(query.range!, "{{.window}}"), edits }];
    return [problem("window-template", "warning", query.range!, {}, ...fixes)];
  }
  return fixed.map((it, index) => {
    const at = places[index];
    const fix = at ? [write(at, "{{.window}}")] : [];
    return problem("window-fixed", "information", at ?? query.range!, { written: it.text }, ...fix);
  });
}

/** Buckets count what was quick enough: taken for the failures as they are, the ratio is the wrong way round. */
function quickAsBad(bad: Query, total: Query, source: string): SloProblem[] {
  const [selector, ...more] = readSelectors(bad.text);
  const le = selector?.matchers.find((it) => it.label === "le" && it.op === "=")?.value;
  if (bad.range === undefined || !selector || more.length > 0 || le === undefined || !/^[\d.]+$/.test(le)) return [];
  // Anything reckoned with it may turn it round again.
  if (!/_bucket$/.test(selector.metric) || hasOperator(bad.text)) return [];
  return [
    problem("bad-is-quick", "warning", placeOf(bad, selector, source), { le }, ...subtracted(bad, total, source)),
  ];
}

/** The failures as what the total has more; offered where both are written alike, on one line. */
function subtracted(bad: Query, total: Query, source: string): readonly SloFix[] {
  const written = (it: Query) => it.range && source.slice(it.range.start, it.range.end) === it.text;
  const quote = (it: Query) => /["']/.exec(source[(it.range?.start ?? 0) - 1] ?? "")?.[0];
  if (!bad.range || !written(bad) || !written(total) || quote(bad) !== quote(total)) return [];
  const whole = hasOperator(total.text) ? `(${total.text})` : total.text;
  const edits = [{ range: { start: bad.range.start, end: bad.range.start }, text: `${whole} - ` }];
  return [{ title: "Subtract it from the total", ja: "全体から引く", edits }];
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
    ...(selector.metric !== "" && !selector.matchers.some((it) => it.label === "le")
      ? [problem("le-missing", "warning", placeOf(good, selector, source))]
      : []),
  ];
}

const isErrorsOnly = ({ op, value }: LabelMatcher) =>
  (op === "=" || op === "=~") && /^[45][\dx.]/i.test(value) && !/[23]\.\.|[23]\d\d/.test(value);

/** The functions over time of a query, those that count events as one. */
function rangeFunctions(text: string): string {
  const filled = text.replace(/\{\{[^}]*\}\}|\$\w+/g, "5m");
  const root = readable(filled);
  if (root === undefined) return "";
  const names = nodesNamed(root, "FunctionCall").flatMap((it) => {
    const name = it.firstChild ? filled.slice(it.firstChild.from, it.firstChild.to) : "";
    return /_over_time$/.test(name) ? [name] : [];
  });
  return [...new Set(names)].sort().join(",");
}

/** A matcher of every total that a part has not got; undefined where the part is within, or cannot be compared. */
function notWithin(part: MetricSelector, totals: readonly MetricSelector[]): LabelMatcher | undefined {
  const same = totals.filter((it) => family(it.metric) === family(part.metric) && it.metric !== "");
  let missing: LabelMatcher | undefined;
  for (const total of same) {
    const lacks = total.matchers.find((it) => it.label !== "le" && !part.matchers.some((each) => implies(each, it)));
    if (lacks === undefined) return undefined;
    missing ??= lacks;
  }
  return missing;
}

const matcherText = ({ label, op, value }: LabelMatcher) => `${label}${op}"${value}"`;

/** The total's matcher written into the part, where the part says nothing of that label itself. */
function added(part: Query, selector: SelectorAt, lacks: LabelMatcher, source: string): readonly SloFix[] {
  if (selector.matchers.some((it) => it.label === lacks.label) || part.range === undefined) return [];
  const at = within(part, selector.range, source);
  if (at === undefined) return [];
  const before = source[part.range.start - 1];
  const written = part.text.slice(selector.range.start, selector.range.end);
  // A plain scalar of a flow collection must hold no braces.
  if (before !== '"' && before !== "'" && /^\s*[,\]}]/.test(source.slice(part.range.end, part.range.end + 3)))
    return [];
  const text = withMatchersIn(written, [lacks], before === '"' ? "'" : '"');
  if (text === undefined || (before === "'" && /'/.test(text))) return [];
  const title = matcherText(lacks);
  return [{ title: `Add ${title}`, ja: `${title} を追加`, edits: [{ range: at, text }] }];
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

/** Where a histogram's buckets end, and who says so. */
export interface Buckets {
  /** As `le` has them, `+Inf` left out or not. */
  readonly bounds: readonly string[];
  /** The file that declares the histogram; absent where telemetry has told. */
  readonly declaredIn?: string;
}

/**
 * A latency threshold that is no bucket of its histogram counts nothing. `bucketsOf` gives those of a metric (`…_bucket`)
 * where telemetry or the code has told them.
 *
 * @param source the text that the queries' ranges are of
 */
export function lintBuckets(
  slo: Slo,
  bucketsOf: (metric: string) => Buckets | undefined,
  source: string,
): SloProblem[] {
  return queriesOf(slo.indicator).flatMap((query) =>
    query.dialect !== "promql" || query.range === undefined || query.isTemplated
      ? []
      : readSelectors(query.text).flatMap((selector): SloProblem[] => {
          const le = selector.matchers.find((it) => it.label === "le" && it.op === "=")?.value ?? "";
          const buckets = le === "" ? undefined : bucketsOf(selector.metric);
          return buckets === undefined || hasBucket(buckets, le)
            ? []
            : [bucketProblem(le, buckets, placeOf(query, selector, source), source)];
        }),
  );
}

function hasBucket({ bounds, declaredIn }: Buckets, le: string): boolean {
  if (bounds.length === 0 || le === "+Inf") return true;
  // How a bound that the code has is spelt (`1` or `1.0`) is for the server to say.
  return declaredIn === undefined ? bounds.includes(le) : bounds.some((it) => Number(it) === Number(le));
}

function bucketProblem(le: string, { bounds, declaredIn }: Buckets, selected: TextRange, source: string): SloProblem {
  const near = bounds
    .filter((it) => Number.isFinite(Number(it)))
    .sort((a, b) => Math.abs(Number(a) - Number(le)) - Math.abs(Number(b) - Number(le)))
    .slice(0, 2);
  const quoted = /^(?:"|'|\\")/;
  const written = source.slice(selected.start, selected.end);
  const value = /\ble\s*=\s*(?:\\?"|')/.exec(written);
  const at = value === null ? -1 : value.index + value[0].length;
  const isThere = at >= 0 && written.startsWith(le, at) && quoted.test(written.slice(at + le.length));
  const range = isThere ? { start: selected.start + at, end: selected.start + at + le.length } : selected;
  const fixes = isThere ? near.map((it) => write(range, it)) : [];
  const data = { le, near: near.join(", "), ...(declaredIn === undefined ? {} : { path: declaredIn }) };
  return problem(declaredIn === undefined ? "bucket-unknown" : "bucket-undeclared", "warning", range, data, ...fixes);
}
