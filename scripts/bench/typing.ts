/**
 * How long a person waits for a language server: from its start to the first diagnostics of an opened file, from a
 * keystroke to the next ones, and what it keeps in memory. Runs the server as a process over stdio, one character at a
 * time, as an editor does.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { URI } from "vscode-uri";

export interface EditorServer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What `workspace/configuration` is answered with, for each section that is asked for. */
  readonly configuration?: unknown;
  readonly initializationOptions?: unknown;
  /** It tells when it has read the workspace; others are typed into at once. */
  readonly tellsReady?: boolean;
  /** What it does, for the table's reader. */
  readonly does: string;
}

/** Milliseconds. */
export interface Waits {
  readonly p50: number;
  readonly p95: number;
}

export interface TypedFile {
  readonly file: string;
  readonly lines: number;
  /** Diagnostics before anything was typed. */
  readonly diagnostics: number;
  /** While each state of the text is a whole program. */
  readonly whole: Waits;
  /** While a statement is begun and not ended. */
  readonly broken: Waits;
  /** Milliseconds of all processors that a keystroke costs on average, whoever else uses them; NaN where not told. */
  readonly processor: number;
}

export interface EditorRun {
  /** Milliseconds from the start of the process to the first file's diagnostics. */
  readonly first: number;
  /** Milliseconds until the workspace was read; undefined for servers that do not tell. */
  readonly ready: number | undefined;
  /** Bytes with the files open and nobody typing; NaN where the system does not tell. */
  readonly memoryOpen: number;
  /** Bytes after the typing. */
  readonly memoryTyped: number;
  readonly files: readonly TypedFile[];
}

/** Milliseconds. */
const LIMIT = 120_000;
/** Milliseconds that a person reads before typing: a server may put its memory in order meanwhile. */
const REST = 20_000;
const TYPED = " const total = await fetchAll(items.filter((it) => it.isOpen));";

