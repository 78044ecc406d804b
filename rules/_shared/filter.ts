import type { FileSummary, Filter, Program, Scoped, Value } from "../../engine/index.ts";

/** Operators that compare with a list, by the names object filters use. */
const LISTS = new Set(["in", "$in", "Op.in"]);
const EQUALS = new Set(["equals", "$eq", "Op.eq"]);
const ALL_OF = new Set(["AND", "$and"]);

/**
 * A filter written as an object of columns (Prisma, Mongo, TypeORM, Sequelize): which columns are fixed to one value,
 * which to a list. What cannot be read makes `given` unknown unless some condition certainly applies.
 */
export function filterFromObject(program: Program, at: Scoped, depth = 0): Filter {
  const found = program.at(at);
  if (found.k === "lit") return { given: found.v === undefined || found.v === null ? "no" : "unknown" };
  if (found.k !== "obj" || depth > 4) return { given: "unknown" };
  const equals: string[] = [];
  const inLists: string[] = [];
  const others: string[] = [];
  const owners: string[] = [];
  let open = false;
  for (const prop of found.value.props) {
    const inner: Scoped = { value: prop.value, file: found.file, env: found.env };
    if (prop.name === null) {
      const spread = filterFromObject(program, inner, depth + 1);
      if (spread.given === "unknown") open = true;
      equals.push(...(spread.equals ?? []));
      inLists.push(...(spread.inLists ?? []));
      others.push(...(spread.others ?? []));
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
        inLists.push(...(all.inLists ?? []));
        others.push(...(all.others ?? []));
      }
    } else if (/^(OR|NOT|\$or|\$nor)$/.test(prop.name)) others.push(prop.name);
    else {
      const kind = conditionOf(program, inner, prop.value);
      if (kind === "equals") equals.push(prop.name);
      else if (kind === "list") inLists.push(prop.name);
      else if (kind === "other") {
        others.push(prop.name);
        owners.push(...ownersIn(program, inner, prop.name, 0));
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
    inLists,
    others,
    ...(owners.length > 0 ? { owners } : {}),
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

/** Keys of another row that a condition on a relation fixes, `some` and `is` looked through. */
function ownersIn(program: Program, at: Scoped, path: string, depth: number): string[] {
  const found = program.at(at);
  if (found.k !== "obj" || depth > 2) return [];
  return found.value.props.flatMap((prop) => {
    if (prop.name === null || prop.computed) return [];
    const inner: Scoped = { value: prop.value, file: found.file, env: found.env };
    if (prop.name === "some" || prop.name === "is") return ownersIn(program, inner, path, depth + 1);
    const isKey = /(?:^id|[a-z](?:Id|_id|ID))$/.test(prop.name) && !/^(?:tenant|workspace)_?id$/i.test(prop.name);
    return isKey && conditionOf(program, inner, prop.value) === "equals" ? [`${path}.${prop.name}`] : [];
  });
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
  if (found.k === "obj") {
    const names = found.value.props.map((it) => (it.computed ? (operatorName(it.computed) ?? "") : (it.name ?? "")));
    if (names.some((it) => LISTS.has(it))) return "list";
    if (names.some((it) => EQUALS.has(it))) return "equals";
    return "other";
  }
  if (found.k === "arr" || found.k === "arrayOf") return "list";
  return "equals";
}
