import {
  type Binding,
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  pathKind,
  type Report,
  type RuleContext,
  type Scoped,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import { unboundedIn } from "../_shared/unbounded-text.ts";

export default defineRule({
  id: "unbounded-memory-cache",
  group: "resources",
  title: { en: "Memory that grows with every request", ja: "リクエストのたびに増え続けるメモリ" },
  severity: "information",
  status: "preview",
  since: "0.2.0",
  scope: "served",
  burns: ["availability"],
  messages: {
    map: {
      what: {
        en: "{name} keeps an entry per {key} and never gives one up: the process grows until it is killed.",
        ja: "{name} は {key} ごとに要素を追加し、削除する箇所がありません。プロセスは強制終了されるまで増え続けます。",
      },
      help: {
        en: "Measured, Node 20.20: a million small entries under UUIDs take about 150 MB, and a Map throws at 16,777,216. Bound it by number and age, or keep it outside of the process.",
        ja: "Node 20.20 での実測では、UUID をキーにした小さな要素 100 万件で約 150 MB を消費し、Map は 16,777,216 件で例外を投げます。件数と期限を制限するか、プロセスの外に置いてください。",
      },
    },
    cache: {
      what: {
        en: "This {client} has no bound ({why}), and {key} is among its keys: the process grows until it is killed.",
        ja: "この {client} には上限がなく({why})、キーに {key} が含まれます。プロセスは強制終了されるまで増え続けます。",
      },
      help: {
        en: "Bound it by number or by age.",
        ja: "件数か期限で制限してください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser" || pathKind(file.path) !== undefined) return;
    yield* maps(file, context);
    yield* caches(file, context);
  },
});

// Maps, sets and objects of one's own

function* maps(file: FileSummary, context: RuleContext): Iterable<Report> {
  for (let b = 0; b < file.bindings.length; b++) {
    const binding = file.bindings[b]!;
    if (binding.kind !== "const" || binding.fn !== 0 || !binding.value || !isCollection(binding.value, file)) continue;
    const writes = writesTo(b, file);
    if (writes.length === 0 || isExported(b, file) || isTidied(binding, file, context)) continue;
    const found = writes.find((it) => isServed(file, it.fn, it.at, context) && keyOf(it, file, context) !== undefined);
    if (!found) continue;
    yield {
      at: binding.at,
      message: "map",
      data: { name: binding.name, key: `\`${keyOf(found, file, context)!}\`` },
      within: { file, f: found.fn },
      covers: [{ path: file.path, at: found.at }],
      fixes: [...lruFix(binding, file, context), ...FIXES],
    };
  }
}

function isCollection(value: Value, file: FileSummary): boolean {
  if (value.k === "obj") return value.props.length === 0;
  if (value.k !== "call") return false;
  const { kind, callee, args } = file.calls[value.c]!;
  return kind === "new" && callee.k === "global" && /^(Map|Set)$/.test(callee.name) && args.length === 0;
}

interface Write {
  readonly key: Value;
  readonly fn: number;
  readonly at: Span;
}

/** `m.set(key, …)`, `s.add(key)`, `o[key] = …` inside functions; what is filled when the module loads has its size. */
function writesTo(b: number, file: FileSummary): Write[] {
  const isIt = (value: Value): boolean => value.k === "ref" && value.b === b;
  return [
    ...file.calls.flatMap(({ callee, args, fn, nameAt }) =>
      callee.k === "get" && /^(set|add)$/.test(callee.name) && isIt(callee.of) && args[0] && fn !== 0
        ? [{ key: args[0], fn, at: nameAt }]
        : [],
    ),
    ...file.assignments.flatMap(({ target, fn, at }) =>
      target.k === "at" && isIt(target.of) && fn !== 0
        ? [{ key: target.key, fn, at: [at[0], at[0] + 1] as const }]
        : [],
    ),
  ];
}

const isExported = (b: number, file: FileSummary): boolean =>
  file.exports.some((it) => "value" in it && it.value.k === "ref" && it.value.b === b);

/** Used in any other way than being read and written by key: then somebody may take entries out, or hand it to who does. */
function isTidied({ name, at }: Binding, file: FileSummary, context: RuleContext): boolean {
  const text = context.text(file.path);
  if (text === undefined) return true;
  const known = /^\s*(?:\??\.\s*(?:get|set|has|add|forEach|values|keys|entries)\b|\[)/;
  const word = new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}(?![\\w$])`, "g");
  for (const it of text.matchAll(word)) {
    if (it.index >= at[0] && it.index < at[1]) continue;
    const before = text.slice(Math.max(0, it.index - 12), it.index);
    if (/\bdelete\s+$/.test(before) || !known.test(text.slice(it.index + name.length))) return true;
  }
  return false;
}

function isServed(file: FileSummary, f: number, at: Span, context: RuleContext): boolean {
  return [...context.reach({ file, f }, at).kinds].some((it) => it === "endpoint" || it === "consumer");
}

/** The key in words, where there are as many as there are users or requests; undefined where that cannot be told. */
function keyOf({ key, fn }: Write, file: FileSummary, context: RuleContext): string | undefined {
  return fromRequest({ value: key, file }, context) ?? fromCallers(key, file, fn, context);
}

function fromRequest(of: Scoped, context: RuleContext): string | undefined {
  const found = unboundedIn(of, context.program);
  if (found?.is === "unbounded") return found.shown;
  return inputOf(of.value, of.file);
}

const INPUT = /^(params|query|body|headers|cookies)$/;

/** `req.query.q`, a name for it, a template or sum with it. */
function inputOf(value: Value, file: FileSummary, depth = 0): string | undefined {
  if (depth > 6) return undefined;
  const inner = (it: Value): string | undefined => inputOf(it, file, depth + 1);
  if (value.k === "tpl" || value.k === "op") {
    if (value.k === "op" && value.op !== "+") return undefined;
    return (value.k === "tpl" ? value.values : value.args).map(inner).find((it) => it !== undefined);
  }
  if (value.k === "ref") {
    const binding = file.bindings[value.b]!;
    return binding.kind === "const" && binding.value ? inner(binding.value) : undefined;
  }
  if (value.k !== "get") return undefined;
  const { of } = value;
  if (of.k === "get" && INPUT.test(of.name) && of.of.k === "ref") {
    const { kind, name } = file.bindings[of.of.b]!;
    if (kind === "param" && /^_?(req|request|ctx|context|c)$/.test(name)) return `${name}.${of.name}.${value.name}`;
  }
  return undefined;
}

/** The key is a parameter: what callers give for it decides. */
function fromCallers(key: Value, file: FileSummary, fn: number, context: RuleContext): string | undefined {
  const found = context.program.origin(key, file);
  if (found.k !== "param" || found.file !== file || found.f !== fn || found.path.length > 0) return undefined;
  for (const it of context.callers({ file, f: fn }).slice(0, 20)) {
    const value = it.file.calls[it.c]!.args[found.index];
    const shown = value ? fromRequest({ value, file: it.file }, context) : undefined;
    if (shown !== undefined) return shown;
  }
  return undefined;
}

// Caches of libraries

function* caches(file: FileSummary, context: RuleContext): Iterable<Report> {
  for (const { view, meaning } of context.meant(file)) {
    if (meaning.kind !== "cache" || meaning.bounded !== "no" || view.call.fn !== 0) continue;
    const b = file.bindings.findIndex(
      (it) => it.kind === "const" && it.fn === 0 && it.value?.k === "call" && it.value.c === view.c,
    );
    if (b < 0) continue;
    const text = context.text(file.path);
    const { name } = file.bindings[b]!;
    // Emptied by hand, or given an age with each value.
    if (text === undefined || new RegExp(`\\b${name}\\.(?:cache|del|flushAll|take|ttl|clear|delete)\\b`).test(text))
      continue;
    for (const call of file.calls) {
      if (call.fn === 0) continue;
      const { callee, args } = call;
      const isSet = callee.k === "get" && callee.name === "set" && isRef(callee.of, b) && args.length === 2;
      if (!args[0] || !(isSet || isRef(callee, b))) continue;
      if (!isServed(file, call.fn, call.at, context)) continue;
      const key = keyOf({ key: args[0], fn: call.fn, at: call.nameAt }, file, context);
      if (key === undefined) continue;
      const edit = meaning.site && meaning.option ? optionEdit(meaning.site, meaning.option, text) : undefined;
      yield {
        at: view.call.nameAt,
        message: "cache",
        data: { client: meaning.client, why: meaning.why, key: `\`${key}\`` },
        within: { file, f: call.fn },
        covers: [{ path: file.path, at: call.nameAt }],
        fixes: [...(edit ? [optionFix(edit, meaning.option!)] : []), ...FIXES],
      };
      break;
    }
  }
}