/** @throws where the server does not answer within two minutes */
export async function typeInto(
  { command, args, env, configuration, initializationOptions, tellsReady }: EditorServer,
  root: string,
  files: readonly string[],
  keys: number,
): Promise<EditorRun> {
  const started = performance.now();
  const server = spawn(command, args, {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: root,
    env: { ...process.env, ...env },
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  const limit = setTimeout(() => server.kill("SIGKILL"), LIMIT + keys * files.length * 1000);
  let wake: (() => void) | undefined;
  const ended = new Promise<void>((resolve) =>
    server.once("exit", () => {
      resolve();
      wake?.();
    }),
  );
  const published = new Map<string, { readonly version: number; readonly count: number }>();
  let isReady = tellsReady !== true;
  connection.onNotification("sloLens/status", ({ state }: { state: string }) => {
    isReady ||= state === "ready";
    wake?.();
  });
  connection.onNotification(
    "textDocument/publishDiagnostics",
    (it: { uri: string; version?: number; diagnostics: readonly unknown[] }) => {
      published.set(it.uri, { version: it.version ?? 0, count: it.diagnostics.length });
      wake?.();
    },
  );
  connection.onNotification("window/logMessage", ({ type, message }: { type: number; message: string }) => {
    if (type === 1) console.error(message);
  });
  connection.onRequest("workspace/configuration", ({ items }: { items: readonly unknown[] }) =>
    items.map(() => configuration ?? null),
  );
  for (const it of ["workspace/diagnostic/refresh", "workspace/codeLens/refresh", "client/registerCapability"])
    connection.onRequest(it, () => null);
  connection.onUnhandledNotification(() => {});
  connection.listen();
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      if (server.exitCode !== null || server.signalCode !== null) throw new Error(`${command} ended too early.`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  const folder = { uri: URI.file(root).toString(), name: "bench" };
  const { capabilities } = await connection.sendRequest<{ capabilities: { diagnosticProvider?: unknown } }>(
    "initialize",
    {
      processId: process.pid,
      rootUri: folder.uri,
      workspaceFolders: [folder],
      capabilities: {
        textDocument: {
          diagnostic: { relatedInformation: true, dataSupport: true },
          publishDiagnostics: { relatedInformation: true, versionSupport: true },
        },
        workspace: { diagnostics: { refreshSupport: true }, configuration: true, workspaceFolders: true },
      },
      ...(initializationOptions === undefined ? {} : { initializationOptions }),
    },
  );
  void connection.sendNotification("initialized", {});

  const uriOf = (file: string): string => URI.file(path.join(root, file)).toString();
  /** The number of diagnostics of a version of a file, however this server tells it. */
  const diagnostics = async (file: string, version: number): Promise<number> => {
    const uri = uriOf(file);
    if (capabilities.diagnosticProvider) {
      const { items } = await connection.sendRequest<{ items?: readonly unknown[] }>("textDocument/diagnostic", {
        textDocument: { uri },
      });
      return items?.length ?? 0;
    }
    await until(() => (published.get(uri)?.version ?? -1) >= version);
    return published.get(uri)!.count;
  };
  const texts = new Map<string, string>();
  const open = (file: string): void => {
    const text = readFileSync(path.join(root, file), "utf8");
    texts.set(file, text);
    void connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri: uriOf(file), languageId: "typescript", version: 1, text },
    });
  };

  open(files[0]!);
  const counts = [await diagnostics(files[0]!, 1)];
  const first = performance.now() - started;
  await until(() => isReady);
  const ready = tellsReady ? performance.now() - started : undefined;
  for (const file of files.slice(1)) {
    open(file);
    counts.push(await diagnostics(file, 1));
  }
  await new Promise((resolve) => setTimeout(resolve, REST));
  const memoryOpen = resident(server.pid!);
  const results: TypedFile[] = [];
  for (const [i, file] of files.entries()) results.push(await type(file, counts[i]!));
  const memoryTyped = resident(server.pid!);
  await connection.sendRequest("shutdown");
  void connection.sendNotification("exit");
  await ended;
  clearTimeout(limit);
  connection.dispose();
  return { first, ready, memoryOpen, memoryTyped, files: results };

  async function type(file: string, found: number): Promise<TypedFile> {
    const lines = texts.get(file)!.split("\n");
    // In the middle, at the end of a line, where a statement may be begun.
    const line = Math.max(
      0,
      lines.findIndex((it, n) => n >= lines.length / 2 && /;\s*$/.test(it)),
    );
    const whole: number[] = [];
    const broken: number[] = [];
    let version = 1;
    const change = async (from: number, to: number, text: string): Promise<number> => {
      const at = performance.now();
      const range = { start: { line, character: from }, end: { line, character: to } };
      void connection.sendNotification("textDocument/didChange", {
        textDocument: { uri: uriOf(file), version: ++version },
        contentChanges: [{ range, text }],
      });
      await diagnostics(file, version);
      return performance.now() - at;
    };
    const end = lines[line]!.replace(/\s+$/, "").length;
    const spent = processorTime(server.pid!);
    for (let i = 0; i < keys; i++) {
      const n = i % TYPED.length;
      const ms = await change(end + n, end + n, TYPED[n]!);
      // The blank before it and the semicolon behind it leave a program whole.
      (n === 0 || n === TYPED.length - 1 ? whole : broken).push(ms);
      if (n === TYPED.length - 1 || i === keys - 1) await change(end, end + n + 1, "");
    }
    // Then a name, letter by letter, so that every state is a whole program.
    await change(end, end, " let x = 1;");
    for (let i = 0; i < keys; i++) whole.push(await change(end + 6, end + 6, "a"));
    const processor = (processorTime(server.pid!) - spent) / (version - 1);
    return { file, lines: lines.length, diagnostics: found, whole: waits(whole), broken: waits(broken), processor };
  }
}

function waits(of: readonly number[]): Waits {
  const sorted = [...of].sort((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95) };
}

/** Milliseconds of user and system time so far. */
function processorTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Clock ticks of 10 ms.
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

function resident(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) * 1024;
  } catch {
    return Number.NaN;
  }
}
