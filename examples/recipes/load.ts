/**
 * Readers of the site: a bounded, repeatable stream of requests to a site on this machine.
 *
 *   node load.ts --url http://127.0.0.1:4000 [--rate 2] [--concurrency 6] [--requests N] [--seconds S] [--only KIND]
 *
 * On SIGTERM or at its end it gives the requests under way time to finish and prints what it sent, counted by method, route and
 * status, as one JSON line. A request that no answer came for counts under status 0.
 */
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/** How long a reader waits before giving up. */
const PATIENCE_MS = 30_000;
/** How long the requests under way may still take once it is told to stop. */
const GRACE_MS = 2_000;
const WORDS = ["soup", "salad", "curry", "potato", "tofu", "lemon", "noodles", "miso"];

interface Draft {
  readonly kind: string;
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly body?: unknown;
}

export interface Sent {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly count: number;
  /** How many of them were answered within the limits of the latency objectives, as this side measured it. */
  readonly within300ms: number;
  readonly within1s: number;
}

export interface LoadOptions {
  readonly url: string;
  /** Requests a second at most. */
  readonly rate?: number;
  /** Requests under way at once at most. */
  readonly concurrency?: number;
  /** Ends after so many requests. */
  readonly requests?: number;
  readonly seconds?: number;
  /** One of `search`, `browse`, `show`, `nutrition`, `feed`, `create`; all of them in a fixed mixture otherwise. */
  readonly only?: string;
  readonly signal?: AbortSignal;
}

/** Sends requests until told to stop, and says what it sent. Only loopback addresses: it is no tool to load others with. */
export async function sendLoad(options: LoadOptions): Promise<Sent[]> {
  const { url, rate = 2, concurrency = 6, requests = Infinity, seconds = Infinity, only, signal } = options;
  if (!["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname))
    throw new Error(`${url} is not on this machine`);
  const counts = new Map<string, { -readonly [K in keyof Sent]: Sent[K] }>();
  const random = randomFrom(7);
  const start = performance.now();
  const left = new AbortController();
  let taken = 0;

  signal?.addEventListener("abort", () => setTimeout(() => left.abort(), GRACE_MS).unref());

  async function reader() {
    while (taken < requests && !signal?.aborted) {
      const turn = taken++;
      const due = start + (turn * 1000) / rate;
      if (due - start > seconds * 1000) return;
      const early = due - performance.now();
      if (early > 0) await wait(early, undefined, signal ? { signal } : {}).catch(() => undefined);
      if (signal?.aborted) return;
      await send(draftOf(random, only));
    }
  }

  async function send({ method, route, path, body }: Draft) {
    const began = performance.now();
    const status = await fetch(url + path, {
      method,
      signal: AbortSignal.any([left.signal, AbortSignal.timeout(PATIENCE_MS)]),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    const ms = performance.now() - began;
    const key = `${method} ${route} ${status}`;
    const sent = counts.get(key) ?? { method, route, status, count: 0, within300ms: 0, within1s: 0 };
    sent.count += 1;
    if (ms <= 300) sent.within300ms += 1;
    if (ms <= 1000) sent.within1s += 1;
    counts.set(key, sent);
  }

  await Promise.all(Array.from({ length: concurrency }, reader));
  return [...counts.values()];
}

/** What people do on the site: of 25 requests, so many are of each kind. */
const MIXTURE = { search: 5, browse: 5, show: 7, nutrition: 4, feed: 3, create: 1 };
const KINDS = Object.entries(MIXTURE).flatMap(([kind, share]) => Array<string>(share).fill(kind));

function draftOf(random: () => number, only: string | undefined): Draft {
  const pick = (n: number) => 1 + Math.floor(random() * n);
  const word = WORDS[pick(WORDS.length) - 1]!;
  const drafts: readonly Draft[] = [
    { kind: "search", method: "GET", route: "/recipes", path: `/recipes?q=${word}&page=${pick(5)}` },
    { kind: "browse", method: "GET", route: "/recipes", path: `/recipes?page=${pick(5)}` },
    { kind: "show", method: "GET", route: "/recipes/:id", path: `/recipes/${pick(1000)}` },
    { kind: "nutrition", method: "GET", route: "/recipes/:id/nutrition", path: `/recipes/${pick(1000)}/nutrition` },
    { kind: "feed", method: "GET", route: "/users/:id/feed", path: `/users/${pick(4000)}/feed` },
    {
      kind: "create",
      method: "POST",
      route: "/recipes",
      path: "/recipes",
      body: { title: `My ${word}`, authorId: pick(4000), ingredients: word, instructions: "Mix." },
    },
  ];
  const kind = only ?? KINDS[pick(KINDS.length) - 1];
  const draft = drafts.find((it) => it.kind === kind);
  if (draft === undefined) throw new Error(`--only ${only}: one of ${Object.keys(MIXTURE).join(", ")} is known`);
  return draft;
}

/** Mulberry32: small, and the same sequence at every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      rate: { type: "string" },
      concurrency: { type: "string" },
      requests: { type: "string" },
      seconds: { type: "string" },
      only: { type: "string" },
    },
  });
  const { url, only, ...limits } = values;
  if (url === undefined) throw new Error("--url is missing: the address of the site, such as http://127.0.0.1:4000");
  const ended = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => ended.abort());
  const numbers = Object.fromEntries(Object.entries(limits).map(([name, text]) => [name, Number(text)]));
  console.log(JSON.stringify({ url, ...numbers }));
  const sent = await sendLoad({ url, ...numbers, ...(only === undefined ? {} : { only }), signal: ended.signal });
  console.log(JSON.stringify({ sent }));
}
