/** How far the server is: one line for our client's status item, the progress that LSP has for every other one. */
import { type Connection, ProgressType, WorkDoneProgressCreateRequest } from "vscode-languageserver";
import type { Language } from "../engine/index.ts";
import { type StatusParams, statusNotification } from "../protocol/index.ts";
import type { Folder } from "./folder.ts";
import type { Abilities } from "./initialization.ts";
import type { Served } from "./served-folders.ts";
import { type Say, sayIn, words } from "./text.ts";

export interface Status {
  /** Tells the client where it differs from what was told last. */
  readonly tell: () => void;
  /** Of the files of a folder that is being read. */
  readonly setProgress: (folder: Folder, done: number, total: number) => void;
  readonly setProblem: (message: string) => void;
}

export interface StatusOptions {
  readonly connection: Connection;
  readonly isHeard: () => boolean;
  readonly can: () => Abilities | undefined;
  readonly isStarted: () => boolean;
  readonly workspaces: () => readonly Served[];
  readonly language: () => Language;
}

export function createStatus(options: StatusOptions): Status {
  const { connection, workspaces, can } = options;
  const progress = new WeakMap<Folder, { readonly done: number; readonly total: number }>();
  let told = "";
  let problem = "";
  let bar: Bar | undefined;

  const status = (): StatusParams => {
    const say = sayIn(options.language());
    const all = workspaces();
    if (!options.isStarted()) return { state: "starting", text: say(words.starting) };
    if (all.every(({ folder }) => folder.isSettled)) {
      const endpoints = sum(all.map(({ folder }) => folder.endpoints.length));
      const text = say(words.ready, { endpoints, slos: countSlos(all) });
      return { state: "ready", text, detail: telemetryDetail(all, say, options.language()) };
    }
    if (problem) return { state: "problem", text: say(words.problem, { message: problem }) };
    const { done, total } = reading();
    return { state: "indexing", text: say(words.indexing, { done, total }) };
  };

  const reading = (): { readonly done: number; readonly total: number } => {
    const known = workspaces().flatMap(({ folder }) => progress.get(folder) ?? []);
    return { done: sum(known.map((it) => it.done)), total: sum(known.map((it) => it.total)) };
  };

  const tellBar = ({ state, text }: StatusParams): void => {
    if (state !== "indexing") {
      bar?.end();
      bar = undefined;
      return;
    }
    const { done, total } = reading();
    bar ??= openBar(connection);
    bar.report(text, total === 0 ? 0 : Math.floor((100 * done) / total));
  };

  return {
    tell: () => {
      const abilities = can();
      if (!abilities || !options.isHeard()) return;
      const now = status();
      const json = JSON.stringify(now);
      if (json === told) return;
      told = json;
      if (abilities.ours) connection.sendNotification(statusNotification, now).catch(() => {});
      else if (abilities.progress) tellBar(now);
    },
    setProgress: (folder, done, total) => {
      progress.set(folder, { done, total });
    },
    setProblem: (message) => {
      problem = message.split("\n")[0] ?? "";
    },
  };
}

interface Bar {
  readonly report: (message: string, percentage: number) => void;
  readonly end: () => void;
}

type BarValue =
  | { readonly kind: "begin"; readonly title: string; readonly percentage: number }
  | { readonly kind: "report"; readonly message: string; readonly percentage: number }
  | { readonly kind: "end" };

const barType = new ProgressType<BarValue>();
let nextBar = 1;

/** Asks the client for a bar; until it has answered nothing may be drawn, and what is to be drawn is the newest. */
function openBar(connection: Connection): Bar {
  const token = `slo-lens-${nextBar++}`;
  let state: "asked" | "open" | "closed" = "asked";
  let latest: BarValue | undefined;
  const send = (value: BarValue): void => {
    connection.sendProgress(barType, token, value).catch(() => {});
  };
  connection.sendRequest(WorkDoneProgressCreateRequest.type, { token }).then(
    () => {
      if (state === "closed") return;
      state = "open";
      send({ kind: "begin", title: "SLO Lens", percentage: 0 });
      if (latest) send(latest);
    },
    () => {
      state = "closed";
    },
  );
  return {
    report: (message, percentage) => {
      latest = { kind: "report", message, percentage };
      if (state === "open") send(latest);
    },
    end: () => {
      if (state === "open") send({ kind: "end" });
      state = "closed";
    },
  };
}

export function countSlos(of: readonly Served[]): number {
  return sum(of.map(({ folder }) => folder.objectives.slos.length));
}

/** Where the numbers of some folders come from and how old they are. */
export function telemetryDetail(of: readonly Served[], say: Say, language: Language): string {
  return [...new Set(of.map(({ telemetry }) => telemetry.detail(say, language)))].join("; ");
}

const sum = (of: readonly number[]): number => of.reduce((total, it) => total + it, 0);
