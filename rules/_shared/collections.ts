/** How many elements a collection may have, as far as the code and the schema say. */
import type {
  Binding,
  CallView,
  FileSummary,
  Placed,
  RuleContext,
  Scoped,
  TypeRef,
  Value,
} from "../../engine/index.ts";
import { growsForSure, growsWithinOwner, isConfiguration, isSetUp } from "./growth.ts";
import { isByKey, isNarrowed, isOwned } from "./query-facts.ts";

/** As many as somebody writes down by hand. */
const MAX_SMALL = 20;
/** Rows that a page holds at most; what reads more at once is an export. */
const MAX_PAGE = 100;
/** Values looked at for one question. */
const MAX_STEPS = 80;
const MAX_CALLERS = 6;
const MAX_RETURNS = 6;

/**
 * `small`: a literal, a constant, an enumeration, a chunk. `few`: rows of one owner that has few of them. `data`: rows of
 * a growing table, or what a request brings. `unknown`: nothing says.
 */
export type Size = "small" | "few" | "unknown" | "data";

const RANK: readonly Size[] = ["small", "few", "unknown", "data"];

function larger(sizes: readonly Size[]): Size {
  return RANK[Math.max(0, ...sizes.map((it) => RANK.indexOf(it)))]!;
}

/** Callee names that make a bounded part, or, given a size, parts of that size. */
const BOUNDING = /^_?(chunk|partition|take\w*|sample\w*|range|times|paginate)$/i;
const PARTING = /chunk|batch/i;
/** Methods that give about as many elements as what they are called on. */
const SAME_SIZE =
  /^(filter|map|flatMap|sort|reverse|concat|flat|values|keys|entries|toSorted|toReversed|toArray|all|lean|exec)$/;
/** Functions of one list by any helper library: `uniq(ids)`, `_.compact(rows)`, `sortBy(rows, …)`. */
const OF_FIRST =
  /^(uniq|unique|uniqBy|uniqueBy|uniqWith|compact|sortBy|orderBy|filter|map|flatMap|flatten|without|difference|differenceBy|intersection|reverse|shuffle|from|castArray|toArray|dedupe|distinct|fromEntries|all|allSettled|freeze)$/;

/** How many elements a value has. */
export function sizeOf(of: Scoped, context: RuleContext): Size {
  return read(of, { context, steps: 0, seen: new Set() }, 0);
}

interface Walk {
  readonly context: RuleContext;
  steps: number;
  readonly seen: Set<Value>;
}

function read(of: Scoped, walk: Walk, depth: number): Size {
  const size = readValue(of, walk, depth);
  // `environmentSlugs`, `roles`: whoever gives them, there are mostly only so many.
  const name = of.value.k === "ref" ? of.file.bindings[of.value.b]?.name : undefined;
  return size === "data" && isConfiguration(name) ? "unknown" : size;
}

function readValue(of: Scoped, walk: Walk, depth: number): Size {
  if (depth > 14 || ++walk.steps > MAX_STEPS) return "unknown";
  const { value, file } = of;
  const { context } = walk;
  const inner = (it: Value): Size => read({ ...of, value: it }, walk, depth + 1);
  switch (value.k) {
    case "arr":
      if (!value.open) return value.items.length > MAX_SMALL ? "unknown" : "small";
      return larger(
        value.items.map((it) => (it.k === "op" && it.op === "spread" && it.args[0] ? inner(it.args[0]) : "small")),
      );
    case "obj":
    case "lit":
    case "tpl":
      return "small";
    case "either":
      return value.op === "&&" ? inner(value.b) : larger([inner(value.a), inner(value.b)]);
    case "call":
      return ofCall(of, value.c, walk, depth);
    case "at": {
      // `const [rows, total] = await …`
      const { of: list, key } = value;
      if (list.k !== "call" || key.k !== "lit" || typeof key.v !== "number") return "unknown";
      const { callee, args } = file.calls[list.c]!;
      const together = args[0];
      if (
        callee.k === "get" &&
        /^(all|allSettled)$/.test(callee.name) &&
        callee.of.k === "global" &&
        together?.k === "arr"
      ) {
        const item = together.items[key.v];
        return item ? inner(item) : "unknown";
      }
      return key.v === 0 ? inner(list) : "unknown";
    }
    case "ref": {
      const binding = file.bindings[value.b];
      if (!binding) return "unknown";
      if (isConstantName(binding.name)) return "small";
      if (isOfFewKinds(binding.type, of, context)) return "small";
      if (binding.from) {
        const site = context.program.written(value, file);
        return site && !walk.seen.has(site.value) ? guarded(site, walk, depth) : ofOrigin(of, context);
      }
      if (/^(chunk|batch|slice|part|page|group)$/i.test(binding.name)) return "small";
      if (binding.kind === "item") return ofItem(binding, file);
      if (binding.kind === "param") return ofParameter(of, binding, [], walk, depth);
      if (!binding.value) return (binding.writes ?? []).length > 0 ? larger(binding.writes!.map(inner)) : "unknown";
      if (walk.seen.has(binding.value)) return "small";
      walk.seen.add(binding.value);
      return larger([
        inner(binding.value),
        ...(binding.writes ?? []).slice(0, MAX_RETURNS).map(inner),
        ...filledFrom(file, value.b, context).map(inner),
      ]);
    }
    case "get":
      return ofMember(of, value, walk, depth);
    default:
      return "unknown";
  }
}

