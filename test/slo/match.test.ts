import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  explainMatch,
  type LabelMatcher,
  type MatchContext,
  type MatchOp,
  matchAll,
  matchSlos,
} from "../../slo/match.ts";
import type { CodeEndpoint, EndpointRef, Slo } from "../../slo/model.ts";
import { looksConcrete, parseRoute, servesPath, splitJoined } from "../../slo/route-pattern.ts";
import { matchesPattern } from "../../slo/safe-pattern.ts";

/** Enough of PromQL for these tests: `metric{label="value",…}`. */
function selectorsOf(query: string) {
  return [...query.matchAll(/([a-z_:]+)\{((?:"[^"]*"|[^}"])*)\}/g)].map((found) => ({
    metric: found[1]!,
    matchers: [...found[2]!.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(
      (matcher): LabelMatcher => ({ label: matcher[1]!, op: matcher[2] as MatchOp, value: matcher[3]! }),
    ),
  }));
}

const endpoint = (method: string, route: string, path = "src/app.ts"): CodeEndpoint => ({ method, route, path });

function slo(matchers: string, more: Partial<Slo> = {}): Slo {
  return {
    id: `${more.service ?? "shop"}/availability`,
    format: "sloth",
    path: "slo.yaml",
    range: { start: 0, end: 0 },
    service: "shop",
    name: "availability",
    target: 0.999,
    window: { kind: "rolling", seconds: 2_592_000, text: "30d" },
    method: "request-weighted",
    indicator: { type: "ratio", total: { text: `sum(rate(http_requests_total{${matchers}}[5m]))`, dialect: "promql" } },
    endpoints: [],
    grouping: [],
    labels: {},
    level: "evaluable",
    problems: [],
    ...more,
  };
}

const context = (more: Partial<MatchContext> = {}): MatchContext => ({ selectorsOf, ...more });
const applied = (endpoints: readonly CodeEndpoint[], one: Slo, more: Partial<MatchContext> = {}) =>
  matchSlos(endpoints, [one], context(more)).map(
    (match) => `${match.endpoint.method} ${match.endpoint.route} ${match.by} ${match.score}`,
  );

test("one route in every notation has one canonical form", () => {
  const same = [
    "/api/users/:id",
    "/api/users/{id}",
    "/api/users/{id:int}",
    "/api/users/[id]",
    "/api/users/<id>",
    "/api/users/<int:id>",
    "/api/users/$id",
    "/api/users/:id(\\d+)",
    "/api/users/:id(^\\d+$)",
    "api//users/:id/",
    "/api/users/#val",
  ];
  for (const text of same) assert.equal(parseRoute(text)?.canonical, "/api/users/{}", text);
  const rest = [
    "/files/*",
    "/files/{*path}",
    "/files/[...path]",
    "/files/[[...path]]",
    "/files/*path",
    "/files/:path(.*)",
    "/files/:path*",
  ];
  for (const text of rest) assert.equal(parseRoute(text)?.canonical, "/files/{**}", text);
  assert.equal(parseRoute("/")?.canonical, "/");
  assert.equal(parseRoute("/a/file-:name.json")?.canonical, "/a/file-{}.json");
  assert.equal(parseRoute("/api/users/:id?")?.canonical, "/api/users/{}");
  assert.equal(parseRoute("/other/^\\/re(gex)?$/"), undefined, "an exported regular expression is no template");
  assert.equal(parseRoute("x".repeat(5000)), undefined);
});

test("a joined label of Express' array paths is split under its mount prefix", () => {
  assert.deepEqual(splitJoined("/other/a,/b"), ["/other/a", "/other/b", "/b"]);
  assert.deepEqual(splitJoined("/a,b"), ["/a,b"]);
});

test("a route serves the paths made from it", () => {
  const segment = fc.oneof(
    fc.constantFrom("api", "users", "v1", ":id", ":slug", ":opt?"),
    fc.stringMatching(/^[a-z]{1,6}$/),
  );
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 6 }), fc.stringMatching(/^[A-Za-z0-9-]{1,8}$/), (parts, value) => {
      const route = parseRoute(`/${parts.join("/")}`)!;
      const path = parseRoute(`/${parts.map((part) => (part.startsWith(":") ? value : part)).join("/")}`)!;
      assert.ok(servesPath(route, path));
      assert.ok(!servesPath(route, parseRoute(`/~/${parts.join("/")}/~`)!));
    }),
  );
});

test("reading a route never throws and never hangs", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ maxLength: 600 }), fc.stringMatching(/^[/:*(){}<>[\].$#?a]{0,80}$/)),
      (text) => void parseRoute(text),
    ),
  );
});

