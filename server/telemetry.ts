/** The numbers of one folder: where they come from, how old they are, and what they make of each endpoint. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Settings } from "../protocol/index.ts";
import {
  aged,
  createMetricNames,
  createPrometheus,
  createRefresher,
  createScrape,
  createSnapshot,
  evaluate,
  type Fetch,
  type MetricQuestion,
  problemsIn,
  type Refresher,
  type SloView,
  type SnapshotSource,
  type Source,
  type StatusReport,
  sloView,
  withoutSource,
} from "../slo/index.ts";
import type { Folder } from "./folder.ts";
import { inside } from "./locations.ts";
import { type Say, words } from "./text.ts";
import type { Scheduler } from "./turns.ts";

export interface TelemetryOptions {
  readonly folder: Folder;
  readonly settings: () => Settings;
  readonly isTrusted: () => boolean;
  /** The network; it adds tokens itself. */
  readonly fetch: Fetch;
  readonly scheduler: Scheduler;
  /** Numbers or their age changed. */
  readonly onChange: () => void;
}

export interface Telemetry {
  /** Everything known of the folder's objectives now, from memory. */
  readonly view: () => SloView;
  readonly report: () => StatusReport | undefined;
  /** One line: where numbers come from and how old they are, or why there are none. */
  readonly detail: (say: Say, language: "en" | "ja") => string;
  /** What can be asked for numbers that nobody has asked for yet; a snapshot cannot. */
  readonly source: () => Source | undefined;
  /** Names of metrics, labels and values that the source has, from memory or after a moment; undefined where it takes longer. */
  readonly names: (question: MetricQuestion) => Promise<readonly string[] | undefined>;
  /** Settings, objectives or endpoints changed: chooses the source anew and asks. */
  readonly restart: () => void;
  /** Asks now; resolves when the answer counts. */
  readonly refresh: () => Promise<void>;
  readonly stop: () => void;
}

const ABSENCES = { off: "source-off", noSource: "no-source", untrusted: "untrusted" } as const;
/** Milliseconds that somebody who types waits for names. */
const NAMES_WAIT = 800;
const MAX_SNAPSHOT = 20_000_000;

type Chosen =
  | { readonly kind: "source"; readonly source: Source | SnapshotSource; readonly key: string }
  | { readonly kind: "none"; readonly why: "off" | "noSource" | "untrusted"; readonly key: string };

export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { folder, scheduler } = options;
  let refresher: Refresher<StatusReport> | undefined;
  let chosen: Chosen = { kind: "none", why: "noSource", key: "" };
  let isStarted = false;
  let built:
    | {
        readonly objectives: Folder["objectives"];
        readonly endpoints: Folder["endpoints"];
        readonly report: StatusReport | undefined;
        readonly view: SloView;
      }
    | undefined;

  const run = async (signal: AbortSignal): Promise<StatusReport> => {
    const { objectives, endpoints } = folder;
    return evaluate({
      slos: objectives.slos,
      matches: objectives.matches(endpoints),
      source: chosen.kind === "source" ? chosen.source : undefined,
      now: scheduler.now(),
      signal,
      thresholds: objectives.config.thresholds,
    });
  };

  /** Where there is nobody to ask, that is what there is to say. */
  let absent: { readonly of: readonly unknown[]; readonly report: StatusReport } | undefined;
  const absence = (): StatusReport | undefined => {
    const { objectives, endpoints } = folder;
    if (!isStarted || chosen.kind !== "none" || objectives.slos.length === 0) return undefined;
    const of = [objectives, endpoints, chosen];
    if (!absent || absent.of.some((it, i) => it !== of[i]))
      absent = {
        of,
        report: withoutSource(
          { slos: objectives.slos, matches: objectives.matches(endpoints), now: scheduler.now() },
          ABSENCES[chosen.why],
        ),
      };
    return absent.report;
  };

  const report = (): StatusReport | undefined => {
    if (chosen.kind === "none") return absence();
    const current = refresher?.current();
    return current ? aged(current.value, scheduler.now(), folder.objectives.config.thresholds) : undefined;
  };

  const restart = (): void => {
    const next = choose(options);
    // A question is asked again where it is a new one: other objectives or another source.
    const key = `${next.key}\n${folder.objectives.slos.map((it) => it.id).join("\n")}\n${folder.endpoints.length}`;
    if (isStarted && key === startedKey) return;
    startedKey = key;
    isStarted = true;
    refresher?.stop();
    chosen = next;
    refresher = undefined;
    if (folder.objectives.slos.length > 0 && next.kind === "source") {
      refresher = createRefresher({
        run,
        // Nobody could be asked. Answers without traffic are no failure, and neither is one query that was refused.
        isFailure: ({ objectives }) =>
          objectives.some((each) => each.cause?.key === "no-answer") &&
          objectives.every((each) => each.cause?.key === "no-answer" || each.cause?.key === "not-evaluable"),
        clock: {
          now: scheduler.now,
          sleep: (ms, signal) =>
            new Promise((resolve) => {
              const end = (): void => {
                cancel();
                signal.removeEventListener("abort", end);
                resolve();
              };
              const cancel = scheduler.later(ms, end);
              if (signal.aborted) end();
              else signal.addEventListener("abort", end, { once: true });
            }),
        },
        random: Math.random,
        everySeconds: options.settings().telemetry.refreshSeconds,
        onChange: options.onChange,
      });
      refresher.start();
    }
    options.onChange();
  };
  let startedKey = "";

  const source = (): Source | undefined => {
    // Without an objective nothing was ever asked, and a source may be there all the same.
    const it = chosen.kind === "source" ? chosen : choose(options);
    return it.kind === "source" && it.source.kind !== "snapshot" ? it.source : undefined;
  };
  const metricNames = createMetricNames({ source, now: scheduler.now });

  return {
    report,
    view: () => {
      const { objectives, endpoints } = folder;
      const current = chosen.kind === "none" ? absence() : refresher?.current()?.value;
      if (!built || built.objectives !== objectives || built.endpoints !== endpoints || built.report !== current)
        built = {
          objectives,
          endpoints,
          report: current,
          view: sloView(objectives.slos, objectives.matches(endpoints), report()?.objectives ?? [], objectives.config),
        };
      return built.view;
    },
    detail: (say, language) => {
      if (chosen.kind === "none") return say(words[chosen.why]);
      const age = refresher?.ageSeconds();
      const name = chosen.source.name;
      const current = refresher?.current();
      const problem = [current?.failure, current?.value].flatMap((it) => (it ? problemsIn(it, language) : []))[0];
      const said =
        age === undefined
          ? say(words.waiting, { source: name })
          : say(words.answered, { source: name, time: clockTime(scheduler.now(), age, language) });
      return problem === undefined ? said : `${said}: ${problem}`;
    },
    source,
    names: (question) =>
      new Promise((resolve) => {
        const cancel = scheduler.later(NAMES_WAIT, () => resolve(undefined));
        void metricNames.ask(question).then((names) => {
          cancel();
          resolve(names);
        });
      }),
    restart,
    refresh: async () => {
      try {
        await refresher?.refresh();
      } catch {
        // Said by the report of the next run that answers.
      }
      built = undefined;
      options.onChange();
    },
    stop: () => refresher?.stop(),
  };
}

