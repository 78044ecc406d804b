/** What can be done about a finding: edits titled by the layer they work on, explanations, and leave to keep it. */
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Command,
  type Diagnostic,
  type SnippetTextEdit,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver";
import {
  allowanceAnchor,
  type DocumentKind,
  documentKind,
  type Edit,
  type Finding,
  type Fix,
} from "../engine/index.ts";
import { pageAddress } from "../platform/index.ts";
import { commands as clientCommands } from "../protocol/index.ts";
import { rangeOf } from "./diagnostics.ts";
import type { OpenDocument } from "./documents.ts";
import { isRecord } from "./initialization.ts";
import { touches } from "./position.ts";
import { newSloActions, pickSloActions, sloFileActions } from "./slo-actions.ts";
import { isSloPath } from "./slo-files.ts";
import { sayIn, words } from "./text.ts";
import { type CodeActionContext, toWorkspaceEdit } from "./workspace-edit.ts";

/** The server's own command, for clients that have none: opens a rule's page. Takes the rule's id. */
export const openRuleCommand = "slo-lens.openRule";
const fixAllKind = `${CodeActionKind.SourceFixAll}.slo-lens`;

/** What an action needs to be completed later. */
interface ActionData {
  readonly uri: string;
  readonly version: number;
  readonly ruleId: string;
  readonly at: readonly [number, number];
  /** Index into the finding's fixes; `allow` and `all` are actions of our own. */
  readonly fix: number | "allow" | "all";
}

export function actionsFor(it: OpenDocument, params: CodeActionParams, context: CodeActionContext): CodeAction[] {
  if (isSloPath(it.path)) return sloFileActions(it, params, context);
  if (!it.folder.serves(it.path)) return [];
  const { only, diagnostics } = params.context;
  const wants = (kind: string): boolean =>
    only === undefined || only.some((each) => kind === each || kind.startsWith(`${each}.`) || each === "");
  const actions: CodeAction[] = [];
  const { findings, problems } = it.folder.report(it.path);
  if (wants(CodeActionKind.QuickFix)) {
    for (const finding of findings) {
      if (!touches(rangeOf(finding, it), params.range)) continue;
      const own = diagnostics.filter((each) => isAbout(each, finding, it));
      actions.push(...fixActions(finding, own, it, context), ...ruleActions(finding, own, it, context));
    }
    for (const problem of problems) {
      if (problem.ruleId !== "unused-allowance" || !touches(rangeOf(problem, it), params.range)) continue;
      const own = diagnostics.filter((each) => each.code === problem.ruleId);
      actions.push({
        title: sayIn(context.language)(words.removeAllowance),
        kind: CodeActionKind.QuickFix,
        diagnostics: own,
        isPreferred: true,
        edit: toWorkspaceEdit(it, [{ path: it.path, at: wholeComment(it, problem.at), text: "" }], context),
      });
    }
  }
  if (wants(CodeActionKind.Refactor))
    actions.push(...pickSloActions(it, params, context), ...newSloActions(it, params, context));
  // Asked for by name only: on save, or from the menu of source actions.
  if (only !== undefined && wants(fixAllKind)) {
    const edits = safeEdits(findings);
    if (edits.length > 0)
      actions.push(
        complete(
          { title: sayIn(context.language)(words.fixAll), kind: fixAllKind },
          { uri: it.document.uri, version: it.document.version, ruleId: "", at: [0, 0], fix: "all" },
          it,
          context,
        ),
      );
  }
  return actions;
}

/** Adds the edit to an action made lazily; without one where the text has changed since. */
export function resolveAction(action: CodeAction, context: CodeActionContext): CodeAction {
  const data = readData(action.data);
  const it = data && context.documents.get(data.uri);
  if (!data || !it || it.document.version !== data.version) return action;
  const edit = editOf(data, it, context);
  return edit ? { ...action, edit } : action;
}

function fixActions(
  finding: Finding,
  diagnostics: Diagnostic[],
  it: OpenDocument,
  context: CodeActionContext,
): CodeAction[] {
  const say = sayIn(context.language);
  let hasPreferred = false;
  return finding.fixes.flatMap((fix, index): CodeAction[] => {
    const data = { layer: say(words.layers[fix.layer]), title: say(fix.title, finding.data) };
    if (fix.edits.length === 0) {
      const command = explainCommand(finding.ruleId, say(words.explainTitle, data), context);
      return command ? [{ title: command.title, kind: CodeActionKind.QuickFix, diagnostics, command }] : [];
    }
    const isPreferred = fix.safety === "safe" && !hasPreferred;
    hasPreferred ||= isPreferred;
    const action: CodeAction = {
      title: say(words.fixTitle, data),
      kind: CodeActionKind.QuickFix,
      diagnostics,
      ...(isPreferred ? { isPreferred } : {}),
    };
    return [complete(action, dataOf(finding, index, it), it, context)];
  });
}

/** Keeping the finding, and reading about its rule. */
function ruleActions(
  finding: Finding,
  diagnostics: Diagnostic[],
  it: OpenDocument,
  context: CodeActionContext,
): CodeAction[] {
  const say = sayIn(context.language);
  const rule = finding.ruleId;
  const allow: CodeAction = { title: say(words.allow, { rule }), kind: CodeActionKind.QuickFix, diagnostics };
  const command = explainCommand(rule, say(words.explainRule, { rule }), context);
  return [
    ...(commentMark(it.path) === undefined ? [] : [complete(allow, dataOf(finding, "allow", it), it, context)]),
    ...(command ? [{ title: command.title, kind: CodeActionKind.QuickFix, diagnostics, command }] : []),
  ];
}

