/** The linters we are measured beside, installed into a folder of their own at first use. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { EditorServer } from "./typing.ts";

export interface Peer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What it does, for the table's reader. */
  readonly does: string;
}

const PACKAGES: Readonly<Record<string, string>> = {
  eslint: "^10.15.0",
  "typescript-eslint": "^8.73.0",
  typescript: "~6.0.3",
  oxlint: "^1.94.0",
  "@ast-grep/cli": "^0.51.0",
  "@biomejs/biome": "^2.6.8",
  // Holds the language server of the ESLint extension, which is published nowhere by itself.
  "vscode-langservers-extracted": "4.10.0",
};

/** Twenty rules of ESLint's core and typescript-eslint that look at calls, promises, loops and errors, without types. */
export const ESLINT_RULES: readonly string[] = [
  "no-await-in-loop",
  "require-await",
  "no-async-promise-executor",
  "no-promise-executor-return",
  "require-atomic-updates",
  "no-unreachable-loop",
  "no-constant-condition",
  "no-loop-func",
  "no-empty",
  "no-useless-catch",
  "no-unsafe-finally",
  "no-unmodified-loop-condition",
  "prefer-promise-reject-errors",
  "consistent-return",
  "array-callback-return",
  "no-return-assign",
  "@typescript-eslint/no-unused-vars",
  "@typescript-eslint/no-explicit-any",
  "@typescript-eslint/no-empty-function",
  "@typescript-eslint/no-non-null-assertion",
];

const AST_GREP_RULES: Readonly<Record<string, string>> = {
  "await-in-loop":
    "{ kind: await_expression, inside: { any: [{ kind: for_in_statement }, { kind: for_statement }, { kind: while_statement }], stopBy: end } }",
  "fetch-without-signal": "{ pattern: fetch($A) }",
  count: "{ pattern: $A.count($$$B) }",
  "axios-create": "{ pattern: axios.create($$$A) }",
};

/** @throws where npm cannot install them */
function install(home: string): void {
  mkdirSync(home, { recursive: true });
  const manifest = path.join(home, "package.json");
  const wanted = `${JSON.stringify({ name: "bench-peers", private: true, type: "module", dependencies: PACKAGES }, null, 2)}\n`;
  if (
    !existsSync(manifest) ||
    readFileSync(manifest, "utf8") !== wanted ||
    !existsSync(path.join(home, "node_modules/eslint"))
  ) {
    writeFileSync(manifest, wanted);
    const done = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], {
      cwd: home,
      stdio: ["ignore", "ignore", "inherit"],
      shell: process.platform === "win32",
    });
    if (done.status !== 0) throw new Error("The linters to compare with could not be installed.");
  }
  writeFileSync(
    path.join(home, "eslint.config.mjs"),
    `import tseslint from "typescript-eslint";
export default [{
  files: ["**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}"],
  languageOptions: { parser: tseslint.parser, parserOptions: { ecmaFeatures: { jsx: true } } },
  linterOptions: { reportUnusedDisableDirectives: "off" },
  plugins: { "@typescript-eslint": tseslint.plugin },
  rules: Object.fromEntries(${JSON.stringify(ESLINT_RULES)}.map((it) => [it, "warn"])),
}];
`,
  );
  const yaml = Object.entries(AST_GREP_RULES)
    .map(([id, rule]) => `id: ${id}\nlanguage: TypeScript\nrule: ${rule}\n`)
    .join("---\n");
  writeFileSync(path.join(home, "rules.yml"), yaml);
  writeFileSync(
    path.join(home, "biome.json"),
    '{ "formatter": { "enabled": false }, "linter": { "enabled": true }, "assist": { "enabled": false } }',
  );
}

const within = (home: string, name: string): string => path.join(home, "node_modules", ...name.split("/"));

/** The program of the first package that is there: each of them is built for one kind of system. */
function native(home: string, candidates: readonly string[]): string {
  const all = candidates.map((it) => within(home, it));
  return all.find((it) => existsSync(it)) ?? all[0]!;
}

const biome = (home: string): string =>
  native(home, [
    `@biomejs/cli-${process.platform}-${process.arch}/biome`,
    `@biomejs/cli-${process.platform}-${process.arch}-musl/biome`,
  ]);

/** On the command line. @throws where npm cannot install them */
export function installPeers(home: string): readonly Peer[] {
  install(home);
  return [
    {
      name: "ESLint",
      command: process.execPath,
      args: [
        within(home, "eslint/bin/eslint.js"),
        "--config",
        path.join(home, "eslint.config.mjs"),
        "--no-ignore",
        "--quiet",
        "--ignore-pattern",
        "**/node_modules/",
        ".",
      ],
      does: `${ESLINT_RULES.length} rules, typescript-eslint's parser, file by file`,
    },
    {
      name: "Biome",
      command: biome(home),
      args: [
        "lint",
        "--config-path",
        home,
        "--vcs-enabled=false",
        "--max-diagnostics=1",
        "--diagnostic-level=error",
        ".",
      ],
      does: "its recommended rules, all processors",
    },
    {
      name: "oxlint",
      command: process.execPath,
      args: [within(home, "oxlint/bin/oxlint"), "--quiet", "."],
      does: "its default rules, all processors",
    },
    {
      name: "ast-grep",
      command: native(home, [
        `@ast-grep/cli-${process.platform}-${process.arch}-gnu/ast-grep`,
        `@ast-grep/cli-${process.platform}-${process.arch}/ast-grep`,
      ]),
      args: ["scan", "--rule", path.join(home, "rules.yml"), "--report-style", "short", "."],
      does: `${Object.keys(AST_GREP_RULES).length} patterns, all processors`,
    },
  ];
}

/** In the editor. @throws where npm cannot install them */
export function editorPeers(home: string): readonly EditorServer[] {
  install(home);
  return [
    {
      name: "ESLint's server",
      command: process.execPath,
      args: [within(home, "vscode-langservers-extracted/lib/eslint-language-server/eslintServer.js"), "--stdio"],
      configuration: {
        validate: "on",
        run: "onType",
        useFlatConfig: true,
        experimental: {},
        nodePath: path.join(home, "node_modules"),
        options: { overrideConfigFile: path.join(home, "eslint.config.mjs") },
        workingDirectory: { mode: "location" },
        onIgnoredFiles: "off",
        problems: { shortenToSingleLine: false },
        rulesCustomizations: [],
        quiet: false,
        format: false,
      },
      does: `that of its VS Code extension, ${ESLINT_RULES.length} rules, typescript-eslint's parser`,
    },
  ];
}

/** Ours, as the client starts it. */
export function ownServer(entry: string): EditorServer {
  return {
    name: "slo-lens",
    command: process.execPath,
    args: ["--max-semi-space-size=32", entry, "--stdio"],
    env: { MALLOC_ARENA_MAX: "1" },
    initializationOptions: { locale: "en", trusted: false, linkCommands: [] },
    tellsReady: true,
    does: "all its rules over the whole workspace",
  };
}
