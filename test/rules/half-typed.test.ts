/** Documents are judged while they are typed: whatever stands there, no rule breaks, and what it says stays inside. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { workspaceOf } from "../kit/workspace.ts";

const TEXTS: Readonly<Record<string, string>> = {
  Dockerfile: `FROM node:22-slim AS base
SHELL ["/bin/bash", "-c"]
RUN <<EOF
npm ci
EOF
FROM base
COPY --from=base /app/start.sh ./
ENTRYPOINT ["/sbin/tini", "-g", "--", \\
  # more
  "./start.sh"]
CMD if [ -n "$A" ]; then echo "$(date)" && npm start; fi || exec node 'a b' "c\\"d" \${E:-f} > log 2>&1 &
`,
  "start.sh": `#!/bin/sh
set -e
case "$1" in
  web) exec node web.js ;;
  *) echo "unknown: \`$1\`"; exit 1 ;;
esac
run() { node "$@"; }
cat <<X
text
X
A=1 npx prisma migrate reset --force && node dist/app.js
`,
  "package.json": `{ "dependencies": { "pg": "8" }, "scripts": { "prestart": "npm run \\"x\\"", "start": "prisma db push --accept-data-loss && node a.js" } }
`,
  "prisma/schema.prisma": `datasource db { provider = "postgresql" }
model Event { id Int @id @default(autoincrement()) // slo-allow int32-primary-key: x
}
`,
  "migrations/1.sql": `-- slo-allow migration-blocking-lock: x
SET LOCAL lock_timeout = '2s'; CREATE INDEX ON ONLY a (b); create unique index "i" on "s"."t" using gin (lower(x)) where y;
ALTER TABLE IF EXISTS ONLY t ADD COLUMN a uuid DEFAULT gen_random_uuid(), ALTER b TYPE int USING b::int, ADD FOREIGN KEY (c) REFERENCES u;
/* open
`,
  "migrations/2.js": `exports.up = (pgm) => {
  pgm.createIndex(T, [\`a\${b}\`], { unique: true });
  pgm.sql(\`CREATE INDEX \${x} ON \${y} (z)\`);
};
`,
};

test("a prefix of any document breaks no rule", () => {
  let found = 0;
  for (const [path, text] of Object.entries(TEXTS)) {
    for (let length = 0; length <= text.length; length += 3) {
      const files = { ...TEXTS, [path]: text.slice(0, length) };
      const { analysis } = workspaceOf(files);
      for (const it of analysis.findings(path === "start.sh" ? "Dockerfile" : path)) {
        found++;
        assert.ok(
          it.at[0] >= 0 && it.at[0] <= it.at[1] && it.at[1] <= files[it.path]!.length,
          `${it.ruleId} in ${path}`,
        );
        for (const edit of it.fixes.flatMap((fix) => fix.edits))
          assert.ok(edit.at[0] >= 0 && edit.at[1] <= files[edit.path]!.length, `edits of ${it.ruleId} in ${path}`);
      }
      assert.deepEqual(analysis.failures, [], `${path} at ${length}`);
    }
  }
  assert.ok(found > 20, "the texts have something to find");
});

const LONG: readonly (readonly [string, string])[] = [
  ["Dockerfile", `FROM node:22-slim\nCMD ${"a && ".repeat(15_000)}node b\n`],
  ["Dockerfile", `FROM node:22-slim\nCMD [${'"a", '.repeat(15_000)}"b"]\n`],
  ["Dockerfile", `FROM node:22-slim\nCMD ${"\\\n".repeat(30_000)} node b\n`],
  ["Dockerfile", "#\n".repeat(100_000)],
  ["api/package.json", `{ "scripts": { ${'"a": "b", '.repeat(10_000)} "start": "${"(".repeat(50_000)}" } }`],
  ["migrations/1.sql", "CREATE INDEX a ON b (c);\n".repeat(5_000)],
  ["migrations/1.sql", `/*${"*".repeat(90_000)}`],
  ["migrations/1.sql", "/*\n*/ ".repeat(30_000)],
  ["prisma/schema.prisma", `datasource db {${" ".repeat(100_000)}`],
];

for (const [path, text] of LONG)
  test(`a long text is read in bounded time: ${path}, ${JSON.stringify(text.slice(0, 40))}`, () => {
    const started = performance.now();
    const { analysis } = workspaceOf({ "package.json": '{ "dependencies": { "pg": "8" } }', [path]: text });
    analysis.findings(path);
    assert.deepEqual(analysis.failures, []);
    assert.ok(performance.now() - started < 5_000, `${Math.round(performance.now() - started)} ms`);
  });
