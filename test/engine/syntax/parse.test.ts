import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, it } from "node:test";
import {
  createParser,
  emptySummary,
  type FileSummary,
  type OxcModule,
  type ReferenceModules,
  spanOf,
  summarizeText,
  tablesFromSummary,
} from "../../../engine/index.ts";
import { nodeParser } from "../../../platform/parser.ts";

const require = createRequire(import.meta.url);
const root = path.resolve(import.meta.dirname, "../../..");
const reference = (): ReferenceModules => ({
  typescript: require("typescript"),
  converter: require("@typescript-eslint/typescript-estree/use-at-your-own-risk"),
});
const both = createParser({ oxc: require("oxc-parser") as OxcModule, reference });
const slow = createParser({ reference });

/** Real files: our own and those of a few packages that are written, not bundled. */
function realFiles(): { readonly file: string; readonly text: string }[] {
  const own = globSync("{engine,rules,slo,platform,server,cli,client,protocol,test}/**/*.ts", { cwd: root });
  const packages =
    "express,body-parser,send,undici,semver,fast-check,yaml,eslint-visitor-keys,ajv,@types/node,@types/express,@typescript-eslint/*,vscode-*,commander,prom-client,pg,pg-*,ignore,debug";
  const others = globSync(`node_modules/{${packages}}/**/*.{js,mjs,cjs,ts,tsx}`, { cwd: root }).sort();
  const step = Math.max(1, Math.floor(others.length / 220));
  return [...own.sort(), ...others.filter((_, i) => i % step === 0)].flatMap((file) => {
    const text = readFileSync(path.join(root, file), "utf8");
    return text.length > 60_000 ? [] : [{ file, text }];
  });
}

describe("two parsers, one tree", () => {
  const files = realFiles();

  it("has real files to compare", () => {
    assert.ok(files.length > 250, `only ${files.length} files`);
  });

  it("gives the same tree and the same summary", () => {
    const apart: string[] = [];
    let native = 0;
    for (const { file, text } of files) {
      const left = both.parse(file, text);
      const right = slow.parse(file, text);
      if (left.ok && left.parser === "oxc") native += 1;
      assert.equal(left.ok, right.ok, `${file} can be read by one parser only`);
      if (!left.ok || !right.ok) continue;
      apart.push(...differences(left.program, right.program, "Program").map((it) => `${file}: ${it}`));
      assert.deepEqual(summarizeText(both, file, text), summarizeText(slow, file, text), file);
    }
    assert.deepEqual(apart.slice(0, 5), []);
    assert.ok(native > files.length * 0.95, `the native parser read ${native} of ${files.length}`);
  });

  it("agrees on the summary where the trees are known to differ", () => {
    const odd = {
      "decorated.ts": "class A { constructor(@Inject() private readonly a: B, @Query('n') n: number = 3) {} }",
      "rest.ts": "function f(...args: string[]) { return g(...args) }",
      "entities.tsx": "export const A = () => <a title='x &amp; y' onClick={() => f('&nbsp;')}>&nbsp;{g(`a`)}</a>;",
      "mark.ts": "\uFEFFimport a from 'a';\na.b('😀', c);",
      "hashbang.js": "#!/usr/bin/env node\nrequire('a')(1);",
      "top-return.js": "if (a) return f(1);",
      "declared.d.ts": "export const a: string;\nexport declare function f(a: number): void;",
      "assert.cts": "import a = require('a');\nexport = <T>a.f(1);",
      "flags.ts": "a.replace(/x/ui, b!.c?.d?.());",
      "legacy.ts": "@A() export class B { @C() d?: E; declare f: G; static { h(); } }",
    };
    for (const [file, text] of Object.entries(odd)) {
      const left = summarizeText(both, file, text);
      assert.equal(left.failure, undefined, file);
      assert.deepEqual(left, summarizeText(slow, file, text), file);
    }
  });
});

