/** How often something is tried again further inside: by the client that asks, by a wrapper around it, by a loop of ours. */
import {
  type FileSummary,
  type Meaning,
  type Placed,
  type PlacedFunction,
  pathKind,
  type RequestMeaning,
  type RuleContext,
  type Scoped,
} from "../../engine/index.ts";
import { callsWithin } from "./calls.ts";
import { all, derived } from "./derived.ts";
import { isWithin } from "./query-facts.ts";
import { retryLoops, triedFor } from "./retry-loops.ts";

export interface Tries {
  readonly attempts: number;
  /** Who tries: a library's name, or a function of ours. */
  readonly by: string;
  /** Milliseconds of one try at most, where known. */
  readonly ms?: number;
  /** A try that ran into that limit is not repeated. */
  readonly lastOnTimeout?: boolean;
  /** How it is told to try once, for this call. */
  readonly once?: RequestMeaning["once"];
}

const MAX_DEPTH = 3;
const MAX_CANDIDATES = 4;

const isRequest = (it: Meaning): it is RequestMeaning => it.kind === "request";

/** What is tried again at a call, or below the project function that it enters; undefined where nothing is. */
export function triesAt(at: Placed, context: RuleContext, depth = 0): Tries | undefined {
  const asked = context.program.meanings(at).find(isRequest);
  if (asked) return ofRequest(at, asked, context);
  if (depth >= MAX_DEPTH) return undefined;
  const callee = context.program.callee(at.file, at.c);
  for (const it of callee.k === "any" ? callee.of.slice(0, MAX_CANDIDATES) : [callee]) {
    if (it.k !== "fn" || pathKind(it.file.path) !== undefined) continue;
    const found = ofLoop(it, context) ?? triesIn(it, context, depth + 1, at);
    if (found) return found;
  }
  return undefined;
}

/** The same of everything that a function waits for, its closures included. */
export function triesIn(
  { file, f }: PlacedFunction,
  context: RuleContext,
  depth = 0,
  from?: Placed,
): Tries | undefined {
  for (const c of callsWithin(file, f)) {
    const call = file.calls[c]!;
    if (call.catch !== undefined || (from?.file === file && from.c === c)) continue;
    if (call.use !== "await" && call.use !== "return" && call.use !== "init") continue;
    const found = triesAt({ file, c }, context, depth);
    if (found) return found;
  }
  return undefined;
}

/** The same of a function given as a value. */
export function triesOfWork(work: Scoped, context: RuleContext): Tries | undefined {
  const found = context.program.at(work);
  return found.k === "fn" ? (ofLoop(found, context) ?? triesIn(found, context)) : undefined;
}

function ofRequest({ file, c }: Placed, asked: RequestMeaning, context: RuleContext): Tries | undefined {
  const ms = asked.limit.ms === undefined ? {} : { ms: asked.limit.ms };
  if ((asked.attempts ?? 1) > 1)
    return {
      attempts: asked.attempts!,
      by: asked.client,
      ...ms,
      ...(asked.lastOnTimeout ? { lastOnTimeout: true } : {}),
      ...(asked.once ? { once: asked.once } : {}),
    };
  let root = context.program.view({ file, c }).recv;
  while (root && !root.via && root.recv) root = root.recv;
  const made = root?.via;
  if (!made) return undefined;
  const wrapped = derived(context.everywhere(wrappedClients), all).find(
    (it) => it.instance.file === made.file && it.instance.c === made.c,
  );
  return wrapped && { attempts: wrapped.attempts, by: wrapped.by, ...ms };
}

/** A loop in a function that tries a request a known number of times. */
function ofLoop({ file, f }: PlacedFunction, context: RuleContext): Tries | undefined {
  for (const it of retryLoops(file, context)) {
    if (it.loop.fn !== f && !isWithin(file, it.loop.fn, f)) continue;
    if (it.attempts === undefined || !Number.isFinite(it.attempts) || it.attempts <= 1) continue;
    const asked = triedFor(it, context, isRequest);
    if (!asked) continue;
    const { ms } = asked.effect.meaning.limit;
    return { attempts: it.attempts, by: `\`${file.functions[f]!.name}\``, ...(ms === undefined ? {} : { ms }) };
  }
  return undefined;
}

interface Wrapped {
  readonly instance: Placed;
  readonly attempts: number;
  readonly by: string;
}

/** Clients of which every request is tried again, as `axiosRetry(client, …)` has it. */
function wrappedClients(file: FileSummary, context: RuleContext): readonly Wrapped[] | undefined {
  const found = context
    .meant(file)
    .flatMap(({ meaning }): Wrapped[] =>
      meaning.kind === "retry" && meaning.instance && (meaning.attempts ?? 1) > 1 && Number.isFinite(meaning.attempts)
        ? [{ instance: meaning.instance, attempts: meaning.attempts!, by: meaning.client }]
        : [],
    );
  return found.length > 0 ? found : undefined;
}
