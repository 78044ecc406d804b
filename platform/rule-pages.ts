/** The page of each rule: where it lies, and what it says. */
import { existsSync, readFileSync } from "node:fs";
import type { Language, Rule } from "../engine/index.ts";

const known = new Map<string, URL | undefined>();

/** Address of a rule's page; undefined where none is shipped. */
export function pageAddress(rule: Pick<Rule, "id" | "group">, language: Language): string | undefined {
  return pageUrl(rule, language)?.href;
}

/** Markdown of a rule's page. */
export function pageText(rule: Pick<Rule, "id" | "group">, language: Language): string | undefined {
  const url = pageUrl(rule, language);
  if (!url) return undefined;
  try {
    return readFileSync(url, "utf8");
  } catch {
    return undefined;
  }
}

/** Pages lie beside their rules in the source and in `rules/` beside the bundle. */
function pageUrl({ id, group }: Pick<Rule, "id" | "group">, language: Language): URL | undefined {
  const key = `${language} ${group}/${id}`;
  if (known.has(key)) return known.get(key);
  const names = language === "ja" ? [`${id}.ja.md`, `${id}.md`] : [`${id}.md`];
  const found = names
    .flatMap((name) => [`../rules/${group}/${name}`, `./rules/${group}/${name}`, `./rules/${name}`])
    .map((it) => new URL(it, import.meta.url))
    .find((it) => existsSync(it));
  known.set(key, found);
  return found;
}
