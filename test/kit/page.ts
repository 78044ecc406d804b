/**
 * A rule's page read as its test. Under `## Flagged` every `### case` holds files and, in a `text` block, what the rule says
 * of them, with a `diff` for each fix that edits; under `## Not flagged` and `## Known miss` the rule must say nothing.
 */
import { type Edit, type Finding, positionAt, type Rule, renderText } from "../../engine/index.ts";
import { knowledge } from "../../rules/index.ts";
import { type Files, workspaceOf } from "./workspace.ts";

export interface PageCase {
  readonly name: string;
  readonly section: "flagged" | "not flagged" | "known miss";
  readonly files: Files;
  /** Files of other kinds, by path: schemas, SQL. */
  readonly expected: string | undefined;
  /** Line indexes of the page between which the expectation stands or belongs. */
  readonly from: number;
  readonly to: number;
}

const EXTENSION: Readonly<Record<string, string>> = {
  ts: "ts",
  js: "js",
  tsx: "tsx",
  sql: "sql",
  prisma: "prisma",
  json: "json",
  yaml: "yaml",
  dockerfile: "dockerfile",
  sh: "sh",
  toml: "toml",
  hcl: "tf",
};

export function readPage(markdown: string): PageCase[] {
  const lines = markdown.split("\n");
  const cases: PageCase[] = [];
  let section: PageCase["section"] | undefined;
  for (let i = 0; i < lines.length; i++) {
    const heading = /^## (Flagged|Not flagged|Known miss)\s*$/.exec(lines[i]!);
    if (heading) section = heading[1]!.toLowerCase() as PageCase["section"];
    else if (/^## /.test(lines[i]!)) section = undefined;
    if (!section || !lines[i]!.startsWith("### ")) continue;
    let end = i + 1;
    while (end < lines.length && !/^#{2,3} /.test(lines[end]!)) end++;
    const files: Record<string, string> = {};
    let expected: string | undefined;
    let from = end;
    let to = end;
    let lastFence = i + 1;
    for (let at = i + 1; at < end; at++) {
      const fence = /^```(\w+)/.exec(lines[at]!);
      if (!fence) continue;
      let close = at + 1;
      while (close < end && lines[close] !== "```") close++;
      const body = lines.slice(at + 1, close);
      if (fence[1] === "text") {
        expected = body.join("\n");
        from = at;
        to = close + 1;
      } else if (EXTENSION[fence[1]!]) {
        const beside = /^```\w+ file=(\S+)$/.exec(lines[at]!)?.[1];
        const named = beside ?? /^(?:\/\/|--|#)\s*(\S+\.\w+|\S*Dockerfile)\s*$/.exec(body[0] ?? "")?.[1];
        const text = named !== undefined && beside === undefined ? body.slice(1) : body;
        files[named ?? `src/app.${EXTENSION[fence[1]!]}`] = `${text.join("\n")}\n`;
        lastFence = close + 1;
      }
      at = close;
    }
    if (expected === undefined) from = to = lastFence;
    cases.push({ name: lines[i]!.slice(4).trim(), section, files, expected, from, to });
    i = end - 1;
  }
  return cases;
}

/** What a rule finds in a case, files in order. */
export function findingsOf(rule: Rule, files: Files): Finding[] {
  const { analysis } = workspaceOf(files, {
    severityOf: (it) => (it.id === rule.id ? it.severity : "off"),
    // For rules that need an objective; those that only prefer one show what they say without.
    ...(rule.id.includes("slo")
      ? {
          weakerDependency: (endpoints, service) =>
            endpoints().length > 0 && service === "prices"
              ? { endpoint: "GET /shelf", target: "99.9 %", service, theirs: "99.5 %", times: "5" }
              : undefined,
          latencyObjectiveMs: (endpoints) =>
            endpoints().length > 0 ? { ms: 1_000, from: "the objective" } : undefined,
        }
      : {}),
    ...caseFacts(files),
  });
  const found = Object.keys(files).flatMap((it) => analysis.findings(it));
  if (analysis.failures.length > 0) throw new Error(analysis.failures.map((it) => it.message).join("\n"));
  return found;
}

/** Facts that a page gives beside its source files; set by what reads them. */
export let caseFacts: (files: Files) => Parameters<typeof workspaceOf>[1] = () => ({});
export function setCaseFacts(read: typeof caseFacts): void {
  caseFacts = read;
}

export function rendered(rule: Rule, files: Files, findings: readonly Finding[]): string {
  const out: string[] = [];
  for (const it of findings) {
    const text = files[it.path] ?? "";
    const lines = starts(text);
    const { line, column } = positionAt({ lines }, it.at[0]);
    const source = text.split("\n")[line - 1] ?? "";
    const message = rule.messages[it.message];
    out.push(`${it.path}:${line}:${column} ${it.severity}`);
    out.push(
      source,
      `${" ".repeat(column - 1)}${"^".repeat(Math.max(1, Math.min(it.at[1] - it.at[0], source.length - column + 1)))}`,
    );
    out.push(message ? renderText(message.what, "en", it.data) : `no message ${it.message}`);
    if (it.reach.chains.length > 0)
      out.push(
        `reached from ${it.reach.chains
          .slice(0, 3)
          .map(({ entry }) =>
            entry.kind === "endpoint" ? `${entry.method} ${entry.route}` : `${entry.kind} ${entry.name}`,
          )
          .join(", ")}`,
      );
    for (const cover of it.covers)
      out.push(`covers ${cover.path}:${positionAt({ lines: starts(files[cover.path] ?? "") }, cover.at[0]).line}`);
    for (const fix of it.fixes.filter((fix) => fix.edits.length > 0)) {
      out.push(`fix (${fix.safety}): ${fix.title.en}`);
      out.push(...difference(files, fix.edits).map((line) => `  ${line}`));
    }
    out.push("");
  }
  return out.join("\n").trimEnd();
}

export function applied(files: Files, edits: readonly Edit[]): Files {
  const result: Record<string, string> = { ...files };
  for (const it of [...edits].sort((a, b) => b.at[0] - a.at[0]))
    result[it.path] = `${result[it.path]!.slice(0, it.at[0])}${it.text}${result[it.path]!.slice(it.at[1])}`;
  return result;
}

/** Lines that an edit takes away and puts in; enough context for the eye is in the page itself. */
function difference(files: Files, edits: readonly Edit[]): string[] {
  const after = applied(files, edits);
  return [...new Set(edits.map((it) => it.path))].flatMap((path) => {
    const old = files[path]!.split("\n");
    const now = after[path]!.split("\n");
    let head = 0;
    while (head < old.length && old[head] === now[head]) head++;
    let tail = 0;
    while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
    return [
      ...old.slice(head, old.length - tail).map((it) => `- ${it.trimEnd()}`),
      ...now.slice(head, now.length - tail).map((it) => `+ ${it.trimEnd()}`),
    ];
  });
}

function starts(text: string): number[] {
  const found = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) found.push(i + 1);
  return found;
}

/** The page with every expectation as it is now. */
export function updatedPage(markdown: string, rule: Rule): string {
  const lines = markdown.split("\n");
  for (const it of readPage(markdown).reverse()) {
    if (it.section !== "flagged") continue;
    const text = rendered(rule, it.files, findingsOf(rule, it.files));
    const block = ["```text", ...text.split("\n"), "```"];
    lines.splice(it.from, it.to - it.from, ...(it.expected === undefined ? ["", ...block] : block));
  }
  return lines.join("\n");
}

export const ruleById = (id: string): Rule | undefined => knowledge.rules.find((it) => it.id === id);
