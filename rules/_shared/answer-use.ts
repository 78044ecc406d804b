/** What becomes of the answer of a call, as far as one function's text tells. */
import type { CallView, FileSummary, RuleContext, Span, Value } from "../../engine/index.ts";

export type AnswerUse =
  /** The call is a statement of its own: nothing takes the answer. */
  | { readonly is: "dropped"; readonly statement: Span; readonly awaited: boolean }
  /** Kept under a name of which only members are read; `reads` lists them, `data.files` for one inside of another. */
  | { readonly is: "named"; readonly b: number; readonly name: string; readonly reads: readonly MemberRead[] }
  /** Taken apart where it is received. */
  | { readonly is: "apart"; readonly names: readonly { readonly member: string; readonly b: number }[] };

export interface MemberRead {
  readonly path: string;
  readonly at: number;
}

/** How the answer is used; undefined where it goes on elsewhere (returned, given away, chained). */
export function answerUse(view: CallView, context: RuleContext): AnswerUse | undefined {
  const { file, call } = view;
  const text = context.text(file.path);
  if (text === undefined) return undefined;
  const statement = statementAround(text, call.at);
  if (statement && (call.use === "await" || call.use === "discard"))
    return { is: "dropped", statement, awaited: call.use === "await" };
  const names = file.bindings.flatMap((it, b) =>
    it.value?.k === "get" && it.value.of.k === "call" && it.value.of.c === view.c && it.kind !== "item"
      ? [{ member: it.value.name, b }]
      : [],
  );
  const b = file.bindings.findIndex(
    (it) => (it.kind === "const" || it.kind === "let") && it.value?.k === "call" && it.value.c === view.c,
  );
  if (b < 0) {
    // What is left over (`...rest`) may hold anything.
    const head = text.slice(Math.max(0, call.at[0] - 300), call.at[0]);
    return names.length > 0 && !/\.\.\.[^;{]*\}\s*=\s*(?:await\s+)?$/.test(head) ? { is: "apart", names } : undefined;
  }
  const { name } = file.bindings[b]!;
  const body = file.functions[call.fn]!.bodyAt;
  const reads: MemberRead[] = [];
  const mention = new RegExp(`(?<![\\w$.])${name.replace(/\$/g, "\\$")}(?![\\w$])`, "g");
  mention.lastIndex = call.at[1];
  const end = call.fn === 0 ? text.length : body[1];
  for (let found = mention.exec(text); found && found.index < end; found = mention.exec(text)) {
    const after = /^\s*(?:!|\?)?\.\s*([\w$]+)(?:\s*(?:!|\?)?\.\s*([\w$]+))?/.exec(
      text.slice(found.index + name.length, found.index + name.length + 120),
    );
    if (!after) return undefined;
    reads.push({ path: after[2] ? `${after[1]}.${after[2]}` : after[1]!, at: found.index });
  }
  return { is: "named", b, name, reads };
}

/** The statement that a call, awaited or not, is all of; undefined where anything takes its result. */
export function statementAround(text: string, at: Span): Span | undefined {
  const before = /(?:^|[;{}\w"'`)\]]\s*\n|[;{}])\s*?(await\s+)?$/.exec(text.slice(Math.max(0, at[0] - 200), at[0]));
  const after = /^[ \t]*(?:(;)|(?=\})|(?=\r?\n\s*[^\s.,)\]?:&|])|$)/.exec(text.slice(at[1], at[1] + 200));
  if (!before || !after) return undefined;
  return [at[0] - (before[1]?.length ?? 0), at[1] + (after[1] ? after[0].length : 0)];
}

/** The text of the function around a call, of the outermost one but the module. */
export function textAround(file: FileSummary, f: number, context: RuleContext): string {
  let outer = f;
  while (outer > 0 && file.functions[outer]!.parent > 0) outer = file.functions[outer]!.parent;
  const text = context.text(file.path) ?? "";
  return outer === 0 ? text : text.slice(file.functions[outer]!.at[0], file.functions[outer]!.at[1]);
}

/** Whitespace that the line of an offset begins with. */
export function indentAt(text: string, offset: number): string {
  return /[ \t]*/.exec(text.slice(text.lastIndexOf("\n", offset - 1) + 1))![0];
}

const isZeroTest = (value: Value, isIt: (it: Value) => boolean): boolean => {
  if (value.k === "op" && value.op === "!" && value.args[0])
    return isIt(value.args[0]) || isZeroTest(value.args[0], isIt);
  if (value.k === "either") return isZeroTest(value.a, isIt) || isZeroTest(value.b, isIt);
  if (value.k !== "op" || value.args.length !== 2) return false;
  const [a, b] = value.args as [Value, Value];
  const zero = b.k === "lit" && (b.v === 0 || (b.v === 1 && (value.op === ">=" || value.op === "<")));
  return isIt(a) && zero && ["===", "!==", "==", "!=", ">", ">=", "<", "<="].includes(value.op);
};

/** The number is compared with zero and used for nothing else. */
export function isOnlyCompared(view: CallView, context: RuleContext): boolean {
  const { file, c } = view;
  const values: Value[] = [
    ...file.branches.map((it) => it.test),
    ...file.functions.flatMap((it) => it.returns),
    ...file.bindings.flatMap((it) => (it.value ? [it.value] : [])),
  ];
  const direct = (it: Value): boolean => it.k === "call" && it.c === c;
  if (values.some((it) => isZeroTest(it, direct))) return true;
  const b = file.bindings.findIndex((it) => it.value !== undefined && direct(it.value) && it.kind === "const");
  if (b < 0 || !values.some((it) => isZeroTest(it, (inner) => inner.k === "ref" && inner.b === b))) return false;
  // Once where it is made, once where it is compared.
  const text = context.text(file.path);
  const { bodyAt } = view.fn;
  return (
    text !== undefined &&
    (text.slice(bodyAt[0], bodyAt[1]).match(new RegExp(`\\b${file.bindings[b]!.name}\\b`, "g"))?.length ?? 0) === 2
  );
}
