/** What evaluating an objective asks of PromQL texts: their selectors, and the same query over another look-back. */
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { prometheusSeconds } from "./formats/duration.ts";
import type { LabelMatcher, MatchOp, MetricSelector } from "./match.ts";

export interface QueryTools {
  /** Selectors of a query, templates filled; empty for a text that cannot be read. */
  readonly selectorsOf: (query: string) => readonly MetricSelector[];
  /** A query of events per second, or a bare counter, as the number of events over a look-back. Undefined where it cannot be read. */
  readonly countOf: (query: string, windowSeconds: number) => string | undefined;
  /**
   * The parts of such a number, each told apart by labels. One by one, since a server drops what only one side of a `+`
   * or `-` has. Undefined where the query is more than sums of counters, added and subtracted.
   */
  readonly termsBy: (query: string, windowSeconds: number, labels: readonly string[]) => readonly Term[] | undefined;
  /** Whether a query counts events and nothing else. */
  readonly countsEvents: (query: string) => boolean;
  /** A query that answers a ratio, over a look-back. */
  readonly ratioOf: (query: string, windowSeconds: number) => string | undefined;
  /** Both sides of a query that is a division, brackets around it removed; undefined for any other. */
  readonly divisionOf?: (query: string) => { readonly numerator: string; readonly denominator: string } | undefined;
}

/** Sloth's `{{.window}}`, and the variables that Grafana and Nobl9 use. */
export const placeholder = /\{\{-?\s*\.?\s*window\s*-?\}\}|\$\{?__(?:rate_)?(?:interval|range|window)\}?|\$window\b/gi;

const maxLength = 20_000;

export const queryTools: QueryTools = { selectorsOf, countOf, termsBy, countsEvents, ratioOf, divisionOf };

function selectorsOf(query: string): readonly MetricSelector[] {
  const text = filled(query, 300);
  const root = readable(text);
  if (root === undefined) return [];
  return nodesNamed(root, "VectorSelector").map((node) => readSelector(node, text));
}

function countOf(query: string, windowSeconds: number): string | undefined {
  const text = filled(query, windowSeconds);
  const root = readable(text);
  if (root === undefined || nodesNamed(root, "SubqueryExpr").length > 0) return undefined;
  const window = promDuration(windowSeconds);
  const matrices = nodesNamed(root, "MatrixSelector");
  const edits: Edit[] = [];
  if (matrices.length === 0) {
    for (const node of nodesNamed(root, "VectorSelector"))
      edits.push({ from: node.from, to: node.to, text: `increase(${text.slice(node.from, node.to)}[${window}])` });
    const isAggregated = nodesNamed(root, "AggregateExpr").length > 0;
    const result = applied(text, edits);
    return edits.length === 0 ? undefined : isAggregated ? result : `sum(${result})`;
  }
  for (const matrix of matrices) edits.push(windowEdit(matrix, text, window));
  for (const call of nodesNamed(root, "FunctionCall")) {
    const name = call.firstChild;
    if (name !== null && /^i?rate$/i.test(text.slice(name.from, name.to)))
      edits.push({ from: name.from, to: name.to, text: "increase" });
  }
  return applied(text, edits);
}

/** A part of a number, and whether it is added or taken away. */
export interface Term {
  readonly sign: 1 | -1;
  readonly query: string;
}

function termsBy(query: string, windowSeconds: number, labels: readonly string[]): readonly Term[] | undefined {
  const counted = countOf(query, windowSeconds);
  const root = counted === undefined ? undefined : readable(counted);
  if (counted === undefined || root === undefined) return undefined;
  const by = `sum by (${labels.join(", ")}) `;
  const sums = sumsIn(root, counted);
  if (sums !== undefined)
    return sums.map(({ sign, body }) => ({ sign, query: by + counted.slice(body.from, body.to) }));
  // Whatever is made of it, the events are those of the one counter.
  const [only, other] = nodesNamed(root, "MatrixSelector");
  return only === undefined || other !== undefined
    ? undefined
    : [{ sign: 1, query: `${by}(increase(${counted.slice(only.from, only.to)}))` }];
}