const isRef = (value: Value, b: number): boolean => value.k === "ref" && value.b === b;

// Fixes

const optionFix = (edit: Edit, option: string): Fix => ({
  title: { en: `Application: ${option}`, ja: `アプリケーション: ${option} を指定する` },
  layer: "application",
  safety: "choose",
  edits: [edit],
  explain: {
    en: "Seconds after which an entry is given up: choose it from how old an answer may be.",
    ja: "要素を破棄するまでの秒数です。どこまで古い値を許せるかで決めてください。",
  },
});

/** Where lru-cache is installed: it is read and written like a Map. */
function lruFix(binding: Binding, file: FileSummary, context: RuleContext): Fix[] {
  const title = {
    en: "Application: bound it with lru-cache",
    ja: "アプリケーション: lru-cache で上限を設ける",
  };
  const explain = {
    en: "`new LRUCache({ max: 500, ttl: 60_000 })`: 500 is a start; choose it from the size of an entry and the memory there is.",
    ja: "`new LRUCache({ max: 500, ttl: 60_000 })` とします。500 は仮の値です。要素の大きさと使えるメモリから決めてください。",
  };
  const base: Fix = { title, layer: "application", safety: "choose", edits: [], explain };
  const value = binding.value!;
  const call = value.k === "call" ? file.calls[value.c]! : undefined;
  const text = context.text(file.path);
  const from = file.imports.find((it) => it.kind === "static");
  if (!call || text === undefined || binding.type || !from || !text.startsWith("Map", call.nameAt[0])) return [base];
  if (context.program.version(file.path, "lru-cache") === undefined) return [base];
  const line = text.indexOf("\n", from.at[1]);
  const open = text.lastIndexOf("(", call.at[1]);
  if (line < 0 || open < call.nameAt[1]) return [base];
  return [
    {
      ...base,
      edits: [
        { path: file.path, at: [line, line], text: '\nimport { LRUCache } from "lru-cache";' },
        { path: file.path, at: [call.nameAt[0], call.nameAt[0] + 3], text: "LRUCache" },
        { path: file.path, at: [open, call.at[1]], text: "({ max: 500 })" },
      ],
    },
  ];
}

const FIXES: readonly Fix[] = [
  {
    title: { en: "Infrastructure: keep it in Redis", ja: "インフラ: Redis に置く" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "With an age per entry and `maxmemory-policy`; replicas then share it, and restarts keep it.",
      ja: "要素ごとの期限と `maxmemory-policy` を設定します。レプリカ間で共有でき、再起動後も残ります。",
    },
  },
];
