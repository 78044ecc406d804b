/** Bundles the programs into `dist/`, with the few packages that cannot be bundled beside them. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { type BuildOptions, build } from "esbuild";

export const root = path.dirname(import.meta.dirname);
const dist = path.join(root, "dist");
/** Native, or large and needed only now and then: loaded from `dist/node_modules` when asked for. */
const external = [
  "oxc-parser",
  "typescript",
  "@typescript-eslint/typescript-estree",
  "@typescript-eslint/typescript-estree/*",
  "vscode",
];

const node = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external,
  // Its main file is a UMD wrapper that a bundler cannot see through.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  outdir: dist,
  legalComments: "linked",
  logLevel: "warning",
  sourcemap: "linked",
  sourcesContent: false,
  // Bundled CommonJS packages ask for Node's own modules in their way.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
} satisfies BuildOptions;

/** Builds everything. @throws with esbuild's messages where a source does not build. */
export async function buildAll(): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const entries = { cli: "cli/main.ts", server: "server/main.ts", worker: "platform/worker.ts" };
  const built = await Promise.all([
    build({
      ...node,
      metafile: true,
      entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path.join(root, file)])),
    }),
    build({
      ...node,
      // VS Code loads an extension's main file as CommonJS.
      format: "cjs",
      metafile: true,
      banner: {},
      entryPoints: { client: path.join(root, "client/main.ts") },
      outExtension: { ".js": ".cjs" },
    }),
    copyReferenceParser(),
  ]);
  copyNative("oxc-parser", "@oxc-parser");
  writeFileSync(path.join(dist, "package.json"), '{ "type": "module" }\n');
  copyPages();
  const inputs = built.flatMap((it) => Object.keys(it.metafile.inputs));
  writeFileSync(path.join(dist, "THIRD-PARTY-NOTICES.txt"), notices(inputs));
}

/** The compiler in one file and the converter in another; neither needs the rest of its package. */
async function copyReferenceParser() {
  const modules = path.join(dist, "node_modules");
  const typescript = path.join(modules, "typescript");
  mkdirSync(path.join(typescript, "lib"), { recursive: true });
  const { version } = JSON.parse(readFileSync(path.join(root, "node_modules/typescript/package.json"), "utf8")) as {
    version: string;
  };
  cpSync(path.join(root, "node_modules/typescript/lib/typescript.js"), path.join(typescript, "lib/typescript.js"));
  writeFileSync(
    path.join(typescript, "package.json"),
    JSON.stringify({ name: "typescript", version, main: "lib/typescript.js" }),
  );
  const converter = path.join(modules, "@typescript-eslint/typescript-estree");
  const built = await build({
    ...node,
    format: "cjs",
    metafile: true,
    banner: {},
    sourcemap: false,
    external: ["typescript"],
    entryPoints: {
      "use-at-your-own-risk": createRequire(import.meta.url).resolve(
        "@typescript-eslint/typescript-estree/use-at-your-own-risk",
      ),
    },
    outdir: converter,
  });
  writeFileSync(
    path.join(converter, "package.json"),
    JSON.stringify({
      name: "@typescript-eslint/typescript-estree",
      exports: { "./use-at-your-own-risk": "./use-at-your-own-risk.js" },
    }),
  );
  return built;
}

function copyNative(name: string, scope: string): void {
  const modules = path.join(root, "node_modules");
  const keep = (file: string): boolean =>
    !/\.(d\.[cm]?ts|map|md)$/.test(file) &&
    !/[\\/]node_modules[\\/][^\\/]+[\\/](?:.*[\\/])?node_modules[\\/]/.test(file);
  cpSync(path.join(modules, name), path.join(dist, "node_modules", name), { recursive: true, filter: keep });
  for (const binding of existsSync(path.join(modules, scope)) ? readdirSync(path.join(modules, scope)) : [])
    cpSync(path.join(modules, scope, binding), path.join(dist, "node_modules", scope, binding), {
      recursive: true,
      filter: keep,
    });
}

/** What `explain` shows. */
function copyPages(): void {
  for (const file of readdirSync(path.join(root, "rules"), { recursive: true, encoding: "utf8" }))
    if (file.endsWith(".md")) cpSync(path.join(root, "rules", file), path.join(dist, "rules", file));
}

/** The licences of all that is shipped, as they ask to be: of what esbuild read, and of what is copied beside it. */
function notices(inputs: readonly string[]): string {
  const copied = ["typescript", "oxc-parser"].map((it) => path.join("node_modules", it));
  const read = inputs.flatMap((it) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(it)?.[0] ?? []);
  const texts = [...new Set([...copied, ...read])].sort().map((it) => {
    const folder = path.resolve(root, it);
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
      name: string;
      version: string;
      license?: string;
    };
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|thirdparty)/i.test(file));
    const said = files.map((file) => readFileSync(path.join(folder, file), "utf8").trim());
    return [`${name} ${version} (${license ?? "see below"})`, ...said].join("\n\n");
  });
  return `${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

if (import.meta.main) await buildAll();
