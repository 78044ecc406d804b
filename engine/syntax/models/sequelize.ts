/** Models and migrations of Sequelize and sequelize-typescript. */
import type { CallSummary, ClassSummary, FileSummary, Value } from "../../model.ts";
import {
  addColumn,
  addKey,
  asObject,
  type Call,
  columnList,
  type Draft,
  declaredType,
  decorators,
  firstObject,
  imported,
  isNullable,
  isTrue,
  lastName,
  marked,
  nameOf,
  newDraft,
  type Obj,
  plural,
  pointedAt,
  property,
  resolved,
  textOf,
  typeName,
} from "./values.ts";

export function sequelize(file: FileSummary): Draft[] {
  return file.calls.flatMap((call): Draft[] => {
    if (call.callee.k !== "get") return [];
    if (call.callee.name === "define") {
      const model = textOf(file, call.args[0]);
      const columns = call.args[1] ? resolved(file, call.args[1]) : undefined;
      if (
        model === undefined ||
        columns?.k !== "obj" ||
        !columns.props.some((it) => sequelizeType(file, it.value) !== undefined)
      )
        return [];
      return [sequelizeModel(file, model, columns, firstObject(file, call.args.slice(2)))];
    }
    if (call.callee.name !== "init" || call.args.length < 2) return [];
    const columns = resolved(file, call.args[0]!);
    const options = firstObject(file, call.args.slice(1));
    const model =
      textOf(file, property(options, "modelName")) ?? nameOf(file, call.callee.of) ?? enclosingClass(file, call);
    if (
      columns.k !== "obj" ||
      !options ||
      model === undefined ||
      !columns.props.some((it) => sequelizeType(file, it.value) !== undefined)
    )
      return [];
    return [sequelizeModel(file, model, columns, options)];
  });
}

/**
 * `Post.belongsTo(User, { foreignKey: "authorId" })`, `User.hasMany(Post, { foreignKey: "authorId" })`; without a name the key is
 * that of the alias, else of the model, and `Id`.
 */
export function associations(file: FileSummary): Draft[] {
  return file.calls.flatMap((call): Draft[] => {
    if (call.callee.k !== "get" || !/^(?:belongsTo|hasMany|hasOne)$/.test(call.callee.name)) return [];
    const { of, name: kind } = call.callee;
    const own = of.k === "this" ? enclosingClass(file, call) : lastName(file, of);
    const other = call.args[0] && (textOf(file, call.args[0]) ?? lastName(file, call.args[0]));
    if (own === undefined || other === undefined) return [];
    const options = asObject(file, call.args[1]);
    const given = property(options, "foreignKey");
    const key = textOf(file, given) ?? textOf(file, property(asObject(file, given), "name"));
    const [holder, target] = kind === "belongsTo" ? [own, other] : [other, own];
    const alias = kind === "belongsTo" ? textOf(file, property(options, "as")) : undefined;
    // The other model's key is named after this one by way of its own settings.
    const base = alias ?? `${target.slice(0, 1).toLowerCase()}${target.slice(1)}`;
    const columns = key !== undefined ? [key] : [`${base}Id`, `${base}_id`];
    return [
      { ...newDraft(holder, []), partial: true, foreignKeys: columns.map((it) => ({ columns: [it], to: target })) },
    ];
  });
}

function enclosingClass(file: FileSummary, call: CallSummary): string | undefined {
  const cls = file.functions[call.fn]?.cls;
  return cls === undefined ? undefined : file.classes[cls]?.name;
}

function sequelizeModel(file: FileSummary, model: string, columns: Obj, options: Obj | undefined): Draft {
  const table =
    textOf(file, property(options, "tableName")) ??
    (isTrue(file, property(options, "freezeTableName")) ? model : plural(model));
  const draft = newDraft(table, table === model ? [] : [model]);
  for (const prop of columns.props) {
    const type = sequelizeType(file, prop.value);
    if (!prop.name || type === undefined) continue;
    const more = asObject(file, prop.value);
    const auto = isTrue(file, property(more, "autoIncrement"));
    const allowNull = property(more, "allowNull");
    addColumn(draft, {
      name: prop.name,
      type,
      optional: !(allowNull?.k === "lit" && allowNull.v === false) && !isTrue(file, property(more, "primaryKey")),
      ...(auto ? { auto } : {}),
      at: prop.at,
    });
    if (isTrue(file, property(more, "primaryKey"))) addKey(draft, prop.name);
    else if (isTrue(file, property(more, "unique")) || textOf(file, property(more, "unique")) !== undefined)
      draft.unique.push([prop.name]);
    const target = property(asObject(file, property(more, "references")), "model");
    const to =
      textOf(file, target) ??
      (target ? nameOf(file, target) : undefined) ??
      textOf(file, property(asObject(file, target), "tableName"));
    if (to !== undefined) draft.foreignKeys.push({ columns: [prop.name], to });
  }
  addIndexes(file, draft, property(options, "indexes"));
  if (draft.primary === undefined) addKey(draft, "id");
  return draft;
}

