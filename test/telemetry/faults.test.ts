/** What servers do when they fail, done by a real one on the loopback: each fault has its words, and none a verdict. */
import assert from "node:assert/strict";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { createHttp, type OriginToken } from "../../platform/http.ts";
import { evaluate } from "../../slo/status.ts";
import { createPrometheus } from "../../slo/telemetry/prometheus.ts";
import { createScrape } from "../../slo/telemetry/scrape.ts";
import type { Fetch, Source } from "../../slo/telemetry/source.ts";
import { say } from "../../slo/words.ts";
import { cert, key } from "./self-signed.ts";
import { json, serve, servers, slo, vector } from "./stub-server.ts";

const signal = new AbortController().signal;
const http = (tokens: readonly OriginToken[] = []): Fetch => createHttp(() => tokens);

async function statusFrom(source: Source) {
  const report = await evaluate({ slos: [slo], matches: [], source, now: Date.now(), signal });
  return { status: report.objectives[0]!, report };
}

/** Every fault: no verdict, no number, words in both languages, and never the token. */
async function faultOf(
  url: string,
  options: { readonly fetch?: Fetch; readonly timeoutMs?: number; readonly maxBytes?: number } = {},
): Promise<string> {
  const { status, report } = await statusFrom(createPrometheus({ url, fetch: http(), timeoutMs: 5000, ...options }));
  assert.equal(status.state, "no-data");
  assert.equal(status.budgetRemaining, undefined);
  assert.equal(status.total, undefined);
  assert.deepEqual(
    status.burnRates.filter((rate) => rate.rate !== undefined),
    [],
  );
  assert.ok(report.problems.length >= 1);
  const ja = say(status.cause!, "ja");
  assert.match(ja, /テレメトリを取得できませんでした/);
  assert.doesNotMatch(JSON.stringify(report) + ja, /secret/);
  return status.reason;
}

test("a server that refuses", async () => {
  const { origin } = await serve(() => {});
  servers.at(-1)!.close();
  servers.at(-1)!.closeAllConnections();
  assert.equal(
    await faultOf(origin),
    `Telemetry could not be read: ${origin} refused the connection. Is it running, and is the port right?`,
  );
});

test("a server that never answers is given up at the limit, once for the whole batch", async () => {
  const { origin, got } = await serve(() => {});
  assert.match(await faultOf(origin, { timeoutMs: 60 }), /did not answer in time \(60 ms\)/);
  assert.ok(got.length <= 6, "only the queries under way when it stalled were asked");
});

test("a server that stalls in the middle of its answer", async () => {
  const { origin } = await serve((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"status":');
  });
  assert.match(await faultOf(origin, { timeoutMs: 60 }), /did not answer in time/);
});

test("503 by a proxy, and 503 by the API with its reason", async () => {
  const proxy = await serve((_, response) => {
    response.writeHead(503, { "content-type": "text/html" });
    response.end("<html>Service Unavailable</html>");
  });
  assert.match(await faultOf(proxy.origin), /answered with status 503/);
  const api = await serve((_, response) =>
    json(response, { status: "error", errorType: "timeout", error: "query timed out in expression evaluation" }, 503),
  );
  assert.match(await faultOf(api.origin), /gave up on the query \(query timed out in expression evaluation\)/);
});

test("a web page instead of data", async () => {
  const { origin } = await serve((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>Sign in</title>");
  });
  assert.match(await faultOf(origin), /answered with a web page instead of data/);
});

test("something that is no JSON, and JSON of something else", async () => {
  const text = await serve((_, response) => response.end("hello"));
  assert.match(await faultOf(text.origin), /something that is not JSON/);
  const other = await serve((_, response) => json(response, { hits: [] }));
  assert.match(await faultOf(other.origin), /not the way the Prometheus API does/);
});

test("a wrong path, a missing token, too many questions", async () => {
  const answering = async (status: number) => (await serve((_, response) => response.writeHead(status).end())).origin;
  assert.match(await faultOf(await answering(404)), /Is a path prefix missing/);
  assert.match(await faultOf(await answering(401)), /wants a token/);
  assert.match(await faultOf(await answering(429)), /has more queries than it can take/);
});