describe("a parser", () => {
  it("reads whole texts with the native parser and says so", () => {
    const parsed = both.parse("a.ts", "f(1)");
    assert.ok(parsed.ok && parsed.parser === "oxc" && !parsed.recovered);
  });

  it("tells where a broken text breaks", () => {
    const parsed = both.parse("a.ts", "const a = 1;\nconst b = ;");
    assert.ok(!parsed.ok);
    assert.equal(parsed.line, 2);
    assert.equal(parsed.column, 11);
    assert.equal(parsed.offset, 23);
  });

  it("says what is missing where it was lent nothing", () => {
    const parsed = createParser({}).parse("a.ts", "f(1)");
    assert.ok(!parsed.ok);
    assert.match(parsed.message, /No parser/);
  });

  it("does without a native parser that throws", () => {
    const broken: OxcModule = {
      rawTransferSupported: () => {
        throw new Error("no binding");
      },
      parseSync: () => {
        throw new Error("no binding");
      },
    };
    const parsed = createParser({ oxc: broken, reference }).parse("a.ts", "f(1)");
    assert.ok(parsed.ok && parsed.parser === "typescript-estree");
  });

  it("finds real comments only", () => {
    for (const parser of [both, slow]) {
      const parsed = parser.parse("a.ts", "f('slo-allow no'); // slo-allow a: b\n/* other */ g(`// slo-allow`)");
      assert.ok(parsed.ok);
      assert.deepEqual(parsed.allowComments, [{ text: " slo-allow a: b", range: [19, 36] }]);
    }
  });

  it("keeps what there is of a text that is being typed", () => {
    const typed =
      "export async function list() {\n  const rows = await db.find({ where: { a: 1, \n  return db.count();\n}\n";
    assert.equal(both.parse("a.ts", typed).ok, false);
    const summary = summarizeText(both, "a.ts", typed, { recover: true });
    assert.equal(summary.recovered, true);
    assert.equal(summary.failure?.line, 3);
    assert.deepEqual(
      summary.calls.map((call) => typed.slice(...call.nameAt)),
      ["count", "find"],
    );
  });

  it("has names that are text, whatever is not typed yet", () => {
    for (const text of [
      "import a from",
      "import a from \nf();",
      "export * from",
      "export { a } from",
      "import('",
      "class { @",
      "f(...",
      "const { a: ",
      "enum { ",
      "a.",
    ]) {
      const summary = summarizeText(both, "a.ts", text, { recover: true });
      for (const it of summary.imports) assert.equal(typeof it.specifier, "string", text);
      for (const it of [...summary.exports, ...summary.bindings, ...summary.functions, ...summary.classes])
        assert.equal(typeof it.name, "string", text);
      assert.doesNotThrow(() => tablesFromSummary(summary));
    }
  });

  it("keeps nearly all calls through every state of typing a statement", () => {
    const before = "import { db } from './db';\nexport async function list(req) {\n  ";
    const statement =
      "const { rows, total } = await db.posts.findAndCount({ where: { tag: req.query.tag ?? `x` }, take: 10 });";
    const after =
      "\n  const other = await db.users.count();\n  return { rows, total, other };\n}\nexport const later = () => db.tags.list();\n";
    let kept = 0;
    for (let length = 0; length <= statement.length; length++) {
      const summary = summarizeText(both, "a.ts", before + statement.slice(0, length) + after, { recover: true });
      if (summary.calls.some((call) => call.callee.k === "get" && call.callee.name === "list")) kept += 1;
    }
    assert.ok(kept > statement.length * 0.95, `${kept} of ${statement.length}`);
  });
});

describe("what is left out", () => {
  const refused = (text: string): FileSummary => summarizeText(both, "a.ts", text);

  it("leaves out what is too large, and says so", () => {
    assert.match(refused("f();\n".repeat(400_000)).failure?.message ?? "", /larger than 1.5 million/);
  });

  it("leaves out what is minified, and says so", () => {
    assert.match(refused("f();".repeat(40_000)).failure?.message ?? "", /minified/);
  });

  it("survives what nests without end", () => {
    for (const piece of [
      "(",
      "[",
      "{a:",
      "a=>",
      "`${",
      "-",
      "a=",
      "if(a){}else ",
      "<a>",
      "@a ",
      "type A<B=",
      "a.b().",
      "async(",
    ]) {
      for (const file of ["a.ts", "a.tsx"]) {
        const text = `${"\n".repeat(300)}x=${piece.repeat(25_000)}`;
        const summary = summarizeText(both, file, text, { recover: true });
        assert.equal(summary.path, file);
        assert.ok(Array.isArray(summary.calls));
      }
    }
  });
});

