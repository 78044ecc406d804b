/** While files are typed in, what is laid over the last whole revision says the same as a revision made anew. */
import "../kit/seed.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Analysis, type FileSummary, type Program, summarizeText } from "../../engine/index.ts";
import { nodeParser } from "../../platform/parser.ts";
import { type Files, workspaceOf } from "../kit/workspace.ts";

/** What every state of a file keeps, so that the others mean the same by its names. */
const FRAMES: Files = {
  "src/shapes.ts": `import axios from "axios";
export interface Store { find(id: string): Promise<string>; drop(id: string): Promise<void> }
export abstract class Base { abstract run(): Promise<void> }
export const client = axios.create();
`,
  "src/stores.ts": `import { client, Base, type Store } from "./shapes.js";
export class Users implements Store {
  async find(id: string) { return (await client.get("/users/" + id)).data }
  async drop(id: string) { await client.delete("/users/" + id) }
}
`,
  "src/app.ts": `import express from "express";
import axios from "axios";
import { client, Base, type Store } from "./shapes.js";
import { Users } from "./stores.js";
const app = express();
const store: Store = new Users();
app.get("/users/:id", async (req, res) => { res.json(await store.find(req.params.id)) });
`,
};

/** Statements that change what calls in other files mean: those are judged anew with the next whole revision. */
const FAR_REACHING: readonly string[] = [
  "client.defaults.timeout = 1000;",
  "client.interceptors.request.use((it) => it);",
  "client.interceptors.request.use((config) => ({ ...config, timeout: 500 }));",
];

/** Statements that come and go below; each may stand in any of the files. */
const STATEMENTS: readonly string[] = [
  "settings.timeout = 5;",
  "app.use(logger);",
  "use(logger);",
  "class Extra extends Base { async run() {} }",
  "class Second implements Store { async find(id: string) { return id } async drop() {} }",
  "interface Local { go(): void }",
  "class There implements Local { go() {} }",
  "const literal: Local = { go() {} };",
  "for (const id of ids) await client.get('/other/' + id);",
  "export async function load() { return fetch('https://example.com') }",
  "server.decorate('pool', makePool());",
];
const NAMES = ["timeout", "defaults", "request.use", "interceptors.request.use", "use", "get", "create", "decorate"];
const paths = Object.keys(FRAMES);

type Edit = readonly [path: string, statements: readonly string[]];
const editsWith = (statements: readonly string[]): fc.Arbitrary<Edit[]> =>
  fc.array(fc.tuple(fc.constantFrom(...paths), fc.subarray([...statements])), { minLength: 1, maxLength: 6 });

const textOf = (path: string, statements: readonly string[]): string => `${FRAMES[path]}${statements.join("\n")}\n`;
const summaryOf = (path: string, text: string): FileSummary => summarizeText(nodeParser(), path, text);

/** Every state of a workspace while it is typed in, beside one that is made of the same texts anew. */
function* states(
  all: readonly Edit[],
): Iterable<{ readonly typed: Analysis; readonly fresh: Analysis; readonly path: string }> {
  let texts: Files = FRAMES;
  let typed = workspaceOf(texts).analysis;
  // What was asked before the first keystroke is what the overlay has to be right about.
  for (const path of paths) typed.findings(path);
  for (const [path, statements] of all) {
    texts = { ...texts, [path]: textOf(path, statements) };
    typed = typed.withFile(summaryOf(path, texts[path]!));
    yield { typed, fresh: workspaceOf(texts).analysis, path };
  }
}

const placesOf = (
  found: readonly { readonly file: FileSummary; readonly c?: number; readonly a?: number }[],
): string[] => found.map((it) => `${it.file.path} ${it.c ?? it.a}`).sort();

function indicesOf(program: Program): unknown {
  return {
    assignments: NAMES.map((it) => placesOf(program.assignmentsTo(it))),
    calls: NAMES.map((it) => placesOf(program.callsNamed(it))),
    subtypes: [...program.files.values()]
      .flatMap((file) =>
        [...file.classes, ...file.types].map((it) => [file.path, it.name, placesOf(program.subtypes(file, it))]),
      )
      .sort(),
  };
}

test("what is gathered from all files follows every file that is typed in", () => {
  fc.assert(
    fc.property(editsWith([...FAR_REACHING, ...STATEMENTS]), (all) => {
      for (const { typed, fresh } of states(all)) {
        assert.deepEqual(indicesOf(typed.program), indicesOf(fresh.program));
      }
    }),
    { numRuns: 60 },
  );
});

test("a file that is typed in is answered for as if the workspace had been read anew", () => {
  fc.assert(
    fc.property(editsWith(STATEMENTS), (all) => {
      for (const { typed, fresh, path } of states(all)) assert.deepEqual(saidOf(typed, path), saidOf(fresh, path));
    }),
    { numRuns: 40 },
  );
});

function saidOf(analysis: Analysis, path: string): unknown {
  const file = analysis.program.files.get(path)!;
  return {
    calls: file.calls.map((_, c) => analysis.program.callee(file, c).k),
    meanings: file.calls.map((_, c) => analysis.program.meanings({ file, c }).map((it) => it.kind)),
    findings: analysis.findings(path).map((it) => [it.ruleId, it.severity, it.path, ...it.at]),
  };
}
