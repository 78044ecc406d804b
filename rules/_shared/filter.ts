import type { FileSummary, Filter, Origin, Program, Scoped, Value } from "../../engine/index.ts";

/** Operators that compare with a list, by the names object filters use. */
const LISTS = new Set(["in", "$in", "Op.in"]);
const EQUALS = new Set(["equals", "$eq", "Op.eq"]);
const ALL_OF = new Set(["AND", "$and"]);
/** Functions that make a condition (TypeORM's operators), by whether they compare with a list. */
const LIST_CALLS = /^(In|Any|ArrayContainedBy)$/;
const OTHER_CALLS =
  /^(Not|LessThan|LessThanOrEqual|MoreThan|MoreThanOrEqual|Like|ILike|Between|IsNull|Raw|ArrayContains|ArrayOverlap|JsonContains|Or|And)$/;

/**
 * A filter written as an object of columns (Prisma, Mongo, TypeORM, Sequelize): which columns are fixed to one value,
 * which to a list. What cannot be read makes `given` unknown unless some condition certainly applies.
 */
export function filterFromObject(program: Program, at: Scoped, depth = 0): Filter {
  // `remove(clause = {})`: the default is what a caller gets who gives nothing, not what callers give.
  if (isOpenParameter(at)) return { given: "unknown" };
  const found = program.at(at);
  if (found.k === "lit") return { given: found.v === undefined || found.v === null ? "no" : "unknown" };
  if (found.k === "any" && depth <= 4) return either(program, found.of, depth);
  if (found.k !== "obj" || depth > 4) return { given: "unknown" };
  const equals: string[] = [];
  const fixed: string[] = [];
  const inLists: string[] = [];
  const others: string[] = [];
  const owners: string[] = [];
  let open = false;
  for (const prop of found.value.props) {
    const inner: Scoped = { value: prop.value, file: found.file, env: found.env };
    if (prop.name === null) {
      const { value } = prop;
      // `...(customerId ? { customerId } : { email })`: one of the two applies.
      if (value.k === "either" && value.op === "?:") {
        const sides = [value.a, value.b].map((it) => filterFromObject(program, { ...inner, value: it }, depth + 1));
        if (sides.every((it) => it.given === "yes")) {
          others.push("*");
          if (sides.every((it) => it.equals?.length)) owners.push(...sides.map((it) => it.equals![0]!));
          continue;
        }
      }
      const spread = filterFromObject(program, inner, depth + 1);
      if (spread.given === "unknown") open = true;
      equals.push(...(spread.equals ?? []));
      fixed.push(...(spread.fixed ?? []));
      inLists.push(...(spread.inLists ?? []));
      others.push(...(spread.others ?? []));
      owners.push(...(spread.owners ?? []));
    } else if (prop.computed && operatorName(prop.computed) === undefined) {
      // A computed column is some condition, though we cannot say on what.
      others.push("*");
    } else if (prop.computed) {
      const operator = operatorName(prop.computed)!;
      if (operator === "Op.and") {
        const parts: readonly Scoped[] =
          prop.value.k === "arr" ? prop.value.items.map((value) => ({ ...inner, value })) : [inner];
        for (const part of parts) {
          const all = filterFromObject(program, part, depth + 1);
          if (all.given === "unknown") open = true;
          equals.push(...(all.equals ?? []));
          fixed.push(...(all.fixed ?? []));
          inLists.push(...(all.inLists ?? []));
          others.push(...(all.others ?? []));
        }
      } else others.push(operator);
    } else if (ALL_OF.has(prop.name)) {
      const parts: readonly Scoped[] =
        prop.value.k === "arr" ? prop.value.items.map((value) => ({ ...inner, value })) : [inner];
      if (prop.value.k === "arr" && prop.value.open) open = true;
      for (const part of parts) {
        const all = filterFromObject(program, part, depth + 1);
        if (all.given === "unknown") open = true;
        equals.push(...(all.equals ?? []));
        fixed.push(...(all.fixed ?? []));
        inLists.push(...(all.inLists ?? []));
        others.push(...(all.others ?? []));
      }
    } else if (/^(OR|NOT|\$or|\$nor)$/.test(prop.name)) others.push(prop.name);
    else {
      const kind = conditionOf(program, inner, prop.value);
      if (kind === "equals") {
        equals.push(prop.name);
        if (isWritten(program, inner)) fixed.push(prop.name);
      } else if (kind === "list") inLists.push(prop.name);
      else if (kind === "other") {
        others.push(prop.name);
        const related = relatedIn(program, inner, prop.name, 0);
        owners.push(...related.owners, ...related.lists);
      } else open = true;
    }
  }
  if (isWrittenLater(found.file, found.value)) {
    others.push("*");
    if (equals.length + inLists.length + others.length === 1) return { given: "unknown" };
  }
  const some = equals.length + inLists.length + others.length > 0;
  return {
    given: some ? "yes" : open ? "unknown" : "no",
    equals,
    ...(fixed.length > 0 ? { fixed } : {}),
    inLists,
    others,
    ...(owners.length > 0 ? { owners } : {}),
  };
}

