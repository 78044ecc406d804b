/** What readers of models share: one table being collected, and values as they are written. */
import type { CallSummary, ClassMember, FileSummary, Prop, Value } from "../../model.ts";
import type { ColumnFacts } from "../../schema.ts";

export type Call = CallSummary & { readonly library: Imported };
export type Obj = Value & { readonly k: "obj" };

/** What a value was imported as: `Column` of `typeorm`. */
export interface Imported {
  readonly specifier: string;
  readonly name: string;
}

/** Collects one table. */
export interface Draft {
  name: string;
  aliases: string[];
  columns: ColumnFacts[];
  unique: (readonly string[])[];
  primary?: readonly string[];
  indexes: (readonly string[])[];
  foreignKeys: { readonly columns: readonly string[]; readonly to: string }[];
  /** Says something of a table that is declared elsewhere, and is none by itself. */
  partial?: boolean;
  /** A class of columns without a table, for others to extend. */
  base?: boolean;
  /** Name of the class that it extends. */
  extends?: string;
}

export function newDraft(name: string, aliases: readonly string[]): Draft {
  return {
    name,
    aliases: [...new Set(aliases)].filter((it) => it !== name && it !== ""),
    columns: [],
    unique: [],
    indexes: [],
    foreignKeys: [],
  };
}

export function addColumn(draft: Draft, column: ColumnFacts): void {
  if (!draft.columns.some((it) => it.name === column.name)) draft.columns.push(column);
}

export function addKey(draft: Draft, name: string): void {
  const whole = draft.primary ? [...draft.primary, name] : [name];
  draft.unique = [...draft.unique.filter((it) => it !== draft.primary), whole];
  draft.primary = whole;
}

/** Properties of an object, those of what is spread into it included, as far as they stand in this file. */
export function propsOf(file: FileSummary, value: Obj, depth = 0): readonly Prop[] {
  return value.props.flatMap((it) => {
    if (it.name !== null || it.computed || depth > 3) return [it];
    const spread = asObject(file, it.value);
    return spread ? propsOf(file, spread, depth + 1) : [];
  });
}

/** A name's value where it has one only. */
export function resolved(file: FileSummary, value: Value): Value {
  let it = value;
  for (let i = 0; i < 8 && it.k === "ref"; i++) {
    const binding = file.bindings[it.b];
    if (!binding?.value || binding.writes?.length || binding.kind === "param") return it;
    it = binding.value;
  }
  return it;
}

export function imported(file: FileSummary, value: Value): Imported | undefined {
  if (value.k === "ref") {
    const binding = file.bindings[value.b];
    if (binding?.from) return { specifier: file.imports[binding.from.import]!.specifier, name: binding.from.name };
    return binding?.value && binding.value.k !== "ref" && !binding.writes?.length
      ? imported(file, binding.value)
      : undefined;
  }
  if (value.k === "op" && value.op === "require" && value.args[0]?.k === "lit") {
    const of = file.imports[Number(value.args[0].v)];
    return of ? { specifier: of.specifier, name: "*" } : undefined;
  }
  if (value.k !== "get") return undefined;
  const of = imported(file, value.of);
  return of && (of.name === "*" || of.name === "default") ? { specifier: of.specifier, name: value.name } : undefined;
}

/** Calls among decorators, with what they call; `@Column` without parentheses is not among them. */
export function decorators(file: FileSummary, values: readonly Value[]): Call[] {
  return values.flatMap((it) => {
    const call = it.k === "call" ? file.calls[it.c] : undefined;
    const library = call ? imported(file, call.callee) : undefined;
    return call && library ? [{ ...call, library }] : [];
  });
}

/** `@PrimaryKey`, `@PrimaryKey()`, but not `@AllowNull(false)`. */
export function marked(file: FileSummary, member: ClassMember, name: string): boolean {
  return member.decorators.some((it) => {
    const call = it.k === "call" ? file.calls[it.c] : undefined;
    if (imported(file, call ? call.callee : it)?.name !== name) return false;
    const [first] = call?.args ?? [];
    return !(first?.k === "lit" && first.v === false);
  });
}

/** Sequelize's columns take null unless told otherwise. */
export function isNullable(file: FileSummary, member: ClassMember, options: Obj | undefined): boolean {
  if (marked(file, member, "PrimaryKey")) return false;
  const allowNull = property(options, "allowNull");
  if (allowNull) return isTrue(file, allowNull);
  return (
    marked(file, member, "AllowNull") ||
    !member.decorators.some((it) => it.k === "call" && imported(file, file.calls[it.c]!.callee)?.name === "AllowNull")
  );
}

export function property(of: Value | undefined, name: string): Value | undefined {
  return of?.k === "obj" ? of.props.find((it) => it.name === name)?.value : undefined;
}

export function asObject(file: FileSummary, value: Value | undefined): Obj | undefined {
  const it = value ? resolved(file, value) : undefined;
  return it?.k === "obj" ? it : undefined;
}

