/** A VS Code workbench on a loopback port, with a profile of its own that is thrown away. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export interface HostOptions {
  /** Where `installEditorHost` put it. */
  readonly folder: string;
  /** Extensions to install first. */
  readonly extensions?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Lets the page give extension tests to run; hides notifications. */
  readonly forTests?: boolean;
  /** Any free one when this is taken or not given. */
  readonly port?: number;
  /** Display language, such as `ja`. Extensions speak it; the workbench stays English, for no language pack is needed. */
  readonly locale?: string;
}

export interface Host {
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
  readonly authority: string;
  readonly logFile: string;
  readonly stop: () => Promise<void>;
}

/** Calm enough for work and for pictures; nothing asks the network. */
const SETTINGS: Readonly<Record<string, unknown>> = {
  "files.autoSave": "off",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "telemetry.telemetryLevel": "off",
  "editor.minimap.enabled": false,
  "git.enabled": false,
  "security.workspace.trust.enabled": false,
};

/** @throws when it does not answer within a minute, with where its log is. */
export async function startHost(options: HostOptions): Promise<Host> {
  const entry = path.join(options.folder, "node_modules/code-server/out/node/entry.js");
  const data = mkdtempSync(path.join(tmpdir(), "slo-lens-editor-"));
  // A setting of the machine (an address, a path) is read from the machine's file alone.
  for (const kind of ["User", "Machine"]) {
    mkdirSync(path.join(data, "user", kind), { recursive: true });
    const settings = JSON.stringify({ ...SETTINGS, ...options.settings }, null, 2);
    writeFileSync(path.join(data, "user", kind, "settings.json"), settings);
  }
  writeFileSync(path.join(data, "config.yaml"), "auth: none\n");
  if (options.locale && options.locale !== "en") writeLanguagePack(path.join(data, "user"), options.locale);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    XDG_CONFIG_HOME: path.join(data, "xdg"),
    XDG_DATA_HOME: path.join(data, "xdg"),
    PATH: `${path.dirname(process.execPath)}:${process.env.PATH ?? ""}`,
  };
  // An editor around us would be talked to instead of started.
  for (const name of ["VSCODE_IPC_HOOK_CLI", "PORT", "PASSWORD", "NODE_OPTIONS", "NODE_TEST_CONTEXT"]) delete env[name];
  const common = [
    "--config",
    path.join(data, "config.yaml"),
    "--auth",
    "none",
    "--user-data-dir",
    path.join(data, "user"),
    "--extensions-dir",
    path.join(data, "ext"),
  ];
  common.push(
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-workspace-trust",
    "--disable-getting-started-override",
  );
  const logFile = path.join(data, "server.log");
  const log = openSync(logFile, "a");
  for (const extension of options.extensions ?? []) {
    const done = spawnSync(process.execPath, [entry, ...common, "--install-extension", extension, "--force"], {
      env,
      stdio: ["ignore", log, log],
    });
    if (done.status !== 0) throw new Error(`${extension} could not be installed into the editor: see ${logFile}`);
  }
  const port = await freePort(options.port);
  const child = spawn(
    process.execPath,
    [
      entry,
      ...common,
      "--bind-addr",
      `127.0.0.1:${port}`,
      ...(options.locale ? ["--locale", options.locale] : []),
      ...(options.forTests ? ["--vscode-option", "enable-smoke-test-driver"] : []),
    ],
    {
      env,
      // A group of its own, so that extension hosts and language servers end with it.
      detached: true,
      stdio: ["ignore", log, log],
    },
  );
  closeSync(log);
  const address = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await endGroup(child);
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await answers(`${address}/healthz`, child, 60_000);
  } catch {
    await endGroup(child);
    throw new Error(`The editor did not start: see ${logFile}`);
  }
  return { address, authority: `127.0.0.1:${port}`, logFile, stop };
}

/**
 * An editor speaks a language to its extensions only where a language pack for it is installed, and those are not in the
 * npm registry. So it finds one that translates nothing of its own.
 */
function writeLanguagePack(user: string, locale: string): void {
  const translations = path.join(user, "no-translations.json");
  writeFileSync(translations, JSON.stringify({ version: "1.0.0", contents: {} }));
  const extensions = [{ extensionIdentifier: { id: `slo-lens.empty-${locale}` }, version: "0.0.1" }];
  const pack = { hash: `empty-${locale}`, label: locale, extensions, translations: { vscode: translations } };
  writeFileSync(path.join(user, "languagepacks.json"), JSON.stringify({ [locale]: pack }));
}

/** Asks until there is an answer; ends early when the process has ended. */
async function answers(url: string, child: ChildProcess, limit: number): Promise<void> {
  const until = Date.now() + limit;
  while (Date.now() < until && child.exitCode === null && child.signalCode === null) {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no answer");
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const send = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // It has ended by itself.
    }
  };
  send("SIGTERM");
  const timer = setTimeout(() => send("SIGKILL"), 3_000);
  await ended;
  clearTimeout(timer);
  send("SIGKILL");
}

/** @returns `wanted` where nobody listens on it, else any free port of the loopback. */
export async function freePort(wanted = 0): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => (wanted === 0 ? reject(error) : resolve(freePort())));
    server.listen(wanted, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
