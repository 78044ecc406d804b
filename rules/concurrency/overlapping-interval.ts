import {
  type CallView,
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  type Meaning,
  type PlacedFunction,
  pathKind,
  type RuleContext,
  type ScheduleMeaning,
  type Value,
} from "../../engine/index.ts";
import { isLimitedInTime } from "../_shared/limiters.ts";
import { optionEdit } from "../_shared/option-edit.ts";

/** Beyond a minute, a run that is still going is an incident of its own. */
const OFTEN_MS = 60_000;
/** Slow answers are longer than this now and then; up to a minute they seldom are. */
const SHORT_MS = 15_000;
/** A single query takes longer than this only when the database is in trouble, which is when it matters. */
const QUERY_MS = 10_000;
const MAX_DEPTH = 3;
const MAX_FUNCTIONS = 40;

export default defineRule({
  id: "overlapping-interval",
  group: "concurrency",
  title: { en: "Runs of a timer that may overlap", ja: "実行が重なりうる定期処理" },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "anywhere",
  burns: ["availability", "correctness"],
  messages: {
    request: {
      what: {
        en: "{timer} starts a run every {every}, whether or not the last has ended, and the {client} request in it may take longer ({limit}).",
        ja: "{timer} は前回の完了を待たずに {every} ごとに実行を開始しますが、その中の {client} リクエストはそれより長くかかりえます({limit})。",
      },
      help: {
        en: "When the other side is slow, runs pile up: measured with a run ten times as long as its interval, ten were at work at once. Each holds a socket, and they work on the same things. Start the next run when the last has ended.",
        ja: "相手が遅くなると実行が積み重なります。間隔の 10 倍かかる処理での実測では、10 個が同時に動きました。それぞれがソケットを占有し、同じ対象を二重に処理します。前回が終わってから次を始めてください。",
      },
    },
    loop: {
      what: {
        en: "{timer} starts a run every {every}, whether or not the last has ended, and this one waits for {client} once per element.",
        ja: "{timer} は前回の完了を待たずに {every} ごとに実行を開始しますが、この処理は要素ごとに {client} を待ちます。",
      },
      help: {
        en: "With enough elements a run takes longer than its interval; then two runs work on the same elements. Start the next run when the last has ended.",
        ja: "要素が増えると 1 回の実行が間隔を超え、2 つの実行が同じ要素を処理します。前回が終わってから次を始めてください。",
      },
    },
    query: {
      what: {
        en: "{timer} starts a run every {every}, whether or not the last has ended: when {client} is slow, the runs pile up.",
        ja: "{timer} は前回の完了を待たずに {every} ごとに実行を開始するため、{client} が遅くなると実行が積み重なります。",
      },
      help: {
        en: "A slow database then gets more queries than a fast one. Start the next run when the last has ended.",
        ja: "遅いデータベースほど多くのクエリーを受けることになります。前回が終わってから次を始めてください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser" || pathKind(file.path) !== undefined || file.hasJsx) return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "schedule" || meaning.overlaps !== "yes") continue;
      if (meaning.everyMs === undefined || meaning.everyMs > OFTEN_MS || meaning.everyMs < 1) continue;
      const handler = handlerOf(view, meaning, context);
      const body = handler && bodyOf(handler, context);
      if (!handler || !body || body.isKeptApart) continue;
      const worst = worstOf(body, meaning.everyMs);
      if (!worst) continue;
      yield {
        at: view.call.nameAt,
        message: worst.message,
        data: { timer: meaning.client, every: duration(meaning.everyMs), client: worst.client, limit: worst.limit },
        within: handler,
        ...(worst.message === "request" && (worst.limit === "∞" || meaning.everyMs <= SHORT_MS)
          ? {}
          : { severity: "information" as const }),
        fixes: fixesFor(view, meaning, handler, context),
      };
    }
  },
});

function handlerOf(view: CallView, meaning: ScheduleMeaning, context: RuleContext): PlacedFunction | undefined {
  if (meaning.handler) {
    const found = context.program.at(meaning.handler);
    return found.k === "fn" ? { file: found.file, f: found.f } : undefined;
  }
  for (const cls of view.file.classes)
    for (const member of cls.members)
      if (member.fn !== undefined && member.decorators.some((it) => it.k === "call" && it.c === view.c))
        return { file: view.file, f: member.fn };
  return undefined;
}

