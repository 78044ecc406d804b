import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { StatusReport } from "../../slo/model.ts";
import { queryTools } from "../../slo/query-tools.ts";
import { parseExposition } from "../../slo/telemetry/exposition.ts";
import { createPrometheus } from "../../slo/telemetry/prometheus.ts";
import { createRefresher, pauseSeconds } from "../../slo/telemetry/refresher.ts";
import { createScrape } from "../../slo/telemetry/scrape.ts";
import { evaluatePromql, type Scrape } from "../../slo/telemetry/scrape-promql.ts";
import { readSnapshot, writeSnapshot } from "../../slo/telemetry/snapshot.ts";
import type { Clock, Fetch, FetchRequest } from "../../slo/telemetry/source.ts";

const never = new AbortController().signal;
const json = (body: unknown, status = 200) => ({
  ok: true as const,
  status,
  contentType: "application/json",
  text: JSON.stringify(body),
});
const vector = (...samples: readonly (readonly [Record<string, string>, string])[]) =>
  json({
    status: "success",
    data: { resultType: "vector", result: samples.map(([metric, value]) => ({ metric, value: [0, value] })) },
  });

// --- the text format -----------------------------------------------------------------------------------------------

test("a page of metrics is read, broken lines are counted", () => {
  const { series, badLines } = parseExposition(
    [
      "# HELP http_requests_total Requests.",
      "# TYPE http_requests_total counter",
      'http_requests_total{method="GET",route="/a{b}",note="say \\"hi\\"\\n\\\\"} 1.5e3 1700000000000',
      "up 1",
      'x_bucket{le="+Inf"} +Inf # {trace_id="1"} 0.5',
      "y NaN",
      '{"http.server.duration","a.b"="c"} 2',
      "broken{",
      "no_value",
      "",
    ].join("\n"),
  );
  assert.equal(badLines, 2);
  assert.deepEqual(series[0], {
    name: "http_requests_total",
    labels: { method: "GET", route: "/a{b}", note: 'say "hi"\n\\' },
    value: 1500,
  });
  assert.deepEqual(
    series.slice(1).map((each) => [each.name, each.value]),
    [
      ["up", 1],
      ["x_bucket", Number.POSITIVE_INFINITY],
      ["y", Number.NaN],
      ["http.server.duration", 2],
    ],
  );
  assert.deepEqual(series[4]?.labels, { "a.b": "c" });
});

test("any text is read without throwing, and a bound holds", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "{", "}", '"', "\\", "=", ",", " ", "\n", "1", "#") }),
      (text) => void parseExposition(text),
    ),
  );
  assert.deepEqual(parseExposition("a 1\nb 2\nc 3", 2), {
    series: [
      { name: "a", labels: {}, value: 1 },
      { name: "b", labels: {}, value: 2 },
    ],
    badLines: 0,
    isCut: true,
  });
});

// --- PromQL over scrapes -------------------------------------------------------------------------------------------

const page = (values: Readonly<Record<string, number>>, time: number, startTime?: number): Scrape => ({
  time,
  series: parseExposition(
    Object.entries(values)
      .map(([name, value]) => `${name} ${value}`)
      .join("\n"),
  ).series,
  ...(startTime === undefined ? {} : { startTime }),
});
const one = (query: string, scrapes: readonly Scrape[]) => {
  const result = evaluatePromql(query, scrapes);
  assert.ok(result.ok, JSON.stringify(result));
  return result.samples[0]?.value;
};

test("increase over scrapes counts resets and series that appear later", () => {
  const scrapes = [page({ a: 100 }, 0), page({ a: 130 }, 60), page({ a: 5 }, 120), page({ a: 25, b: 7 }, 180)];
  assert.equal(one("increase(a[3m])", scrapes), 30 + 5 + 20);
  assert.equal(one("increase(b[3m])", scrapes), 7, "what appears later began at zero");
  assert.equal(one("increase(a[1m])", scrapes), 20);
  assert.equal(one("sum(rate(a[3m]))", scrapes), 55 / 180);
});

