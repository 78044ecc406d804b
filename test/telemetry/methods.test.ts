/**
 * Every way to reckon a budget, on a real Prometheus that holds three days of made traffic: what is shown must be what a
 * loop over that traffic counts. Slices are where servers and formulas part, so the traffic is made of slots whose
 * failures are known one by one, some of them empty.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { findPrometheus, type Prometheus, startPrometheus } from "../../examples/recipes/stand-ins/prometheus.ts";
import { createHttp } from "../../platform/http.ts";
import {
  type CodeEndpoint,
  createPrometheus,
  evaluate,
  loadSlos,
  matchSlos,
  type ObjectiveStatus,
  queryTools,
} from "../../slo/index.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Seconds of a slot, and between samples. */
const SLOT = 300;
const STEP = 30;
const ROUTES = ["/orders", "/orders/:id"] as const;

interface Slot {
  /** Unix seconds at which it begins; a multiple of its length. */
  readonly start: number;
  /** Requests and failures of a step, by route. */
  readonly requests: readonly (readonly [all: number, bad: number])[];
  /** Requests of a step that took under 0.3 s. */
  readonly quick: number;
  readonly isUp: 0 | 1;
  readonly p95: number;
}

/** Three days of slots up to now; idle in the hours around the begin and the end of two days, so that edges cut nothing. */
function made(now: number): readonly Slot[] {
  let seed = 42;
  const random = () => {
    // A linear congruence: the same traffic on every run.
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const slots: Slot[] = [];
  const end = Math.floor(now / SLOT) * SLOT;
  for (let start = end - 3 * DAY; start < end; start += SLOT) {
    const ago = now - start;
    const isIdle = ago < HOUR || Math.abs(ago - 2 * DAY) < HOUR || random() < 0.1;
    const isTrouble = random() < 0.08;
    const requests = ROUTES.map((_, index): readonly [number, number] => {
      const all = isIdle ? 0 : 1 + Math.floor(random() * 20) + 10 * index;
      return [all, isTrouble ? Math.ceil(all * random() * 0.6) : 0];
    });
    const all = requests.reduce((sum, [it]) => sum + it, 0);
    slots.push({
      start,
      requests,
      quick: isTrouble ? Math.floor(all * random()) : all,
      isUp: isTrouble && random() < 0.5 ? 0 : 1,
      p95: isTrouble ? 900 : 120,
    });
  }
  return slots;
}

/** OpenMetrics text of the traffic, as `promtool tsdb create-blocks-from openmetrics` takes it. */
function openMetrics(slots: readonly Slot[]): string {
  const lines: string[] = [];
  const counter = (name: string, labels: string, of: (slot: Slot) => number) => {
    let value = 0;
    lines.push(`${name}{${labels}} 0 ${slots[0]!.start}`);
    for (const slot of slots)
      for (let at = STEP; at <= SLOT; at += STEP) {
        value += of(slot);
        lines.push(`${name}{${labels}} ${value} ${slot.start + at}`);
      }
  };
  const gauge = (name: string, of: (slot: Slot) => number) => {
    for (const slot of slots)
      for (let at = STEP; at <= SLOT; at += STEP) lines.push(`${name}{job="shop"} ${of(slot)} ${slot.start + at}`);
  };
  lines.push("# TYPE http_requests counter");
  ROUTES.forEach((route, index) => {
    for (const code of ["200", "500"])
      counter("http_requests_total", `job="shop",method="GET",route="${route}",code="${code}"`, (slot) => {
        const [all, bad] = slot.requests[index]!;
        return code === "500" ? bad : all - bad;
      });
  });
  lines.push("# TYPE latency_seconds histogram");
  const all = (slot: Slot) => slot.requests.reduce((sum, [it]) => sum + it, 0);
  counter("latency_seconds_bucket", 'job="shop",le="0.3"', (slot) => slot.quick);
  counter("latency_seconds_bucket", 'job="shop",le="+Inf"', all);
  counter("latency_seconds_count", 'job="shop"', all);
  lines.push("# TYPE probe_up gauge");
  gauge("probe_up", (slot) => slot.isUp);
  lines.push("# TYPE p95_ms gauge");
  gauge("p95_ms", (slot) => slot.p95);
  return `${lines.join("\n")}\n# EOF\n`;
}

const BAD = 'http_requests_total{job="shop",code=~"5.."}';
const TOTAL = 'http_requests_total{job="shop"}';
const MIDNIGHT = { startTime: "2026-01-01 00:00:00", timeZone: "Asia/Tokyo" };

/** JSON, which YAML is a superset of. */
function openSlo(name: string, spec: Readonly<Record<string, unknown>>): string {
  const metric = (query: string) => ({ metricSource: { type: "Prometheus", spec: { query } } });
  return JSON.stringify({
    apiVersion: "openslo/v1",
    kind: "SLO",
    metadata: { name },
    spec: {
      service: "shop",
      indicator: {
        metadata: { name },
        spec: { ratioMetric: { counter: true, bad: metric(BAD), total: metric(TOTAL) } },
      },
      timeWindow: [{ duration: "2d", isRolling: true }],
      budgetingMethod: "Occurrences",
      objectives: [{ target: 0.95 }],
      ...spec,
    },
  });
}

const slices = (objective: Readonly<Record<string, unknown>>, budgetingMethod = "Timeslices") => ({
  budgetingMethod,
  objectives: [{ target: 0.95, ...objective }],
});

const FILES: Readonly<Record<string, string>> = {
  rolling: openSlo("rolling", {}),
  calendar: openSlo("calendar", { timeWindow: [{ duration: "1d", calendar: MIDNIGHT }] }),
  minutes: openSlo("minutes", slices({ timeSliceTarget: 0.9, timeSliceWindow: "1m" })),
  slots: openSlo("slots", slices({ timeSliceTarget: 0.9, timeSliceWindow: "5m" })),
  mean: openSlo("mean", slices({ timeSliceWindow: "5m" }, "RatioTimeslices")),
  threshold: openSlo("threshold", {
    indicator: {
      metadata: { name: "p95" },
      spec: { thresholdMetric: { metricSource: { type: "Prometheus", spec: { query: 'p95_ms{job="shop"}' } } } },
    },
    objectives: [{ op: "lte", value: 400, target: 0.9 }],
  }),
  sloth: `version: prometheus/v1
service: shop
slos:
  - name: latency
    objective: 95
    sli:
      events:
        error_query: sum(rate(latency_seconds_count{job="shop"}[{{.window}}])) - sum(rate(latency_seconds_bucket{job="shop",le="0.3"}[{{.window}}]))
        total_query: sum(rate(latency_seconds_count{job="shop"}[{{.window}}]))
    alerting: { page_alert: { disable: true }, ticket_alert: { disable: true } }
  - name: errors
    objective: 95
    sli:
      events:
        error_query: sum(rate(http_requests_total{job="shop",code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total{job="shop"}[{{.window}}]))
    alerting: { page_alert: { disable: true }, ticket_alert: { disable: true } }
`,
  pyrra: JSON.stringify({
    apiVersion: "pyrra.dev/v1alpha1",
    kind: "ServiceLevelObjective",
    metadata: { name: "shop-errors" },
    spec: { target: "95", window: "2d", indicator: { ratio: { errors: { metric: BAD }, total: { metric: TOTAL } } } },
  }),
  up: JSON.stringify({
    apiVersion: "pyrra.dev/v1alpha1",
    kind: "ServiceLevelObjective",
    metadata: { name: "shop-up" },
    spec: { target: "90", window: "2d", indicator: { bool_gauge: { metric: 'probe_up{job="shop"}' } } },
  }),
};

/** What Sloth and Pyrra generate for the files above, as their own generators have it. */
const slothId = { sloth_id: "shop-errors", sloth_service: "shop", sloth_slo: "errors" };
const slothRatio = (window: string) => ({
  record: `slo:sli_error:ratio_rate${window}`,
  expr: `(sum(rate(${BAD}[${window}])))\n/\n(sum(rate(${TOTAL}[${window}])))\n`,
  labels: { ...slothId, sloth_window: window },
});
const RULES = {
  groups: [
    {
      name: "sloth-slo-sli-recordings-shop-errors",
      interval: "1s",
      rules: ["5m", "30m", "1h", "2h", "6h", "1d", "3d"].map(slothRatio),
    },
    {
      name: "shop-errors-increase",
      interval: "1s",
      rules: [
        {
          record: "http_requests:increase2d",
          expr: `sum by (code) (increase(${TOTAL}[2d]))`,
          labels: { job: "shop", slo: "shop-errors" },
        },
      ],
    },
  ],
};

const endpoints: readonly CodeEndpoint[] = ROUTES.map((route) => ({ method: "GET", route, path: "src/orders.ts" }));

describe("budgets of known traffic on a real Prometheus", { timeout: 180_000 }, () => {
  const running: { stop(): Promise<void> }[] = [];
  let prometheus: Prometheus;
  let slots: readonly Slot[];
  let statuses: ReadonlyMap<string, ObjectiveStatus>;
  let asked: readonly string[];
  let now: number;

  before(async () => {
    const binary = await findPrometheus();
    assert.ok(binary, "prometheus is needed: apt-get install prometheus, or name the program in PROMETHEUS");
    const folder = await mkdtemp(join(tmpdir(), "slo-lens-"));
    running.push({ stop: () => rm(folder, { recursive: true, force: true }) });
    slots = made(Date.now() / 1000);
    prometheus = await startPrometheus({
      binary,
      folder,
      targets: {},
      scrapeSeconds: 1,
      rules: RULES,
      fill: async (data) => {
        await mkdir(data, { recursive: true });
        const file = join(folder, "traffic.openmetrics");
        await writeFile(file, openMetrics(slots));
        const promtool =
          process.env.PROMTOOL ?? (process.env.PROMETHEUS ? join(dirname(binary), "promtool") : "promtool");
        await promisify(execFile)(promtool, ["tsdb", "create-blocks-from", "openmetrics", "--quiet", file, data]);
      },
    });
    running.push(prometheus);
    await untilRecorded(prometheus.url);
    const { slos } = loadSlos(Object.entries(FILES).map(([name, text]) => ({ path: `${name}.yaml`, text })));
    assert.equal(slos.length, Object.keys(FILES).length + 1);
    const matches = matchSlos(endpoints, slos, { selectorsOf: queryTools.selectorsOf, serviceOf: () => "shop" });
    const queries: string[] = [];
    const fetch = createHttp();
    const source = createPrometheus({
      url: prometheus.url,
      fetch: (request) => {
        queries.push(new URLSearchParams(request.body).get("query") ?? "");
        return fetch(request);
      },
    });
    now = Date.now();
    const report = await evaluate({ slos, matches, source, now, signal: AbortSignal.timeout(60_000) });
    assert.deepEqual(report.problems, []);
    statuses = new Map(report.objectives.map((status) => [status.id, status]));
    asked = queries;
  });

  after(async () => {
    for (const it of running.reverse()) await it.stop();
  });

  const statusOf = (id: string): ObjectiveStatus => {
    const status = statuses.get(id);
    assert.ok(status, `${id} is among ${[...statuses.keys()].join(", ")}`);
    return status;
  };
  const idOf = (name: string) => [...statuses.keys()].find((id) => id.endsWith(name)) ?? name;
  const since = (from: number) => slots.filter((slot) => slot.start >= from);
  const steps = SLOT / STEP;
  const sum = (of: readonly Slot[], count: (slot: Slot) => number) =>
    of.reduce((total, slot) => total + count(slot) * steps, 0);
  const all = (slot: Slot) => slot.requests.reduce((total, [it]) => total + it, 0);
  const bad = (slot: Slot) => slot.requests.reduce((total, [, it]) => total + it, 0);
  /** The last two days. The slot that holds their begin is idle. */
  const window = () => since(now / 1000 - 2 * DAY);
  const near = (actual: number | undefined, expected: number, tolerance: number, what: string) =>
    assert.ok(
      actual !== undefined && Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
      `${what} is ${actual}, and was counted as ${expected}`,
    );
  /** `increase` stretches what it sees towards both ends of its look-back, by a sample at most. */
  const STRETCH = (1.6 * STEP) / (2 * DAY);

  test("request-weighted over a rolling window", () => {
    const [total, failed] = [sum(window(), all), sum(window(), bad)];
    for (const id of ["shop/rolling", idOf("shop-errors")]) {
      const status = statusOf(id);
      near(status.total, total, STRETCH, `${id}: total`);
      near(status.bad, failed, STRETCH, `${id}: bad`);
      near(status.sli, 1 - failed / total, 1e-9, `${id}: SLI`);
      near(status.budgetRemaining, 1 - failed / total / 0.05, 1e-9, `${id}: budget`);
      assert.equal(status.method, "request-weighted");
      assert.equal(status.coversSeconds, undefined, `${id} covers its window`);
    }
  });

  test("request-weighted since midnight in Tokyo", () => {
    const midnight = Math.floor((now / 1000 + 9 * HOUR) / DAY) * DAY - 9 * HOUR;
    const [total, failed] = [sum(since(midnight), all), sum(since(midnight), bad)];
    const status = statusOf("shop/calendar");
    if (total === 0) {
      assert.equal(status.state, "no-data");
      return;
    }
    // Midnight cuts through traffic: a sample more or less at the edge.
    near(status.total, total, 0.02, "total");
    near(status.bad, failed, 0.05, "bad");
  });

  test("slices of a minute and of five, empty ones neither good nor bad", () => {
    const busy = window().filter((slot) => all(slot) > 0);
    const failing = busy.filter((slot) => (all(slot) - bad(slot)) / all(slot) < 0.9);
    assert.ok(failing.length > 5 && busy.length < window().length - 40, "the traffic has both");
    for (const id of ["shop/minutes", "shop/slots"]) {
      const status = statusOf(id);
      assert.equal(status.method, "timeslices");
      near(status.sli, 1 - failing.length / busy.length, 1e-9, `${id}: SLI`);
      near(status.budgetRemaining, 1 - (failing.length * SLOT) / (0.05 * 2 * DAY), 1e-9, `${id}: budget`);
    }
  });

  test("the mean of slices", () => {
    const busy = window().filter((slot) => all(slot) > 0);
    const mean = busy.reduce((total, slot) => total + (all(slot) - bad(slot)) / all(slot), 0) / busy.length;
    const status = statusOf("shop/mean");
    assert.equal(status.method, "ratio-timeslices");
    near(status.sli, mean, 1e-9, "SLI");
    near(status.budgetRemaining, 1 - (1 - mean) / 0.05, 1e-6, "budget");
    const weighted = 1 - sum(window(), bad) / sum(window(), all);
    assert.ok(Math.abs(mean - weighted) > 1e-4, "another number than the request-weighted one");
  });

  test("thresholds and gauges are a share of the time", () => {
    const slow = window().filter((slot) => slot.p95 > 400).length / window().length;
    near(statusOf("shop/threshold").sli, 1 - slow, 0.003, "threshold");
    const up = window().filter((slot) => slot.isUp === 1).length / window().length;
    const status = statusOf(idOf("shop-up"));
    near(status.sli, up, 0.003, "gauge");
    assert.equal(status.method, "time-weighted");
    assert.equal(status.bad, undefined, "time is no request");
  });

  test("what Sloth's query takes away is counted as what was slow", () => {
    const status = statusOf("shop/latency");
    // Sloth's own default is thirty days; three are there.
    near(status.total, sum(slots, all), 0.001, "total");
    near(
      status.bad,
      sum(slots, (slot) => all(slot) - slot.quick),
      0.001,
      "bad",
    );
    near(status.coversSeconds, 3 * DAY, 0.1, "reach");
    assert.match(status.reason, /Counted over the last (2 d \d+ h|3 d) only, not over the 30 d of the window/);
  });

  test("burn rates are those of each look-back", () => {
    const status = statusOf("shop/errors");
    for (const { windowSeconds, rate } of status.burnRates.filter((each) => each.windowSeconds >= 6 * HOUR)) {
      const from = since(now / 1000 - windowSeconds);
      near(rate, sum(from, bad) / sum(from, all) / 0.05, 0.05, `burn over ${windowSeconds} s`);
    }
    assert.deepEqual(
      status.burnRates.filter((each) => each.windowSeconds <= 1800).map((each) => each.rate),
      [undefined, undefined],
      "without traffic there is no burn",
    );
  });

  test("each endpoint has its part of traffic and failures", () => {
    const { endpoints: shares } = statusOf("shop/rolling");
    ROUTES.forEach((route, index) => {
      const share = shares.find((each) => each.route === route);
      const own = (which: 0 | 1) => sum(window(), (slot) => slot.requests[index]![which]);
      near(share?.shareOfTraffic, own(0) / sum(window(), all), 1e-6, `${route}: traffic`);
      near(share?.shareOfBad, own(1) / sum(window(), bad), 1e-6, `${route}: failures`);
    });
  });

  test("what Sloth and Pyrra have recorded is read instead of days of raw series", () => {
    const days = asked.filter((query) => /\[(1|3)d\]/.test(query) && query.includes(BAD.slice(0, 40)));
    const ofErrors = statusOf("shop/errors");
    assert.ok(ofErrors.burnRates.some((each) => each.windowSeconds === 3 * DAY && each.rate !== undefined));
    assert.ok(asked.some((query) => query.includes("http_requests:increase2d")));
    assert.ok(!days.some((query) => query.includes('code=~"5.."}[3d]')), days.join("\n"));
  });

  test("the burn-down ends where the budget stands", () => {
    const status = statusOf("shop/rolling");
    assert.equal(status.history?.[0]?.[1], 1);
    near(status.history?.at(-1)?.[1], status.budgetRemaining!, 0.02, "the last point");
  });
});

async function untilRecorded(url: string): Promise<void> {
  const query = 'count({__name__=~"slo:sli_error:ratio_rate3d|http_requests:increase2d"})';
  const deadline = Date.now() + 30_000;
  for (;;) {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    if (Number(data.result[0]?.value[1] ?? 0) >= 3) return;
    assert.ok(Date.now() < deadline, "the rules were not recorded");
    await wait(100);
  }
}