interface Sum {
  readonly sign: 1 | -1;
  /** What is summed, brackets included. */
  readonly body: SyntaxNode;
}

/**
 * The sums of increases that a number is made of by adding and subtracting. What fills in for nothing (`or vector(0)`)
 * or leaves it out (`> 0`) changes no count. Undefined where anything else is done to them.
 */
function sumsIn(root: SyntaxNode, text: string): readonly Sum[] | undefined {
  const found: Sum[] = [];
  const walk = (node: SyntaxNode | null, sign: 1 | -1): boolean => {
    if (node === null || found.length >= maxTerms) return false;
    if (node.name === "ParenExpr") return walk(node.firstChild, sign);
    if (node.name === "BinaryExpr") {
      const right =
        node.lastChild === null ? "" : text.slice(node.lastChild.from, node.lastChild.to).replace(/\s/g, "");
      if ((node.getChild("Or") !== null && right === "vector(0)") || (node.getChild("Gtr") !== null && right === "0"))
        return walk(node.firstChild, sign);
      const isSub = node.getChild("Sub") !== null;
      if ((!isSub && node.getChild("Add") === null) || node.getChild("MatchingModifierClause") !== null) return false;
      return walk(node.firstChild, sign) && walk(node.lastChild, isSub ? (-sign as 1 | -1) : sign);
    }
    const body = node.getChild("FunctionCallBody");
    const isSum = node.name === "AggregateExpr" && node.getChild("AggregateOp")?.getChild("Sum") != null;
    if (!isSum || body?.getChild("FunctionCall")?.firstChild?.getChild("Increase") == null) return false;
    found.push({ sign, body });
    return true;
  };
  return walk(root.firstChild, 1) ? found : undefined;
}

/**
 * Whether a query of events per second is sums of counters and nothing else, so that it counts events over any
 * look-back. Counters are told by their names (`_total`, `_count`, `_bucket`): the ratio of anything else may be of time.
 */
function countsEvents(query: string): boolean {
  const counted = countOf(query, 300);
  const root = counted === undefined ? undefined : readable(counted);
  if (counted === undefined || root === undefined || sumsIn(root, counted) === undefined) return false;
  return selectorsOf(query).every(({ metric }) => /_(total|count|bucket)$/.test(metric));
}

/** Parts of one number that are asked for one by one. */
const maxTerms = 6;

function ratioOf(query: string, windowSeconds: number): string | undefined {
  const text = filled(query, windowSeconds);
  const root = readable(text);
  if (root === undefined) return undefined;
  // A look-back that the query fixes itself stays: only the template says where the window belongs.
  if (placeholderIn(query)) return text;
  const matrices = nodesNamed(root, "MatrixSelector");
  if (matrices.length === 0) return undefined;
  const window = promDuration(windowSeconds);
  return applied(
    text,
    matrices.map((matrix) => windowEdit(matrix, text, window)),
  );
}

function divisionOf(query: string): { readonly numerator: string; readonly denominator: string } | undefined {
  const text = query.trim();
  // A template is no PromQL; one of the same length keeps the offsets.
  const plain = text.replace(placeholder, (found) => `1${"0".repeat(Math.max(0, found.length - 2))}m`);
  let node = readable(plain)?.firstChild ?? null;
  while (node?.name === "ParenExpr") node = node.firstChild;
  if (
    node?.name !== "BinaryExpr" ||
    node.getChild("Div") === null ||
    node.lastChild === null ||
    node.firstChild === null
  )
    return undefined;
  if (node.getChild("MatchingModifierClause") !== null) return undefined;
  const { firstChild: left, lastChild: right } = node;
  return { numerator: text.slice(left.from, left.to), denominator: text.slice(right.from, right.to) };
}

/**
 * The shortest time that a query looks at by itself: the least of its look-backs and of the steps of its subqueries,
 * seconds. Undefined where it looks at one instant, or cannot be read.
 */
