/** Sloth's own file and its Kubernetes resource, which differ in the case of their keys. */
import type { Indicator, Query, Slo, SloFormat, SloProblem } from "../model.ts";
import { contentRange, field, has, isMapping, items, keys, number, text, texts, type Value } from "./document.ts";
import { DAY_SECONDS, rolling } from "./duration.ts";
import { latencyOf } from "./openslo.ts";
import { endpointRefs, problem } from "./shared.ts";

/** Sloth's default period; it is given on its command line, not in the file. */
const WINDOW = rolling(30 * DAY_SECONDS, "30d");
const TEMPLATE = /\{\{-?\s*\.window\s*-?\}\}/;

/** Keys of the one flavour with those of the other: unknown keys are dropped by Sloth without a word. */
const CAMEL: Readonly<Record<string, string>> = {
  error_query: "errorQuery",
  total_query: "totalQuery",
  error_ratio_query: "errorRatioQuery",
  page_alert: "pageAlert",
  ticket_alert: "ticketAlert",
  slo_plugins: "sloPlugins",
};
const SNAKE: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(CAMEL).map(([snake, camel]) => [camel, snake]),
);

type Loaded = Omit<Slo, "level" | "path">;

export function readSloth(
  root: Value,
  format: Extract<SloFormat, "sloth" | "sloth-crd">,
  source: string,
): { slos: Loaded[]; problems: SloProblem[] } {
  const problems: SloProblem[] = [];
  const spec = format === "sloth-crd" ? field(root, "spec") : root;
  const names = format === "sloth-crd" ? CAMEL : SNAKE;
  const serviceAt = field(spec, "service");
  const service = text(serviceAt) ?? "";
  if (service === "") problems.push(problem("service-missing", "error", "`service` is missing.", serviceAt.range));
  const list = field(spec, "slos");
  if (items(list).length === 0)
    problems.push(problem("slos-missing", "error", "`slos` is missing or empty.", list.range));
  const common = texts(field(spec, "labels"));
  const slos = items(list).flatMap((it): Loaded[] => {
    const own: SloProblem[] = [];
    const nameAt = field(it, "name");
    const name = text(nameAt) ?? "";
    const targetAt = field(it, "objective");
    const percent = number(targetAt);
    if (name === "" || percent === undefined) {
      problems.push(
        problem(
          name === "" ? "name-missing" : "target-missing",
          "error",
          name === "" ? "`name` is missing." : "`objective` is missing: there is no target.",
          it.range,
        ),
      );
      return [];
    }
    if (percent <= 1)
      own.push({
        ...problem(
          "target-scale",
          "warning",
          `\`objective\` is a percentage, and ${percent} means ${percent} %.`,
          targetAt.range,
        ),
        fixes: [
          {
            title: `Write ${Number((percent * 100).toPrecision(12))}`,
            edits: [{ range: targetAt.range, text: String(Number((percent * 100).toPrecision(12))) }],
          },
        ],
      });
    if (percent >= 100)
      own.push(
        problem(
          "target-hundred",
          "warning",
          "An objective of 100 % leaves no budget: the first failure overspends it.",
          targetAt.range,
        ),
      );
    wrongCase(it, names, own);
    for (const inner of ["sli", "alerting"]) wrongCase(field(it, inner), names, own);
    wrongCase(field(field(it, "sli"), "events"), names, own);
    const labels = { ...common, ...texts(field(it, "labels")) };
    const description = text(field(it, "description"));
    return [
      {
        id: `${service}/${name}`,
        format,
        range: nameAt.range,
        targetRange: targetAt.range,
        service,
        name,
        ...(description ? { description } : {}),
        target: Math.min(1, Math.max(0, percent / 100)),
        window: WINDOW,
        method: "request-weighted",
        indicator: indicatorOf(field(it, "sli"), source, own),
        endpoints: endpointRefs(labels, texts(field(it, "annotations"))),
        grouping: [],
        labels,
        problems: own,
      },
    ];
  });
  return { slos, problems };
}

function wrongCase(of: Value, names: Readonly<Record<string, string>>, problems: SloProblem[]): void {
  for (const { name, range } of keys(of)) {
    const meant = names[name];
    if (!meant) continue;
    problems.push({
      ...problem(
        "key-case",
        "warning",
        `Sloth does not know \`${name}\` here and ignores it; \`${meant}\` is meant.`,
        range,
      ),
      fixes: [{ title: `Write ${meant}`, edits: [{ range, text: meant }] }],
    });
  }
}

function indicatorOf(sli: Value, source: string, problems: SloProblem[]): Indicator {
  const events = field(sli, "events");
  if (isMapping(events)) {
    const bad = queryOf(field(events, "error_query", "errorQuery"), source, problems);
    const total = queryOf(field(events, "total_query", "totalQuery"), source, problems);
    if (!bad || !total) return { type: "unknown", why: "`events` needs an error query and a total query" };
    if (bad.text.trim() === total.text.trim())
      problems.push(
        problem(
          "bad-equals-total",
          "warning",
          "The error query is the total query: every event counts as bad.",
          bad.range ?? sli.range,
        ),
      );
    return { type: "ratio", bad, total, ...latencyOf(bad) };
  }
  const raw = field(sli, "raw");
  if (isMapping(raw)) {
    const errorRatio = queryOf(field(raw, "error_ratio_query", "errorRatioQuery"), source, problems);
    return errorRatio ? { type: "raw", errorRatio } : { type: "unknown", why: "`raw` needs an error ratio query" };
  }
  if (has(field(sli, "plugin"))) return { type: "unknown", why: "a Sloth plugin makes the queries" };
  return { type: "unknown", why: "there is no `sli`" };
}

function queryOf(of: Value, source: string, problems: SloProblem[]): Query | undefined {
  const written = text(of);
  if (written === undefined) return undefined;
  if (!TEMPLATE.test(written))
    problems.push(
      problem(
        "window-template",
        "warning",
        "The query has no `{{.window}}`: Sloth refuses it, since it would look back the same time for every window.",
        of.range,
      ),
    );
  const range = contentRange(of, source);
  return { text: written, ...(range ? { range } : {}), dialect: "promql" };
}