export function firstObject(file: FileSummary, values: readonly Value[]): Obj | undefined {
  for (const value of values) {
    const it = asObject(file, value);
    if (it) return it;
  }
  return undefined;
}

export function textOf(file: FileSummary, value: Value | undefined): string | undefined {
  const it = value ? resolved(file, value) : undefined;
  return it?.k === "lit" && typeof it.v === "string" ? it.v : undefined;
}

export function isTrue(file: FileSummary, value: Value | undefined): boolean {
  const it = value ? resolved(file, value) : undefined;
  return (it?.k === "lit" && it.v === true) || it?.k === "obj" || (it?.k === "arr" && it.items.length > 0);
}

export function nameOf(file: FileSummary, value: Value): string | undefined {
  if (value.k === "ref") return file.bindings[value.b]?.name;
  if (value.k === "global") return value.name;
  if (value.k === "class") return file.classes[value.c]?.name;
  return undefined;
}

export function lastName(file: FileSummary, value: Value): string | undefined {
  return value.k === "get" ? value.name : nameOf(file, value);
}

/** `String`, `DataType.STRING`, `mongoose.Types.ObjectId`, `"varchar"`, `() => Number`. */
export function typeName(file: FileSummary, value: Value | undefined, depth = 0): string | undefined {
  if (!value || depth > 3) return undefined;
  if (value.k === "lit") return typeof value.v === "string" ? value.v : undefined;
  if (value.k === "get") return value.name;
  if (value.k === "call") return typeName(file, file.calls[value.c]!.callee, depth + 1);
  if (value.k === "arr") {
    const of = typeName(file, value.items[0], depth + 1);
    return of === undefined ? undefined : `${of}[]`;
  }
  if (value.k === "fn") return typeName(file, file.functions[value.f]?.returns[0], depth + 1);
  return nameOf(file, value);
}

export function declaredType(member: ClassMember): string {
  const { type } = member;
  if (type?.t === "prim" || type?.t === "name") return type.name;
  if (type?.t === "union") {
    const of = type.of.find(
      (it) => (it.t === "prim" && it.name !== "null" && it.name !== "undefined") || it.t === "name",
    );
    return of && (of.t === "prim" || of.t === "name") ? of.name : "";
  }
  return "";
}

/** What a relation points to: `() => User`, `"User"`, `(): AnyPgColumn => users.id`. */
export function pointedAt(file: FileSummary, value: Value | undefined): string | undefined {
  if (!value) return undefined;
  if (value.k === "lit") return typeof value.v === "string" ? value.v.split(".")[0] : undefined;
  if (value.k === "fn") return pointedAt(file, file.functions[value.f]?.returns[0]);
  if (value.k === "get") return nameOf(file, value.of);
  return nameOf(file, value);
}

/** Columns of a list, or of a function that gives one: `["a"]`, `(t) => [t.a]`, `[{ name: "a" }]`. */
export function columnList(file: FileSummary, value: Value): string[] {
  const list = value.k === "fn" ? file.functions[value.f]?.returns[0] : resolved(file, value);
  if (list?.k === "lit") return typeof list.v === "string" ? [list.v] : [];
  if (list?.k !== "arr") return [];
  const names = list.items.map(
    (it) => textOf(file, it) ?? memberName(file, it) ?? textOf(file, property(asObject(file, it), "name")),
  );
  return names.every((it) => it !== undefined) ? names : [];
}

/** `t.a`, `t.a.desc()`. */
export function memberName(file: FileSummary, value: Value): string | undefined {
  let it = value;
  for (let i = 0; i < 4; i++) {
    if (it.k === "call") {
      const { callee }: CallSummary = file.calls[it.c]!;
      if (callee.k !== "get") return undefined;
      it = callee.of;
    } else return it.k === "get" && it.of.k === "ref" ? it.name : undefined;
  }
  return undefined;
}

/** The calls of a chain, last first: `integer("a").notNull()` is `notNull`, `integer`. */
export function callChain(file: FileSummary, value: Value): CallSummary[] {
  const chain: CallSummary[] = [];
  let it = value;
  while (it.k === "call" && chain.length < 30) {
    const call: CallSummary = file.calls[it.c]!;
    chain.push(call);
    it = call.callee.k === "get" ? call.callee.of : { k: "unknown" };
  }
  return chain;
}

export function returned(file: FileSummary, value: Value | undefined): readonly Value[] {
  return value?.k === "fn" ? (file.functions[value.f]?.returns ?? []) : value ? [value] : [];
}

/** TypeORM's default naming. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

export function capitalised(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

/** How Sequelize and Mongoose call the table of a model, for regular words. */
export function plural(name: string): string {
  if (/[^aeiou]y$/i.test(name)) return `${name.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/i.test(name) ? `${name}es` : `${name}s`;
}

/** Columns may be given as a function of the column types. */
export function columnObject(file: FileSummary, value: Value | undefined): Value {
  return value?.k === "fn" ? (file.functions[value.f]?.returns[0] ?? { k: "unknown" }) : (value ?? { k: "unknown" });
}
