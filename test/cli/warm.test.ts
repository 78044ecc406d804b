/** What is kept between two checks never changes an answer. */
import assert from "node:assert/strict";
import { rmSync, utimesSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { run } from "../../cli/index.ts";
import { cacheFolder } from "../../platform/index.ts";
import { folderOf, put } from "../kit/folder.ts";
import "../kit/seed.ts";

/** A file's texts to choose from: what one says decides what is found in others. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  "package.json": [
    '{ "name": "site", "type": "module", "dependencies": { "express": "^5.0.0", "axios": "^1.7.0" } }',
    '{ "name": "site", "type": "module", "dependencies": { "express": "^4.0.0", "axios": "^1.7.0" } }',
  ],
  "src/app.ts": [
    'import express from "express";\nimport { latest } from "./news.js";\nconst app = express();\napp.get("/news/:topic", async (req, res) => {\n  res.json(await latest(req.params.topic));\n});\napp.listen(3000);\n',
    'import express from "express";\nimport { routes } from "./routes.js";\nconst app = express();\napp.use("/v1", routes);\napp.listen(3000);\n',
    'import { latest } from "./news.js";\nvoid latest("now");\n',
  ],
  "src/routes.ts": [
    'import { Router } from "express";\nimport { latest } from "./news.js";\nexport const routes = Router();\nroutes.get("/latest", async (req, res) => res.json(await latest("all")));\n',
    'export const routes = { get: "broken" ;;\n',
    'export { routes } from "./other.js";\n',
  ],
  "src/news.ts": [
    'import { client } from "./client.js";\nexport async function latest(topic: string) {\n  const found = [];\n  for (const it of [topic, "all"]) found.push(await client.get("/" + it));\n  return found;\n}\n',
    'export async function latest(topic: string) {\n  return (await fetch("https://news.example.com/" + topic)).json();\n}\n',
    'export * from "./client.js";\n',
  ],
  "src/client.ts": [
    'import axios from "axios";\nexport const client = axios.create({ baseURL: "https://news.example.com" });\nexport const latest = (topic: string) => client.get("/" + topic);\n',
    'import axios from "axios";\nexport const client = axios.create({ baseURL: "https://news.example.com", timeout: 2000 });\n',
    'import axios from "axios";\nimport { limit } from "./limit.js";\nexport const client = axios.create({ timeout: limit });\n',
  ],
  "src/limit.ts": ["export const limit = 3000;\n", "export const limit = 0;\n", "export const limit = undefined;\n"],
  "slo-lens.yaml": ["version: 1\nstage: mature\n", "version: 1\nrules:\n  missing-http-timeout: off\n", "stage: [\n"],
};
const FILES = Object.keys(TEXTS);

interface Edit {
  readonly file: string;
  /** Which of its texts; none deletes the file. */
  readonly text: number;
  /** Lines in front, which move everything. */
  readonly lines: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  file: fc.constantFrom(...FILES),
  text: fc.integer({ min: -1, max: 2 }),
  lines: fc.integer({ min: 0, max: 2 }),
});

async function check(cwd: string, ...args: string[]): Promise<unknown> {
  let out = "";
  const code = await run(["check", ".", "--format", "json", ...args], {
    cwd,
    env: {},
    out: (text) => {
      out += text;
    },
    err: (text) => assert.fail(text),
    isTerminal: false,
    signal: new AbortController().signal,
    now: () => Date.parse("2026-06-15T12:00:00Z"),
  });
  const { stats, ...answer } = JSON.parse(out) as { stats: { ms: number } };
  return { ...answer, code, stats: { ...stats, ms: 0 } };
}

test("after any edits a check that goes on from its cache answers as one that reads everything", async (t) => {
  let findings = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 5 }), async (edits) => {
      const root = folderOf(t, Object.fromEntries(FILES.map((it) => [it, TEXTS[it]![0]!])));
      // Times that a cache may trust, another for each edit.
      let clock = Date.now() / 1000 - 3600;
      const settle = (file: string): void => {
        clock += 1;
        utimesSync(path.join(root, file), clock, clock);
      };
      for (const it of FILES) settle(it);
      await check(root);
      for (const { file, text, lines } of edits) {
        const next = TEXTS[file]![text];
        if (next === undefined) rmSync(path.join(root, file), { force: true });
        else {
          put(root, { [file]: (file.endsWith(".ts") ? "// moved\n".repeat(lines) : "") + next });
          settle(file);
        }
        const warm = await check(root);
        assert.deepEqual(warm, await check(root, "--no-cache"), JSON.stringify(edits));
        findings += (warm as { findings: unknown[] }).findings.length;
      }
      rmSync(cacheFolder(root), { recursive: true, force: true });
    }),
    { numRuns: 30 },
  );
  assert.ok(findings > 40, "The edits leave something to find.");
});