test("a process younger than the look-back is counted from its start by one scrape, and says how far that reaches", () => {
  const result = evaluatePromql("sum(increase(a[28d]))", [page({ a: 42 }, 10_000, 6400)]);
  assert.deepEqual(result, { ok: true, samples: [{ labels: {}, value: 42 }], coversSeconds: 3600 });
  const short = evaluatePromql("sum(increase(a[5m]))", [page({ a: 42 }, 10_000, 6400)]);
  assert.ok(
    short.ok && short.samples.length === 0,
    "what happened in the last five minutes is not known from one scrape",
  );
});

test("a restart between two scrapes is seen even where the counter has grown", () => {
  assert.equal(one("increase(a[1m])", [page({ a: 10 }, 0, -100), page({ a: 50 }, 60, 30)]), 50);
});

test("the increase over scrapes equals the events counted one by one", () => {
  const step = fc.record({ events: fc.integer({ min: 0, max: 50 }), restart: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
      let counter = 3;
      let start = -1000;
      let counted = 0;
      const scrapes = [page({ a: counter }, 0, start)];
      steps.forEach((each, index) => {
        if (each.restart) {
          counter = 0;
          start = index * 60 + 30;
        }
        counter += each.events;
        counted += each.events;
        scrapes.push(page({ a: counter }, (index + 1) * 60, start));
      });
      assert.equal(one(`increase(a[${steps.length}m])`, scrapes), counted);
    }),
  );
});

test("aggregation, arithmetic, comparison and set operators", () => {
  const scrapes = [page({ 'r{code="200",job="x"}': 90, 'r{code="500",job="x"}': 10, 'r{code="404",job="y"}': 5 }, 0)];
  assert.equal(one("sum(r)", scrapes), 105);
  assert.equal(one('sum(r{code=~"5.."}) / sum(r{job="x"})', scrapes), 0.1);
  assert.equal(one('1 - sum(r{code!~"5.."}) / sum(r)', scrapes), 1 - 95 / 105);
  assert.equal(one('sum(r{code="418"}) or vector(0)', scrapes), 0);
  assert.equal(one("sum(r) > bool 100", scrapes), 1);
  assert.equal(one("sum(r) > 1000", scrapes), undefined);
  assert.equal(
    one('clamp_max(sum by (job) (r{job="x"}) - on (job) sum by (job) (r{job="x",code="500"}), 50)', scrapes),
    50,
  );
  assert.equal(one("2 ^ 3 * -1", scrapes), -8);
  const grouped = evaluatePromql("sum by (job) (r)", scrapes);
  assert.deepEqual(grouped.ok && grouped.samples.map((sample) => [sample.labels.job, sample.value]), [
    ["x", 100],
    ["y", 5],
  ]);
});

test("labels that a server adds when it scrapes are not asked of a page", () => {
  assert.equal(one('sum(a{job="shop",namespace="prod"})', [page({ a: 3 }, 0)]), 3);
  assert.equal(
    one('sum(a{job="shop"})', [page({ 'a{job="other"}': 3 }, 0)]),
    undefined,
    "a label that is there counts",
  );
});

test("what only a server can compute is named, what is broken is refused", () => {
  const result = (query: string) => evaluatePromql(query, [page({ a: 1 }, 0)]);
  assert.deepEqual(result("max_over_time(rate(a[1m])[1h:5m])"), {
    ok: false,
    kind: "beyond-scrape",
    detail: "subquery",
  });
  assert.deepEqual(result("histogram_quantile(0.9, a)"), {
    ok: false,
    kind: "beyond-scrape",
    detail: "histogram_quantile()",
  });
  assert.equal(result("sum(").ok, false);
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom("a", "(", ")", "[5m]", "sum", " by ", "{", "}", "+", "/", "1", '"', "rate", ",", "="),
      }),
      (query) => void result(query),
    ),
  );
});

// --- sources -------------------------------------------------------------------------------------------------------

