/** What can be done about objectives: one chosen or made for an endpoint, a file of them corrected. */
import { type CodeAction, CodeActionKind, type CodeActionParams } from "vscode-languageserver";
import { commands as clientCommands } from "../protocol/index.ts";
import { endpointKey, fixTitle, proposeSlo } from "../slo/index.ts";
import { sloProblems } from "./diagnostics.ts";
import type { OpenDocument } from "./documents.ts";
import { isRecord } from "./initialization.ts";
import { newSloEdit, newSloIn, unmeasuredSlo } from "./new-slo.ts";
import { rangeAt, touches } from "./position.ts";
import { endpointAt, isUndecided } from "./slo-matching.ts";
import { sayIn, words } from "./text.ts";
import { type CodeActionContext, toWorkspaceEdit } from "./workspace-edit.ts";

const MAX_NEW = 3;

/** On an endpoint that several objectives might be about. */
export function pickSloActions(it: OpenDocument, params: CodeActionParams, context: CodeActionContext): CodeAction[] {
  if (!context.commands.has(clientCommands.explainEndpoint) || !it.folder.isReady) return [];
  const endpoint = endpointAt(it, params.range.start);
  if (!endpoint || context.view(it).of(endpoint).length > 0 || !isUndecided(it, endpoint)) return [];
  const title = sayIn(context.language)(words.pickSlo, { endpoint: `${endpoint.method} ${endpoint.route}` });
  const { line, character } = params.range.start;
  const command = {
    title,
    command: clientCommands.explainEndpoint,
    arguments: [{ uri: it.document.uri, line, character, method: endpoint.method, route: endpoint.route }],
  };
  return [{ title, kind: CodeActionKind.Refactor, command }];
}

/** On the route or the handler of an endpoint without an objective. */
export function newSloActions(it: OpenDocument, params: CodeActionParams, context: CodeActionContext): CodeAction[] {
  if (!context.can.createFiles || !it.folder.isReady) return [];
  const view = context.view(it);
  return it.folder
    .placesIn(it.path)
    .filter(({ endpoint, nameAt, handlerAt }) => {
      const isHere = [nameAt, handlerAt].some((at) => at && touches(rangeAt(it.document, at), params.range));
      return isHere && view.of(endpoint).length === 0;
    })
    .slice(0, MAX_NEW)
    .map(({ endpoint }): CodeAction => {
      const name = `${endpoint.method} ${endpoint.route}`;
      const say = sayIn(context.language);
      // Numbers are asked for once it is chosen.
      if (context.can.resolve && context.source(it)) {
        const data: NewSloData = { uri: it.document.uri, newSlo: endpointKey(endpoint) };
        return { title: say(words.newSloMeasured, { endpoint: name }), kind: CodeActionKind.Refactor, data };
      }
      return {
        title: say(words.newSlo, { endpoint: name }),
        kind: CodeActionKind.Refactor,
        edit: newSloEdit(it.folder, unmeasuredSlo(it.folder, endpoint, context.language)).edit,
      };
    });
}

interface NewSloData {
  readonly uri: string;
  /** Key of the endpoint. */
  readonly newSlo: string;
}

/** The file of a chosen objective with a target from what was achieved; undefined where the action is another one. */
export async function resolveNewSlo(
  action: CodeAction,
  context: CodeActionContext,
  now: number,
  signal: AbortSignal,
): Promise<CodeAction | undefined> {
  const { data } = action;
  if (!isRecord(data) || typeof data.newSlo !== "string") return undefined;
  const it = context.documents.get(String(data.uri));
  const endpoint = it?.folder.endpoints.find((one) => endpointKey(one) === data.newSlo);
  if (!it || !endpoint) return action;
  const { file } = await proposeSlo(newSloIn(it.folder, endpoint), context.source(it), now, signal, context.language);
  return { ...action, edit: newSloEdit(it.folder, file).edit };
}

/** Corrections of an SLO file or slo-lens.yaml. */
export function sloFileActions(it: OpenDocument, params: CodeActionParams, context: CodeActionContext): CodeAction[] {
  return sloProblems(it, context).flatMap((problem) => {
    const range = rangeAt(it.document, [problem.range.start, problem.range.end]);
    if (!touches(range, params.range)) return [];
    return (problem.fixes ?? []).map(
      (fix): CodeAction => ({
        title: fixTitle(fix, context.language),
        kind: CodeActionKind.QuickFix,
        ...(problem.fixes?.length === 1 ? { isPreferred: true } : {}),
        diagnostics: params.context.diagnostics.filter((each) => each.code === problem.code),
        edit: toWorkspaceEdit(
          it,
          fix.edits.map((edit) => ({ path: it.path, at: [edit.range.start, edit.range.end], text: edit.text })),
          context,
        ),
      }),
    );
  });
}
