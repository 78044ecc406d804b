import {
  type AsyncForm,
  type BlockingMeaning,
  type CallView,
  type Chain,
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";

export default defineRule({
  id: "sync-call-in-request-path",
  group: "process",
  title: { en: "Synchronous call while a request is served", ja: "リクエスト処理中の同期呼び出し" },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "served",
  burns: ["latency", "availability"],
  messages: {
    computation: {
      what: {
        en: "{name} holds the event loop while it computes ({measured}); every other request of this process waits.",
        ja: "{name} は計算が終わるまでイベントループを止めます({measured})。その間、このプロセスの他のリクエストはすべて待たされます。",
      },
      help: {
        en: "The waiting adds up: ten of them at once make the last one wait ten times as long, health checks included. The asynchronous form leaves the loop free.",
        ja: "待ち時間は積み重なります。同時に 10 件来れば、最後の 1 件は(ヘルスチェックも含めて)10 倍待ちます。非同期版ならイベントループは止まりません。",
      },
    },
    process: {
      what: {
        en: "{name} holds the event loop until the child process has ended; every other request of this process waits.",
        ja: "{name} は子プロセスが終わるまでイベントループを止めます。その間、このプロセスの他のリクエストはすべて待たされます。",
      },
      help: {
        en: "Starting even an empty command took 3 ms (measured, Node 20.20), and there is no upper end. Start it asynchronously with a time limit, or leave it to a job.",
        ja: "空のコマンドの起動だけで 3 ms かかり(Node 20.20 での実測)、上限はありません。タイムアウト付きで非同期に起動するか、ジョブに任せてください。",
      },
    },
    file: {
      what: {
        en: "{name} holds the event loop until the disk has answered ({measured}); every other request of this process waits.",
        ja: "{name} はディスクの応答までイベントループを止めます({measured})。その間、このプロセスの他のリクエストはすべて待たされます。",
      },
      help: {
        en: "On a network volume or a busy disk it takes as long as that takes. Use the promise form, or read the file once at start.",
        ja: "ネットワークボリュームや混雑したディスクでは、その遅さがそのまま加わります。Promise 版を使うか、起動時に一度だけ読み込んでください。",
      },
    },
    tree: {
      what: {
        en: "{name} walks a whole directory tree and holds the event loop until it is done; every other request of this process waits.",
        ja: "{name} はディレクトリツリー全体の処理が終わるまでイベントループを止めます。その間、このプロセスの他のリクエストはすべて待たされます。",
      },
      help: {
        en: "The time grows with the number of entries. Use the promise form.",
        ja: "所要時間はエントリー数に比例します。Promise 版を使ってください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser" || isWorkerThread(file)) return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "blocking" || view.call.fn === 0) continue;
      const fn = { file, f: view.call.fn };
      if (view.fn.kind === "constructor" || isMemo(view.file, view.c)) continue;
      const served = context.reach(fn, view.call.at).chains.filter(isServed);
      if (served.length === 0 || served.every((it) => isKeptOnTheWay(it))) continue;
      const { measured } = meaning;
      yield {
        at: view.call.nameAt,
        message: meaning.on === "file" && !measured ? "tree" : meaning.on,
        data: {
          name: meaning.name,
          measured: measured ? `${measured.of}: ${measured.ms} ms, ${measured.with}` : "",
        },
        // A small file from the page cache is well under a millisecond: worth knowing, not worth a warning.
        ...(meaning.on === "file" || (measured?.ms ?? 10) < 10 ? { severity: "information" } : {}),
        fixes: fixesFor(view, meaning, context),
      };
    }
  },
});

/**
 * A request, or a message on a socket, waits in this very process; a queue hands the work to another, a function platform
 * serves one at a time.
 */
const isServed = ({ entry, isAsync }: Chain): boolean =>
  !isAsync && (entry.kind === "endpoint" || (entry.kind === "consumer" && SOCKETS.test(entry.framework)));

const SOCKETS = /^(socket\.io|ws|@nestjs\/websockets|uWebSockets)/;

const isWorkerThread = (file: FileSummary): boolean =>
  file.bindings.some((it) => it.from?.name === "parentPort" || it.from?.name === "workerData");

/** Somewhere on the way the answer is kept, so that only the first request pays. */
function isKeptOnTheWay({ links }: Chain): boolean {
  return links.some(({ fn, callAt }) => {
    if (!callAt) return isMemoized(fn.file, fn.f);
    const c = fn.file.calls.findIndex((it) => it.at[0] === callAt[0] && it.at[1] === callAt[1]);
    return isMemoized(fn.file, fn.f) || (c >= 0 && isMemo(fn.file, c));
  });
}

