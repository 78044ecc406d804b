/**
 * Names that a framework resolves by itself, without a line in tsconfig.json: SvelteKit and Nuxt write that file only when
 * they run, and `module-alias` needs none.
 */
import { field, recordOf, textField } from "./json.ts";

/** Patterns as in `compilerOptions.paths`, targets relative to the folder of the package. */
export type AliasPaths = Readonly<Record<string, readonly string[]>>;

const SVELTE_CONFIGS = ["svelte.config.js", "svelte.config.ts", "svelte.config.mjs"];
const NUXT_CONFIGS = ["nuxt.config.ts", "nuxt.config.js", "nuxt.config.mts"];
/** UTF-16 code units of a configuration that are read. */
const MAX_TEXT = 100_000;

/** `text` reads a file of the package. */
export function frameworkAliases(manifest: unknown, text: (name: string) => string | undefined): AliasPaths {
  const has = (name: string): boolean =>
    ["dependencies", "devDependencies"].some((it) => textField(field(manifest, it), name) !== undefined);
  const read = (names: readonly string[]): string =>
    names.reduce<string | undefined>((found, it) => found ?? text(it), undefined)?.slice(0, MAX_TEXT) ?? "";
  const found: Record<string, readonly string[]> = {};
  if (has("@sveltejs/kit")) {
    const config = read(SVELTE_CONFIGS);
    const lib = /\blib\s*:\s*["'`]([\w./-]+)["'`]/.exec(config)?.[1] ?? "src/lib";
    both(found, "$lib", [lib]);
    for (const [name, target] of literals(config, "alias")) both(found, name, [target]);
  }
  if (has("nuxt") || has("nuxt3") || has("nuxt-nightly")) {
    const config = read(NUXT_CONFIGS);
    const source = /\bsrcDir\s*:\s*["'`]([\w./-]+)["'`]/.exec(config)?.[1];
    // Version 4 keeps the application in `app`, before it all lay in the root.
    const folders = source === undefined ? ["app", "."] : [source];
    for (const it of ["~", "@"]) both(found, it, folders);
    for (const it of ["~~", "@@"]) both(found, it, ["."]);
    both(found, "#shared", ["shared"]);
    both(found, "#server", ["server"]);
    for (const [name, target] of literals(config, "alias")) both(found, name, [target]);
  }
  for (const [name, target] of Object.entries(recordOf(field(manifest, "_moduleAliases"))))
    if (typeof target === "string") both(found, name, [target]);
  return found;
}

/** The name itself and what lies below it. */
function both(found: Record<string, readonly string[]>, name: string, targets: readonly string[]): void {
  const plain = targets.map((it) => it.replace(/^\.\/(?=.)/, "").replace(/\/\*?$/, ""));
  const bare = name.replace(/\/\*?$/, "");
  if (!name.endsWith("*")) found[bare] = plain;
  found[`${bare}/*`] = plain.map((it) => `${it}/*`);
}

/** `alias: { $server: "src/server" }`: the entries of an object literal that are texts. */
function literals(config: string, name: string): readonly (readonly [name: string, target: string])[] {
  const body = new RegExp(`\\b${name}\\s*:\\s*\\{([^{}]*)\\}`).exec(config)?.[1] ?? "";
  return [...body.matchAll(/(?:["'`]([^"'`\n]+)["'`]|([\w$]+))\s*:\s*["'`]([^"'`\n]+)["'`]/g)].flatMap(
    ([, quoted, plain, target]) => {
      const key = quoted ?? plain;
      return key && target && !target.startsWith("/") ? [[key, target] as const] : [];
    },
  );
}
