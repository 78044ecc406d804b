/**
 * Starts the recipe site with all that belongs to it: a database, a nutrition service, readers, and Prometheus where
 * it is installed. Prints one JSON line with the addresses when all of it is ready. A file saved under src/ restarts
 * the site alone, so that a repair shows in its numbers. SIGTERM or Ctrl+C stops all of it and prints what the readers
 * sent.
 *
 *   node start.ts [--no-load] [--no-prometheus]
 */
import { once } from "node:events";
import { watch } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Child, startChild } from "./stand-ins/child.ts";
import { freePort } from "./stand-ins/free-port.ts";
import { fillHistory } from "./stand-ins/history.ts";
import { findPrometheus, type Prometheus, startPrometheus } from "./stand-ins/prometheus.ts";

/** The addresses that slo-lens.yaml names. Where one is taken, any free one serves, and the printed line says which. */
const SITE_PORT = 4620;
const PROMETHEUS_PORT = 4690;
const SCRAPE_SECONDS = 2;

const { values: args } = parseArgs({
  options: { "no-load": { type: "boolean" }, "no-prometheus": { type: "boolean" } },
});
const running: { stop(): Promise<void> }[] = [];
let load: Child<unknown> | undefined;
let stopping = false;

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (!stopping) void stopAll();
  });
}

try {
  console.log(JSON.stringify(await startAll()));
} catch (error) {
  // What is stopped half-way through its start fails; that is no news.
  if (!stopping) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
    await stopAll();
  }
}

async function startAll() {
  const [database, nutrition] = await Promise.all([
    start<{ url: string; rows: number }>("stand-ins/database.ts"),
    start<{ url: string }>("stand-ins/nutrition-service.ts"),
  ]);
  const env = {
    DATABASE_URL: database.ready.url,
    NUTRITION_URL: nutrition.ready.url,
    PORT: String((await isFree(SITE_PORT)) ? SITE_PORT : await freePort()),
  };
  const site = await start<{ url: string; metrics: string }>("src/server.ts", [], env);
  restartOnSave(site, env);
  const prometheus = args["no-prometheus"] ? undefined : await startMonitoring(new URL(site.ready.url).host);
  load = args["no-load"] ? undefined : await start("load.ts", ["--url", site.ready.url]);
  return {
    ...site.ready,
    database: database.ready.url,
    nutrition: nutrition.ready.url,
    prometheus: prometheus?.url ?? null,
    load: load !== undefined,
    pid: { site: site.process.pid, load: load?.process.pid ?? null },
  };
}

async function start<Ready>(
  file: string,
  argv: string[] = [],
  env: Record<string, string> = {},
): Promise<Child<Ready>> {
  const child = await startChild<Ready>(new URL(file, import.meta.url), argv, env);
  running.push(child);
  if (stopping) await child.stop();
  return child;
}

/** At the same address, one restart at a time; code that does not run leaves the site down until the next save. */
function restartOnSave(first: Child<unknown>, env: Record<string, string>) {
  let site: Child<unknown> | undefined = first;
  let timer: NodeJS.Timeout | undefined;
  let restart = Promise.resolve();
  const watcher = watch(new URL("src/", import.meta.url), { recursive: true }, () => {
    // One save is several events.
    clearTimeout(timer);
    timer = setTimeout(() => {
      restart = restart.then(again);
    }, 200);
  });
  running.push({
    async stop() {
      watcher.close();
      clearTimeout(timer);
      await restart;
    },
  });

  async function again() {
    if (stopping) return;
    await site?.stop();
    site = await start("src/server.ts", [], env).catch((error: Error) => {
      console.error(error.message);
      return undefined;
    });
    if (site !== undefined) console.error("The site runs again, with what was saved.");
  }
}

async function startMonitoring(target: string): Promise<Prometheus | undefined> {
  const binary = await findPrometheus();
  if (binary === undefined) {
    console.error("prometheus is not installed, so budgets start from nothing: apt-get install prometheus");
    return undefined;
  }
  const folder = fileURLToPath(new URL("../../.cache/recipes", import.meta.url));
  await mkdir(folder, { recursive: true });
  const prometheus = await startPrometheus({
    binary,
    folder,
    targets: { recipes: target },
    scrapeSeconds: SCRAPE_SECONDS,
    fill: fillHistory,
    ...((await isFree(PROMETHEUS_PORT)) ? { port: PROMETHEUS_PORT } : {}),
  });
  running.push(prometheus);
  return prometheus;
}

/** In the order opposite to their start: readers first, so that nobody sees a site that is on its way down. */
async function stopAll() {
  stopping = true;
  for (const it of running.reverse()) await it.stop();
  if (load !== undefined) console.log(load.lines.at(-1) ?? JSON.stringify({ sent: [] }));
  process.exit();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  const isListening = await once(server, "listening").then(
    () => true,
    () => false,
  );
  if (isListening) {
    server.close();
    await once(server, "close");
  }
  return isListening;
}