function guarded(site: Scoped, walk: Walk, depth: number): Size {
  walk.seen.add(site.value);
  return read(site, walk, depth + 1);
}

function ofCall(of: Scoped, c: number, walk: Walk, depth: number): Size {
  const { file } = of;
  const { context } = walk;
  const call = file.calls[c]!;
  const { callee, args } = call;
  const inner = (it: Value): Size => read({ ...of, value: it }, walk, depth + 1);
  const name = callee.k === "get" ? callee.name : callee.k === "ref" ? (file.bindings[callee.b]?.name ?? "") : "";
  if (/^(slice|splice)$/.test(name) && args.length > 0) return "small";
  // Parts of one string, which somebody typed or a URL held.
  if (/^(split|match|matchAll)$/.test(name)) return "small";
  for (const it of context.program.meanings({ file, c })) {
    if (it.kind !== "query") continue;
    if (it.action === "aggregate" && it.grouped) return "few";
    if (it.action !== "list" && it.action !== "list-and-count") return "unknown";
    const view = context.program.view({ file, c });
    const cap = capOf(view);
    if (cap !== undefined) return cap <= MAX_PAGE ? "small" : "data";
    // A page, but who knows of how many rows.
    if (it.capped !== "no") return "unknown";
    if (isByKey(it, context.schema)) return "small";
    if (it.filter.inLists?.length) return "unknown";
    if (isOwned(it, context.schema) || it.filter.owners?.length) {
      if (growsWithinOwner(it.table)) return "data";
      return isConfiguration(it.table) ? "few" : "unknown";
    }
    // A catalogue that somebody keeps by hand may be short; what people do is not.
    return growsForSure(it.table) && !isNarrowed(it) ? "data" : "unknown";
  }
  if (BOUNDING.test(name) || (PARTING.test(name) && isSized(of, args, context))) return "small";
  const isStatic = callee.k === "get" && callee.of.k === "global";
  // The keys of a table are mostly few: kinds, environments, groups. Nothing here says that they grow.
  if (isStatic && callee.of.k === "global" && callee.of.name === "Object" && args[0]) return "small";
  if (isStatic && callee.of.k === "global" && callee.of.name === "Array" && args[0]) return inner(args[0]);
  if (call.kind === "new" && args[0]) return inner(args[0]);
  const target = context.program.callee(file, c);
  if (target.k === "fn") {
    const fn = target.file.functions[target.f]!;
    const results = fn.returns.filter((it) => !(it.k === "lit" && (it.v === null || it.v === undefined)));
    if (results.length === 0 || results.length > MAX_RETURNS) return "unknown";
    const key = results[0]!;
    if (walk.seen.has(key)) return "unknown";
    walk.seen.add(key);
    const made = larger(results.map((it) => read({ value: it, file: target.file }, walk, depth + 1)));
    // What is called a batch and is capped somehow is one.
    return made === "unknown" && /batch/i.test(name) ? "small" : made;
  }
  if (callee.k === "get" && SAME_SIZE.test(callee.name) && !isStatic) return inner(callee.of);
  if (OF_FIRST.test(name) && args[0]) return inner(args[0]);
  return "unknown";
}

/** `splitIntoChunks(rows, 100)`, `inBatches(ids, BATCH_SIZE)`. */
function isSized(of: Scoped, args: readonly Value[], context: RuleContext): boolean {
  return args
    .slice(1)
    .some(
      (it) =>
        context.program.number({ ...of, value: it }) !== undefined ||
        (it.k === "ref" && /size|limit|max|per|count/i.test(of.file.bindings[it.b]?.name ?? "")),
    );
}

/** The number of rows that a query was capped at, where it is written. */
function capOf(view: CallView): number | undefined {
  for (const index of [0, 1, 2])
    for (const name of ["take", "limit", "first"]) {
      const found = view.option(index, name);
      const n = found.is === "yes" ? view.number(found.at) : undefined;
      if (n !== undefined) return n;
    }
  const link = [...view.chain(), ...view.after()].find(
    (it) => /^(take|limit)$/.test(it.name) && it.view.argCount === 1,
  );
  return link ? link.view.number(link.view.arg(0)) : undefined;
}

