import {
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  type MeantCall,
  type MetricMeaning,
  type PlacedFunction,
  type Report,
  type RuleContext,
  type Scoped,
  type Span,
} from "../../engine/index.ts";
import { type Unbounded, unboundedIn } from "../_shared/unbounded-text.ts";

export default defineRule({
  id: "high-cardinality-metric-label",
  group: "observability",
  title: { en: "Metric label without bounds", ja: "値が際限なく増えるメトリクスのラベル" },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "anywhere",
  burns: ["availability", "latency"],
  messages: {
    series: {
      what: {
        en: "The label {label} takes {shown}: every distinct value is a time series of its own, kept until the process ends.",
        ja: "ラベル {label} に {shown} が入ります。異なる値ごとに時系列が 1 本作られ、プロセスの終了まで残ります。",
      },
      help: {
        en: "Measured: a prom-client 15.1 histogram with 100,000 paths took 53 MB, and each scrape 4.7 s and 56 MB. The monitoring goes first, and the service level with it. Use the route template, a class or a code.",
        ja: "実測では prom-client 15.1 のヒストグラムに 10 万種類のパスを入れると 53 MB を消費し、1 回のスクレイプに 4.7 秒・56 MB かかりました。まず監視が、続いて SLI の計測が壊れます。ルートのテンプレート、分類、コードを使ってください。",
      },
    },
    overflow: {
      what: {
        en: "The attribute {label} takes {shown}: after {keeps} distinct combinations the OpenTelemetry SDK counts everything else as one overflow point without attributes.",
        ja: "属性 {label} に {shown} が入ります。OpenTelemetry SDK は組み合わせが {keeps} 通りを超えると、残りを属性のない 1 点(overflow)にまとめます。",
      },
      help: {
        en: "Measured, sdk-metrics 2.12: of 10,000 values 8,001 were no longer told apart, routes and status codes included. Put it on the span, and the route template here.",
        ja: "sdk-metrics 2.12 での実測では、1 万種類のうち 8,001 件が、ルートやステータスコードも含めて区別できなくなりました。個別の値はスパンの属性にし、ここにはルートのテンプレートを使ってください。",
      },
    },
    tag: {
      what: {
        en: "The metric's name or tags take {shown}: every distinct value is a time series of its own.",
        ja: "メトリクスの名前かタグに {shown} が入ります。異なる値ごとに時系列が 1 本作られます。",
      },
      help: {
        en: "Series are stored, and mostly paid for, one by one. Use a class or a code; the individual belongs into the log or the trace.",
        ja: "時系列は 1 本ずつ保存され、多くの場合課金されます。分類やコードを使い、個別の値はログかトレースに残してください。",
      },
    },
    fallback: {
      what: {
        en: "Where no route matches, the label {label} takes {shown}: every address that a scanner tries becomes a time series of its own.",
        ja: "ルートに一致しないとき、ラベル {label} に {shown} が入ります。スキャナーが試したアドレスごとに時系列が 1 本作られます。",
      },
      help: {
        en: "Give all of them one value, such as `unmatched`.",
        ja: "`unmatched` のような 1 つの値にまとめてください。",
      },
    },
    name: {
      what: {
        en: "The span is named with {shown}: backends group by the name, so every request is a group of its own.",
        ja: "スパン名に {shown} が入ります。バックエンドは名前ごとに集計するため、リクエストごとに別の集計になります。",
      },
      help: {
        en: "Name the span after the route template or the operation, and put the value into an attribute.",
        ja: "スパン名にはルートのテンプレートや処理の名前を使い、値は属性に入れてください。",
      },
    },
    caller: {
      what: {
        en: "{callee} puts {shown} into the label {label}: every distinct value is a time series of its own, kept until the process ends.",
        ja: "{callee} は {shown} をラベル {label} に入れます。異なる値ごとに時系列が 1 本作られ、プロセスの終了まで残ります。",
      },
      help: {
        en: "Pass the route template, a class or a code.",
        ja: "ルートのテンプレート、分類、コードを渡してください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    for (const it of context.meant(file)) {
      if (it.meaning.kind !== "metric") continue;
      yield* judged({ ...it, meaning: it.meaning }, context);
    }
    yield* handedOver(file, context);
  },
});

function* judged(it: MeantCall & { readonly meaning: MetricMeaning }, context: RuleContext): Iterable<Report> {
  const { view, meaning } = it;
  for (const label of meaning.labels) {
    const found = unboundedIn(label.value, context.program);
    if (found?.is !== "unbounded") continue;
    if (found.of === "url" && isOneAddress({ file: view.file, f: view.call.fn }, context)) continue;
    const at = spanIn(view.file, label, view.call.nameAt, context);
    yield {
      at: at.span,
      message:
        meaning.of === "span-name"
          ? "name"
          : found.isFallback
            ? "fallback"
            : meaning.keeps !== undefined
              ? "overflow"
              : label.name === ""
                ? "tag"
                : "series",
      data: { label: shownLabel(label.name), shown: `\`${found.shown}\``, keeps: meaning.keeps ?? 0 },
      ...(meaning.of === "span-name" || found.isFallback ? { severity: "information" } : {}),
      fixes: fixesFor(view.file, found, at.written, context),
    };
  }
}

const shownLabel = (name: string): string => (name === "" ? "" : `\`${name}\``);

// Wrappers: the label is written in one function, what goes into it in another

interface Passed {
  readonly f: number;
  readonly index: number;
  readonly names: readonly string[];
  readonly label: string;
}
const newPassed = () => new Map<FileSummary, readonly Passed[]>();

/** Parameters of a file's functions that end up in labels. */
function passedIn(file: FileSummary, context: RuleContext): readonly Passed[] {
  const memo = context.once(newPassed);
  let known = memo.get(file);
  if (!known) {
    known = context.meant(file).flatMap(({ meaning }) =>
      meaning.kind === "metric" && meaning.of === "labels"
        ? meaning.labels.flatMap((label) => {
            const found = unboundedIn(label.value, context.program);
            return found?.is === "param" && found.file === file ? [{ ...found, label: label.name }] : [];
          })
        : [],
    );
    memo.set(file, known);
  }
  return known;
}

function* handedOver(file: FileSummary, context: RuleContext): Iterable<Report> {
  for (let c = 0; c < file.calls.length; c++) {
    const call = file.calls[c]!;
    if (call.args.length === 0) continue;
    const callee = context.program.callee(file, c);
    if (callee.k !== "fn") continue;
    for (const it of passedIn(callee.file, context)) {
      if (it.f !== callee.f || (call.spread !== undefined && it.index >= call.spread)) continue;
      let value: Scoped | undefined = call.args[it.index] ? { value: call.args[it.index]!, file } : undefined;
      for (const name of it.names) {
        const inner = value ? context.program.property(value, name) : undefined;
        value = inner?.is === "yes" ? inner.at : undefined;
      }
      const found = value ? unboundedIn(value, context.program) : undefined;
      if (found?.is !== "unbounded" || found.isFallback || value?.file !== file) continue;
      if (found.of === "url" && isOneAddress({ file, f: call.fn }, context)) continue;
      const span = lineOf(file, call.argsAt[it.index]!, context) ?? call.nameAt;
      yield {
        at: span,
        message: "caller",
        data: {
          label: shownLabel(it.label),
          shown: `\`${found.shown}\``,
          callee: callee.file.functions[callee.f]!.name,
        },
        fixes: fixesFor(file, found, it.names.length === 0 ? call.argsAt[it.index] : undefined, context),
      };
      break;
    }
  }
}

/** All that leads here are routes without parameters: then the address is one of a few. */
function isOneAddress(fn: PlacedFunction, context: RuleContext): boolean {
  const endpoints = context
    .reach(fn)
    .chains.flatMap((it) => (it.entry.kind === "endpoint" && it.links.length === 1 ? [it.entry] : []));
  return endpoints.length > 0 && endpoints.every((it) => !/[:*]/.test(it.route));
}

// Places and fixes

/** The value of the label where it is written in this file: `path: req.url`. */
function spanIn(
  file: FileSummary,
  label: MetricMeaning["labels"][number],
  otherwise: Span,
  context: RuleContext,
): { readonly span: Span; readonly written?: Span } {
  if (label.value.file !== file) return { span: otherwise };
  const text = context.text(file.path);
  for (const call of file.calls)
    for (const [i, arg] of call.args.entries()) {
      if (arg === label.value.value) {
        const span = call.argsAt[i]!;
        return { span: lineOf(file, span, context) ?? otherwise, written: span };
      }
    }
  const prop = propOf(file, label.value.value);
  if (!prop || text === undefined) return { span: otherwise };
  const lead = /^[^:]*:\s*/.exec(text.slice(...prop))?.[0].length;
  const span: Span = lead === undefined ? prop : [prop[0] + lead, prop[1]];
  return {
    span: lineOf(file, span, context) ?? [span[0], span[0] + 1],
    ...(lead === undefined ? {} : { written: span }),
  };
}

function propOf(file: FileSummary, value: Scoped["value"]): Span | undefined {
  const search = (it: Scoped["value"], depth: number): Span | undefined => {
    if (it.k !== "obj" || depth > 3) return undefined;
    for (const prop of it.props) {
      if (prop.value === value) return prop.at;
      const inner = search(prop.value, depth + 1);
      if (inner) return inner;
    }
    return undefined;
  };
  for (const call of file.calls)
    for (const arg of call.args) {
      const found = search(arg, 0);
      if (found) return found;
    }
  for (const { value: held } of file.bindings) {
    const found = held ? search(held, 0) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** A span that stays on one line. */
function lineOf(file: FileSummary, span: Span, context: RuleContext): Span | undefined {
  const text = context.text(file.path)?.slice(...span);
  if (text === undefined) return undefined;
  const end = text.indexOf("\n");
  return end < 0 ? span : [span[0], span[0] + end];
}

function fixesFor(
  file: FileSummary,
  found: Unbounded & { readonly is: "unbounded" },
  written: Span | undefined,
  context: RuleContext,
): Fix[] {
  const edit = found.of === "url" && !found.isFallback && written ? routeEdit(file, written, context) : undefined;
  const how =
    found.of === "url"
      ? {
          title: { en: "Application: use the route template", ja: "アプリケーション: ルートのテンプレートを使う" },
          explain: {
            en: "Express: `req.route`, once it has matched; Fastify: `request.routeOptions.url`; Koa: `ctx._matchedRoute`; Hono: `routePath(c)`. One value for what matched nothing.",
            ja: "Express では一致後の `req.route`、Fastify では `request.routeOptions.url`、Koa では `ctx._matchedRoute`、Hono では `routePath(c)` を使います。一致しなかったものは 1 つの値にまとめます。",
          },
        }
      : found.of === "error"
        ? {
            title: {
              en: "Application: use the error's class or code",
              ja: "アプリケーション: エラーの種類かコードを使う",
            },
            explain: {
              en: "Messages hold names, addresses and numbers. `error.name` or `error.code` tells as much to a chart; the message belongs into the log.",
              ja: "メッセージには名前、アドレス、数値が含まれます。グラフには `error.name` や `error.code` で足り、メッセージはログに残します。",
            },
          }
        : {
            title: {
              en: "Application: drop the label; keep the value in the log, the span or an exemplar",
              ja: "アプリケーション: ラベルをやめ、値はログ・スパン・Exemplar に残す",
            },
            explain: {
              en: "Charts are over groups: a plan, a kind, a region. Who it was is found through the trace.",
              ja: "グラフはプラン、種別、リージョンなどの集団を見るものです。個々の対象はトレースからたどります。",
            },
          };
  return [
    {
      title: how.title,
      layer: "application",
      safety: edit ? "choose" : "scaffold",
      edits: edit ? [edit] : [],
      explain: how.explain,
    },
    {
      title: { en: "Infrastructure: limits at the scrape", ja: "インフラ: スクレイプ側で制限する" },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "`sample_limit` and `label_value_length_limit` protect Prometheus: it then drops the whole scrape, and the service goes dark.",
        ja: "`sample_limit` や `label_value_length_limit` は Prometheus を守りますが、超えるとスクレイプ全体が破棄され、そのサービスは見えなくなります。",
      },
    },
  ];
}

const ADDRESS = /^(\w+)\.(originalUrl|url|path)$/;

function routeEdit(file: FileSummary, written: Span, context: RuleContext): Edit | undefined {
  const base = ADDRESS.exec(context.text(file.path)?.slice(...written) ?? "")?.[1];
  if (base === undefined) return undefined;
  const imports = (name: RegExp): boolean => file.imports.some((it) => name.test(it.specifier));
  const text =
    imports(/^express$/) && !imports(/^fastify$/)
      ? `${base}.route ? ${base}.baseUrl + ${base}.route.path : "unmatched"`
      : imports(/^fastify$/) && !imports(/^express$/)
        ? `${base}.routeOptions.url ?? "unmatched"`
        : undefined;
  return text === undefined ? undefined : { path: file.path, at: written, text };
}
