import assert from "node:assert/strict";
import { test } from "node:test";
import { pathKind } from "../../engine/index.ts";

test("folders that are parts of an address say nothing of what their code is for", () => {
  for (const it of [
    "apps/web/app/api/e2e/bounties/[id]/route.ts",
    "app/api/migrations/route.ts",
    "src/pages/api/tools/seed.ts",
    "src/routes/test/+server.ts",
    "src/controllers/seed/movies.ts",
  ])
    assert.equal(pathKind(it), undefined, it);
  assert.equal(pathKind("e2e/app/api/users/route.ts"), "test", "what lies above does");
  assert.equal(pathKind("pages/api/users.test.ts"), "test", "and so does the name");
  assert.equal(pathKind("src/migrations/one.ts"), "migration");
});

test("tools and benchmarks beside the code are scripts, within it they are what a service is about", () => {
  for (const it of ["src/services/benchmark/benchmark.service.ts", "apps/api/src/agent/tools/search.ts"])
    assert.equal(pathKind(it), undefined, it);
  for (const it of [
    "tools/release.ts",
    "packages/parser/benchmarks/parse.ts",
    "benchmark/run.js",
    "src/scripts/sync.ts",
  ])
    assert.equal(pathKind(it), "script", it);
});
