/** Writes rules/registry.ts from the files that are there: a rule, library or framework is added by adding its file. `--check` fails if it is stale. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "rules");
const target = join(root, "registry.ts");
const identifier = (name: string) =>
  name.replace(/[^a-zA-Z0-9]+(.)?/g, (_, c: string | undefined) => (c ?? "").toUpperCase()).replace(/^(\d)/, "_$1");
const modules = (dir: string) =>
  readdirSync(join(root, dir))
    .filter((it) => it.endsWith(".ts") && !it.startsWith("_"))
    .map((it) => it.slice(0, -3))
    .sort();

const groups = readdirSync(root, { withFileTypes: true })
  .filter((it) => it.isDirectory() && it.name !== "libraries" && it.name !== "frameworks" && !it.name.startsWith("_"))
  .map((it) => it.name)
  .sort();
const imports: string[] = [];
const list = (prefix: string, dir: string, filter: (name: string) => boolean = () => true) =>
  modules(dir)
    .filter(filter)
    .map((name) => {
      const id = `${prefix}${identifier(`-${name}`)}`;
      imports.push(`import ${id} from "./${dir}/${name}.ts";`);
      return id;
    });
const libraries = list("library", "libraries");
const frameworks = list("framework", "frameworks");
const hasPage = (dir: string) => (name: string) => readdirSync(join(root, dir)).includes(`${name}.md`);
const rules = groups.flatMap((group) => list("rule", group, hasPage(group)));
const array = (name: string, type: string, ids: string[]) =>
  `export const ${name}: readonly ${type}[] = [${ids.length > 0 ? `\n  ${ids.join(",\n  ")},\n` : ""}];`;
const text = `// Written by scripts/gen-registry.ts from the files in this folder.
import type { Framework, Library, Rule } from "../engine/index.ts";
${imports.sort().join("\n")}

${array("libraries", "Library", libraries)}

${array("frameworks", "Framework", frameworks)}

${array("rules", "Rule", rules)}
`;
const before = (() => {
  try {
    return readFileSync(target, "utf8");
  } catch {
    return "";
  }
})();
if (process.argv.includes("--check")) {
  if (before !== text) {
    console.error("rules/registry.ts is stale: run `npm run gen`");
    process.exit(1);
  }
} else if (before !== text) writeFileSync(target, text);