test("equal questions are asked once, a few at a time", async () => {
  let running = 0;
  let most = 0;
  const asked: string[] = [];
  const fetch: Fetch = async (request) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    asked.push(new URLSearchParams(request.body).get("query") ?? "");
    return vector([{}, "1"]);
  };
  const source = createPrometheus({ url: "http://p:9090", fetch, parallel: 3 });
  const answers = await source.query(
    Array.from({ length: 20 }, (_, index) => ({ key: `${index}`, query: `q${index % 10}` })),
    never,
  );
  assert.equal(answers.size, 20);
  assert.deepEqual(asked.toSorted(), [...Array.from({ length: 10 }, (_, index) => `q${index}`), "time()"]);
  assert.equal(most, 3);
});

test("the queries of one batch are all answered for one moment of the server's clock", async () => {
  const times: (string | null)[] = [];
  const fetch: Fetch = async (request) => {
    const form = new URLSearchParams(request.body);
    times.push(form.get("time"));
    return form.get("query") === "time()"
      ? json({ status: "success", data: { resultType: "scalar", result: [1.7e9, "1700000000.125"] } })
      : vector([{}, "1"]);
  };
  const queries = ["good", "total", "bad"].map((query) => ({ key: query, query }));
  await createPrometheus({ url: "http://p:9090", fetch }).query(queries, never);
  assert.deepEqual(times, [null, "1700000000.125", "1700000000.125", "1700000000.125"]);
});

test("the address keeps its path prefix and takes what people paste", async () => {
  const seen: FetchRequest[] = [];
  const fetch: Fetch = async (request) => {
    seen.push(request);
    return vector();
  };
  const urls = [
    "http://m/prometheus",
    "http://m/prometheus/",
    "http://m/prometheus/api/v1",
    "http://m/prometheus/graph?g0.expr=up",
  ];
  for (const url of urls)
    await createPrometheus({ url, fetch, headers: { "X-Scope-OrgID": "a" } }).query([{ key: "a", query: "up" }], never);
  assert.deepEqual(
    seen.map((request) => request.url.replace(/\?.*/, "")),
    urls.map(() => "http://m/prometheus/api/v1/query"),
  );
  assert.ok(seen.every((request) => request.method === "POST" && request.headers["X-Scope-OrgID"] === "a"));
});

test("values that are no numbers stay texts", async () => {
  const source = createPrometheus({
    url: "http://p",
    fetch: async () => vector([{}, "NaN"], [{}, "+Inf"], [{ a: "b" }, "2"]),
  });
  const answer = (await source.query([{ key: "a", query: "x" }], never)).get("a");
  assert.deepEqual(answer?.ok && answer.samples, [
    { labels: {}, text: "NaN" },
    { labels: {}, text: "+Inf" },
    { labels: { a: "b" }, value: 2, text: "2" },
  ]);
});

test("once a server cannot be reached the rest is not asked", async () => {
  let asked = 0;
  const fetch: Fetch = async () => {
    asked++;
    return { ok: false, failure: "refused", detail: "" };
  };
  const source = createPrometheus({ url: "http://p", fetch, parallel: 1 });
  const answers = await source.query(
    Array.from({ length: 50 }, (_, index) => ({ key: `${index}`, query: `q${index}` })),
    never,
  );
  assert.equal(asked, 1);
  assert.ok([...answers.values()].every((answer) => !answer.ok && answer.fault.kind === "refused"));
});

test("a refused query spoils only itself", async () => {
  const fetch: Fetch = async (request) =>
    request.body?.includes("bad")
      ? json({ status: "error", errorType: "bad_data", error: "parse error" }, 400)
      : vector([{}, "1"]);
  const answers = await createPrometheus({ url: "http://p", fetch, parallel: 1 }).query(
    [
      { key: "a", query: "bad" },
      { key: "b", query: "fine" },
    ],
    never,
  );
  const bad = answers.get("a");
  assert.ok(bad?.ok === false && bad.fault.kind === "query-refused" && bad.fault.data.detail === "parse error");
  assert.equal(answers.get("b")?.ok, true);
});