/** `role ? { userId, role } : { userId }`: what every one of them asks for is asked for. */
function either(program: Program, of: readonly Origin[], depth: number): Filter {
  const all = of.map((it) =>
    it.k === "obj"
      ? filterFromObject(program, { value: it.value, file: it.file, env: it.env }, depth + 1)
      : { given: "unknown" as const },
  );
  if (!all.every((it) => it.given === "yes")) return { given: "unknown" };
  const shared = (pick: (it: Filter) => readonly string[] | undefined): string[] =>
    (pick(all[0]!) ?? []).filter((name) => all.every((it) => pick(it)?.includes(name)));
  const equals = shared((it) => it.equals);
  const inLists = shared((it) => it.inLists);
  return {
    given: "yes",
    equals,
    inLists,
    others: equals.length + inLists.length > 0 ? shared((it) => it.others) : ["*"],
  };
}

/** `const where = {}; if (id) where.id = id`: what a filter is given after it was made is perhaps there, and not read. */
function isWrittenLater(file: FileSummary, value: Value): boolean {
  const b = file.bindings.findIndex((it) => it.value === value);
  if (b < 0) return false;
  const isIt = (it: Value | undefined): boolean =>
    it?.k === "ref" ? it.b === b : (it?.k === "get" || it?.k === "at") && isIt(it.of);
  return (
    file.assignments.some(({ target }) => target.k !== "ref" && isIt(target)) ||
    file.calls.some(({ callee, args }) => callee.k === "get" && callee.name === "assign" && isIt(args[0]))
  );
}

/** Names in a condition that are no columns, and restrict to nothing that could be told here. */
const OPERATORS =
  /^(OR|AND|NOT|every|none|not|isNot|notIn|has\w*|equals|contains|startsWith|endsWith|lte?|gte?|mode|search|\$\w+)$/;

/** What a condition on a relation fixes in the other row, `some` and `is` looked through: its keys, and columns held to a list. */
function relatedIn(program: Program, at: Scoped, path: string, depth: number): { owners: string[]; lists: string[] } {
  const owners: string[] = [];
  const lists: string[] = [];
  const found = program.at(at);
  if (found.k !== "obj" || depth > 3) return { owners, lists };
  for (const prop of found.value.props) {
    if (prop.name === null || prop.computed || OPERATORS.test(prop.name)) continue;
    const inner: Scoped = { value: prop.value, file: found.file, env: found.env };
    const kind = prop.name === "some" || prop.name === "is" ? "other" : conditionOf(program, inner, prop.value);
    if (kind === "list") lists.push(`${path}.${prop.name}`);
    else if (kind === "equals") {
      const isKey = /(?:^id|[a-z](?:Id|_id|ID))$/.test(prop.name) && !/^(?:tenant|workspace)_?id$/i.test(prop.name);
      if (isKey) owners.push(`${path}.${prop.name}`);
    } else if (kind === "other") {
      const deeper = relatedIn(program, inner, path, depth + 1);
      owners.push(...deeper.owners);
      lists.push(...deeper.lists);
    }
  }
  return { owners, lists };
}

/** `[Op.in]` of Sequelize: `Op.in`. */
function operatorName(computed: Value): string | undefined {
  return computed.k === "get" && computed.of.k === "ref" ? `Op.${computed.name}` : undefined;
}

/** What one column is compared with; `maybe` where it can be `undefined` and so fall away. */
function conditionOf(program: Program, at: Scoped, value: Value): "equals" | "list" | "other" | "maybe" {
  if (value.k === "either" && (value.op === "?:" || value.op === "&&")) {
    const sides = value.op === "&&" ? [value.b] : [value.a, value.b];
    if (value.op === "&&" || sides.some((it) => it.k === "lit" && it.v === undefined)) return "maybe";
  }
  if (
    value.k === "either" &&
    (value.op === "||" || value.op === "??") &&
    value.b.k === "lit" &&
    value.b.v === undefined
  )
    return "maybe";
  const found = program.at(at);
  if (found.k === "lit" && found.v === undefined) return "maybe";
  const operator = operatorCall(value, at.file);
  if (LIST_CALLS.test(operator)) return "list";
  if (OTHER_CALLS.test(operator)) return "other";
  if (found.k === "obj") {
    const names = found.value.props.map((it) => (it.computed ? (operatorName(it.computed) ?? "") : (it.name ?? "")));
    if (names.some((it) => LISTS.has(it))) return "list";
    if (names.some((it) => EQUALS.has(it))) return "equals";
    return "other";
  }
  if (found.k === "arr" || found.k === "arrayOf") return "list";
  return "equals";
}

/** A literal, a member of an enumeration, a constant: the same at every call. */
function isWritten(program: Program, at: Scoped): boolean {
  const { value, file } = at;
  if (value.k === "lit") return true;
  if (value.k === "get" && /^[A-Z]/.test(value.name) && value.of.k === "ref") {
    const kind = file.bindings[value.of.b]?.kind;
    // Of parameters and results a member is what came in.
    if (kind !== "param" && /^[A-Z]/.test(file.bindings[value.of.b]?.name ?? "")) return true;
  }
  return program.at(at).k === "lit";
}

/** `In` of `In(ids)`; "" where no function is called by its bare name. */
function operatorCall(value: Value, file: FileSummary): string {
  const callee = value.k === "call" ? file.calls[value.c]!.callee : undefined;
  return callee?.k === "ref" ? (file.bindings[callee.b]?.name ?? "") : "";
}

/** A parameter of a function that is read for no caller in particular. */
function isOpenParameter({ value, file, env }: Scoped): boolean {
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  if (binding?.kind !== "param") return false;
  for (let it = env; it; it = it.outer) if (it.file === file && it.f === binding.fn && !it.open) return false;
  return true;
}
