import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants, mkdtemp, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "./free-port.ts";

export interface Prometheus {
  readonly url: string;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** Of the program itself. */
  readonly binary: string;
  /** What is scraped: job name to the host and port of its `/metrics`. */
  readonly targets: Readonly<Record<string, string>>;
  readonly scrapeSeconds: number;
  /** Where its data and configuration are written, in a folder of their own that `stop` removes. */
  readonly folder: string;
  readonly port?: number;
  /** Groups of recording rules, as a rule file holds them. */
  readonly rules?: unknown;
  /** Runs on the empty data folder before Prometheus opens it. */
  readonly fill?: (dataFolder: string) => Promise<void>;
}

/** The program to run: what PROMETHEUS names, else `prometheus` on the PATH; undefined where there is none. */
export async function findPrometheus(): Promise<string | undefined> {
  if (process.env.PROMETHEUS) return process.env.PROMETHEUS;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, "prometheus");
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Starts Prometheus on loopback and waits until it says that it serves. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(options.folder, "prometheus-"));
  const config = join(folder, "prometheus.yml");
  const data = join(folder, "data");
  await writeFile(config, configOf(options));
  await writeFile(join(folder, "rules.yml"), JSON.stringify(options.rules ?? { groups: [] }));
  await options.fill?.(data);
  const child = spawn(
    options.binary,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      "--storage.tsdb.retention.time=60d",
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=info",
    ],
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  const ended = once(child, "exit");
  const log: string[] = [];
  const served = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      log.push(line);
      if (log.length > 50) log.shift();
      if (line.includes("Server is ready to receive web requests")) resolve();
    });
  });

  async function stop() {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  }

  const isServing = await Promise.race([served.then(() => true), ended.then(() => false)]);
  if (!isServing) {
    await stop();
    throw new Error(`${options.binary} ended before it was ready:\n${log.join("\n")}`);
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** JSON is YAML too. The instance is named, since ports change from start to start and the series shall not. */
function configOf({ targets, scrapeSeconds }: PrometheusOptions): string {
  return JSON.stringify({
    global: { scrape_interval: `${scrapeSeconds}s`, scrape_timeout: `${scrapeSeconds}s` },
    rule_files: ["rules.yml"],
    scrape_configs: Object.entries(targets).map(([job, target]) => ({
      job_name: job,
      static_configs: [{ targets: [target], labels: { instance: "local" } }],
    })),
  });
}