// What a run does

interface Wait {
  readonly meaning: Meaning;
  readonly inLoop: boolean;
}
interface Body {
  readonly waits: readonly Wait[];
  /** Something is asked before the work, or taken for its time. */
  readonly isKeptApart: boolean;
}

/** Words that are there for one reason: only one at a time. */
const APART =
  /lock|mutex|semaphore|leader|singleton|\b(is|in)?_?(running|busy|processing|polling|flushing|working|executing|progress|flight)\b|isRunning|isProcessing|isPolling|isFlushing|inFlight|inProgress|clearInterval|\.stop\(|\.pause\(/i;

/** The functions that a run goes through, three deep: what they wait for, and whether they keep runs apart. */
function bodyOf(handler: PlacedFunction, context: RuleContext): Body | undefined {
  const waits: Wait[] = [];
  const seen = new Set<unknown>();
  let isKeptApart = false;
  const walk = ({ file, f }: PlacedFunction, depth: number, inLoop: boolean): void => {
    const fn = file.functions[f]!;
    if (seen.has(fn) || seen.size > MAX_FUNCTIONS) return;
    seen.add(fn);
    const text = context.text(file.path)?.slice(...fn.at);
    if (text === undefined || APART.test(text) || isGuarded(file, f)) isKeptApart = true;
    if (isKeptApart) return;
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      if (!isInside(file, call.fn, f)) continue;
      const looped = inLoop || (call.loop !== undefined && call.use === "await");
      const meanings = context.program.meanings({ file, c });
      for (const meaning of meanings)
        if (
          (meaning.kind === "request" || meaning.kind === "query") &&
          !isLimitedInTime(context.program.view({ file, c }), context)
        )
          waits.push({ meaning, inLoop: looped });
      if (meanings.length > 0 || depth >= MAX_DEPTH) continue;
      const callee = context.program.callee(file, c);
      if (callee.k === "fn") walk({ file: callee.file, f: callee.f }, depth + 1, looped);
    }
  };
  walk(handler, 0, false);
  return { waits, isKeptApart };
}

/** A branch asks for a name or field that outlives the run and that the run itself changes. */
function isGuarded(file: FileSummary, f: number): boolean {
  const branches = file.branches.filter((it) => isInside(file, it.fn, f));
  if (branches.length === 0) return false;
  const kept = new Set<string>();
  file.bindings.forEach((it, b) => {
    if (it.kind === "let" && !isInside(file, it.fn, f) && (it.writes?.length ?? 0) > 0) kept.add(`b${b}`);
  });
  for (const it of file.assignments)
    if (isInside(file, it.fn, f) && it.target.k === "get") kept.add(`.${it.target.name}`);
  const asks = (value: Value, depth = 0): boolean => {
    if (depth > 5) return false;
    switch (value.k) {
      case "ref":
        return kept.has(`b${value.b}`);
      case "get":
        return kept.has(`.${value.name}`) || asks(value.of, depth + 1);
      case "op":
        return value.args.some((it) => asks(it, depth + 1));
      case "either":
        return asks(value.a, depth + 1) || asks(value.b, depth + 1);
      // `running.has(id)` of a collection that outlives the run.
      case "call": {
        const { callee } = file.calls[value.c]!;
        return callee.k === "get" && callee.name === "has";
      }
      default:
        return false;
    }
  };
  return branches.some((it) => asks(it.test));
}

function isInside(file: FileSummary, f: number, outer: number): boolean {
  for (let it = f; it > 0; it = file.functions[it]!.parent) if (it === outer) return true;
  return false;
}

/** The wait that is most likely to outlast the interval. */
function worstOf(
  { waits }: Body,
  everyMs: number,
): { readonly message: "request" | "loop" | "query"; readonly client: string; readonly limit: string } | undefined {
  for (const { meaning } of waits) {
    if (meaning.kind !== "request" || meaning.stream) continue;
    const { bounded, ms, defaultMs } = meaning.limit;
    const after = bounded === "yes" ? ms : bounded === "no" ? (defaultMs ?? Number.POSITIVE_INFINITY) : undefined;
    if (after !== undefined && after > everyMs)
      return {
        message: "request",
        client: meaning.client,
        limit: after === Number.POSITIVE_INFINITY ? "∞" : `≤ ${duration(after)}`,
      };
  }
  for (const { meaning, inLoop } of waits)
    if (inLoop && (meaning.kind === "request" || meaning.kind === "query"))
      return { message: "loop", client: meaning.client, limit: "" };
  for (const { meaning } of waits)
    if (meaning.kind === "query" && everyMs <= QUERY_MS) return { message: "query", client: meaning.client, limit: "" };
  return undefined;
}

const duration = (ms: number): string =>
  ms < 1_000 ? `${ms} ms` : ms < 60_000 ? `${ms / 1_000} s` : `${ms / 60_000} min`;

// Fixes

function fixesFor(view: CallView, meaning: ScheduleMeaning, handler: PlacedFunction, context: RuleContext): Fix[] {
  const option =
    meaning.option && meaning.site
      ? optionEdit(meaning.site, meaning.option, context.text(meaning.site.path))
      : undefined;
  const edits = option ? [option] : meaning.handler ? guardEdits(view, handler, context) : undefined;
  return [
    {
      title: option
        ? { en: `Application: ${meaning.option}`, ja: `アプリケーション: ${meaning.option} を指定する` }
        : { en: "Application: skip a run while one is going", ja: "アプリケーション: 実行中なら次の回を飛ばす" },
      layer: "application",
      safety: edits ? "choose" : "scaffold",
      edits: edits ?? [],
      explain: {
        en: "Keeps the runs of this process apart. Or start the next run from the end of the last (`setTimeout`), which also leaves a pause between them.",
        ja: "このプロセス内の実行が重ならなくなります。終わってから `setTimeout` で次を予約する書き方なら、間隔も確保できます。",
      },
    },
    {
      title: { en: "Infrastructure: one at a time over all replicas", ja: "インフラ: 全レプリカで同時に 1 つにする" },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "Every replica has its own timer: an advisory lock, a lease in Redis, or a scheduler outside (`concurrencyPolicy: Forbid`).",
        ja: "タイマーはレプリカごとに動きます。アドバイザリーロック、Redis のリース、外部のスケジューラー(`concurrencyPolicy: Forbid`)を使ってください。",
      },
    },
  ];
}

