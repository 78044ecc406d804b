/** Query builders read as a whole: every link of a chain, before and after the one that decides. */
import type { CallView, ChainStep, Filter } from "../../engine/index.ts";

/** All links of the chain that a call belongs to, the call included, in order. */
export function linksOf(call: CallView): readonly ChainStep[] {
  return [...call.chain(), { name: call.name, view: call, conditional: false }, ...call.after()];
}

/**
 * What the conditions of a chain say. `condition` matches the links that restrict, `opaque` those that may. A condition in
 * a branch of its own may be left out, so by itself it leaves `given` unknown.
 */
export function filterOfLinks(
  links: readonly ChainStep[],
  condition: RegExp,
  opaque: RegExp,
  read: (step: ChainStep) => {
    readonly equals?: readonly string[];
    readonly inLists?: readonly string[];
    readonly others?: readonly string[];
  },
): Filter {
  const equals: string[] = [];
  const inLists: string[] = [];
  const others: string[] = [];
  let perhaps = false;
  for (const step of links) {
    if (opaque.test(step.name)) perhaps = true;
    if (!condition.test(step.name)) continue;
    if (step.conditional) {
      perhaps = true;
      continue;
    }
    const found = read(step);
    equals.push(...(found.equals ?? []));
    inLists.push(...(found.inLists ?? []));
    others.push(...(found.others ?? []));
  }
  if (equals.length + inLists.length + others.length > 0) return { given: "yes", equals, inLists, others };
  return { given: perhaps ? "unknown" : "no" };
}

/** The link of a chain that stands last in the text. */
export function lastOf(links: readonly ChainStep[]): CallView {
  return links.reduce((last, { view }) => (view.call.at[1] > last.call.at[1] ? view : last), links[0]!.view);
}

/**
 * Whether a builder leaves its function as it is and a caller adds to it: `rows()` returns `table.query().select()`, and
 * `rows().where(…)` restricts it.
 */
export function isContinued({ program, file, call }: CallView, depth = 0): boolean {
  if (call.use !== "return" || depth > 2) return false;
  const callers = program.callersOf?.({ file, f: call.fn }) ?? [];
  return callers.some((at) => {
    const caller = program.view(at);
    return (
      (caller.call.use === "receiver" && !caller.after().every((it) => /^(then|catch|finally)$/.test(it.name))) ||
      caller.after().some((it) => /^(where|and|or|find|limit|first|page)/.test(it.name)) ||
      isContinued(caller, depth + 1)
    );
  });
}

/** Columns compared in a piece of SQL such as `user.id = :id AND t.status IN (:...list)`. */
export function columnsOfCondition(text: string | undefined): {
  equals: string[];
  inLists: string[];
  others: string[];
} {
  if (text === undefined) return { equals: [], inLists: [], others: ["*"] };
  if (/\bor\b/i.test(text)) return { equals: [], inLists: [], others: ["*"] };
  const equals: string[] = [];
  const inLists: string[] = [];
  const others: string[] = [];
  for (const part of text.split(/\band\b/i)) {
    const column = /^[\s(]*["`]?(?:\w+["`]?\.["`]?)?(\w+)["`]?/.exec(part)?.[1] ?? "*";
    if (/\bin\s*\(/i.test(part)) inLists.push(column);
    else if (/[^<>!]=\s*(:|\$|\?|')/.test(part)) equals.push(column);
    else others.push(column);
  }
  return { equals, inLists, others };
}