function ofMember(of: Scoped, value: Value & { k: "get" }, walk: Walk, depth: number): Size {
  const { context } = walk;
  const { file } = of;
  if (value.name === "length" || isConstantName(value.name)) return "small";
  const found = context.program.property({ value: value.of, file }, value.name);
  if (found.is === "yes" && !walk.seen.has(found.at.value)) return guarded(found.at, walk, depth);
  const root = rootOf(value);
  if (root.k === "ref") {
    const binding = file.bindings[root.b];
    if (binding?.kind === "param") {
      const names = namesOf(value);
      // What callers of ours are known to hand over is theirs, whatever the parameter is called.
      const isOurs = context.callers({ file, f: binding.fn }).length > 0;
      if (isRequest(binding.name, names) && !isOurs) {
        const most = mostBySchema(value.name, file, context);
        if (most !== undefined) return most <= MAX_SMALL ? "small" : "few";
        return isSetUp(value.name) ? "unknown" : "data";
      }
      const through = ofParameter(of, binding, names, walk, depth);
      if (through !== "unknown") return through;
    }
  }
  // `rows` of what a driver answers: `(await pool.query(…)).rows`.
  if (/^(rows|docs|items|data|results?|records|hits|nodes|edges)$/i.test(value.name)) {
    const whole = read({ ...of, value: value.of }, walk, depth + 1);
    if (whole === "data") return whole;
  }
  const origin = ofOrigin(of, context);
  if (origin !== "unknown") return origin;
  // Children of a row: `conversation.messages`.
  return growsWithinOwner(value.name) && isRow(value.of, of, context) ? "data" : "unknown";
}

/** What a query gave, or one element of it. */
function isRow(value: Value, { file }: Scoped, context: RuleContext): boolean {
  const made = value.k === "ref" ? file.bindings[value.b]?.value : value;
  const of = made?.k === "op" && made.op === "item" ? made.args[0] : made;
  const call = of?.k === "ref" ? file.bindings[of.b]?.value : of;
  return call?.k === "call" && context.program.meanings({ file, c: call.c }).some((it) => it.kind === "query");
}

function ofOrigin({ value, file }: Scoped, context: RuleContext): Size {
  const found = context.program.origin(value, file);
  if (found.k === "arr") return found.open || found.items.length > MAX_SMALL ? "unknown" : "small";
  return found.k === "obj" || found.k === "lit" || found.k === "module" ? "small" : "unknown";
}

/** An element of `chunk(all, 100)` is a list of a hundred at most. */
function ofItem(binding: Binding, file: FileSummary): Size {
  let over = binding.value?.k === "op" && binding.value.op === "item" ? binding.value.args[0] : binding.value;
  if (over?.k === "ref") over = file.bindings[over.b]?.value;
  if (over?.k !== "call") return "unknown";
  const { callee } = file.calls[over.c]!;
  const maker = callee.k === "get" ? callee.name : callee.k === "ref" ? (file.bindings[callee.b]?.name ?? "") : "";
  return /chunk|batch|partition|paginate/i.test(maker) ? "small" : "unknown";
}

/** What the known callers give for a parameter, or for a member of it. */
function ofParameter(of: Scoped, binding: Binding, names: readonly string[], walk: Walk, depth: number): Size {
  const { context } = walk;
  const { file } = of;
  if (binding.param === undefined || binding.fn <= 0) return "unknown";
  if (file.functions[binding.fn]!.params[binding.param]?.rest) return "unknown";
  const callers = context.callers({ file, f: binding.fn });
  if (callers.length === 0 || callers.length > MAX_CALLERS) return "unknown";
  const sizes = callers.map((it: Placed): Size => {
    const call = it.file.calls[it.c]!;
    if (call.spread !== undefined) return "unknown";
    const arg = call.args[binding.param!];
    if (!arg) return "small";
    let at: Scoped = { value: arg, file: it.file };
    for (const name of names) {
      const found = context.program.property(at, name);
      if (found.is === "no") return "small";
      if (found.is !== "yes") {
        const whole: Value = { k: "get", of: at.value, name };
        return names.at(-1) === name ? read({ ...at, value: whole }, walk, depth + 1) : "unknown";
      }
      at = found.at;
    }
    if (walk.seen.has(at.value)) return "small";
    walk.seen.add(at.value);
    return read(at, walk, depth + 1);
  });
  return larger(sizes);
}

