/** Models of Objection: a class with a `tableName`. Its columns stand in migrations. */
import type { ClassSummary, FileSummary, Value } from "../../model.ts";
import {
  asObject,
  columnList,
  type Draft,
  lastName,
  nameOf,
  newDraft,
  property,
  propsOf,
  resolved,
  textOf,
} from "./values.ts";

export function objection(file: FileSummary): Draft[] {
  return file.classes.flatMap((cls): Draft[] => {
    const table = textOf(file, staticOf(file, cls, "tableName"));
    if (table === undefined || cls.name === "" || !cls.superClass) return [];
    const draft = newDraft(table, [cls.name]);
    const id = staticOf(file, cls, "idColumn");
    const key = id ? columnList(file, id) : [];
    if (key.length > 0) {
      draft.primary = key;
      draft.unique.push(key);
    }
    const asides: Draft[] = [];
    const mappings = asObject(file, staticOf(file, cls, "relationMappings"));
    for (const { value } of mappings ? propsOf(file, mappings) : []) {
      const relation = asObject(file, value);
      const kind = property(relation, "relation");
      const join = asObject(file, property(relation, "join"));
      const [from, to] = ["from", "to"].map((it) => columnsAt(file, property(join, it)));
      if (!kind || !from || !to) continue;
      const named = lastName(file, kind) ?? "";
      if (named === "BelongsToOneRelation")
        draft.foreignKeys.push({ columns: from.columns, to: modelOf(file, relation) ?? to.table });
      else if (/^Has(?:Many|One)Relation$/.test(named))
        asides.push({
          ...newDraft(to.table, []),
          partial: true,
          foreignKeys: [{ columns: to.columns, to: table }],
        });
    }
    return [draft, ...asides];
  });
}

/** `static tableName = "users"`, `static get tableName() { return "users"; }`. */
function staticOf(file: FileSummary, cls: ClassSummary, name: string): Value | undefined {
  const member = cls.members.find((it) => it.isStatic && it.name === name);
  const value = member?.value ?? (member?.fn === undefined ? undefined : file.functions[member.fn]!.returns[0]);
  // `relationMappings = () => ({ … })`.
  return value?.k === "fn" ? file.functions[value.f]!.returns[0] : value;
}

/** `posts.author_id`, or several of them. */
function columnsAt(
  file: FileSummary,
  value: Value | undefined,
): { readonly table: string; readonly columns: readonly string[] } | undefined {
  const it = value ? resolved(file, value) : undefined;
  const texts = (it?.k === "arr" ? it.items : it ? [it] : []).map((one) => textOf(file, one)?.split("."));
  const table = texts[0]?.at(-2);
  const columns = texts.flatMap((one) => (one && one.length > 1 ? [one.at(-1)!] : []));
  return table === undefined || columns.length !== texts.length ? undefined : { table, columns };
}

function modelOf(file: FileSummary, relation: Value | undefined): string | undefined {
  const given = property(relation, "modelClass");
  if (!given) return undefined;
  const it = given.k === "fn" ? file.functions[given.f]!.returns[0] : given;
  return it && nameOf(file, it);
}
