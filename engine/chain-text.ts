/** The way from an entry to a function in words; what nobody waits for is said to be so. */
import type { Hop } from "./call-graph.ts";
import type { EntryKind } from "./entry.ts";
import type { Chain } from "./reach.ts";
import type { Text } from "./rule.ts";
import { type Language, renderText } from "./text.ts";

const HOPS: Readonly<Record<Hop["by"], Text>> = {
  queue: { en: "asynchronously, by queue {name}", ja: "キュー {name} 経由で非同期" },
  event: { en: "asynchronously, by event {name}", ja: "イベント {name} 経由で非同期" },
  message: { en: "asynchronously, by message {name}", ja: "メッセージ {name} 経由で非同期" },
};
/** What starts code, as people call it. */
const ENTRIES: Readonly<Record<EntryKind, Text>> = {
  endpoint: { en: "{name}", ja: "{name}" },
  job: { en: "job {name}", ja: "ジョブ {name}" },
  cron: { en: "schedule {name}", ja: "定期実行 {name}" },
  consumer: { en: "consumer {name}", ja: "コンシューマー {name}" },
  cli: { en: "command {name}", ja: "コマンド {name}" },
  migration: { en: "migration {name}", ja: "マイグレーション {name}" },
  seed: { en: "seed {name}", ja: "シード {name}" },
  test: { en: "test {name}", ja: "テスト {name}" },
  startup: { en: "start of {name}", ja: "起動処理 {name}" },
  page: { en: "page {name}", ja: "ページ {name}" },
};
const ASYNC: Text = { en: "asynchronously", ja: "非同期" };
const MAX_NAME = 80;
const GAP = "…";
/** Links of a chain that are shown at its beginning and at its end. */
const [FIRST, LAST] = [3, 2];

/** `asynchronously, by queue emails`. The name is the repository's: to be escaped where marks mean something. */
export function hopText({ by, name }: Partial<Hop>, language: Language): string {
  return by === undefined || name === undefined
    ? ASYNC[language]
    : renderText(HOPS[by], language, { name: name.slice(0, MAX_NAME) });
}

/** `job emails`, `schedule 0 3 * * *`; an endpoint by its method and route. The name is the repository's, as in `hopText`. */
export function entryText(kind: EntryKind, name: string, language: Language): string {
  return renderText(ENTRIES[kind], language, { name });
}

/** `placeOrder → (asynchronously, by queue emails) sendMail → post`: the long middle of a way is left out, but no hop in it. */
export function chainText({ links }: Chain, language: Language): string {
  const parts = links.map(({ fn }, i) => {
    const name = fn.file.functions[fn.f]?.name ?? "?";
    const hop = links[i - 1]?.hop;
    if (hop) return bracketed(hopText(hop, language), name, language);
    return links.length <= FIRST + LAST + 1 || i < FIRST || i >= links.length - LAST ? name : GAP;
  });
  return parts.filter((it, i) => it !== GAP || parts[i - 1] !== GAP).join(" → ");
}

const bracketed = (hop: string, name: string, language: Language): string =>
  language === "ja" ? `（${hop}）${name}` : `(${hop}) ${name}`;