/** `template ??= readFileSync(…)`, `if (!this.key) this.key = …`, `cache.set(key, …)` behind a look into `cache`. */
function isMemo(file: FileSummary, c: number): boolean {
  const call = file.calls[c]!;
  const holds = (value: Value, depth = 0): boolean => {
    if (depth > 5) return false;
    if (value.k === "call")
      return value.c === c || isPartOf(file.calls[value.c]!, holds, depth) || isIn(call.at, file.calls[value.c]!.at);
    if (value.k === "either") return holds(value.a, depth + 1) || holds(value.b, depth + 1);
    if (value.k === "get") return holds(value.of, depth + 1);
    if (value.k === "obj") return value.props.some((it) => holds(it.value, depth + 1));
    return false;
  };
  const names = new Set(
    file.bindings.flatMap((it, b) => (it.fn === call.fn && it.value && holds(it.value) ? [b] : [])),
  );
  const carries = (value: Value): boolean =>
    holds(value) || (value.k === "ref" && names.has(value.b)) || (value.k === "get" && carries(value.of));
  const kept = file.assignments.some(
    (it) => it.fn === call.fn && carries(it.value) && outlives(file, it.target, call.fn),
  );
  const written = file.bindings.some((it) => it.fn !== call.fn && (it.writes ?? []).some(carries));
  const stored = file.calls.some(
    (it) =>
      it.fn === call.fn &&
      it.callee.k === "get" &&
      /^(set|put|add)$/.test(it.callee.name) &&
      it.args.some(carries) &&
      outlives(file, it.callee.of, call.fn),
  );
  return kept || written || stored || isMemoized(file, call.fn);
}

function isPartOf(
  call: FileSummary["calls"][number],
  holds: (value: Value, depth: number) => boolean,
  depth: number,
): boolean {
  return call.args.some((it) => holds(it, depth + 1)) || holds(call.callee, depth + 1);
}

const isIn = (inner: readonly [number, number], outer: readonly [number, number]): boolean =>
  outer[0] <= inner[0] && inner[1] <= outer[1];

/** A field, or a name of an outer function or the module. */
function outlives(file: FileSummary, target: Value, f: number): boolean {
  if (target.k === "get" || target.k === "at") return outlives(file, target.of, f);
  if (target.k === "this") return true;
  return target.k === "ref" && file.bindings[target.b]!.fn !== f;
}

/** The function, or one around it, is handed to something that runs it once per key: `once(() => …)`, `memoize(load)`. */
function isMemoized(file: FileSummary, f: number): boolean {
  const names = new Set(file.bindings.flatMap((it, b) => (it.value?.k === "fn" && it.value.f === f ? [b] : [])));
  if (file.functions[f]!.kind === "function") {
    const { name } = file.functions[f]!;
    file.bindings.forEach((it, b) => {
      if (it.kind === "fn" && it.name === name) names.add(b);
    });
  }
  return file.calls.some((it) => {
    if (!/memo|once|cache|lazy|singleton/i.test(nameOf(it.callee, file))) return false;
    return it.args.some((arg) => (arg.k === "fn" && isInside(file, f, arg.f)) || (arg.k === "ref" && names.has(arg.b)));
  });
}

function nameOf(callee: Value, file: FileSummary): string {
  if (callee.k === "get") return `${nameOf(callee.of, file)}.${callee.name}`;
  if (callee.k === "ref") return file.bindings[callee.b]!.name;
  return callee.k === "global" ? callee.name : "";
}

function isInside(file: FileSummary, f: number, outer: number): boolean {
  for (let it = f; it > 0; it = file.functions[it]!.parent) if (it === outer) return true;
  return false;
}

// Fixes

