/**
 * Installs a real VS Code workbench (code-server) from the npm registry, for machines where no desktop build can be had.
 * No install script runs and nothing is compiled; what no test needs is removed, so that it stays a few hundred MB.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { spdlogStandIn, watchdogStandIn } from "./stand-ins.ts";

export const codeServerVersion = "4.139.1";
/** Rises when the steps below change, so that an older installation is made anew. */
const recipe = 1;

/** What a test of one extension never touches; over half of the size. */
const unneeded = [
  "extensions/copilot",
  "extensions/mermaid-markdown-features",
  "extensions/microsoft-authentication",
  "extensions/github-authentication",
  "extensions/ms-vscode.js-debug*",
  "extensions/ms-vscode.vscode-js-profile-table",
  "node_modules/@github",
  "node_modules/@microsoft/mxc-sdk",
  "node_modules/@vscode/ripgrep-universal/bin/!(linux-x64)",
  "node_modules/node-pty/prebuilds/{win32,darwin}*",
  "node_modules/@vscode/sqlite3/deps",
];

/** @returns the folder that holds the host, installed now or earlier. @throws when npm fails, with what it said. */
export function installEditorHost(root: string): string {
  const folder = path.join(root, ".cache/editor-host");
  const stampFile = path.join(folder, "installed.json");
  const stamp = JSON.stringify({ codeServerVersion, recipe });
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return folder;

  console.error(`Installing the editor host (code-server ${codeServerVersion}) into .cache/editor-host, once.`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: { "code-server": codeServerVersion } }),
  );
  const workbench = path.join(folder, "node_modules/code-server/lib/vscode");
  for (const at of [folder, workbench, path.join(workbench, "extensions")]) npmInstall(at);
  writeFileSync(path.join(workbench, "node_modules/@vscode/spdlog/index.js"), spdlogStandIn);
  writeFileSync(path.join(workbench, "node_modules/@vscode/native-watchdog/index.js"), watchdogStandIn);
  for (const pattern of unneeded) remove(workbench, pattern);
  writeFileSync(stampFile, stamp);
  return folder;
}

function npmInstall(folder: string): void {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const flags = ["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const run = spawnSync(npm, flags, { cwd: folder, encoding: "utf8", shell: process.platform === "win32" });
  if (run.status !== 0) {
    throw new Error(
      `The editor host could not be installed: npm failed in ${folder}. Check that the npm registry can be reached.\n` +
        `${run.error?.message ?? ""}${run.stdout}${run.stderr}`,
    );
  }
}

function remove(folder: string, pattern: string): void {
  const excepted = /^(.*)\/!\((.+)\)$/.exec(pattern);
  const found = excepted
    ? globSync(`${excepted[1]}/*`, { cwd: folder }).filter((name) => path.basename(name) !== excepted[2])
    : globSync(pattern, { cwd: folder });
  for (const name of found) rmSync(path.join(folder, name), { recursive: true, force: true });
}
