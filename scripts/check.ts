/** The fast inner loop: generated files, format and lint, types, and every test that needs no other program. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readdirSync } from "node:fs";
import path from "node:path";
import { runTests } from "./run-tests.ts";

const root = path.dirname(import.meta.dirname);
const node = process.execPath;
const bin = (name: string): string => path.join(root, "node_modules", name);

/** Runs every static check. @returns the names of those that failed. */
export function staticChecks(): string[] {
  const rooms = [...readdirSync(root), "examples/recipes"].filter((it) =>
    existsSync(path.join(root, it, "tsconfig.json")),
  );
  const steps: [string, string[]][] = [
    ["registry", [path.join(root, "scripts/gen-registry.ts"), "--check"]],
    ["biome", [bin("@biomejs/biome/bin/biome"), "check", "--error-on-warnings", "--max-diagnostics=40", "."]],
    ...rooms.map((it): [string, string[]] => [
      `types: ${it}`,
      [
        bin("typescript/bin/tsc"),
        "--noEmit",
        "--incremental",
        "--tsBuildInfoFile",
        path.join(root, ".cache/types", `${path.basename(it)}.tsbuildinfo`),
        "-p",
        it,
      ],
    ]),
  ];
  // What we flag in others we do not do ourselves.
  const own = ["engine", "rules", "slo", "platform", "server", "cli", "client", "scripts"];
  steps.push(["our own rules", [path.join(root, "cli/main.ts"), "check", ...own, "--fail-on", "warning"]]);
  return steps.flatMap(([name, args]) =>
    spawnSync(node, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status === 0 ? [] : [name],
  );
}

export const unitTests = (): string[] =>
  globSync("test/{engine,rules,slo,platform,cli,client,house,server}/**/*.test.ts", { cwd: root }).sort();

if (import.meta.main) {
  const failed = staticChecks();
  const tests = await runTests(unitTests());
  if (failed.length > 0) console.error(`failed: ${failed.join(", ")}`);
  process.exitCode = failed.length > 0 || !tests ? 1 : 0;
}
