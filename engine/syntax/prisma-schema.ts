/** Prisma schemas to facts about tables. Line by line and tolerant: a schema that is being edited gives what it holds. */

import type { Span } from "../model.ts";
import type { ColumnFacts, TableFacts } from "../schema.ts";

/** UTF-16 code units. */
const MAX_LENGTH = 3_000_000;
const MAX_FIELDS = 2_000;

const SCALARS = new Set(["String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes"]);

interface Block {
  readonly kind: string;
  readonly name: string;
  readonly lines: readonly { readonly text: string; readonly at: Span }[];
}

export interface PrismaNames {
  readonly models: ReadonlySet<string>;
  readonly enums: ReadonlySet<string>;
}

/** The models and enums of several texts: what a field's type is where it stands in another file. */
export function prismaNames(texts: readonly string[]): PrismaNames {
  const models = new Set<string>();
  const enums = new Set<string>();
  for (const text of texts)
    if (text.length <= MAX_LENGTH)
      for (const [, kind, name] of text.matchAll(/^[ \t]*(model|view|enum)[ \t]+(\w+)[ \t]*\{/gm))
        (kind === "enum" ? enums : models).add(name!);
  return { models, enums };
}

/** Models and views. Never throws. */
export function readPrismaSchema(path: string, text: string, known = prismaNames([text])): TableFacts[] {
  if (text.length > MAX_LENGTH) return [];
  const { models, enums } = known;
  return blocksOf(text)
    .filter((it) => it.kind === "model" || it.kind === "view")
    .map((it) => readModel(it, path, models, enums));
}

function readModel(block: Block, path: string, models: ReadonlySet<string>, enums: ReadonlySet<string>): TableFacts {
  const columns: ColumnFacts[] = [];
  const keys: { readonly fields: readonly string[]; readonly primary: boolean }[] = [];
  const indexes: string[][] = [];
  const foreignKeys: { columns: readonly string[]; to: string }[] = [];
  /** Column names of fields that are called otherwise in the database. */
  const mapped = new Map<string, string>();
  let table: string | undefined;
  for (const { text: line, at } of block.lines) {
    if (line.startsWith("@@")) {
      const attribute = /^@@(\w+)/.exec(line)?.[1];
      const list = fieldList(line);
      if (attribute === "id") keys.push({ fields: list, primary: true });
      else if (attribute === "unique") keys.push({ fields: list, primary: false });
      else if (attribute === "index" && list.length > 0) indexes.push(list);
      else if (attribute === "map") table = quoted(line);
      continue;
    }
    const field = /^([A-Za-z]\w*)\s+(Unsupported\("[^"]*"\)|[A-Za-z]\w*)(\[\]|\?)?(.*)$/s.exec(line);
    if (!field) continue;
    const [, name, type, suffix, attributes] = field as unknown as [string, string, string, string | undefined, string];
    const relation = /@relation\b/.test(attributes);
    if (relation || models.has(type) || (suffix === "[]" && !SCALARS.has(type) && !enums.has(type))) {
      const fields = /\bfields\s*:\s*\[([^\]]*)\]/.exec(attributes)?.[1];
      if (fields === undefined) continue;
      foreignKeys.push({ columns: names(fields), to: type }, { columns: [name], to: type });
      continue;
    }
    const column = /@map\(([^)]*)\)/.exec(attributes);
    const columnName = column ? quoted(column[0]) : undefined;
    if (columnName !== undefined) mapped.set(name, columnName);
    columns.push({
      name,
      type: nativeType(type, attributes) + (suffix === "[]" ? "[]" : ""),
      optional: suffix === "?",
      ...(/@default\(\s*(?:autoincrement|sequence)\(/.test(attributes) ? { auto: true } : {}),
      at,
    });
    if (/(?<!@)@id\b/.test(attributes)) keys.push({ fields: [name], primary: true });
    else if (/(?<!@)@unique\b/.test(attributes)) keys.push({ fields: [name], primary: false });
  }
  const primary = keys.find((it) => it.primary)?.fields;
  const unique = keys.map((it) => it.fields).filter((it) => it.length > 0);
  return {
    name: table ?? block.name,
    aliases: table === undefined || table === block.name ? [] : [block.name],
    columns,
    unique: withColumnNames(unique, mapped),
    ...(primary?.length ? { primary } : {}),
    indexes: withColumnNames(indexes, mapped),
    foreignKeys: [
      ...foreignKeys,
      ...foreignKeys
        .filter((it) => it.columns.some((field) => mapped.has(field)))
        .map((it) => ({ ...it, columns: it.columns.map((field) => mapped.get(field) ?? field) })),
    ],
    path,
  };
}

/** The same sets once more under the names of the columns: the client speaks of fields, raw SQL of columns. */
function withColumnNames(
  sets: readonly (readonly string[])[],
  mapped: ReadonlyMap<string, string>,
): (readonly string[])[] {
  return [
    ...sets,
    ...sets
      .filter((it) => it.some((field) => mapped.has(field)))
      .map((it) => it.map((field) => mapped.get(field) ?? field)),
  ];
}

/** `@db.Uuid` says more than `String`. */
function nativeType(type: string, attributes: string): string {
  const native = /@db\.(\w+(?:\([^)]*\))?)/.exec(attributes)?.[1];
  return native === undefined ? type : `${type} @db.${native}`;
}

function fieldList(line: string): string[] {
  const list = /\[((?:[^\]"(]|"[^"]*"|\([^)]*\))*)\]/.exec(line)?.[1];
  return list === undefined ? [] : names(list);
}

/** `a, b(sort: Desc), c.d` to `a`, `b`, `c.d`. */
function names(list: string): string[] {
  return list
    .replace(/\([^)]*\)/g, "")
    .split(",")
    .map((it) => it.trim())
    .filter((it) => it !== "");
}