/** `req.body.ids`, `input.items`, `args.ids`: what somebody outside decides. */
function isRequest(root: string, names: readonly string[]): boolean {
  if (/^(req|request|ctx|context|c|event)$/.test(root))
    return names.length > 1 && /^(body|query|params|payload|input)$/.test(names[0]!);
  return /^(body|input|args|dto|payload|\w*(Dto|Input|Body|Payload))$/.test(root);
}

/**
 * How many elements the file's own schema lets a list of a request have: `ids: z.array(…).max(50)`. The largest where
 * several lists go by the name.
 */
function mostBySchema(name: string, file: FileSummary, context: RuleContext): number | undefined {
  const found = file.calls.flatMap(({ args }) =>
    args.flatMap((it) => (it.k === "obj" ? it.props : []).flatMap((prop) => (prop.name === name ? [prop.value] : []))),
  );
  const most = found.flatMap((it) => {
    const own = capOfSchema(it, file, context);
    return own === undefined ? [] : [own];
  });
  return most.length > 0 ? Math.max(...most) : undefined;
}

/** The number in `.max(5)` or `.length(2)` of a chain that makes an array. */
function capOfSchema(schema: Value, file: FileSummary, context: RuleContext): number | undefined {
  let most: number | undefined;
  for (let it = schema, i = 0; it.k === "call" && i < 12; i++) {
    const { callee, args } = file.calls[it.c]!;
    if (callee.k !== "get") return undefined;
    if (/^(max|length)$/.test(callee.name) && args[0]) most ??= context.program.number({ value: args[0], file });
    if (callee.name === "array") return most;
    it = callee.of;
  }
  return undefined;
}

function rootOf(value: Value): Value {
  let it = value;
  for (let i = 0; it.k === "get" && i < 12; i++) it = it.of;
  return it;
}

function namesOf(value: Value): string[] {
  const names: string[] = [];
  for (let it = value; it.k === "get" && names.length < 12; it = it.of) names.unshift(it.name);
  return names;
}

/** `AVAILABLE_REGIONS`, `WEBHOOKS`: written down by hand, wherever that is. */
function isConstantName(name: string): boolean {
  return /^[A-Z][A-Z0-9]{2,}(_[A-Z0-9]+)*$/.test(name) || /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(name);
}

/** `("google" | "github")[]`: no longer than there are kinds, and a tuple as long as it is. */
function isOfFewKinds(type: TypeRef | undefined, of: Scoped, context: RuleContext): boolean {
  if (type?.t === "tuple") return true;
  const element = type?.t === "array" ? type.of : undefined;
  if (!element) return false;
  if (element.t === "union") return element.of.every((it) => it.t === "lit");
  if (element.t !== "name" || element.b === undefined) return false;
  const declared = context.program.typeOrigin(element, of.file);
  if (declared.k !== "type") return false;
  const decl = declared.file.types[declared.t];
  return decl?.kind === "enum" || (decl?.type?.t === "union" && decl.type.of.every((it) => it.t === "lit"));
}

/** What fills a list that begins empty: the collections over which it is pushed into. */
function filledFrom(file: FileSummary, b: number, context: RuleContext): Value[] {
  return file.calls.flatMap((it): Value[] => {
    const { callee } = it;
    if (callee.k !== "get" || !/^(push|add|unshift)$/.test(callee.name) || callee.of.k !== "ref" || callee.of.b !== b)
      return [];
    if (it.loop !== undefined) {
      const { over } = file.loops[it.loop]!;
      return over ? [over] : [];
    }
    if (it.fn === file.bindings[b]!.fn) return [];
    const place = context.program.context(file, it.fn);
    const outer = place?.kind === "argument" ? file.calls[place.c]!.callee : undefined;
    return [outer?.k === "get" ? outer.of : { k: "unknown" }];
  });
}

/** An expression as people would name it in a sentence. */
export function writtenName(value: Value, file: FileSummary, depth = 0): string {
  if (depth > 4) return "…";
  if (value.k === "ref") return file.bindings[value.b]?.name ?? "…";
  if (value.k === "get") return `${writtenName(value.of, file, depth + 1)}.${value.name}`;
  if (value.k === "this") return "this";
  if (value.k === "global") return value.name;
  if (value.k === "either") return writtenName(value.a, file, depth + 1);
  if (value.k === "arr" && value.items.length === 1) return writtenName(value.items[0]!, file, depth + 1);
  if (value.k === "call") {
    const { callee, args } = file.calls[value.c]!;
    const of = /^(Object|Array|Set|Map)\b/.test(writtenName(callee, file, depth + 1)) ? args[0] : undefined;
    return `${writtenName(callee, file, depth + 1)}(${of ? writtenName(of, file, depth + 1) : ""})`;
  }
  return "…";
}
