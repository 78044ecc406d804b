/**
 * Regular expressions of label matchers, judged in linear time. They come from files of the repository, Prometheus
 * reads them as RE2, and JavaScript's engine can take exponential time on them; so the common part of the syntax is
 * compiled to states that are walked all at once, and anything beyond it is "cannot be told".
 */

type Node =
  | { readonly k: "char"; readonly test: (char: string) => boolean }
  | { readonly k: "seq"; readonly of: readonly Node[] }
  | { readonly k: "alt"; readonly of: readonly Node[] }
  | { readonly k: "repeat"; readonly of: Node; readonly min: number; readonly max: number };

interface State {
  test?: (char: string) => boolean;
  readonly next: number[];
}

const maxPattern = 2000;
const maxStates = 5000;
const maxRepeat = 64;

const compiled = new Map<string, readonly State[] | undefined>();

/** Whether a pattern, anchored at both ends as Prometheus does, matches a text; undefined where it cannot be told. */
export function matchesPattern(pattern: string, text: string): boolean | undefined {
  if (pattern.length > maxPattern || text.length > maxPattern) return undefined;
  if (!compiled.has(pattern)) {
    // A workspace has few patterns; the bound is for a hostile one.
    if (compiled.size >= 500) compiled.clear();
    compiled.set(pattern, compile(pattern));
  }
  const states = compiled.get(pattern);
  return states === undefined ? undefined : run(states, text);
}

function run(states: readonly State[], text: string): boolean {
  let current = reach(states, [0]);
  for (const char of text) {
    const next: number[] = [];
    for (const index of current) {
      const state = states[index]!;
      if (state.test?.(char)) next.push(...state.next);
    }
    if (next.length === 0) return false;
    current = reach(states, next);
  }
  return current.has(states.length - 1);
}

/** All states that can be had without reading a character. */
function reach(states: readonly State[], from: readonly number[]): ReadonlySet<number> {
  const seen = new Set<number>();
  const stack = [...from];
  while (stack.length > 0) {
    const index = stack.pop()!;
    if (seen.has(index)) continue;
    seen.add(index);
    const state = states[index]!;
    if (state.test === undefined) stack.push(...state.next);
  }
  return seen;
}

function compile(pattern: string): readonly State[] | undefined {
  const tree = parse(pattern);
  if (tree === undefined) return undefined;
  const states: State[] = [{ next: [] }];
  try {
    const end = emit(states, tree, 0);
    const last = add(states);
    states[end]!.next.push(last);
    return states;
  } catch (error) {
    if (error === tooLarge) return undefined;
    throw error;
  }
}

const tooLarge = new Error("pattern too large");

function add(states: State[], test?: (char: string) => boolean): number {
  if (states.length >= maxStates) throw tooLarge;
  states.push(test === undefined ? { next: [] } : { test, next: [] });
  return states.length - 1;
}

/** Appends the states of a node after state `from`; the state it ends in. */
function emit(states: State[], node: Node, from: number): number {
  switch (node.k) {
    case "char": {
      const reading = add(states, node.test);
      states[from]!.next.push(reading);
      const after = add(states);
      states[reading]!.next.push(after);
      return after;
    }
    case "seq":
      return node.of.reduce((at, part) => emit(states, part, at), from);
    case "alt": {
      const ends = node.of.map((part) => {
        const start = add(states);
        states[from]!.next.push(start);
        return emit(states, part, start);
      });
      const after = add(states);
      for (const end of ends) states[end]!.next.push(after);
      return after;
    }
    case "repeat": {
      let at = from;
      for (let count = 0; count < node.min; count++) at = emit(states, node.of, at);
      if (node.max === Number.POSITIVE_INFINITY) {
        const start = add(states);
        states[at]!.next.push(start);
        const end = emit(states, node.of, start);
        states[end]!.next.push(start);
        const after = add(states);
        states[start]!.next.push(after);
        return after;
      }
      const after = add(states);
      for (let count = node.min; count < node.max; count++) {
        states[at]!.next.push(after);
        at = emit(states, node.of, at);
      }
      states[at]!.next.push(after);
      return after;
    }
  }
}