function quoted(text: string): string | undefined {
  return /"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
}

/** Blocks with their lines, comments taken out; a line goes on while a bracket is open. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let block: { kind: string; name: string; lines: { text: string; at: Span }[] } | undefined;
  let pending: { text: string; from: number } | undefined;
  let offset = 0;
  for (const raw of text.split("\n")) {
    const start = offset;
    offset += raw.length + 1;
    const line = withoutComment(raw).trim();
    if (!block) {
      const opening = /^(model|view|enum|type)\s+(\w+)\s*\{(.*)$/.exec(line);
      if (!opening) continue;
      block = { kind: opening[1]!, name: opening[2]!, lines: [] };
      if (opening[3]!.includes("}")) {
        blocks.push(block);
        block = undefined;
      }
      continue;
    }
    if (pending === undefined && line === "}") {
      blocks.push(block);
      block = undefined;
      continue;
    }
    // The closing brace was lost while typing.
    if (/^(?:model|view|enum|type)\s+\w+\s*\{$/.test(line)) {
      blocks.push(block);
      const opening = /^(\w+)\s+(\w+)/.exec(line)!;
      block = { kind: opening[1]!, name: opening[2]!, lines: [] };
      pending = undefined;
      continue;
    }
    if (line === "") continue;
    const whole: { text: string; from: number } = pending
      ? { text: `${pending.text} ${line}`, from: pending.from }
      : { text: line, from: start + raw.search(/\S/) };
    if (openBrackets(whole.text) > 0 && whole.text.length < 4_000) {
      pending = whole;
      continue;
    }
    pending = undefined;
    if (block.lines.length < MAX_FIELDS)
      block.lines.push({ text: whole.text, at: [whole.from, start + raw.trimEnd().length] });
  }
  if (block) blocks.push(block);
  return blocks;
}

function withoutComment(line: string): string {
  if (!line.includes("//")) return line;
  let inString = false;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === "\\") i += 1;
    else if (line[i] === '"') inString = !inString;
    else if (!inString && line[i] === "/" && line[i + 1] === "/") return line.slice(0, i);
  }
  return line;
}

function openBrackets(text: string): number {
  let open = 0;
  for (const it of text.replace(/"(?:[^"\\]|\\.)*"/g, "")) {
    if (it === "(" || it === "[") open += 1;
    else if (it === ")" || it === "]") open -= 1;
  }
  return open;
}