/** An age would stand still where it is shown. @param age seconds; of another day with its date */
function clockTime(now: number, age: number, language: "en" | "ja"): string {
  const at = new Date(now - age * 1000);
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const isToday = at.toDateString() === new Date(now).toDateString();
  return at.toLocaleString(language, isToday ? time : { year: "numeric", month: "short", day: "numeric", ...time });
}

/** Settings first, then slo-lens.yaml; the network only where the workspace is trusted. */
function choose({ folder, settings, isTrusted, fetch, scheduler }: TelemetryOptions): Chosen {
  const { telemetry } = settings();
  const { config, configPath } = folder.objectives;
  const wants = (kind: "prometheus" | "scrape" | "snapshot"): boolean =>
    telemetry.source === "auto" || telemetry.source === kind;
  if (telemetry.source === "off") return { kind: "none", why: "off", key: "off" };
  let isHeldBack = false;
  if (wants("prometheus")) {
    const own = telemetry.prometheus.url;
    const url = own || config.telemetry.prometheus?.url;
    const headers = own ? telemetry.headers : (config.telemetry.prometheus?.headers ?? {});
    if (url && isTrusted())
      return {
        kind: "source",
        source: createPrometheus({ url, headers, fetch }),
        key: `prometheus ${url} ${JSON.stringify(headers)}`,
      };
    isHeldBack ||= Boolean(url);
  }
  if (wants("scrape")) {
    const url = telemetry.scrape.url || config.telemetry.scrape?.url;
    if (url && isTrusted())
      return {
        kind: "source",
        source: createScrape({ url, fetch, clock: { now: scheduler.now } }),
        key: `scrape ${url}`,
      };
    isHeldBack ||= Boolean(url);
  }
  if (wants("snapshot")) {
    const own = telemetry.snapshot.path;
    const named = config.telemetry.snapshot?.path;
    const file = own
      ? path.resolve(folder.root, own)
      : named
        ? path.join(folder.root, path.dirname(configPath ?? ""), named)
        : undefined;
    // A repository may not name files of the machine it is opened on.
    if (file !== undefined && (inside(folder.root, file) !== undefined || (own && isTrusted())))
      return {
        kind: "source",
        source: createSnapshot(own || named || "", () => readBounded(file)),
        key: `snapshot ${file}`,
      };
  }
  return isHeldBack
    ? { kind: "none", why: "untrusted", key: "untrusted" }
    : { kind: "none", why: "noSource", key: "none" };
}

async function readBounded(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    return size <= MAX_SNAPSHOT ? await readFile(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
