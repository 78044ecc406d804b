/**
 * Numbers straight from the `/metrics` page of a service on one's own machine; no server needed. Scrapes are kept in
 * memory, so look-backs are as long as this has been running, or as the process has where it says when it started.
 * Answers say how far back they really reach.
 */
import { type ExposedSeries, parseExposition } from "./exposition.ts";
import { type EvalSample, evaluatePromql, type Scrape } from "./scrape-promql.ts";
import {
  type Clock,
  type Fault,
  type Fetch,
  faultOf,
  type MetricAnswer,
  type MetricQuestion,
  type MetricRequest,
  originOf,
  type Source,
} from "./source.ts";

export interface ScrapeOptions {
  /** The whole address of the metrics page. */
  readonly url: string;
  readonly fetch: Fetch;
  readonly clock: Pick<Clock, "now">;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** Series values held over all scrapes; older scrapes are thinned out beyond it. 1,000,000 unless told. */
  readonly maxValues?: number;
}

/** Series that no indicator asks for: a scrape keeps the rest. */
const uninteresting = /^(nodejs_(?!eventloop)|go_|process_(?!start_time_seconds))/;

export function createScrape(options: ScrapeOptions): Source {
  const { url, fetch, clock, timeoutMs = 5000, maxBytes = 20_000_000, maxValues = 1_000_000 } = options;
  const address = originOf(url);
  let scrapes: readonly Scrape[] = [];

  const scrape = async (signal: AbortSignal): Promise<Fault | undefined> => {
    const answer = await fetch({
      url,
      method: "GET",
      headers: { accept: "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4" },
      timeoutMs,
      maxBytes,
      signal,
    });
    const fault = faultOf(answer, url);
    if (fault !== undefined) return fault;
    if (!answer.ok) return { kind: "unreachable", data: { address } };
    if (/^\s*<(!doctype|html)/i.test(answer.text)) return { kind: "html", data: { address } };
    const { series, badLines } = parseExposition(answer.text);
    if (series.length === 0 && (badLines > 0 || answer.text.trim() === ""))
      return { kind: "not-metrics", data: { address } };
    const startTime = startTimeOf(series);
    const kept = series.filter(({ name }) => !uninteresting.test(name));
    scrapes = thinned(
      [...scrapes, { time: clock.now() / 1000, series: kept, ...(startTime === undefined ? {} : { startTime }) }],
      maxValues,
    );
    return undefined;
  };

  return {
    kind: "scrape",
    name: address,
    async query(requests, signal) {
      const fault = await scrape(signal);
      return new Map(
        requests.map((request) => [
          request.key,
          fault === undefined ? answerTo(request, scrapes, address) : { ok: false, fault },
        ]),
      );
    },
    async names(question, signal) {
      if (scrapes.length === 0 && (await scrape(signal)) !== undefined) return undefined;
      return namesIn(scrapes.at(-1)?.series ?? [], question);
    },
  };
}

function namesIn(series: readonly ExposedSeries[], question: MetricQuestion): readonly string[] {
  if (question.of === "names") return [...new Set(series.map((it) => it.name))].sort();
  const own = question.metric === "" ? series : series.filter((it) => it.name === question.metric);
  const found =
    question.of === "labels"
      ? own.flatMap((it) => Object.keys(it.labels))
      : own.flatMap((it) => (Object.hasOwn(it.labels, question.label) ? [it.labels[question.label]!] : []));
  return [...new Set(found)].sort();
}

function answerTo(request: MetricRequest, scrapes: readonly Scrape[], address: string): MetricAnswer {
  if (request.range !== undefined)
    return { ok: false, fault: { kind: "beyond-scrape", data: { address, detail: "query_range" } } };
  const result = evaluatePromql(request.query, scrapes);
  if (!result.ok) return { ok: false, fault: { kind: result.kind, data: { address, detail: result.detail } } };
  return {
    ok: true,
    samples: result.samples.map(toSample),
    series: [],
    isPartial: false,
    ...(result.coversSeconds === undefined ? {} : { coversSeconds: result.coversSeconds }),
  };
}

function toSample({ labels, value }: EvalSample) {
  return Number.isFinite(value) ? { labels, value, text: String(value) } : { labels, text: String(value) };
}

function startTimeOf(series: readonly ExposedSeries[]): number | undefined {
  const value = series.find(({ name }) => name === "process_start_time_seconds")?.value;
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : undefined;
}

/** Keeps the newest scrapes whole and every second of the older ones, until the values fit. */
function thinned(scrapes: readonly Scrape[], maxValues: number): readonly Scrape[] {
  let kept = scrapes;
  while (
    kept.length > 3 &&
    (kept.length > 2000 || kept.reduce((sum, scrape) => sum + scrape.series.length, 0) > maxValues)
  ) {
    const half = Math.floor(kept.length / 2);
    const older = kept.slice(0, half).filter((_, index) => index % 2 === 0);
    kept = [...older, ...kept.slice(half)];
    if (older.length === half) break;
  }
  return kept;
}
