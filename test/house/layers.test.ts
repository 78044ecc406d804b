/** The house's rules that no compiler holds: who may import whom, pages, dependencies, texts in both languages. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { summarizeText } from "../../engine/index.ts";
import { nodeParser } from "../../platform/parser.ts";

const root = path.join(import.meta.dirname, "../..");
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  rules: ["engine"],
  slo: ["engine"],
  protocol: [],
  platform: ["engine"],
  server: ["engine", "rules", "slo", "platform", "protocol"],
  cli: ["engine", "rules", "slo", "platform", "server"],
  client: ["protocol"],
};
const PURE = ["engine", "rules", "slo", "protocol"];
const rooms = Object.keys(MAY_IMPORT);
const sources = rooms.flatMap((room) => globSync(`${room}/**/*.ts`, { cwd: root }));
const summaries = new Map(
  sources.map((it) => [it, summarizeText(nodeParser(), it, readFileSync(path.join(root, it), "utf8"))]),
);
const json = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path.join(root, file), "utf8")) as Record<string, unknown>;

/** Every import of every file: where it stands and what it names, relative ones as paths from the root. */
const imports = [...summaries].flatMap(([file, summary]) =>
  summary.imports.map(({ specifier }) => ({
    file,
    specifier,
    target: specifier.startsWith(".") ? path.join(path.dirname(file), specifier) : undefined,
  })),
);

test("rooms import each other's faces, in the directions of the plan", () => {
  assert.ok(imports.length > 200, "imports were read");
  const wrong = imports.flatMap(({ file, target }) => {
    if (target === undefined) return [];
    const [from] = file.split("/");
    const [to] = target.split(path.sep);
    if (from === to) return [];
    const isFace = target === path.join(to!, "index.ts");
    return MAY_IMPORT[from!]?.includes(to!) && isFace ? [] : [`${file} imports ${target}`];
  });
  assert.deepEqual(wrong, []);
});

test("pure rooms know no runtime", () => {
  const wrong = imports.filter(
    ({ file, specifier }) => PURE.includes(file.split("/")[0]!) && /^(node:|vscode|fs$|path$|http)/.test(specifier),
  );
  assert.deepEqual(
    wrong.map((it) => `${it.file} imports ${it.specifier}`),
    [],
  );
});

test("every dependency is used and has its reason", () => {
  const { dependencies } = json("package.json") as { dependencies: Record<string, string> };
  const architecture = readFileSync(path.join(root, "ARCHITECTURE.md"), "utf8");
  const used = new Set(
    imports.map(({ specifier }) =>
      specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : specifier.split("/")[0]!,
    ),
  );
  // Loaded when asked for.
  for (const file of sources.filter((it) => it.startsWith("platform/")))
    for (const [, specifier] of readFileSync(path.join(root, file), "utf8").matchAll(
      /(?:require|import)\(\s*"([^"]+)"/g,
    ))
      used.add(specifier!.startsWith("@") ? specifier!.split("/").slice(0, 2).join("/") : specifier!);
  // Peers of the PromQL grammar, which imports them.
  for (const peer of ["@lezer/lr", "@lezer/highlight"]) used.add(peer);
  for (const name of Object.keys(dependencies)) {
    assert.ok(used.has(name), `${name} is imported nowhere`);
    assert.ok(architecture.includes(`\`${name}\``), `${name} has no line in ARCHITECTURE.md`);
  }
});

test("the client's texts exist in both languages", () => {
  const manifest = readFileSync(path.join(root, "package.json"), "utf8");
  const english = json("package.nls.json");
  const japanese = json("package.nls.ja.json");
  const named = [...manifest.matchAll(/"%([\w.]+)%"/g)].map((it) => it[1]!);
  assert.ok(named.length > 10);
  for (const key of named) {
    assert.equal(typeof english[key], "string", `${key} in English`);
    assert.equal(typeof japanese[key], "string", `${key} in Japanese`);
  }
  const known = new Set(named);
  for (const [language, texts] of Object.entries({ English: english, Japanese: japanese }))
    assert.deepEqual(
      Object.keys(texts).filter((it) => !known.has(it)),
      [],
      `texts in ${language} that nothing shows`,
    );
  const bundle = json("l10n/bundle.l10n.ja.json");
  assert.deepEqual(Object.keys(bundle).sort(), Object.keys(json("l10n/bundle.l10n.json")).sort());
  const client = sources
    .filter((it) => it.startsWith("client"))
    .map((it) => readFileSync(path.join(root, it), "utf8"))
    .join("\n");
  for (const [, text] of client.matchAll(/l10n\.t\(\s*"((?:[^"\\]|\\.)*)"/g))
    assert.ok(bundle[text!], `"${text}" in Japanese`);
});

test("every rule has its page, and every page its rule", () => {
  // The registry takes the files that have a page, so a rule without one would be silently absent.
  const stems = (ending: string): string[] =>
    globSync(`rules/*/*${ending}`, { cwd: root })
      .filter((it) => !/^rules\/(_|libraries\/|frameworks\/)/.test(it.replaceAll(path.sep, "/")))
      .map((it) => it.slice(0, -ending.length))
      .sort();
  assert.ok(stems(".ts").length > 10);
  assert.deepEqual(stems(".ts"), stems(".md"));
  for (const it of stems(".ts"))
    assert.match(readFileSync(path.join(root, `${it}.ts`), "utf8"), /^export default defineRule\(/m, it);
});

test("every room opens with what it is for", () => {
  for (const room of rooms) {
    const face = path.join(root, room, "index.ts");
    if (existsSync(face)) assert.match(readFileSync(face, "utf8"), /^\/\*\*\n \* \S/, `${room}/index.ts`);
  }
});

test("no rule asks which client it has before it", () => {
  const rules = sources.filter((it) => it.startsWith("rules/") && !/^rules\/(?:libraries|frameworks)\//.test(it));
  assert.ok(rules.length > 80, "rules were read");
  const wrong = rules.filter((it) => /\bclient\s*[!=]==?\s*["'`]/.test(readFileSync(path.join(root, it), "utf8")));
  assert.deepEqual(wrong, []);
});