function explainCommand(ruleId: string, title: string, context: CodeActionContext): Command | undefined {
  if (context.commands.has(clientCommands.explainFinding))
    return { title, command: clientCommands.explainFinding, arguments: [ruleId] };
  const rule = context.rules.get(ruleId);
  return context.can.showDocument && rule && pageAddress(rule, context.language)
    ? { title, command: openRuleCommand, arguments: [ruleId] }
    : undefined;
}

function complete(action: CodeAction, data: ActionData, it: OpenDocument, context: CodeActionContext): CodeAction {
  if (context.can.resolve) return { ...action, data };
  const edit = editOf(data, it, context);
  return edit ? { ...action, edit } : action;
}

function editOf(data: ActionData, it: OpenDocument, context: CodeActionContext): WorkspaceEdit | undefined {
  const { findings } = it.folder.report(it.path);
  if (data.fix === "all") return toWorkspaceEdit(it, safeEdits(findings), context);
  const finding = findings.find(
    (each) => each.ruleId === data.ruleId && each.at[0] === data.at[0] && each.at[1] === data.at[1],
  );
  if (!finding) return undefined;
  if (data.fix === "allow") return allowEdit(finding, it, context);
  const fix = finding.fixes[data.fix];
  return fix && fix.edits.length > 0 ? toWorkspaceEdit(it, fix.edits, context) : undefined;
}

/** `// slo-allow rule: reason` on a line of its own above, with the reason ready to be typed where the client can. */
function allowEdit(finding: Finding, it: OpenDocument, context: CodeActionContext): WorkspaceEdit {
  const { document } = it;
  const summary = it.folder.summary(it.path);
  const { line } = document.positionAt(summary ? allowanceAnchor(summary, finding.at) : finding.at[0]);
  const start = { line, character: 0 };
  const text = document.getText({ start, end: { line: line + 1, character: 0 } });
  const indent = /^[ \t]*/.exec(text)?.[0] ?? "";
  const end = document.getText().includes("\r\n") ? "\r\n" : "\n";
  const reason = sayIn(context.language)(words.reason);
  const range = { start, end: start };
  const before = `${indent}${commentMark(it.path)} slo-allow ${finding.ruleId}: `;
  if (context.can.snippets && context.can.documentChanges) {
    const edit: SnippetTextEdit = {
      range,
      snippet: { kind: "snippet", value: `${before.replace(/[\\$}]/g, "\\$&")}\${1:${reason}}${end}` },
    };
    return {
      documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits: [edit] }],
    };
  }
  const edit: TextEdit = { range, newText: `${before}${reason}${end}` };
  return context.can.documentChanges
    ? { documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits: [edit] }] }
    : { changes: { [document.uri]: [edit] } };
}

/** How a comment begins; undefined where there are none. */
function commentMark(path: string): string | undefined {
  const marks: Readonly<Record<DocumentKind, string | undefined>> = {
    sql: "--",
    prisma: "//",
    dockerfile: "#",
    shell: "#",
    package: undefined,
  };
  const kind = documentKind(path);
  return kind === undefined ? "//" : marks[kind];
}

/** The first safe fix of each finding, as far as they do not meet. */
function safeEdits(findings: readonly Finding[]): readonly Edit[] {
  const taken: Edit[] = [];
  for (const finding of findings) {
    const fix = finding.fixes.find((each: Fix) => each.safety === "safe" && each.edits.length > 0);
    if (!fix) continue;
    const fresh = fix.edits.filter((edit) => !taken.some((other) => isSame(other, edit)));
    if (fresh.every((edit) => taken.every((other) => other.path !== edit.path || isApart(other, edit))))
      taken.push(...fresh);
  }
  return taken;
}

/** Two fixes that add the same import at the same place need it once. */
function isSame(a: Edit, b: Edit): boolean {
  return a.path === b.path && a.at[0] === b.at[0] && a.at[1] === b.at[1] && a.text === b.text;
}

function isApart(a: Edit, b: Edit): boolean {
  return a.at[1] < b.at[0] || b.at[1] < a.at[0];
}

/** The comment, with its line where nothing else stands on it. */
function wholeComment(it: OpenDocument, at: readonly [number, number]): readonly [number, number] {
  const text = it.document.getText();
  const start = text.lastIndexOf("\n", at[0] - 1) + 1;
  const newline = text.indexOf("\n", at[1]);
  const end = newline < 0 ? text.length : newline + 1;
  const before = text.slice(start, at[0]);
  if (before.trim() === "" && text.slice(at[1], end).trim() === "") return [start, end];
  return [at[0] - (before.length - before.trimEnd().length), at[1]];
}

function dataOf(finding: Finding, fix: ActionData["fix"], it: OpenDocument): ActionData {
  return {
    uri: it.document.uri,
    version: it.document.version,
    ruleId: finding.ruleId,
    at: [finding.at[0], finding.at[1]],
    fix,
  };
}

function isAbout(diagnostic: Diagnostic, finding: Finding, it: OpenDocument): boolean {
  return diagnostic.code === finding.ruleId && touches(diagnostic.range, rangeOf(finding, it));
}

function readData(given: unknown): ActionData | undefined {
  if (!isRecord(given) || !Array.isArray(given.at)) return undefined;
  const { uri, version, ruleId, at, fix } = given;
  const isFix = typeof fix === "number" || fix === "allow" || fix === "all";
  if (typeof uri !== "string" || typeof version !== "number" || typeof ruleId !== "string" || !isFix) return undefined;
  const [start, end] = at as readonly unknown[];
  return typeof start === "number" && typeof end === "number"
    ? { uri, version, ruleId, at: [start, end], fix }
    : undefined;
}