test("a scrape answers the same questions from a page, and its memory grows with each", async () => {
  let now = 1_000_000_000;
  let count = 10;
  const fetch: Fetch = async () => ({
    ok: true,
    status: 200,
    contentType: "text/plain",
    text: `hits_total ${count}\nprocess_start_time_seconds 990000\n`,
  });
  const source = createScrape({ url: "http://localhost:3000/metrics", fetch, clock: { now: () => now } });
  const ask = async (query: string) => {
    const answer = (await source.query([{ key: "a", query }], never)).get("a");
    return answer?.ok ? [answer.samples[0]?.value, answer.coversSeconds] : answer;
  };
  assert.deepEqual(await ask("sum(increase(hits_total[30d]))"), [10, 10_000]);
  assert.deepEqual(await ask("sum(increase(hits_total[5m]))"), [undefined, 0]);
  now += 300_000;
  count = 25;
  assert.deepEqual(await ask("sum(increase(hits_total[5m]))"), [15, 300]);
});

test("a page that is no metrics says so", async () => {
  const source = (text: string) =>
    createScrape({
      url: "http://x/",
      fetch: async () => ({ ok: true, status: 200, contentType: "text/html", text }),
      clock: { now: () => 0 },
    });
  const kind = async (text: string) => {
    const answer = (await source(text).query([{ key: "a", query: "a" }], never)).get("a");
    return answer?.ok === false ? answer.fault.kind : "ok";
  };
  assert.equal(await kind("<!doctype html><title>Login"), "html");
  assert.equal(await kind("Not Found"), "not-metrics");
});

// --- snapshot ------------------------------------------------------------------------------------------------------

const report: StatusReport = {
  evaluatedAt: "2026-11-23T10:00:00.000Z",
  source: { kind: "prometheus", name: "http://p:9090" },
  objectives: [
    {
      id: "shop/availability",
      state: "burning",
      reason: "Burning.",
      cause: { key: "burning", data: { longBurn: 6.2 } },
      good: 1,
      bad: 2,
      total: 3,
      sli: 1 / 3,
      budgetRemaining: -0.5,
      burnRates: [{ windowSeconds: 300 }, { windowSeconds: 3600, rate: 6.2 }],
      method: "request-weighted",
      endpoints: [{ method: "GET", route: "/a", shareOfTraffic: 0.5 }],
      history: [[1, 0.5]],
    },
  ],
  problems: ["one"],
};

test("a snapshot is read as it was written, but for its source", () => {
  const read = readSnapshot("status.json", writeSnapshot(report));
  assert.deepEqual(read.ok && read.report, { ...report, source: { kind: "snapshot", name: "status.json" } });
});

test("a snapshot of others is checked field by field", () => {
  const objectives = [
    null,
    { id: 5 },
    { id: "a", state: "great" },
    {
      id: "b",
      state: "healthy",
      reason: 7,
      sli: 2,
      bad: -1,
      burnRates: [{ windowSeconds: "x" }],
      endpoints: "no",
      total: null,
    },
  ];
  const read = readSnapshot("s.json", JSON.stringify({ evaluatedAt: "2026-01-01", objectives }));
  assert.deepEqual(read.ok && read.report.objectives, [
    { id: "b", state: "healthy", reason: "", burnRates: [], method: "request-weighted", endpoints: [] },
  ]);
  for (const text of ["", "[]", "{}", '{"objectives":[],"evaluatedAt":"soon"}'])
    assert.equal(readSnapshot("s.json", text).ok, false, text);
});

test("any JSON is a snapshot or a fault, and its numbers are finite", () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.record({
        id: fc.string(),
        state: fc.constantFrom("healthy", "x"),
        total: fc.jsonValue(),
        burnRates: fc.jsonValue(),
        history: fc.jsonValue(),
      }),
      (any, objective) => {
        readSnapshot("s", JSON.stringify(any));
        const read = readSnapshot("s", JSON.stringify({ evaluatedAt: "2026-01-01", objectives: [objective] }));
        assert.ok(read.ok);
        assert.doesNotMatch(JSON.stringify(read.report), /null|NaN/);
      },
    ),
  );
});

// --- refresher -----------------------------------------------------------------------------------------------------