test("an answer without end is cut at the limit, announced or not, packed or not", async () => {
  const flood = "x".repeat(100_000);
  const streamed = await serve((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const more = () => {
      while (!response.destroyed && response.write(flood)) {}
    };
    response.on("drain", more);
    more();
  });
  assert.match(await faultOf(streamed.origin, { maxBytes: 200_000 }), /was too large/);
  const announced = await serve((_, response) => response.writeHead(200, { "content-length": "999999999" }).write("{"));
  assert.match(await faultOf(announced.origin, { maxBytes: 200_000 }), /was too large/);
  const packed = await serve((_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(flood.repeat(100))),
  );
  assert.match(await faultOf(packed.origin, { maxBytes: 200_000 }), /was too large/);
});

test("a connection that is cut", async () => {
  const { origin } = await serve((request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write("{");
    setImmediate(() => request.socket.destroy());
  });
  assert.match(await faultOf(origin), /closed the connection before its answer was complete/);
});

test("NaN is no data and no verdict", async () => {
  const { origin } = await serve((_, response) => vector(response, ["NaN"]));
  const { status } = await statusFrom(createPrometheus({ url: origin, fetch: http() }));
  assert.equal(status.state, "no-data");
  assert.match(status.reason, /result of the query is not a number/);
  assert.doesNotMatch(JSON.stringify({ ...status, reason: "", cause: "" }), /NaN|null/);
});

test("a vector of which a part is no number is no sum", async () => {
  const { origin } = await serve((_, response) => vector(response, ["10", "+Inf"]));
  const { status } = await statusFrom(createPrometheus({ url: origin, fetch: http() }));
  assert.equal(status.state, "no-data");
});

test("an answer that the server calls partial keeps its verdict and says so", async () => {
  const { origin } = await serve((_, response, body) => {
    const isBad = new URLSearchParams(body).get("query")?.includes("500") === true;
    vector(response, [isBad ? "1" : "100000"], { warnings: ["store 10.0.0.1:10901 is down"] });
  });
  const { status } = await statusFrom(createPrometheus({ url: origin, fetch: http() }));
  assert.equal(status.state, "healthy");
  assert.equal(status.isPartial, true);
  assert.match(status.reason, /The answer was partial/);
});

test("one query that the server refuses leaves the others", async () => {
  const { origin } = await serve((_, response, body) => {
    const query = new URLSearchParams(body).get("query") ?? "";
    if (query.includes("[3d]"))
      return json(
        response,
        { status: "error", errorType: "execution", error: "many-to-many matching not allowed" },
        422,
      );
    vector(response, [query.includes("500") ? "1" : "100000"]);
  });
  const { status, report } = await statusFrom(createPrometheus({ url: origin, fetch: http() }));
  assert.equal(status.state, "healthy");
  assert.equal(status.burnRates.find((rate) => rate.windowSeconds === 3 * 86_400)?.rate, undefined);
  assert.deepEqual(report.problems, [`${origin} refused the query: many-to-many matching not allowed`]);
});

test("the token goes to its origin, as a header only", async () => {
  const { origin, got } = await serve((_, response) => vector(response, ["1"]));
  await statusFrom(
    createPrometheus({ url: origin, fetch: http([{ origin, token: "secret" }]), headers: { "X-Scope-OrgID": "team" } }),
  );
  assert.ok(got.length > 0);
  for (const request of got) {
    assert.equal(request.headers.authorization, "Bearer secret");
    assert.equal(request.headers["x-scope-orgid"], "team");
    assert.doesNotMatch(request.url ?? "", /secret/);
  }
});

test("a user and a password go as Basic, a scheme that is named as it is", async () => {
  for (const [token, sent] of [
    ["1234:pässword", `Basic ${Buffer.from("1234:pässword").toString("base64")}`],
    ["Basic abc=", "Basic abc="],
    ["glsa_x.y-z~1", "Bearer glsa_x.y-z~1"],
  ] as const) {
    const { origin, got } = await serve((_, response) => vector(response, ["1"]));
    await statusFrom(createPrometheus({ url: origin, fetch: http([{ origin, token }]) }));
    assert.ok(got.length > 0 && got.every((request) => request.headers.authorization === sent), token);
  }
});

