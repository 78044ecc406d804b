/**
 * Where numbers come from, behind one interface: whatever the source, it is asked in PromQL and answers with samples,
 * or with a fault that can be put into words. Nothing here opens a connection; the network is lent as `Fetch`.
 */
import type { Cause } from "../model.ts";

export interface FetchRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export type FetchAnswer =
  | {
      readonly ok: true;
      readonly status: number;
      readonly contentType: string;
      readonly text: string;
      readonly redirectedTo?: string;
    }
  | { readonly ok: false; readonly failure: string; readonly detail: string };

/** The network, bounded in time and size; adds tokens itself and never throws. `createHttp` of the platform is one. */
export type Fetch = (request: FetchRequest) => Promise<FetchAnswer>;

/** The time, injected so that tests need not wait. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after a time, or at once when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface MetricRequest {
  /** The asker's name for the request; unique in a batch. */
  readonly key: string;
  /** PromQL, evaluated at one instant, or over `range`. */
  readonly query: string;
  /** Unix seconds. */
  readonly range?: { readonly start: number; readonly end: number; readonly step: number };
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** Absent where the server said NaN or an infinity; `text` is what it said. */
  readonly value?: number;
  readonly text: string;
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Unix seconds and value, finite ones only, oldest first. */
  readonly points: readonly (readonly [number, number])[];
}

export type MetricAnswer =
  | {
      readonly ok: true;
      readonly samples: readonly Sample[];
      /** Answers to `range` requests. */
      readonly series: readonly Series[];
      /** The server said that something is missing. */
      readonly isPartial: boolean;
      /** What it said is missing, in its own words, cut to a length that can be shown. */
      readonly warnings?: readonly string[];
      /** Where less than what was asked for could be looked back on: the seconds that could. */
      readonly coversSeconds?: number;
    }
  | { readonly ok: false; readonly fault: Fault };

/** Why there is no answer: a key of `faults` in words.ts and its data. */
export interface Fault {
  readonly kind: string;
  readonly data: Readonly<Record<string, string | number>>;
}

/** `no-answer` with the fault in it, so that it can be said in any language. */
export function causeOfFault(fault: Fault): Cause {
  return { key: "no-answer", data: { ...fault.data, fault: fault.kind } };
}

/** What somebody who writes a query wants to know of the series that there are. */
export type MetricQuestion =
  | { readonly of: "names" }
  | { readonly of: "labels"; readonly metric: string }
  /** `metric` is empty where none is named yet. */
  | { readonly of: "values"; readonly metric: string; readonly label: string };

export interface Source {
  readonly kind: "prometheus" | "scrape";
  /** What people call it: an address without path or secrets. */
  readonly name: string;
  /** Answers by key; each request has one. Never throws; an aborted signal gives faults. */
  readonly query: (
    requests: readonly MetricRequest[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<string, MetricAnswer>>;
  /** Names of metrics, of labels or of their values, bounded; undefined where there is no answer. Never throws. */
  readonly names?: (question: MetricQuestion, signal: AbortSignal) => Promise<readonly string[] | undefined>;
}

/** An address as it may be shown: scheme, host and port. */
export function originOf(url: string): string {
  const origin = URL.canParse(url) ? new URL(url).origin : "null";
  return origin === "null" ? "the address" : origin;
}

/** The fault of an exchange that gave no usable answer. `url` is named by its origin only. */
export function faultOf(answer: FetchAnswer, url: string): Fault | undefined {
  const address = originOf(url);
  if (!answer.ok) return { kind: answer.failure, data: { address, detail: answer.detail } };
  if (answer.status >= 200 && answer.status < 300) return undefined;
  const data = { address: answer.redirectedTo ?? address, status: String(answer.status) };
  // Mimir and Cortex refuse who names no tenant with the status of a missing token.
  if (/\bno org id\b/i.test(answer.text.slice(0, 1000))) return { kind: "no-tenant", data };
  if (answer.status === 401 || answer.status === 403)
    return { kind: answer.redirectedTo === undefined ? "denied" : "denied-after-redirect", data };
  // VictoriaMetrics and its proxy say 400 of a path that they do not serve.
  if (answer.status === 404 || /unsupported path|missing route for/i.test(answer.text.slice(0, 1000)))
    return { kind: "not-there", data };
  if (answer.status === 429) return { kind: "too-many", data };
  return { kind: "status", data };
}

/** Runs tasks with at most `limit` at a time; results in the order of the tasks. */
export async function inParallel<T>(tasks: readonly (() => Promise<T>)[], limit: number): Promise<readonly T[]> {
  const results: T[] = new Array(tasks.length);
  let next = 0;
  const worker = async () => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await tasks[index]!();
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, tasks.length) }, worker));
  return results;
}