/** The tree of a pattern; undefined for syntax outside the common part (flags, look-around, back-references, classes by name). */
function parse(pattern: string): Node | undefined {
  const chars = [...pattern];
  let at = 0;
  let depth = 0;
  const outside = new Error("outside the common syntax");

  const alternatives = (): Node => {
    if (++depth > 50) throw outside;
    const parts: Node[] = [sequence()];
    while (chars[at] === "|") {
      at++;
      parts.push(sequence());
    }
    depth--;
    return parts.length === 1 ? parts[0]! : { k: "alt", of: parts };
  };
  const sequence = (): Node => {
    const parts: Node[] = [];
    while (at < chars.length && chars[at] !== "|" && chars[at] !== ")") {
      const char = chars[at]!;
      // Anchors mean nothing where the whole text must match anyway; in the middle they make a pattern that never does.
      if ((char === "^" && at === 0) || (char === "$" && at === chars.length - 1)) {
        at++;
        continue;
      }
      parts.push(repeated(atom()));
    }
    return { k: "seq", of: parts };
  };
  const repeated = (node: Node): Node => {
    let result = node;
    for (;;) {
      const char = chars[at];
      let bounds: readonly [number, number] | undefined;
      if (char === "*") bounds = [0, Number.POSITIVE_INFINITY];
      else if (char === "+") bounds = [1, Number.POSITIVE_INFINITY];
      else if (char === "?") bounds = [0, 1];
      else if (char === "{") {
        const match = /^\{(\d{1,3})(,(\d{0,3}))?\}/.exec(chars.slice(at, at + 9).join(""));
        if (match === null) throw outside;
        const min = Number(match[1]);
        const max = match[2] === undefined ? min : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3]);
        if (min > maxRepeat || (max !== Number.POSITIVE_INFINITY && max > maxRepeat)) throw outside;
        at += match[0].length - 1;
        bounds = [min, max];
      }
      if (bounds === undefined) return result;
      at++;
      // Laziness changes what is captured, not whether it matches.
      if (chars[at] === "?") at++;
      result = { k: "repeat", of: result, min: bounds[0], max: bounds[1] };
    }
  };
  const atom = (): Node => {
    const char = chars[at++]!;
    if (char === "(") {
      if (chars[at] === "?") {
        if (chars[at + 1] !== ":") throw outside;
        at += 2;
      }
      const inner = alternatives();
      if (chars[at++] !== ")") throw outside;
      return inner;
    }
    if (char === ".") return { k: "char", test: (each) => each !== "\n" };
    if (char === "[") return { k: "char", test: charClass() };
    if (char === "\\") return { k: "char", test: escaped(chars[at++]) };
    if (char === "*" || char === "+" || char === "?" || char === "{" || char === "^" || char === "$") throw outside;
    return { k: "char", test: (each) => each === char };
  };
  const escaped = (char: string | undefined): ((each: string) => boolean) => {
    switch (char) {
      case "d":
        return (each) => /\d/.test(each);
      case "D":
        return (each) => !/\d/.test(each);
      case "w":
        return (each) => /\w/.test(each);
      case "W":
        return (each) => !/\w/.test(each);
      case "s":
        return (each) => /[\t\n\f\r ]/.test(each);
      case "S":
        return (each) => !/[\t\n\f\r ]/.test(each);
      default:
        if (char === undefined || /[A-Za-z0-9]/.test(char)) throw outside;
        return (each) => each === char;
    }
  };
  const charClass = (): ((each: string) => boolean) => {
    const isNegated = chars[at] === "^";
    if (isNegated) at++;
    const tests: ((each: string) => boolean)[] = [];
    let isFirst = true;
    for (;;) {
      const char = chars[at++];
      if (char === undefined || (char === "[" && chars[at] === ":")) throw outside;
      if (char === "]" && !isFirst) break;
      isFirst = false;
      if (char === "\\") {
        tests.push(escaped(chars[at++]));
        continue;
      }
      const to = chars[at + 1];
      if (chars[at] === "-" && to !== undefined && to !== "]") {
        if (to === "\\" || to < char) throw outside;
        at += 2;
        tests.push((each) => each >= char && each <= to);
      } else tests.push((each) => each === char);
    }
    return (each) => tests.some((test) => test(each)) !== isNegated;
  };

  try {
    const tree = alternatives();
    return at === chars.length ? tree : undefined;
  } catch (error) {
    if (error === outside) return undefined;
    throw error;
  }
}
