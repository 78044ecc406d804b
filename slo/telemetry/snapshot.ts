/**
 * A status report as a file, for people without network access to the telemetry: CI writes it, everyone reads it. It is
 * the JSON that `slo-lens status --format json` prints. What is read was written by others, so every field is checked.
 */
import type { BurnRate, Cause, EndpointShare, ObjectiveStatus, RouteLook, State, StatusReport } from "../model.ts";
import { stateWords } from "../words.ts";
import type { Fault } from "./source.ts";

/** A snapshot older than this says `stale`: a day, for CI writes one a day at least. */
export const SNAPSHOT_STALE_SECONDS = 86_400;

const maxLength = 20_000_000;
const maxObjectives = 10_000;

export interface SnapshotSource {
  readonly kind: "snapshot";
  /** The path as the user wrote it. */
  readonly name: string;
  readonly read: () => Promise<
    { readonly ok: true; readonly report: StatusReport } | { readonly ok: false; readonly fault: Fault }
  >;
}

/** A source over a file; `readText` gives its text, or undefined where it cannot be read. */
export function createSnapshot(path: string, readText: () => Promise<string | undefined>): SnapshotSource {
  return {
    kind: "snapshot",
    name: path,
    async read() {
      const text = await readText();
      if (text === undefined) return { ok: false, fault: { kind: "no-file", data: { address: path } } };
      return readSnapshot(path, text);
    },
  };
}

/** The text of a snapshot: JSON with a stable order, so that a diff shows what changed. */
export function writeSnapshot(report: StatusReport): string {
  const objectives = [...report.objectives].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const { evaluatedAt, source, problems, faults } = report;
  return `${JSON.stringify({ evaluatedAt, source, objectives, problems, faults }, null, 2)}\n`;
}

/** Reads a snapshot. Objectives that are not understood are left out; a text that is none at all is a fault. */
export function readSnapshot(
  path: string,
  text: string,
): { readonly ok: true; readonly report: StatusReport } | { readonly ok: false; readonly fault: Fault } {
  const refuse = (kind = "not-snapshot") => ({ ok: false as const, fault: { kind, data: { address: path } } });
  if (text.length > maxLength) return refuse("snapshot-too-large");
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return refuse();
  }
  if (!isRecord(data) || !Array.isArray(data.objectives)) return refuse();
  const evaluatedAt = data.evaluatedAt;
  const time = typeof evaluatedAt === "string" ? Date.parse(evaluatedAt) : Number.NaN;
  if (Number.isNaN(time)) return refuse();
  const objectives = (data.objectives as readonly unknown[]).slice(0, maxObjectives).flatMap((each) => {
    const status = readObjective(each);
    return status === undefined ? [] : [status];
  });
  const problems = Array.isArray(data.problems)
    ? data.problems.flatMap((each) => textOf(each, 500) ?? []).slice(0, 50)
    : [];
  const faults = list(data.faults, 50).flatMap((each) => readCause(each) ?? []);
  return {
    ok: true,
    report: {
      evaluatedAt: new Date(time).toISOString(),
      source: { kind: "snapshot", name: path },
      objectives,
      problems,
      ...(faults.length === 0 ? {} : { faults }),
    },
  };
}

function readObjective(value: unknown): ObjectiveStatus | undefined {
  if (!isRecord(value)) return undefined;
  const id = textOf(value.id, 500);
  const state = value.state;
  if (id === undefined || typeof state !== "string" || !Object.hasOwn(stateWords, state)) return undefined;
  const cause = readCause(value.cause);
  const sharesCause = readCause(value.sharesCause);
  const method = methods.find((each) => each === value.method) ?? "request-weighted";
  const history = readHistory(value.history);
  return {
    id,
    state: state as State,
    reason: textOf(value.reason, 1000) ?? "",
    ...(cause === undefined ? {} : { cause }),
    ...optional("good", amount(value.good)),
    ...optional("bad", amount(value.bad)),
    ...optional("total", amount(value.total)),
    ...optional("sli", ratio(value.sli)),
    ...optional("budgetRemaining", finite(value.budgetRemaining)),
    burnRates: list(value.burnRates, 50).flatMap(readBurnRate),
    ...optional("exhaustedInSeconds", amount(value.exhaustedInSeconds)),
    ...optional("coversSeconds", amount(value.coversSeconds)),
    ...(value.isPartial === true ? { isPartial: true } : {}),
    method,
    endpoints: list(value.endpoints, 10_000).flatMap(readShare),
    ...(sharesCause === undefined ? {} : { sharesCause }),
    ...(history === undefined ? {} : { history }),
  };
}

const methods = ["request-weighted", "timeslices", "ratio-timeslices", "time-weighted"] as const;

function readBurnRate(value: unknown): readonly BurnRate[] {
  if (!isRecord(value)) return [];
  const windowSeconds = amount(value.windowSeconds);
  return windowSeconds === undefined ? [] : [{ windowSeconds, ...optional("rate", amount(value.rate)) }];
}

function readShare(value: unknown): readonly EndpointShare[] {
  if (!isRecord(value)) return [];
  const method = textOf(value.method, 20);
  const route = textOf(value.route, 500);
  if (method === undefined || route === undefined) return [];
  return [
    {
      method,
      route,
      ...optional("shareOfTraffic", ratio(value.shareOfTraffic)),
      ...optional("shareOfBad", ratio(value.shareOfBad)),
      ...optional("total", amount(value.total)),
      ...optional("bad", amount(value.bad)),
      ...(Array.isArray(value.looks) ? { looks: list(value.looks, 50).flatMap(readLook) } : {}),
    },
  ];
}

function readLook(value: unknown): readonly RouteLook[] {
  if (!isRecord(value)) return [];
  const windowSeconds = amount(value.windowSeconds);
  if (windowSeconds === undefined) return [];
  return [
    {
      windowSeconds,
      ...optional("total", amount(value.total)),
      ...optional("bad", amount(value.bad)),
      ...optional("ratio", ratio(value.ratio)),
    },
  ];
}

function readCause(value: unknown): Cause | undefined {
  if (!isRecord(value) || !isRecord(value.data)) return undefined;
  const key = textOf(value.key, 100);
  if (key === undefined) return undefined;
  const data = Object.entries(value.data).flatMap(([name, each]): (readonly [string, string | number])[] => {
    const datum = typeof each === "number" ? finite(each) : textOf(each, 500);
    return datum === undefined ? [] : [[name, datum]];
  });
  return { key, data: Object.fromEntries(data.slice(0, 30)) };
}

function readHistory(value: unknown): readonly (readonly [number, number])[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, 500).flatMap((point) => {
    const [time, remaining] = Array.isArray(point) ? [finite(point[0]), finite(point[1])] : [];
    return time === undefined || remaining === undefined ? [] : [[time, remaining] as const];
  });
}

function optional<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: T };
}

function list(value: unknown, limit: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, limit) : [];
}

function textOf(value: unknown, limit: number): string | undefined {
  return typeof value === "string" ? value.slice(0, limit) : undefined;
}

function finite(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function amount(value: unknown): number | undefined {
  const number = finite(value);
  return number !== undefined && number >= 0 ? number : undefined;
}

function ratio(value: unknown): number | undefined {
  const number = amount(value);
  return number !== undefined && number <= 1 ? number : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