describe("mutated files", () => {
  it("never throws, whatever is cut out or put in", () => {
    const random = seeded(20_261);
    const sources = globSync("{engine,rules,platform}/**/*.ts", { cwd: root }).sort();
    const broken = new Set<string>();
    for (let round = 0; round < 150; round++) {
      const file = sources[Math.floor(random() * sources.length)]!;
      const text = mutate(readFileSync(path.join(root, file), "utf8").slice(0, 20_000), random);
      for (const recover of [false, true]) {
        const summary = summarizeText(both, file, text, { recover });
        if (summary.failure?.message.startsWith("The file could not be summarised"))
          broken.add(`${file}: ${summary.failure.message}`);
        if (recover) assert.ok(summary.functions.length > 0 || summary.failure, file);
        checkIndexes(summary);
      }
    }
    assert.deepEqual([...broken], []);
  });
});

describe("an empty summary", () => {
  it("has the lines of its text, so that offsets can still be shown", () => {
    assert.deepEqual(emptySummary("a.ts", undefined, "a\nb").lines, [0, 2]);
  });
});

/** Every index in a summary must point at something. */
function checkIndexes(summary: FileSummary): void {
  for (const call of summary.calls) {
    assert.ok(summary.functions[call.fn]);
    for (const [key, list] of [
      ["loop", summary.loops],
      ["try", summary.tries],
      ["catch", summary.tries],
      ["branch", summary.branches],
    ] as const) {
      const index = call[key];
      if (index !== undefined) assert.ok(list[index]);
    }
  }
  for (const binding of summary.bindings) if (binding.from) assert.ok(summary.imports[binding.from.import]);
}

function mutate(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  const length = Math.floor(random() * 40);
  const pieces = [
    "(",
    ")",
    "{",
    "}",
    "`",
    "'",
    "${",
    "=>",
    "<",
    "/",
    "*/",
    "@",
    ".",
    "?.",
    ",",
    ";",
    "class ",
    "async ",
    "import ",
    "\u0000",
    "\uD800",
    "…",
  ];
  switch (Math.floor(random() * 4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + length);
    case 2:
      return text.slice(0, at) + pieces[Math.floor(random() * pieces.length)]! + text.slice(at);
    default:
      return text.slice(0, at) + text.slice(Math.floor(random() * text.length));
  }
}

/** A linear congruential generator: the same mutations in every run. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Where two trees differ, beyond `null` for absent and what is known to differ and not read by anyone. */
function differences(left: unknown, right: unknown, at: string): string[] {
  if (left == null && right == null) return [];
  if (typeof left === "bigint" || typeof right === "bigint") return left === right ? [] : [at];
  if (left instanceof RegExp || right instanceof RegExp) return [];
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) {
    return Object.is(left, right)
      ? []
      : [`${at}: ${JSON.stringify(left)?.slice(0, 80)} / ${JSON.stringify(right)?.slice(0, 80)}`];
  }
  const a = left as Record<string, unknown>;
  const b = right as Record<string, unknown>;
  const found: string[] = [];
  if (typeof a.type === "string" && typeof b.type === "string") {
    const node = (it: unknown) => spanOf(it as Parameters<typeof spanOf>[0]);
    const isMoved = a.type === "AssignmentPattern" && Array.isArray(a.decorators) && a.decorators.length > 0;
    if (!isMoved && node(a).join() !== node(b).join()) found.push(`${a.type} at ${node(a)} / ${node(b)}`);
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const here = `${typeof a.type === "string" ? a.type : at}.${key}`;
    if (unread.has(key) || unread.has(here)) continue;
    found.push(...differences(a[key], b[key], here));
    if (found.length > 3) return found;
  }
  return found;
}

const unread = new Set([
  "range",
  "start",
  "end",
  "loc",
  "parent",
  "comments",
  "tokens",
  "hashbang",
  "Program.sourceType",
  "JSXText.value",
  "RestElement.value",
  "RestElement.typeAnnotation",
  "regex.flags",
  "Literal.regex",
]);

it("reads a module with thousands of imports, which raw transfer does not survive", () => {
  const text = Array.from({ length: 10_000 }, (_, i) => `import { a${i} } from "./f${i}.js";`).join("\n");
  const parsed = nodeParser().parse("registry.ts", text);
  assert.equal(parsed.ok && parsed.program.body.length, 10_000);
});
