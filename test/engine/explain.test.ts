/** What is believed of a line: origins with the way to them, limits with who set them, wrappers, reach, and what is not told. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { explainLine, type LineExplanation } from "../../engine/index.ts";
import {
  explanationOutline,
  outlineLines,
  plainRendering,
  reasonIn,
  statementText,
  untoldText,
} from "../../rules/index.ts";
import { type Files, workspaceOf } from "../kit/workspace.ts";

const PACKAGE = '{ "dependencies": { "axios": "1.7.0", "express": "5.0.0", "bullmq": "5.0.0" } }';

function explain(files: Files, file: string, wanted: string): LineExplanation {
  const { analysis } = workspaceOf({ "package.json": PACKAGE, ...files });
  const line = files[file]!.slice(0, files[file]!.indexOf(wanted)).split("\n").length;
  return explainLine(analysis, analysis.program.files.get(file)!, line);
}

const english = plainRendering("en");
const told = (of: readonly Parameters<typeof statementText>[0][]): readonly string[] =>
  of.map((it) => statementText(it, english));

const untoldIn = (of: LineExplanation["untold"]): readonly string[] => of.map((it) => untoldText(it, english));

test("a client out of a barrel: every module on the way, the limit and who set it, the version", () => {
  const { calls, side, untold } = explain(
    {
      "src/http.ts": `import axios from "axios";
export const client = axios.create({ timeout: 3_000 });
`,
      "src/index.ts": 'export * from "./http.js";\n',
      "src/use.ts": `import { client as api } from "./index.js";
export const load = (id: string) => api.get("https://x.example/" + id);
`,
    },
    "src/use.ts",
    "api.get",
  );
  const [call] = calls;
  assert.equal(calls.length, 1);
  assert.deepEqual(told(call!.way), [
    "client is imported from ./index.js (src/use.ts:1)",
    "client is re-exported (src/index.ts:1)",
    "client gets its value (src/http.ts:2)",
    "the result of a call (src/http.ts:2)",
    "default is imported from axios (src/http.ts:1)",
  ]);
  assert.deepEqual(told([call!.is, call!.version!]), [
    "axios .get of axios AxiosInstance, made at src/http.ts:2",
    "axios 1.7.0, installed ()",
  ]);
  assert.deepEqual(told(call!.meanings[0]!.says), [
    "an outbound request by axios GET https://x.example/…",
    "time limit: 3000 ms, by the client where it is created (a limit is given)",
  ]);
  assert.equal(side.key, "side.unknown");
  assert.deepEqual(untoldIn(untold), [statementText(side, english)]);
});

test("a wrapper's request is read under what this call hands over; a limit left to the callers is said to be", () => {
  const files = {
    "src/http.ts": `export async function getJson(path: string, options?: { signal?: AbortSignal }) {
  const answer = await fetch("https://y.example" + path, { signal: options?.signal });
  return answer.json();
}
export const outer = (path: string, signal?: AbortSignal) => getJson(path, { signal });
`,
    "src/use.ts": `import { outer } from "./http.js";
export async function bounded() { return outer("/a", AbortSignal.timeout(2_000)); }
export async function endless() { return outer("/a"); }
`,
  };
  const insideOf = (wanted: string) => {
    const [inner] = explain(files, "src/use.ts", wanted).calls[0]!.inside;
    return [inner!.way.map((it) => it.name).join(" > "), told(inner!.says)[1]];
  };
  assert.deepEqual(insideOf('outer("/a", AbortSignal'), [
    "outer > getJson",
    "time limit: yes, by this call (a limit is given)",
  ]);
  assert.deepEqual(insideOf('outer("/a"); }'), [
    "outer > getJson",
    "time limit: none (no signal is given); it gives up by itself after 300000 ms",
  ]);
  const { untold } = explain(files, "src/http.ts", "await fetch");
  assert.ok(
    untoldIn(untold).some((it) => it.endsWith("time limit: left to the callers, by the parameter signal")),
    untoldIn(untold).join("\n"),
  );
});

test("what is injected is told by token or type, and what nobody gives is not told", () => {
  const files = {
    "src/users.ts": `import { Inject, Injectable } from "@nestjs/common";
import { AxiosInstance } from "axios";
@Injectable()
export class Users {
  constructor(@Inject("HTTP") private readonly http: Thing, private readonly api: AxiosInstance) {}
  one() { return this.http.get("/a"); }
  two() { return this.api.get("/b"); }
}
`,
  };
  const first = explain(files, "src/users.ts", "this.http.get");
  assert.deepEqual(told(first.calls[0]!.way), [
    "field http of Users (src/users.ts:5)",
    "injected under the token HTTP (src/users.ts:5)",
  ]);
  assert.match(untoldIn(first.untold).join("\n"), /what callers of Users\.constructor give as http/);
  const second = explain(files, "src/users.ts", "this.api.get");
  assert.equal(told(second.calls[0]!.way).at(-1), "injected by its type AxiosInstance");
  assert.equal(second.calls[0]!.meanings[0]!.kind, "request");
});

test("what reaches a line is counted by kind, with its hops; the outline says it in both languages", () => {
  const explained = explain(
    {
      "src/app.ts": `import express from "express";
import { Queue, Worker } from "bullmq";
const mails = new Queue("mails");
const app = express();
app.post("/orders", async function placeOrder(req, res) {
  await mails.add("welcome", {});
  res.sendStatus(201);
});
new Worker("mails", async function send() {
  await fetch("https://mail.example");
});
app.listen(3000);
`,
    },
    "src/app.ts",
    "await fetch",
  );
  assert.deepEqual(explained.reached[0]!.kinds, { job: 1, endpoint: 1 });
  assert.deepEqual(told([explained.side]), ["runs on the server: it imports express"]);
  const english = outlineLines(explanationOutline(explained, plainRendering("en"))).join("\n");
  assert.match(
    english,
    /POST \/orders \(express, src\/app\.ts:5\): placeOrder → \(asynchronously, by queue mails\) send/,
  );
  assert.match(english, /version: /);
  const japanese = outlineLines(explanationOutline(explained, plainRendering("ja"))).join("\n");
  assert.match(japanese, /（キュー mails 経由で非同期）send/);
  assert.match(japanese, /タイムアウト: なし/);
  assert.doesNotMatch(japanese, /time limit|is reached|\{\w+\}/);
});

test("a name that goes round, a line without calls and a deep chain end", () => {
  const files = {
    "src/a.ts": 'export { x } from "./b.js";\n',
    "src/b.ts": 'export { x } from "./a.js";\n',
    "src/c.ts": `import { x } from "./a.js";
x.go();

let y = y2; let y2 = y;
y.go();
`,
  };
  assert.ok(explain(files, "src/c.ts", "x.go").calls[0]!.way.length < 20);
  assert.ok(explain(files, "src/c.ts", "y.go").calls[0]!.way.length < 20);
  assert.deepEqual(explain(files, "src/c.ts", "\n\nlet").calls.length, 1);
});

test("reasons of the engine and of the libraries are told in Japanese as well", () => {
  const root = path.join(import.meta.dirname, "../..");
  const reasons = new Set<string>();
  for (const file of globSync(["engine/**/*.ts", "rules/libraries/*.ts", "rules/_shared/*.ts"], { cwd: root })) {
    const text = readFileSync(path.join(root, file), "utf8");
    for (const [, plain, template] of text.matchAll(/(?:unknown\(|\bwhy: |\bno: )(?:"([^"]+)"|`([^`]+)`)/g))
      reasons.add(plain ?? template!.replace(/\$\{[^}]*\}/g, "1"));
  }
  assert.ok(reasons.size > 80, `${reasons.size} reasons were read`);
  // Names of options stand for themselves.
  const missing = [...reasons].filter(
    (it) => !/^(?:MapCache|max, maxSize, ttl|stdTTL: 0, maxKeys: -1)$/.test(it) && reasonIn(it, "ja") === it,
  );
  assert.ok(missing.length <= 3, `without a Japanese text in rules/reasons.ts: ${missing.join(" | ")}`);
  assert.equal(reasonIn("a limit is given", "ja"), "制限時間が指定されている");
  assert.equal(reasonIn("requestTimeout is set", "ja"), "requestTimeout が設定されている");
});