test("label patterns are judged as Prometheus would, in linear time", () => {
  assert.equal(matchesPattern("/api/.*", "/api/users"), true);
  assert.equal(matchesPattern("/api/.*", "x/api/users"), false, "anchored");
  assert.equal(matchesPattern("/a|/b", "/b"), true);
  assert.equal(matchesPattern("/users/[^/]+(/posts)?", "/users/1/posts"), true);
  assert.equal(matchesPattern("5..", "503"), true);
  assert.equal(matchesPattern("(5..|429)", "429"), true);
  assert.equal(matchesPattern("\\d{2,3}", "1234"), false);
  assert.equal(matchesPattern("(?i)get", "GET"), undefined, "flags are beyond us and say so");
  assert.equal(matchesPattern("[", "x"), undefined);
  const started = performance.now();
  assert.equal(matchesPattern("(a+)+b", "a".repeat(1500)), false);
  assert.ok(performance.now() - started < 1000);
});

test("label patterns agree with JavaScript's engine where both can", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(ab)", "(a|b)", "\\.");
  const piece = fc.tuple(atom, fc.constantFrom("", "*", "+", "?", "{1,2}")).map(([a, b]) => a + b);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), fc.stringMatching(/^[ab.c]{0,8}$/), (pieces, text) => {
      const pattern = pieces.join("");
      assert.equal(matchesPattern(pattern, text), new RegExp(`^(?:${pattern})$`, "s").test(text), pattern);
    }),
  );
});

test("an explicit mapping beats everything", () => {
  const endpoints = [endpoint("GET", "/users/:id"), endpoint("POST", "/users"), endpoint("GET", "/other")];
  const mapped: Record<string, readonly EndpointRef[]> = {
    "shop/availability": [{ method: "GET", route: "/users/{id}" }],
  };
  assert.deepEqual(applied(endpoints, slo('route="/other"'), { mapped }), ["GET /users/:id explicit 1"]);
  assert.deepEqual(applied(endpoints, slo('route="/other"', { endpoints: [{ method: "*", route: "/users" }] })), [
    "POST /users explicit 1",
  ]);
  assert.deepEqual(
    applied(endpoints, slo("", { endpoints: [{ method: "GET", route: "/gone" }] })),
    [],
    "a mapping to nothing is not replaced by a guess",
  );
});

test("route labels as each library writes them", () => {
  const table: readonly (readonly [string, string, string, number])[] = [
    // OpenTelemetry: Express, Fastify, Koa, Nest
    ["/api/v1/users/:id", "http_route", "/api/v1/users/:id", 1],
    ["/api/v1/carts/:cartId/items/:itemId", "http_route", "/api/v1/carts/:cartId/items/:itemId", 1],
    ["/other/b", "http_route", "/other/a,/b", 1],
    ["/api/v1/files/*", "http_route", "/api/v1/files/*", 1],
    ["/api/v1/orders/:orderId", "http_route", "/api/v1/orders/:orderId(^\\d+$)", 0.95],
    // fastify-metrics, Micrometer, Next
    ["/api/v1/users/:id", "route", "/api/v1/users/:userId", 0.95],
    ["/users/:id", "uri", "/users/{id}", 0.95],
    ["/api/items/:id", "route", "/api/items/[id]", 0.95],
    // express-prom-bundle: masked, and a concrete path
    ["/api/v1/users/:id", "path", "/api/v1/users/#val", 0.7],
    ["/posts/:slug", "path", "/posts/hello-world", 0.7],
  ];
  for (const [route, label, value, score] of table) {
    assert.deepEqual(
      applied([endpoint("GET", route), endpoint("GET", "/unrelated")], slo(`${label}="${value}"`)),
      [`GET ${route} route-label ${score}`],
      value,
    );
  }
});

test("the method label must agree, and a missing one covers both", () => {
  const endpoints = [endpoint("GET", "/users"), endpoint("POST", "/users"), endpoint("ALL", "/users")];
  assert.deepEqual(applied(endpoints, slo('route="/users",method="POST"')), [
    "POST /users route-label 1",
    "ALL /users route-label 1",
  ]);
  assert.deepEqual(applied(endpoints, slo('route="/users",method=~"get|head"')), [
    "GET /users route-label 1",
    "ALL /users route-label 1",
  ]);
  assert.equal(applied(endpoints, slo('route="/users"')).length, 3);
});

test("a pattern on the route label takes every endpoint it fits", () => {
  const endpoints = [endpoint("GET", "/api/users/:id"), endpoint("GET", "/api/users"), endpoint("GET", "/admin")];
  assert.deepEqual(applied(endpoints, slo('handler=~"/api/.*"')), [
    "GET /api/users/:id route-label 0.9",
    "GET /api/users route-label 0.9",
  ]);
  assert.deepEqual(applied(endpoints, slo('handler=~"/api/users/[0-9]+"')), ["GET /api/users/:id route-label 0.9"]);
});

