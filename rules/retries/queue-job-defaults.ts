import {
  defineRule,
  type FileSummary,
  type Fix,
  type JobMeaning,
  type MeantCall,
  pathKind,
  type RuleContext,
} from "../../engine/index.ts";
import { all, derived } from "../_shared/derived.ts";
import { optionEdit } from "../_shared/option-edit.ts";

export default defineRule({
  id: "queue-job-defaults",
  group: "retries",
  title: { en: "Jobs tried once, or kept for ever", ja: "1 回しか試されない、または残り続けるジョブ" },
  severity: "warning",
  status: "preview",
  since: "0.2.0",
  scope: "anywhere",
  burns: ["durability", "availability"],
  messages: {
    once: {
      what: {
        en: "Jobs of this queue{queue} are tried once and then given up, and Redis keeps every one of them for ever: the defaults of {client}.",
        ja: "このキュー{queue}のジョブは 1 回失敗すると再試行されず、完了後も Redis に残り続けます({client} の既定値)。",
      },
      help: {
        en: "Give the queue `defaultJobOptions`: attempts, a growing pause, and when finished jobs go.",
        ja: "`defaultJobOptions` で、試行回数、間隔(backoff)、完了したジョブの削除時期を指定してください。",
      },
    },
    given: {
      what: {
        en: "Jobs of this queue{queue} are tried once and then given up: the default of {client}.",
        ja: "このキュー{queue}のジョブは 1 回失敗すると再試行されません({client} の既定値)。",
      },
      help: {
        en: "Say how often, with a growing pause: `attempts` and `backoff` in `defaultJobOptions`. If a job may be lost, `attempts: 1` says so.",
        ja: "`defaultJobOptions` の `attempts` と `backoff` で回数と間隔を指定してください。失われてもよいジョブであれば `attempts: 1` と明示します。",
      },
    },
    kept: {
      what: {
        en: "Redis keeps every finished job of this queue{queue} for ever (the default of {client}): with `noeviction` writing ends when the memory does.",
        ja: "このキュー{queue}の完了したジョブは Redis に残り続けます({client} の既定値)。`noeviction` の Redis では、メモリが尽きると書き込めなくなります。",
      },
      help: {
        en: "Say when they go: `removeOnComplete` and `removeOnFail`, by age or number.",
        ja: "`removeOnComplete` と `removeOnFail` に、保持期間や件数を指定してください。",
      },
    },
    atOnce: {
      what: {
        en: "A job that fails is tried again at once, {attempts} times in all: without `backoff` {client} does not pause.",
        ja: "失敗したジョブは間隔を空けずに、合計 {attempts} 回試行されます。`backoff` がない場合、{client} は待機しません。",
      },
      help: {
        en: "Add `backoff`, so that what is down has time to come back.",
        ja: "`backoff` を指定し、相手が復旧する時間を確保してください。",
      },
    },
  },
  *check(file, context) {
    if (pathKind(file.path) !== undefined) return;
    const jobs = context.meant(file).filter(isJob);
    for (const { view, meaning } of jobs) {
      if (meaning.backoffGiven !== "no" || (meaning.attempts ?? 1) <= 1) continue;
      yield {
        at: view.call.nameAt,
        message: "atOnce",
        data: { attempts: meaning.attempts!, client: meaning.client },
        fixes: BACKOFF,
      };
    }
    // Of a queue it is said once, where it is made.
    const queues = derived(context.everywhere(jobsIn), all);
    const seen = new Set<number>();
    for (const first of queues) {
      const { queue } = first.meaning;
      if (!queue || queue.file !== file || seen.has(queue.c)) continue;
      seen.add(queue.c);
      const own = queues.filter((it) => it.meaning.queue?.file === file && it.meaning.queue.c === queue.c);
      const once = own.filter((it) => it.meaning.attemptsGiven === "no");
      const kept = own.every((it) => it.meaning.removed === "no") && context.everywhere(removersIn).length === 0;
      if (once.length === 0 && !kept) continue;
      const covered = once.length > 0 ? once : own;
      yield {
        at: file.calls[queue.c]!.nameAt,
        message: once.length > 0 && kept ? "once" : once.length > 0 ? "given" : "kept",
        ...(once.length > 0 ? {} : { severity: "information" as const }),
        data: { queue: first.meaning.queueName ? ` (${first.meaning.queueName})` : "", client: first.meaning.client },
        covers: covered.map((it) => ({ path: it.view.file.path, at: it.view.call.nameAt })),
        fixes: defaultsFixes(first.meaning, context),
      };
    }
  },
});

type JobCall = MeantCall & { readonly meaning: JobMeaning };
const isJob = (it: MeantCall): it is JobCall => it.meaning.kind === "job";

function jobsIn(file: FileSummary, context: RuleContext): readonly JobCall[] | undefined {
  const found = context.meant(file).filter(isJob);
  return found.length > 0 ? found : undefined;
}

/** A worker can take finished jobs away as well, of which queue is not asked. */
const removersIn = (file: FileSummary): true | undefined =>
  file.calls.some(
    (it) =>
      it.kind === "new" &&
      it.args.some(
        (arg) =>
          arg.k === "obj" && arg.props.some((prop) => prop.name === "removeOnComplete" || prop.name === "removeOnFail"),
      ),
  ) || undefined;

function defaultsFixes(meaning: JobMeaning, context: RuleContext): Fix[] {
  const edit =
    meaning.site && meaning.option
      ? optionEdit(meaning.site, meaning.option, context.text(meaning.site.path))
      : undefined;
  return [
    {
      title: {
        en: "Application: defaults for the queue's jobs",
        ja: "アプリケーション: キューにジョブの既定値を設定する",
      },
      layer: "application",
      safety: edit ? "choose" : "scaffold",
      edits: edit ? [edit] : [],
      explain: {
        en: "Jobs then run more than once: their work has to bear that (an upsert, a key). Finished ones are kept for an hour, failed ones for a week.",
        ja: "ジョブが複数回実行されるようになるため、重複しても問題のない処理(upsert や冪等キー)にしてください。完了したジョブは 1 時間、失敗したジョブは 1 週間保持します。",
      },
    },
    {
      title: { en: "Product: may this job be lost?", ja: "プロダクト: このジョブは失われてもよいか" },
      layer: "product",
      safety: "choose",
      edits: [],
      explain: {
        en: "If so, write `attempts: 1`: the next reader sees that it is meant.",
        ja: "失われてもよい場合は `attempts: 1` と明示してください。意図的な設定であることが読み手に伝わります。",
      },
    },
    {
      title: { en: "Infrastructure: Redis that refuses rather than forgets", ja: "インフラ: Redis の設定と監視" },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "`maxmemory-policy noeviction` and an alert on its memory: with any other policy jobs vanish.",
        ja: "`maxmemory-policy noeviction` とメモリのアラートを設定してください。他のポリシーではジョブが消えることがあります。",
      },
    },
  ];
}

const BACKOFF: readonly Fix[] = [
  {
    title: { en: "Application: pause between tries", ja: "アプリケーション: 再試行の間隔を空ける" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: '`backoff: { type: "exponential", delay: 1_000, jitter: 0.5 }` beside `attempts`.',
      ja: '`attempts` と並べて `backoff: { type: "exponential", delay: 1_000, jitter: 0.5 }` を指定します。',
    },
  },
];