export function finestSeconds(query: string): number | undefined {
  const root = readable(query);
  if (root === undefined) return undefined;
  const found = [
    ...nodesNamed(root, "MatrixSelector").map((node) => /\[\s*([^\][]+)\]$/.exec(query.slice(node.from, node.to))?.[1]),
    ...nodesNamed(root, "SubqueryExpr").map((node) => /:\s*([^\][:]*)\]$/.exec(query.slice(node.from, node.to))?.[1]),
  ].flatMap((text) => (text === undefined ? [] : (prometheusSeconds(text) ?? [])));
  return found.length === 0 ? undefined : Math.min(...found);
}

function placeholderIn(query: string): boolean {
  placeholder.lastIndex = 0;
  return placeholder.test(query);
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function applied(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const edit of [...edits].sort((a, b) => b.from - a.from))
    result = result.slice(0, edit.from) + edit.text + result.slice(edit.to);
  return result;
}

function windowEdit(matrix: SyntaxNode, text: string, window: string): Edit {
  const from = matrix.from + text.slice(matrix.from, matrix.to).lastIndexOf("[") + 1;
  return { from, to: matrix.to - 1, text: window };
}

function filled(query: string, windowSeconds: number): string {
  return query.replace(placeholder, promDuration(windowSeconds)).trim();
}

/** Seconds as PromQL writes them: the largest whole unit. */
export function promDuration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole % 86_400 === 0) return `${whole / 86_400}d`;
  if (whole % 3600 === 0) return `${whole / 3600}h`;
  if (whole % 60 === 0) return `${whole / 60}m`;
  return `${whole}s`;
}

/** A selector as text, values escaped. */
export function selectorText(selector: MetricSelector): string {
  const isPlain = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(selector.metric);
  const matchers = selector.matchers.map(
    (each) =>
      `${/^[a-zA-Z_]\w*$/.test(each.label) ? each.label : JSON.stringify(each.label)}${each.op}${JSON.stringify(each.value)}`,
  );
  const all =
    isPlain || selector.metric === "" ? matchers : [`__name__=${JSON.stringify(selector.metric)}`, ...matchers];
  return `${isPlain ? selector.metric : ""}{${all.join(",")}}`;
}

/** The tree of a text that is PromQL throughout; undefined for any other. */
export function readable(text: string): SyntaxNode | undefined {
  if (text === "" || text.length > maxLength) return undefined;
  const root = parser.parse(text).topNode;
  return firstError(root) === undefined ? root : undefined;
}

/** Offset of the first thing in a text that is no PromQL; undefined where there is none. */
export function errorIn(text: string): number | undefined {
  return text === "" || text.length > maxLength ? 0 : firstError(parser.parse(text).topNode);
}

function firstError(root: SyntaxNode): number | undefined {
  const cursor = root.cursor();
  do {
    if (cursor.type.isError) return cursor.from;
  } while (cursor.next());
  return undefined;
}

export function nodesNamed(root: SyntaxNode, name: string): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const cursor = root.cursor();
  do {
    if (cursor.name === name) found.push(cursor.node);
  } while (cursor.next());
  return found;
}

export function readSelector(node: SyntaxNode, text: string): MetricSelector {
  const slice = (each: SyntaxNode) => text.slice(each.from, each.to);
  const identifier = node.getChild("Identifier");
  let metric = identifier === null ? "" : slice(identifier);
  const matchers: LabelMatcher[] = [];
  for (let child = node.getChild("LabelMatchers")?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name === "QuotedLabelName") metric = unquoted(slice(child));
    const label = child.getChild("LabelName") ?? child.getChild("QuotedLabelName");
    const op = child.getChild("MatchOp");
    const value = child.getChild("StringLiteral");
    if (label === null || op === null || value === null) continue;
    const matcher = { label: unquoted(slice(label)), op: slice(op) as MatchOp, value: unquoted(slice(value)) };
    if (matcher.label === "__name__" && matcher.op === "=") metric = matcher.value;
    else matchers.push(matcher);
  }
  return { metric, matchers };
}

function unquoted(text: string): string {
  if (text.startsWith("`")) return text.slice(1, -1);
  if (!/^["']/.test(text)) return text;
  return text.slice(1, -1).replace(/\\(.)/g, (_, char: string) => ({ n: "\n", t: "\t", r: "\r" })[char] ?? char);
}