function fixesFor(view: CallView, meaning: BlockingMeaning, context: RuleContext): Fix[] {
  const edits = meaning.instead ? asyncEdits(view, meaning.instead, context) : undefined;
  const onLoop = meaning.instead?.onLoop;
  const application: Fix = {
    title: {
      en: `Application: use the asynchronous form of ${meaning.name}`,
      ja: `アプリケーション: ${meaning.name} の非同期版を使う`,
    },
    layer: "application",
    safety: edits ? "safe" : "scaffold",
    edits: edits ?? [],
    explain:
      meaning.on === "process"
        ? {
            en: "`promisify(execFile)` with `timeout` and `killSignal`; the caller becomes asynchronous.",
            ja: "`promisify(execFile)` に `timeout` と `killSignal` を指定します。呼び出し元も非同期になります。",
          }
        : onLoop
          ? {
              en: `${meaning.client} computes on the event loop in either form; its asynchronous one pauses every ${onLoop.pauses}. ${onLoop.better.map((it) => `\`${it}\``).join(" or ")} compute on other threads.`,
              ja: `${meaning.client} は非同期版でもイベントループ上で計算し、${onLoop.pauses} ごとに中断するだけです。${onLoop.better.map((it) => `\`${it}\``).join(" や ")} は別スレッドで計算します。`,
            }
          : {
              en: "The work moves to libuv's threads (four by default); callers have to await it.",
              ja: "処理は libuv のスレッド(既定 4 本)に移ります。呼び出し元では await が必要です。",
            },
  };
  const product: Fix = {
    title: {
      en: "Product: prepare it before it is asked for",
      ja: "プロダクト: 求められる前に用意しておく",
    },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "Does the answer need it now? What is the same for everyone can be made at start or on write; the rest can be made by a job and shown when it is ready.",
      ja: "その応答にいま必要でしょうか。全員に共通のものは起動時や更新時に作り、それ以外はジョブで作って準備でき次第見せる方法があります。",
    },
  };
  const infrastructure: Fix = {
    title: {
      en: "Infrastructure: more processes, each with its own loop",
      ja: "インフラ: プロセスを増やし、イベントループを分ける",
    },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "Fewer requests stand behind each other, but those on the same process still do.",
      ja: "互いに待たされるリクエストは減りますが、同じプロセスに来たものは待たされたままです。",
    },
  };
  return meaning.on === "file" ? [application, product] : [application, product, infrastructure];
}

/** Only where the function around it is already asynchronous: elsewhere every caller would have to change. */
function asyncEdits(view: CallView, form: AsyncForm, context: RuleContext): Edit[] | undefined {
  const { file, call } = view;
  const text = context.text(file.path);
  if (text === undefined || !view.fn.async || view.fn.generator || call.optional) return undefined;
  const { callee } = call;
  const imported: string[] = [];
  let written: string | undefined;
  let after: number | undefined;
  if (callee.k === "get" && callee.of.k === "ref") {
    const module = file.bindings[callee.of.b]!;
    if (module.from && module.from.name !== "*" && module.from.name !== "default") return undefined;
    written = `${module.name}.${form.path ?? form.name}`;
    after = module.from && file.imports[module.from.import]!.at[1];
  } else if (callee.k === "ref") {
    const binding = file.bindings[callee.b]!;
    if (!binding.from || file.imports[binding.from.import]!.kind !== "static") return undefined;
    const from = file.imports[binding.from.import]!;
    const module = form.module ?? from.specifier;
    after = from.at[1];
    written = form.name;
    const known = file.bindings.find((it) => it.name === form.name);
    const isSame =
      known?.from?.name === form.name &&
      file.imports[known.from.import]!.specifier.replace(/^(?!node:)fs/, "node:fs") === module;
    if (known && !isSame) return undefined;
    if (!known) imported.push(`import { ${form.name} } from "${module}";`);
  }
  if (written === undefined) return undefined;
  if (form.promisify) {
    const known = file.bindings.find((it) => it.name === "promisify");
    if (known && known.from?.name !== "promisify") return undefined;
    if (!known && (after === undefined || file.imports.some((it) => it.kind === "require"))) return undefined;
    if (!known) imported.push('import { promisify } from "node:util";');
    written = `promisify(${written})`;
  }
  // Up to the parenthesis of the arguments; type arguments would not fit the other form.
  const open = text.indexOf("(", call.nameAt[1]);
  if (open < 0 || text.slice(call.nameAt[1], open).trim() !== "") return undefined;
  const isWhole = ["init", "assign", "return", "discard", "argument"].includes(call.use);
  const edits: Edit[] = [
    { path: file.path, at: [call.at[0], open], text: `${isWhole ? "" : "("}await ${written}` },
    ...(isWhole ? [] : [{ path: file.path, at: [call.at[1], call.at[1]] as const, text: ")" }]),
  ];
  if (imported.length > 0 && after !== undefined) {
    const line = text.indexOf("\n", after);
    if (line < 0) return undefined;
    edits.push({ path: file.path, at: [line, line], text: `\n${imported.join("\n")}` });
  }
  return edits;
}