test("a gateway's prefix counts when it is known, else it is only a suggestion", () => {
  const endpoints = [endpoint("GET", "/shop/orders/:id")];
  assert.deepEqual(applied(endpoints, slo('route="/api/shop/orders/:id"'), { prefixes: ["/api"] }), [
    "GET /shop/orders/:id route-label 0.8",
  ]);
  const [match] = matchAll(endpoints, [slo('route="/api/shop/orders/:id"')], context());
  assert.equal(match?.isAmbiguous, true);
  assert.equal(match?.candidates[0]?.score, 0.5);
});

test("two routes that a concrete path could be are ambiguous: neither is taken, both are offered", () => {
  const endpoints = [endpoint("GET", "/posts/:slug"), endpoint("GET", "/:kind/hello")];
  const [match] = matchAll(endpoints, [slo('path="/posts/hello"')], context());
  assert.equal(match?.isAmbiguous, true);
  assert.deepEqual(
    match?.candidates.map((candidate) => candidate.applied),
    [false, false],
  );
});

test("the same route in two services is settled by the service, or not at all", () => {
  const endpoints = [endpoint("GET", "/health", "shop/a.ts"), endpoint("GET", "/health", "admin/a.ts")];
  const packageNames = (path: string) => [path.split("/")[0]!];
  const matches = matchSlos(endpoints, [slo('route="/health"')], context({ packageNames }));
  assert.deepEqual(
    matches.map((match) => match.endpoint.path),
    ["shop/a.ts"],
  );
  assert.deepEqual(applied(endpoints, slo('route="/health"', { service: "billing" }), { packageNames }), []);
});

test("grouping by a route label gives each endpoint its own series", () => {
  const packageNames = () => ["shop"];
  const [match] = matchSlos(
    [endpoint("GET", "/users/:id")],
    [slo("", { grouping: ["job", "handler", "method"] })],
    context({ packageNames }),
  );
  assert.equal(match?.by, "grouping");
  assert.deepEqual(match?.selector, [
    { label: "handler", value: "/users/:id" },
    { label: "method", value: "GET" },
  ]);
});

test("a service's objective goes to all its endpoints but those its selectors leave out", () => {
  const endpoints = [endpoint("GET", "/orders"), endpoint("POST", "/orders"), endpoint("GET", "/healthz")];
  const packageNames = () => ["@acme/shop"];
  assert.deepEqual(applied(endpoints, slo('job="x",handler!="/healthz"'), { packageNames }), [
    "GET /orders service 0.9",
    "POST /orders service 0.9",
  ]);
  assert.deepEqual(applied(endpoints, slo('job="x",method="GET",handler!~"/health.*"'), { packageNames }), [
    "GET /orders service 0.9",
  ]);
  assert.deepEqual(
    applied(endpoints, slo('job="prod/shop"', { service: "platform" }), { packageNames }).length,
    3,
    "the job label names the service too",
  );
  assert.deepEqual(applied(endpoints, slo("", { service: "billing" }), { packageNames }), []);
});

test("the mapping of folders to services beats the package's name", () => {
  const endpoints = [endpoint("GET", "/orders", "services/a/x.ts")];
  const more = {
    serviceOf: (path: string) => (path.startsWith("services/a/") ? "orders-api" : undefined),
    packageNames: () => ["shop"],
  };
  assert.deepEqual(applied(endpoints, slo("", { service: "orders-api" }), more), ["GET /orders service 0.9"]);
  assert.deepEqual(applied(endpoints, slo(""), more), []);
});

test("a similar service name counts where only one service has it", () => {
  const two = [endpoint("GET", "/a", "shop-web/x.ts"), endpoint("GET", "/b", "shop-api/x.ts")];
  const packageNames = (path: string) => [path.split("/")[0]!];
  assert.deepEqual(applied([two[1]!], slo(""), { packageNames }), ["GET /b service 0.7"]);
  const [match] = matchAll(two, [slo("")], context({ packageNames }));
  assert.equal(match?.isAmbiguous, true);
});

test("a match explains itself", () => {
  const endpoints = [endpoint("GET", "/posts/:slug"), endpoint("GET", "/posts/about")];
  const [first] = explainMatch(endpoints[0]!, [slo('path="/posts/hello-world"')], context(), endpoints);
  assert.equal(first?.applied, true);
  assert.match(first!.why, /path="\/posts\/hello-world": a path that it serves/);
});

test("GraphQL has one route for all of its operations, and the explanation says so", () => {
  const all = [endpoint("POST", "/graphql")];
  const [first] = explainMatch(all[0]!, [slo('route="/graphql"')], context(), all);
  assert.match(first!.why, /the same text; all operations of GraphQL share this route/);
  assert.match(first!.whyJa, /区別できません$/);
});

test("concrete paths are told from templates", () => {
  assert.deepEqual(
    ["/users/17", "/users/:id", "/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/users/me"].map(looksConcrete),
    [true, false, true, false],
  );
});