/** `DataTypes.STRING`, `DataTypes.STRING(20)`, `{ type: DataTypes.STRING }`. */
function sequelizeType(file: FileSummary, value: Value | undefined, depth = 0): string | undefined {
  if (!value || depth > 2) return undefined;
  const it = resolved(file, value);
  if (it.k === "obj") return sequelizeType(file, property(it, "type"), depth + 1);
  if (it.k === "call") return sequelizeType(file, file.calls[it.c]!.callee, depth + 1);
  if (it.k !== "get") return undefined;
  const of = it.of.k === "get" ? it.of.name : nameOf(file, it.of);
  return of !== undefined &&
    /^(?:DataTypes?|Sequelize|sequelize|type|types)$/.test(of) &&
    /^[A-Z][A-Z0-9_]*$/.test(it.name)
    ? it.name
    : undefined;
}

function addIndexes(file: FileSummary, draft: Draft, value: Value | undefined): void {
  const list = value ? resolved(file, value) : undefined;
  if (list?.k !== "arr") return;
  for (const item of list.items) {
    const options = asObject(file, item);
    const fields = property(options, "fields");
    if (!fields || property(options, "where")) continue;
    const columns = columnList(file, fields);
    if (columns.length === 0) continue;
    if (isTrue(file, property(options, "unique"))) draft.unique.push(columns);
    else draft.indexes.push(columns);
  }
}

/** Migrations of Sequelize: `queryInterface.createTable("a", { … })`, `addIndex("a", ["b"])`, `addColumn("a", "b", …)`. */
export function queryInterface(file: FileSummary): Draft[] {
  return file.calls.flatMap((call): Draft[] => {
    if (call.callee.k !== "get" || !/queryInterface$/i.test(lastName(file, call.callee.of) ?? "")) return [];
    const table = textOf(file, call.args[0]);
    if (table === undefined) return [];
    switch (call.callee.name) {
      case "createTable": {
        const columns = asObject(file, call.args[1]);
        return columns ? [{ ...sequelizeModel(file, table, columns, undefined), name: table, aliases: [] }] : [];
      }
      case "addIndex": {
        const draft = newDraft(table, []);
        const options = asObject(file, call.args[2]) ?? asObject(file, call.args[1]);
        const fields = call.args[1]?.k === "obj" ? property(options, "fields") : call.args[1];
        const columns = fields && !property(options, "where") ? columnList(file, fields) : [];
        if (columns.length === 0) return [];
        if (isTrue(file, property(options, "unique")) || textOf(file, property(options, "type")) === "UNIQUE")
          draft.unique.push(columns);
        else draft.indexes.push(columns);
        return [draft];
      }
      case "addColumn": {
        const name = textOf(file, call.args[1]);
        const type = sequelizeType(file, call.args[2]);
        if (name === undefined || type === undefined) return [];
        const columns: Obj = { k: "obj", props: [{ name, value: call.args[2]!, at: call.at }], at: call.at };
        const { primary: _, ...draft } = sequelizeModel(file, table, columns, undefined);
        return [{ ...draft, name: table, aliases: [], unique: draft.unique.filter((it) => it.join() !== "id") }];
      }
      default:
        return [];
    }
  });
}

export function sequelizeClass(file: FileSummary, cls: ClassSummary, table: Call): Draft {
  const options = firstObject(file, table.args);
  const own = textOf(file, property(options, "tableName"));
  const model = textOf(file, property(options, "modelName"));
  const draft = newDraft(own ?? plural(cls.name), [cls.name, ...(model !== undefined ? [model] : [])]);
  for (const member of cls.members) {
    if (member.isStatic || member.name === "") continue;
    const marks = decorators(file, member.decorators);
    const has = (name: string): Call | undefined => marks.find((it) => it.library.name === name);
    for (const it of marks) {
      if (it.library.name !== "ForeignKey" && it.library.name !== "BelongsTo") continue;
      const to = pointedAt(file, it.args[0]);
      const column =
        it.library.name === "ForeignKey"
          ? member.name
          : (textOf(file, it.args[1]) ?? textOf(file, property(firstObject(file, it.args), "foreignKey")));
      if (to !== undefined) draft.foreignKeys.push({ columns: [column ?? `${member.name}Id`], to });
    }
    const column = has("Column") ?? has("PrimaryKey") ?? has("ForeignKey");
    const bare = member.decorators.some((it) =>
      ["Column", "PrimaryKey", "ForeignKey"].includes(imported(file, it)?.name ?? ""),
    );
    if (!column && !bare) continue;
    const more = firstObject(file, has("Column")?.args ?? []);
    const type =
      typeName(file, property(more, "type")) ?? typeName(file, has("Column")?.args[0]) ?? declaredType(member);
    const auto = marked(file, member, "AutoIncrement") || isTrue(file, property(more, "autoIncrement"));
    addColumn(draft, {
      name: member.name,
      type,
      optional: isNullable(file, member, more),
      ...(auto ? { auto } : {}),
      at: member.at,
    });
    if (marked(file, member, "PrimaryKey") || isTrue(file, property(more, "primaryKey"))) addKey(draft, member.name);
    else if (marked(file, member, "Unique") || isTrue(file, property(more, "unique"))) draft.unique.push([member.name]);
    if (marked(file, member, "Index")) draft.indexes.push([member.name]);
  }
  addIndexes(file, draft, property(options, "indexes"));
  // Sequelize adds a key of its own, or a base class has it.
  if (draft.primary === undefined) addKey(draft, "id");
  return draft;
}
