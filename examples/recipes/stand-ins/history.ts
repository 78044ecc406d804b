/**
 * A month of the site's past for Prometheus, so that the budgets of a freshly started example look like those of a
 * site that has been running: fair weeks, a bad evening eleven days ago, and a release forty minutes ago that made the
 * list of recipes slow. The live numbers go on from there.
 */
import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";

const DAYS = 31;
/** When answers were slow, in seconds before now. */
const TROUBLES: readonly (readonly [from: number, to: number])[] = [
  [11 * 86_400, 11 * 86_400 - 3 * 3600],
  [40 * 60, 0],
];
/** Upper edges as in src/metrics.ts. */
const EDGES = [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10];

interface Stream {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** Requests a second, averaged over a day; the same as load.ts sends. */
  readonly rate: number;
  readonly typicalSeconds: number;
  /** Part of the requests that took `slowSeconds`, usually and in troubles. */
  readonly slow: readonly [usual: number, trouble: number];
  readonly slowSeconds: number;
}

const STREAMS: readonly Stream[] = [
  stream("GET", "/recipes", 200, 0.8, 0.04, [0.004, 0.45], 0.6),
  stream("GET", "/recipes", 500, 0.0002, 0.02, [0, 0], 1),
  stream("POST", "/recipes", 201, 0.08, 0.01, [0.004, 0.1], 0.4),
  stream("GET", "/recipes/:id", 200, 0.56, 0.01, [0.002, 0.1], 0.4),
  stream("GET", "/recipes/:id", 500, 0.0003, 0.02, [0, 0], 1),
  stream("GET", "/recipes/:id/nutrition", 200, 0.32, 0.04, [0.011, 0.04], 9),
  stream("GET", "/recipes/:id/nutrition", 500, 0.0004, 0.03, [0, 0], 1),
  stream("GET", "/users/:id/feed", 200, 0.24, 0.08, [0.01, 0.2], 0.6),
];

function stream(
  method: string,
  route: string,
  status: number,
  rate: number,
  typicalSeconds: number,
  slow: readonly [number, number],
  slowSeconds: number,
): Stream {
  return { method, route, status, rate, typicalSeconds, slow, slowSeconds };
}

/** Writes the past into an empty data folder of Prometheus, with `promtool`, which is installed beside it. */
export async function fillHistory(dataFolder: string): Promise<void> {
  const file = `${dataFolder}.openmetrics`;
  await pipeline(historyLines(Date.now() / 1000 - 60), createWriteStream(file));
  try {
    const importing = ["tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=96h", "--quiet"];
    await promisify(execFile)(process.env.PROMTOOL ?? "promtool", [...importing, file, dataFolder]);
  } catch (error) {
    console.error(`budgets start from nothing: promtool could not write the past: ${(error as Error).message}`);
    await rm(dataFolder, { recursive: true, force: true });
  } finally {
    await rm(file, { force: true });
  }
}

/** OpenMetrics text, one chunk for each series; `end` in Unix seconds. */
export function* historyLines(end: number): Generator<string> {
  yield "# TYPE http_request_duration_seconds histogram\n";
  const times = timesUntil(end);
  for (const it of STREAMS) {
    const labels = `job="recipes",instance="local",method="${it.method}",route="${it.route}",status="${it.status}"`;
    const totals = running(it, times, end);
    for (const edge of [...EDGES, Infinity]) {
      const le = edge === Infinity ? "+Inf" : String(edge);
      yield series(`http_request_duration_seconds_bucket{${labels},le="${le}"}`, times, totals, ({ all, slow }) =>
        edge >= it.slowSeconds ? all : edge >= it.typicalSeconds ? all - slow : 0,
      );
    }
    yield series(`http_request_duration_seconds_count{${labels}}`, times, totals, ({ all }) => all);
    yield series(
      `http_request_duration_seconds_sum{${labels}}`,
      times,
      totals,
      ({ all, slow }) => (all - slow) * it.typicalSeconds + slow * it.slowSeconds,
    );
  }
  yield "# EOF\n";
}

/** Each half hour, and in the last six hours each half minute, where the short windows of the burn rates look. */
function timesUntil(end: number): number[] {
  const times: number[] = [];
  for (let at = end - DAYS * 86_400; at <= end; at += at > end - 6 * 3600 ? 30 : 1800) times.push(Math.floor(at));
  return times;
}

interface Total {
  readonly all: number;
  readonly slow: number;
}

/** Counters never fall and are whole, so they are rounded after adding up. */
function running(it: Stream, times: readonly number[], end: number): Total[] {
  let all = 0;
  let slow = 0;
  let previous = times[0] ?? end;
  return times.map((at) => {
    const requests = it.rate * (at - previous) * hourOfDay(at);
    all += requests;
    const isTrouble = TROUBLES.some(([from, to]) => at > end - from && at <= end - to);
    slow += requests * it.slow[isTrouble ? 1 : 0];
    previous = at;
    return { all: Math.round(all), slow: Math.round(slow) };
  });
}

/** People cook in the evening: half the traffic by night, half as much again at its peak, 1 on average. */
function hourOfDay(at: number): number {
  return 1 + 0.5 * Math.sin(((at % 86_400) / 86_400) * 2 * Math.PI);
}

function series(name: string, times: readonly number[], totals: readonly Total[], value: (total: Total) => number) {
  return times.map((at, index) => `${name} ${value(totals[index]!)} ${at}\n`).join("");
}
