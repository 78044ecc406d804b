import {
  type CallView,
  defineRule,
  type Fix,
  type OptionSite,
  type Placed,
  type PlacedFunction,
  type Report,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";
import { dutiesOf, limitAt } from "../_shared/duties.ts";
import { isForDevelopment } from "../_shared/environment.ts";
import { isLimitedInTime } from "../_shared/limiters.ts";
import { milliseconds, optionEdit } from "../_shared/option-edit.ts";

/** Where nothing is known of the endpoint's objective: long enough for most remote answers, short enough for a reader to stay. */
const FALLBACK_MS = 5_000;

export default defineRule({
  id: "missing-http-timeout",
  group: "timeouts",
  title: { en: "Outbound request without a time limit", ja: "タイムアウトのない外部リクエスト" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["availability", "latency"],
  messages: {
    never: {
      what: {
        en: "This {client} request has no time limit: it waits for as long as the other side keeps the connection open.",
        ja: "この {client} リクエストにはタイムアウトがありません。相手が接続を保持するかぎり待ち続けます。",
      },
      help: {
        en: "While it waits, the caller waits too, and every waiting request holds memory and a connection. Set a limit shorter than the endpoint's own.",
        ja: "待っている間は呼び出し元も待たされ、リクエストごとにメモリと接続を占有します。エンドポイント自身の制限より短いタイムアウトを設定してください。",
      },
    },
    late: {
      what: {
        en: "This {client} request has no time limit of its own: it gives up only after {wait} s.",
        ja: "この {client} リクエストにはタイムアウトの指定がなく、既定の {wait} 秒が経つまであきらめません。",
      },
      help: {
        en: "No reader waits that long, but each such request holds a connection until then. Set a limit shorter than the endpoint's own.",
        ja: "それほど長く待つ利用者はいませんが、その間リクエストごとに接続を占有します。エンドポイント自身の制限より短いタイムアウトを設定してください。",
      },
    },
    client: {
      what: {
        en: "This {client} client is created without a time limit: requests made through it wait without end.",
        ja: "この {client} クライアントはタイムアウトなしで作られており、これを使うリクエストは際限なく待ちます。",
      },
      help: {
        en: "Set the limit once, here, where the client is created.",
        ja: "クライアントを作るこの場所で、一度だけ設定してください。",
      },
    },
    wrapper: {
      what: {
        en: "{callee} leaves the time limit of its {client} request to its callers, and this call gives none.",
        ja: "{callee} は {client} リクエストのタイムアウトを呼び出し側に任せていますが、この呼び出しでは指定されていません。",
      },
      help: {
        en: "Pass a limit here, or give the function a default.",
        ja: "ここで指定するか、関数側に既定値を持たせてください。",
      },
    },
    shared: {
      what: {
        en: "{callee} leaves the time limit of this {client} request to its callers, and none of the {count} gives one.",
        ja: "{callee} はこの {client} リクエストのタイムアウトを呼び出し側に任せていますが、{count} か所の呼び出しのどれも指定していません。",
      },
      help: {
        en: "Give it a default here, once; a caller that needs another may still pass its own.",
        ja: "ここで一度だけ既定値を設定してください。別の値が必要な呼び出し側は、引き続き自分で指定できます。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    const throughClients = new Set<string>();
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind === "request" && meaning.limit.bounded === "unknown") {
        const callers = carelessCallers({ file, f: view.call.fn }, context);
        if (!callers || isLimitedInTime(view, context) || !runsOnServer(view, context)) continue;
        yield {
          at: view.call.nameAt,
          message: "shared",
          data: { client: meaning.client, callee: view.fn.name, count: callers.length },
          covers: callers.map((it) => ({ path: it.file.path, at: it.file.calls[it.c]!.nameAt })),
          fixes: fixes({ file, f: view.call.fn }, undefined, undefined, context),
        };
      } else if (meaning.kind === "request" && meaning.limit.bounded === "no") {
        if (meaning.instance) {
          throughClients.add(`${meaning.instance.file.path}:${meaning.instance.c}`);
          continue;
        }
        if (
          meaning.stream ||
          isRelative(view, meaning.url) ||
          isLimitedInTime(view, context) ||
          !runsOnServer(view, context)
        )
          continue;
        yield {
          at: view.call.nameAt,
          message: meaning.limit.defaultMs === undefined ? "never" : "late",
          // Started on the side it holds a socket and nobody waits; a limit that is switched off was thought of.
          ...(isOnTheSide(view) || meaning.limit.isSwitchedOff ? { severity: "information" as const } : {}),
          data: { client: meaning.client, wait: Math.round((meaning.limit.defaultMs ?? 0) / 1000) },
          fixes: fixes({ file, f: view.call.fn }, meaning.site, meaning.option, context),
        };
      } else if (
        meaning.kind === "client" &&
        (meaning.of === "http" || meaning.of === "cloud") &&
        meaning.limit.bounded === "no"
      ) {
        const uses = context
          .requestsThrough({ file, c: view.c })
          .filter((it) => it.meaning.kind === "request" && it.meaning.limit.bounded === "no");
        if (uses.length === 0 && !escapes(view)) continue;
        const site = meaning.site ?? view.optionSite(0);
        yield {
          at: view.call.nameAt,
          message: "client",
          data: { client: meaning.client, count: uses.length },
          covers: uses.map((it) => ({ path: it.view.file.path, at: it.view.call.nameAt })),
          ...(uses[0] ? { within: { file: uses[0].view.file, f: uses[0].view.call.fn } } : {}),
          fixes: fixes({ file, f: view.call.fn }, site, meaning.option, context),
        };
      }
    }
    yield* forgottenDuties(file, context);
  },
});

/** So many callers that all forget the limit have one cause: the function that leaves it to them. */
const SHARED_FROM = 3;

/** All calls of a function that makes a request itself and leaves its limit to them, if none of them gives one. */
function carelessCallers(fn: PlacedFunction, context: RuleContext): readonly Placed[] | undefined {
  const duty = dutiesOf(fn, context).find((it) => it.through.length === 0);
  if (!duty) return undefined;
  const callers = context.callers(fn);
  if (callers.length < SHARED_FROM) return undefined;
  return callers.every((it) => limitAt(it, duty, context)?.bounded === "no") ? callers : undefined;
}

/** Calls of project functions that leave the limit to their callers. */
function* forgottenDuties(file: Parameters<RuleContext["meant"]>[0], context: RuleContext): Iterable<Report> {
  for (let c = 0; c < file.calls.length; c++) {
    const callee = context.program.callee(file, c);
    if (callee.k !== "fn") continue;
    const fn = callee.file.functions[callee.f]!;
    if (fn.params.length === 0) continue;
    for (const duty of dutiesOf({ file: callee.file, f: callee.f }, context)) {
      const limit = limitAt({ file, c }, duty, context);
      if (limit?.bounded !== "no") continue;
      if (duty.through.length === 0 && carelessCallers({ file: callee.file, f: callee.f }, context)) break;
      const view = context.program.view({ file, c });
      const { request } = duty;
      if (isLimitedInTime(view, context) || isRelative(view, view.call.args[0]) || !runsOnServer(view, context)) break;
      const param = request.meaning.limit.param;
      const name = duty.through.length === 0 && param?.names.length === 1 ? param.names[0]! : undefined;
      const site = name !== undefined && param ? view.optionSite(param.index) : undefined;
      const option =
        name === "signal"
          ? "signal: AbortSignal.timeout({ms})"
          : name !== undefined && /timeout/i.test(name)
            ? `${name}: {ms}`
            : undefined;
      yield {
        at: view.call.nameAt,
        message: "wrapper",
        data: { client: request.meaning.client, callee: fn.name },
        fixes: fixes({ file, f: view.call.fn }, option ? site : undefined, option, context),
      };
      break;
    }
  }
}

function fixes(
  fn: PlacedFunction,
  site: OptionSite | undefined,
  option: string | undefined,
  context: RuleContext,
): Fix[] {
  const product: Fix = {
    title: { en: "Product: answer without waiting for the remote side", ja: "プロダクト: 相手の応答を待たずに返す" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "Does this answer need the remote data now? Show what is cached, or the page without it, and fill it in later.",
      ja: "この応答にいま相手のデータが必要でしょうか。キャッシュ済みの値や一部を先に返し、後から補う方法があります。",
    },
  };
  const infrastructure: Fix = {
    title: {
      en: "Infrastructure: a limit in the proxy as a backstop",
      ja: "インフラ: プロキシのタイムアウトを最後の砦にする",
    },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "A limit in the mesh or the egress proxy helps, but does not free this process' own socket and memory by itself.",
      ja: "サービスメッシュや外向きプロキシの制限も有効ですが、それだけではこのプロセスのソケットとメモリは解放されません。",
    },
  };
  const objective = context.latencyObjectiveMs(fn);
  const ms = objective ? Math.max(100, Math.round(objective.ms / 2 / 50) * 50) : FALLBACK_MS;
  const edit =
    site && option ? optionEdit(site, option.replace("{ms}", milliseconds(ms)), context.text(site.path)) : undefined;
  if (!edit) return [product, infrastructure];
  const application: Fix = {
    title: { en: `Application: give up after ${ms / 1000} s`, ja: `アプリケーション: ${ms / 1000} 秒であきらめる` },
    layer: "application",
    safety: "choose",
    edits: [edit],
    explain: objective
      ? {
          en: `Half of the latency objective of ${objective.ms} ms (${objective.from}), so that there is time left to answer. The request then fails with an error that callers must expect.`,
          ja: `応答に使う時間を残すため、レイテンシー目標 ${objective.ms} ms(${objective.from})の半分にしています。時間切れになると例外が発生するので、呼び出し側での処理が必要です。`,
        }
      : {
          en: "No latency objective is known for what reaches this line, so 5 s is only a start: choose a value from how long the other side takes. The request then fails with an error that callers must expect.",
          ja: "この行に到達するエンドポイントのレイテンシー目標が不明なため、5 秒は仮の値です。相手の実際の応答時間から選んでください。時間切れになると例外が発生するので、呼び出し側での処理が必要です。",
        },
  };
  return [application, product, infrastructure];
}

/** A statement of its own, a chain of `.then` and `.catch` included, that nothing awaits. */
function isOnTheSide(view: CallView): boolean {
  const last = [view, ...view.after().map((it) => it.view)].at(-1)!;
  return last.call.use === "discard" || last.call.use === "void";
}

/** Where the side cannot be told by the file, only code that an endpoint, job or consumer reaches counts as server code. */
function runsOnServer(view: CallView, context: RuleContext): boolean {
  if (isForDevelopment(view.file, view.call.branch, view.call.at)) return false;
  if (context.side(view.file) === "server") return true;
  const { kinds } = context.reach({ file: view.file, f: view.call.fn });
  return [...kinds].some(
    (it) => it === "endpoint" || it === "job" || it === "cron" || it === "consumer" || it === "startup" || it === "cli",
  );
}

/** A path without a host is asked of the page's own origin: browser code. */
function isRelative(view: CallView, url: Value | undefined): boolean {
  if (!url) return false;
  if (url.k === "tpl") return url.strings[0]!.startsWith("/") && !url.strings[0]!.startsWith("//");
  const text = view.text({ value: url, file: view.file, env: view.env });
  return text !== undefined && /^\/(?!\/)/.test(text);
}

/** A client handed to code that is not ours, which will send requests through it; signing an address sends none. */
function escapes(view: CallView): boolean {
  const names = new Set<number>();
  view.file.bindings.forEach((it, b) => {
    if (it.value?.k === "call" && it.value.c === view.c) names.add(b);
  });
  const holds = (value: Value, depth: number): boolean =>
    depth < 4 &&
    ((value.k === "ref" && names.has(value.b)) ||
      (value.k === "call" && value.c === view.c) ||
      (value.k === "obj" && value.props.some((it) => holds(it.value, depth + 1))));
  return view.file.calls.some((call, c) => {
    if (c === view.c || !call.args.some((it) => holds(it, 0))) return false;
    const callee = view.program.callee(view.file, c);
    // A container hands it to whoever asks, and not all who do are seen.
    if (callee.k === "method") return callee.library.provisions !== undefined;
    return callee.k === "ext" && !/presign/.test(callee.specifier);
  });
}