test("a certificate that nobody has signed, and a port that speaks no TLS", async () => {
  const server = createSecureServer({ key, cert }, (_, response) => response.end("{}"));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.match(await faultOf(origin), /certificate .* is not trusted here .*NODE_EXTRA_CA_CERTS/);
  const plain = await serve((_, response) => response.end("{}"));
  assert.match(await faultOf(plain.origin.replace("http:", "https:")), /does not speak https .* Is it served as http/);
});

test("the token of one origin never goes to another", async () => {
  const { origin, got } = await serve((_, response) => vector(response, ["1"]));
  await statusFrom(createPrometheus({ url: origin, fetch: http([{ origin: "http://127.0.0.1:1", token: "secret" }]) }));
  assert.ok(got.every((request) => request.headers.authorization === undefined));
});

test("a redirect to another origin is followed without token and headers, and told when it wants one", async () => {
  const other = await serve((_, response) => response.writeHead(401).end());
  const first = await serve((request, response) =>
    response.writeHead(307, { location: `${other.origin}${request.url}` }).end(),
  );
  const tokens = [
    { origin: first.origin, token: "secret-one" },
    // A token that the user did set for the other origin was not meant to be sent because a third party said so.
    { origin: other.origin, token: "secret-two" },
  ];
  const { status, report } = await statusFrom(
    createPrometheus({ url: first.origin, fetch: http(tokens), headers: { "X-Scope-OrgID": "team" } }),
  );
  assert.ok(first.got.length > 0 && other.got.length > 0);
  assert.ok(first.got.every((request) => request.headers.authorization === "Bearer secret-one"));
  for (const request of other.got) {
    assert.equal(request.headers.authorization, undefined);
    assert.equal(request.headers["x-scope-orgid"], undefined);
  }
  assert.equal(status.state, "no-data");
  assert.match(status.reason, new RegExp(`redirects to ${other.origin}, which wants a token`));
  assert.doesNotMatch(JSON.stringify(report), /secret/);
});

test("a redirect on the same origin keeps the question and the token", async () => {
  const { origin, got } = await serve((request, response) => {
    if (request.url?.startsWith("/old")) return response.writeHead(308, { location: "/new/api/v1/query" }).end();
    vector(response, ["1"]);
  });
  const source = createPrometheus({ url: `${origin}/old`, fetch: http([{ origin, token: "secret" }]) });
  const answer = (await source.query([{ key: "a", query: "up" }], signal)).get("a");
  assert.ok(answer?.ok && answer.samples[0]?.value === 1);
  assert.equal(got[1]?.method, "POST");
  assert.equal(got[1]?.headers.authorization, "Bearer secret");
});

test("redirects in a circle end, and so do those to other schemes", async () => {
  const circle = await serve((_, response) => response.writeHead(302, { location: "/" }).end());
  assert.match(await faultOf(circle.origin), /redirects \(> 3\)/);
  const file = await serve((_, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end());
  assert.match(await faultOf(file.origin), /redirects \(→ not http\)/);
});

test("giving up aborts the exchange under way", async () => {
  const aborter = new AbortController();
  const { origin } = await serve(() => aborter.abort());
  const source = createPrometheus({ url: origin, fetch: http(), timeoutMs: 60_000 });
  const answer = (await source.query([{ key: "a", query: "up" }], aborter.signal)).get("a");
  assert.ok(answer?.ok === false && answer.fault.kind === "aborted");
});

test("addresses that are none", async () => {
  for (const url of ["", "localhost:9090", "ftp://x", "http://user:secret@127.0.0.1:1"]) {
    assert.match(await faultOf(url), /is not an http or https address/, url);
  }
});

test("a local service that is scraped fails in the same words", async () => {
  const { origin } = await serve((_, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
  );
  const { status } = await statusFrom(
    createScrape({ url: `${origin}/metrics`, fetch: http(), clock: { now: () => Date.now() } }),
  );
  assert.equal(status.state, "no-data");
  assert.match(status.reason, /answered with a web page/);
});