/** A flag before the statement, and the body between asking for it and giving it back. */
function guardEdits(view: CallView, { file, f }: PlacedFunction, context: RuleContext): Edit[] | undefined {
  const text = context.text(file.path);
  const fn = file.functions[f]!;
  if (text === undefined || file !== view.file || view.call.args.every((it) => it.k !== "fn" || it.f !== f))
    return undefined;
  if (!fn.async || !text.startsWith("{", fn.bodyAt[0]) || file.bindings.some((it) => it.name === "isRunning"))
    return undefined;
  const line = text.lastIndexOf("\n", view.call.at[0]) + 1;
  const lead = text.slice(line, view.call.at[0]);
  const indent = /^[ \t]*/.exec(lead)![0];
  if (!/^[ \t]*(export )?((const|let|var) \w+\s*=\s*|[\w.]+\s*=\s*)?$/.test(lead)) return undefined;
  const before = previousCharacter(text, line);
  if (before !== "" && !/[;{}]/.test(before)) return undefined;
  const inner = `${indent}${indent.includes("\t") ? "\t" : "  "}`;
  const [start, end] = fn.bodyAt;
  const body = text.slice(start + 1, end - 1).trimEnd();
  return [
    { path: file.path, at: [line, line], text: `${indent}let isRunning = false;\n` },
    {
      path: file.path,
      at: [start + 1, start + 1],
      text: `\n${inner}if (isRunning) return;\n${inner}isRunning = true;\n${inner}try {`,
    },
    {
      path: file.path,
      at: [start + 1 + body.length, end - 1],
      text: `\n${inner}} finally {\n${inner}${inner.slice(indent.length)}isRunning = false;\n${inner}}\n${indent}`,
    },
  ];
}

function previousCharacter(text: string, at: number): string {
  return text.slice(0, at).trimEnd().at(-1) ?? "";
}
