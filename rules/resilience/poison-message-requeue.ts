import {
  type CallView,
  type ConsumeMeaning,
  defineRule,
  type FileSummary,
  type Fix,
  type PlacedFunction,
  type Report,
  type RuleContext,
  type SettleMeaning,
} from "../../engine/index.ts";
import { callsWithin } from "../_shared/calls.ts";
import { effectOf } from "../_shared/effects.ts";

export default defineRule({
  id: "poison-message-requeue",
  group: "resilience",
  title: { en: "A message that fails comes back for ever", ja: "失敗したメッセージが戻り続けるコンシューマー" },
  severity: "error",
  status: "preview",
  since: "0.2.0",
  scope: "anywhere",
  burns: ["availability", "durability"],
  messages: {
    again: {
      what: {
        en: "A message that fails here goes back to the head of its queue{how} and is delivered again at once: one that always fails keeps this consumer busy for ever.",
        ja: "ここで失敗したメッセージはキューの先頭へ戻り{how}、すぐに再配信されます。必ず失敗するメッセージが 1 件あるだけで、コンシューマーはそれを処理し続けます。",
      },
      help: {
        en: "Give it up (`requeue` false) to a dead-letter queue, or count the deliveries and try again later.",
        ja: "`requeue` を false にしてデッドレターキューへ送るか、配信回数を数え、間隔を空けて再試行してください。",
      },
    },
    throws: {
      what: {
        en: "A message that cannot be parsed throws here; {client} tries it six times, restarts at the same offset and never gets past it.",
        ja: "解析できないメッセージがあるとここで例外になります。{client} は 6 回試行した後も同じオフセットから再開するため、その先へ進めません。",
      },
      help: {
        en: "Catch it, keep the message somewhere to be looked at, and go on.",
        ja: "例外を捕捉し、メッセージを調査用に退避したうえで、次へ進めてください。",
      },
    },
    forgotten: {
      what: {
        en: "`noAck` makes the broker forget a message as soon as it is sent: whatever fails or is killed during the work below is lost.",
        ja: "`noAck` を指定すると、ブローカーは送信した時点でメッセージを破棄します。後続の処理が失敗したり中断されたりすると、メッセージは失われます。",
      },
      help: {
        en: "Take `noAck` away and acknowledge once the work is done.",
        ja: "`noAck` を外し、処理が終わってから ack してください。",
      },
    },
    early: {
      what: {
        en: "The message is acknowledged before the work is done: whatever fails or is killed after this line is lost.",
        ja: "処理が終わる前に ack しています。この行より後で失敗したり中断されたりすると、メッセージは失われます。",
      },
      help: {
        en: "Acknowledge after the work, and let the work bear to be done twice.",
        ja: "処理の後に ack し、処理は重複して実行されても問題ないようにしてください。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind === "settle" && meaning.as === "again") yield* againOf(view, meaning, context);
      else if (meaning.kind === "consume") yield* consumerOf(view, meaning, context);
    }
  },
});

/** Words of somebody who counts deliveries, waits, or sends it on. */
const COUNTED = /redeliver|x-death|attempt|retr(?:y|ies)|count|delay|setTimeout|sleep|dead.?letter|dlq|dlx/i;

function* againOf(view: CallView, meaning: SettleMeaning, context: RuleContext): Iterable<Report> {
  const { file, call } = view;
  const handler = call.catch === undefined ? undefined : file.tries[call.catch]?.handler;
  if (!handler) return;
  const text = context.text(file.path);
  if (text === undefined || COUNTED.test(withoutLogs(text.slice(...handler.at)))) return;
  // In a branch it is said of some errors only, which may be worth another try.
  const { branch } = call;
  if (branch !== undefined && file.branches[branch]!.at[0] >= handler.at[0]) return;
  yield {
    at: call.nameAt,
    message: "again",
    data: { how: meaning.byDefault ? " (requeue is true by default)" : "" },
    fixes: giveUpFixes(view, meaning),
  };
}

/** What is only printed says nothing of what is done. */
const withoutLogs = (text: string): string =>
  text.replace(/\b(?:console|log|logger|this\.logger)\.\w+\([^;]*\);?/g, "");

function* consumerOf(view: CallView, meaning: ConsumeMeaning, context: RuleContext): Iterable<Report> {
  const handler = meaning.handler ? context.program.at(meaning.handler) : undefined;
  if (handler?.k !== "fn") return;
  const body: PlacedFunction = { file: handler.file, f: handler.f };
  if (meaning.forgets === "yes") {
    if (doesWork(body, context))
      yield { at: view.call.nameAt, message: "forgotten", severity: "warning", fixes: FIXES.forgotten };
    return;
  }
  if (meaning.onThrow === "again") {
    const parse = callsIn(body).find(({ call }) => isParse(call.callee) && call.try === undefined);
    if (parse && !isGuarded(body))
      yield {
        path: body.file.path,
        at: parse.call.nameAt,
        message: "throws",
        severity: "warning",
        data: { client: meaning.client },
        fixes: FIXES.throws,
      };
    return;
  }
  const settles = callsIn(body).filter(({ c }) =>
    context.program.meanings({ file: body.file, c }).some((it) => it.kind === "settle" && it.as === "done"),
  );
  const first = settles[0];
  if (settles.length !== 1 || !first || first.call.fn !== body.f || first.call.branch !== undefined) return;
  const later = callsIn(body).some(
    ({ call, c }) => call.at[0] > first.call.at[1] && call.use === "await" && isWork({ file: body.file, c }, context),
  );
  const before = callsIn(body).some(
    ({ call, c }) => call.at[1] < first.call.at[0] && isWork({ file: body.file, c }, context),
  );
  if (later && !before)
    yield {
      path: body.file.path,
      at: first.call.nameAt,
      message: "early",
      severity: "warning",
      fixes: FIXES.early,
    };
}

const isParse = (callee: FileSummary["calls"][number]["callee"]): boolean =>
  callee.k === "get" && callee.name === "parse" && callee.of.k === "global" && callee.of.name === "JSON";

function callsIn({
  file,
  f,
}: PlacedFunction): readonly { readonly call: FileSummary["calls"][number]; readonly c: number }[] {
  return callsWithin(file, f).map((c) => ({ call: file.calls[c]!, c }));
}

/** All of the body stands in one `try`. */
const isGuarded = ({ file, f }: PlacedFunction): boolean =>
  file.tries.some((it) => it.fn === f && it.handler !== undefined && !it.handler.throws);

const isWork = (at: { readonly file: FileSummary; readonly c: number }, context: RuleContext): boolean =>
  effectOf(at, context, (it) => it.kind === "request" || it.kind === "query") !== undefined;

const doesWork = (body: PlacedFunction, context: RuleContext): boolean =>
  callsIn(body).some(({ call, c }) => call.use === "await" && isWork({ file: body.file, c }, context));

function giveUpFixes(view: CallView, meaning: SettleMeaning): Fix[] {
  return [
    {
      title: {
        en: "Application: give the message up to the dead-letter queue",
        ja: "アプリケーション: デッドレターキューへ送る",
      },
      layer: "application",
      safety: "choose",
      edits: meaning.giveUp ? [{ path: view.file.path, ...meaning.giveUp }] : [],
      explain: {
        en: "Without a dead-letter exchange on the queue the message is dropped: declare one first (`x-dead-letter-exchange`).",
        ja: "キューにデッドレター Exchange がないとメッセージは破棄されます。先に `x-dead-letter-exchange` を設定してください。",
      },
    },
    {
      title: { en: "Infrastructure: a limit of deliveries", ja: "インフラ: 配信回数の上限を設ける" },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "Quorum queues count deliveries (`x-delivery-limit`) and dead-letter by themselves what fails too often.",
        ja: "quorum queue は配信回数を数え(`x-delivery-limit`)、上限を超えたメッセージを自動でデッドレターへ送ります。",
      },
    },
  ];
}

const application = (en: string, ja: string, explainEn: string, explainJa: string): readonly Fix[] => [
  {
    title: { en: `Application: ${en}`, ja: `アプリケーション: ${ja}` },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: { en: explainEn, ja: explainJa },
  },
];

const FIXES = {
  throws: application(
    "set aside what cannot be parsed",
    "解析できないメッセージを退避する",
    "Parse inside of a `try`; send the raw message with its error to a topic of its own, and return.",
    "`try` の中で解析し、失敗したら元のメッセージとエラーを専用トピックへ送って、正常に終了します。",
  ),
  forgotten: application(
    "acknowledge after the work",
    "処理の後に ack する",
    "Leave `noAck` out, `ack` at the end, `nack(message, false, false)` where it fails, and `prefetch` to bound what is under way.",
    "`noAck` を外し、最後に `ack`、失敗時は `nack(message, false, false)` とし、`prefetch` で同時処理数を制限します。",
  ),
  early: application(
    "acknowledge after the work",
    "処理の後に ack する",
    "A message may then come twice, after a crash between the work and the acknowledgement: key the work by the message's id.",
    "処理と ack の間で停止すると同じメッセージが再度届くため、メッセージ ID で重複を判定できるようにします。",
  ),
};