/** A clock whose sleeps end when told to. */
function fakeClock() {
  let now = 0;
  const sleeping: { readonly ms: number; readonly wake: () => void }[] = [];
  const waiting: (() => void)[] = [];
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((wake) => {
        signal.addEventListener("abort", () => wake());
        sleeping.push({ ms, wake });
        for (const each of waiting.splice(0)) each();
      }),
  };
  return {
    clock,
    /** Lets the time of the sleep under way pass; resolves when the next begins, to its length in milliseconds. */
    async pass(): Promise<number> {
      if (sleeping.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      return sleeping[0]!.ms;
    },
    wake() {
      const { ms, wake } = sleeping.shift()!;
      now += ms;
      wake();
    },
  };
}

test("however many ask, one run is under way", async () => {
  let runs = 0;
  const refresher = createRefresher({
    run: async () => ++runs,
    isFailure: () => false,
    clock: fakeClock().clock,
    random: () => 0.5,
  });
  const answers = await Promise.all([refresher.refresh(), refresher.refresh(), refresher.refresh()]);
  assert.deepEqual(
    answers.map((answer) => answer.value),
    [1, 1, 1],
  );
  assert.equal((await refresher.refresh()).value, 2);
});

test("failures keep the last good value and pause longer each time", async () => {
  const fake = fakeClock();
  const results = ["good", "bad", "bad", "good"];
  const refresher = createRefresher({
    run: async () => results.shift() ?? "bad",
    isFailure: (value) => value === "bad",
    clock: fake.clock,
    random: () => 0.5,
    everySeconds: 100,
  });
  refresher.start();
  assert.equal(await fake.pass(), 100_000);
  fake.wake();
  assert.equal(await fake.pass(), 200_000);
  assert.deepEqual(refresher.current(), { value: "good", at: 0, failure: "bad" });
  assert.equal(refresher.ageSeconds(), 100);
  fake.wake();
  assert.equal(await fake.pass(), 400_000);
  fake.wake();
  assert.equal(await fake.pass(), 100_000, "a success ends the pause");
  assert.equal(refresher.current()?.failure, undefined);
  refresher.stop();
});

test("stopping aborts the run under way and nothing is kept of it", async () => {
  let aborted = false;
  const refresher = createRefresher<string>({
    run: (signal) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => {
          aborted = true;
          resolve("late");
        }),
      ),
    isFailure: () => false,
    clock: fakeClock().clock,
    random: () => 0,
  });
  const running = refresher.refresh();
  refresher.stop();
  await running;
  assert.equal(aborted, true);
  assert.equal(refresher.current(), undefined);
});

test("pauses are bounded and never in step", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 600 }),
      fc.nat(2000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (every, failures, random) => {
        const pause = pauseSeconds(every, failures, 3600, random);
        assert.ok(pause >= every * 0.8 && pause <= 3600 * 1.2 + 1e-6);
      },
    ),
  );
  assert.notEqual(pauseSeconds(300, 1, 3600, 0.1), pauseSeconds(300, 1, 3600, 0.9));
});

// --- queries -------------------------------------------------------------------------------------------------------

test("queries of any tool become counts over a look-back", () => {
  const table: readonly (readonly [string, string])[] = [
    [
      'sum(rate(http_requests_total{job="a",code=~"5.."}[{{.window}}]))',
      'sum(increase(http_requests_total{job="a",code=~"5.."}[1h]))',
    ],
    ["sum(rate(a[5m])) - sum(rate(b[5m]))", "sum(increase(a[1h])) - sum(increase(b[1h]))"],
    ['http_requests_total{code=~"5.."}', 'sum(increase(http_requests_total{code=~"5.."}[1h]))'],
    ["sum(http_requests_total)", "sum(increase(http_requests_total[1h]))"],
    ["sum(increase(a[{{ .window }}]))", "sum(increase(a[1h]))"],
  ];
  for (const [query, expected] of table) assert.equal(queryTools.countOf(query, 3600), expected);
  assert.equal(queryTools.countOf("sum(", 3600), undefined);
});
