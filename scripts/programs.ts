/** Programs of the system that some tests run: a browser to look at the editor, and Prometheus. */
import { spawnSync } from "node:child_process";

const PROGRAMS = ["chromium", "prometheus"];

/** Installs what is missing with apt. @throws where that cannot be done, saying what to install by hand. */
export function installPrograms(): void {
  const missing = PROGRAMS.filter((it) => spawnSync(it, ["--version"], { stdio: "ignore" }).error);
  if (missing.length === 0) return;
  const packages = missing.join(" ");
  if (spawnSync("apt-get", ["--version"], { stdio: "ignore" }).error)
    throw new Error(`Please install ${packages}: the telemetry and editor tests run them.`);
  console.error(`Installing ${packages} …`);
  const isRoot = process.getuid?.() === 0;
  const apt = (...args: string[]): boolean =>
    spawnSync(isRoot ? "apt-get" : "sudo", [...(isRoot ? [] : ["-n", "apt-get"]), ...args], {
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status === 0;
  apt("update", "-q");
  if (!apt("install", "-y", "-q", "--no-install-recommends", ...missing))
    throw new Error(`apt-get could not install ${packages}. Please install them by hand.`);
}
