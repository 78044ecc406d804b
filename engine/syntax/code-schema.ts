/**
 * Facts about tables from models written in code: Drizzle, TypeORM, MikroORM, sequelize-typescript, Sequelize, Mongoose.
 * One file at a time, by the names its imports give; a model whose parts lie in another file is known by what stands here.
 */
import type { CallSummary, ClassMember, ClassSummary, FileSummary, Prop, Span, Value } from "../model.ts";
import type { ColumnFacts, TableFacts } from "../schema.ts";

type Call = CallSummary & { readonly library: Imported };
type Obj = Value & { readonly k: "obj" };

/** What a value was imported as: `Column` of `typeorm`. */
interface Imported {
  readonly specifier: string;
  readonly name: string;
}

/** Collects one table. */
interface Draft {
  name: string;
  aliases: string[];
  columns: ColumnFacts[];
  unique: (readonly string[])[];
  primary?: readonly string[];
  indexes: (readonly string[])[];
  foreignKeys: { readonly columns: readonly string[]; readonly to: string }[];
}

/** The tables that a file of code declares. Never throws; what is put together at run time is left out. */
export function tablesFromSummary(file: FileSummary): TableFacts[] {
  if (
    !file.imports.some((it) => MODEL_LIBRARIES.test(it.specifier)) &&
    !file.calls.some((it) => it.callee.k === "get" && MODEL_CALLS.has(it.callee.name))
  )
    return [];
  return [
    ...decorated(file),
    ...entitySchemas(file),
    ...drizzle(file),
    ...sequelize(file),
    ...mongoose(file),
    ...queryInterface(file),
    ...knexSchema(file),
  ]
    .filter((it) => it.name !== "")
    .map((it) => ({ ...it, foreignKeys: distinctKeys(it.foreignKeys), path: file.path }));
}

function distinctKeys(keys: Draft["foreignKeys"]): Draft["foreignKeys"] {
  return [...new Map(keys.map((it) => [`${it.columns.join()} ${it.to}`, it])).values()];
}

const MODEL_LIBRARIES =
  /^(?:drizzle-orm|typeorm|@mikro-orm\/|sequelize|mongoose|@nestjs\/mongoose|@typegoose\/|@nestjs\/sequelize)/;

/** Calls that models and migrations make without importing anything. */
const MODEL_CALLS = new Set(["define", "createTable", "addIndex", "addColumn", "alterTable", "table"]);

// Classes with decorators

const ENTITY_LIBRARY = /^(?:typeorm|@mikro-orm\/[\w-]+(?:\/[\w-]+)?|sequelize-typescript|@nestjs\/mongoose)$/;

function decorated(file: FileSummary): Draft[] {
  return file.classes.flatMap((cls) => {
    const marks = decorators(file, cls.decorators);
    const entity = marks.find(
      (it) =>
        ["Entity", "ViewEntity", "ChildEntity", "Table", "Schema"].includes(it.library.name) &&
        ENTITY_LIBRARY.test(it.library.specifier),
    );
    // A base class has the columns of others and no table of its own.
    if (!entity || cls.abstract) return [];
    switch (entity.library.specifier) {
      case "sequelize-typescript":
        return [sequelizeClass(file, cls, entity)];
      case "@nestjs/mongoose":
        return [mongooseClass(file, cls, entity)];
      default:
        return [entityClass(file, cls, entity, marks)];
    }
  });
}

function entityClass(file: FileSummary, cls: ClassSummary, entity: Call, marks: readonly Call[]): Draft {
  const options = firstObject(file, entity.args);
  const own =
    textOf(file, entity.args[0]) ??
    textOf(file, property(options, "name")) ??
    textOf(file, property(options, "tableName"));
  const draft = newDraft(own ?? snakeCase(cls.name.replace(/Entity$/, "")), [cls.name, snakeCase(cls.name)]);
  for (const member of cls.members) {
    if (member.isStatic || member.name === "") continue;
    for (const mark of decorators(file, member.decorators)) entityMember(file, draft, member, mark);
  }
  for (const mark of marks) {
    const list =
      mark.args.map((it) => resolved(file, it)).find((it) => it.k === "arr" || it.k === "fn") ??
      property(firstObject(file, mark.args), "properties") ??
      property(firstObject(file, mark.args), "columns");
    const columns = list ? columnList(file, list) : [];
    if (columns.length === 0) continue;
    if (
      mark.library.name === "Unique" ||
      (mark.library.name === "Index" && isTrue(file, property(firstObject(file, mark.args), "unique")))
    )
      draft.unique.push(columns);
    else if (mark.library.name === "Index") draft.indexes.push(columns);
  }
  if (draft.primary === undefined && cls.superClass) addKey(draft, "id");
  return draft;
}

const COLUMN_MARKS = new Set(
  "Column PrimaryColumn PrimaryGeneratedColumn CreateDateColumn UpdateDateColumn DeleteDateColumn VersionColumn ObjectIdColumn Property PrimaryKey SerializedPrimaryKey Enum ViewColumn Generated".split(
    " ",
  ),
);

function entityMember(file: FileSummary, draft: Draft, member: ClassMember, mark: Call): void {
  const { name } = member;
  const options = firstObject(file, mark.args);
  const kind = mark.library.name;
  if (COLUMN_MARKS.has(kind) && kind !== "Generated") {
    const generated = kind === "PrimaryGeneratedColumn";
    const strategy = generated ? textOf(file, mark.args[0]) : undefined;
    const column = textOf(file, property(options, "name")) ?? textOf(file, property(options, "fieldName"));
    const type =
      strategy === "uuid"
        ? "uuid"
        : (typeName(file, property(options, "type")) ??
          (generated ? "int" : typeName(file, mark.args[0])) ??
          declaredType(member));
    addColumn(draft, {
      name,
      type,
      optional: isTrue(file, property(options, "nullable")),
      ...(generated && strategy !== "uuid" ? { auto: true } : {}),
      at: member.at,
    });
    const names = column !== undefined && column !== name ? [name, column] : [name];
    const isKey =
      kind === "PrimaryColumn" ||
      generated ||
      kind === "PrimaryKey" ||
      kind === "ObjectIdColumn" ||
      isTrue(file, property(options, "primary"));
    for (const it of names) {
      // Several key columns make one key together.
      if (isKey && it === name && draft.primary) {
        const whole = [...draft.primary, name];
        draft.unique = [...draft.unique.filter((known) => known !== draft.primary), whole];
        draft.primary = whole;
      } else if (isKey) {
        draft.unique.push([it]);
        if (it === name) draft.primary = draft.unique.at(-1)!;
      } else if (isTrue(file, property(options, "unique"))) draft.unique.push([it]);
    }
    if (property(options, "index") && isTrue(file, property(options, "index"))) draft.indexes.push([name]);
  } else if (kind === "Index") {
    if (isTrue(file, property(options, "unique"))) draft.unique.push([name]);
    else draft.indexes.push([name]);
  } else if (kind === "Unique") draft.unique.push([name]);
  else if (kind === "ManyToOne" || kind === "OneToOne") {
    const joins = decorators(file, member.decorators).find((it) => it.library.name === "JoinColumn");
    const isMikro = mark.library.specifier.startsWith("@mikro-orm/");
    // The other side of a one-to-one holds no column.
    if (kind === "OneToOne" && !joins && !isMikro && /typeorm/.test(mark.library.specifier)) return;
    if (kind === "OneToOne" && isMikro && (property(options, "mappedBy") || (mark.args[1] && mark.args[1].k !== "obj")))
      return;
    const to =
      pointedAt(file, mark.args[0]) ??
      pointedAt(file, property(options, "entity")) ??
      (isMikro ? referenceType(member) : undefined);
    if (isMikro && isTrue(file, property(options, "primary"))) addKey(draft, name);
    else if (isMikro && kind === "OneToOne") draft.unique.push([name]);
    if (to === undefined) return;
    const joined = joins ? textOf(file, property(firstObject(file, joins.args), "name")) : undefined;
    for (const it of new Set([name, `${name}Id`, `${snakeCase(name)}_id`, ...(joined !== undefined ? [joined] : [])]))
      draft.foreignKeys.push({ columns: [it], to });
  }
}

/** `author!: Author`, `author!: Ref<Author>`: what a relation points to where its type says so alone. */
function referenceType({ type }: ClassMember): string | undefined {
  if (type?.t !== "name") return undefined;
  const inner = /^(?:Ref|Reference|Rel|Loaded)$/.test(type.name) ? type.args?.[0] : type;
  return inner?.t === "name" ? inner.name : undefined;
}

// MikroORM without decorators

/** `defineEntity({ name, properties: { id: p.integer().primary() } })`, `new EntitySchema({ name, properties: { id: { primary: true } } })`. */
function entitySchemas(file: FileSummary): Draft[] {
  return file.calls.flatMap((call, c): Draft[] => {
    const from = imported(file, call.callee);
    if (!from?.specifier.startsWith("@mikro-orm/") || !/^(?:defineEntity|EntitySchema)$/.test(from.name)) return [];
    const options = firstObject(file, call.args);
    const given = property(options, "properties");
    const properties = given ? resolved(file, columnObject(file, resolved(file, given))) : undefined;
    if (properties?.k !== "obj" || isTrue(file, property(options, "abstract"))) return [];
    const entity = property(options, "class");
    const binding = file.bindings.find((it) => it.value?.k === "call" && it.value.c === c)?.name;
    const name =
      textOf(file, property(options, "name")) ?? (entity ? nameOf(file, resolved(file, entity)) : undefined) ?? binding;
    if (name === undefined) return [];
    const table =
      textOf(file, property(options, "tableName")) ?? textOf(file, property(options, "collection")) ?? snakeCase(name);
    const draft = newDraft(table, [name, ...(binding !== undefined ? [binding] : [])]);
    for (const prop of properties.props) if (prop.name) schemaProperty(file, draft, prop.name, prop);
    const keys = property(options, "primaryKeys");
    const primary = keys ? columnList(file, keys) : [];
    if (primary.length > 0) for (const it of primary) addKey(draft, it);
    for (const [list, into] of [
      [property(options, "uniques"), draft.unique],
      [property(options, "indexes"), draft.indexes],
    ] as const) {
      const items = list ? resolved(file, list) : undefined;
      if (items?.k !== "arr") continue;
      for (const item of items.items) {
        const of = property(asObject(file, item), "properties");
        const columns = of ? columnList(file, of) : [];
        if (columns.length > 0 && !property(asObject(file, item), "expression")) into.push(columns);
      }
    }
    // A base schema, or the class it extends, brings the key.
    if (draft.primary === undefined && property(options, "extends")) addKey(draft, "id");
    return [draft];
  });
}

/** A property of a schema: a chain of `p`, or options; a relation may stand in a function, for the sake of cycles. */
function schemaProperty(file: FileSummary, draft: Draft, name: string, prop: Prop): void {
  const value = resolved(file, columnObject(file, prop.value));
  const chain = callChain(file, value);
  const options = asObject(file, value);
  const called = (method: string): CallSummary | undefined =>
    chain.find((it) => it.callee.k === "get" && it.callee.name === method);
  const says = (option: string): boolean => {
    const call = called(option);
    return call ? call.args[0]?.k !== "lit" || call.args[0].v !== false : isTrue(file, property(options, option));
  };
  const kind = textOf(file, property(options, "kind")) ?? textOf(file, property(options, "reference")) ?? "";
  const relation = called("manyToOne") ?? called("oneToOne");
  if (called("oneToMany") || called("manyToMany") || /^(?:1:m|m:n)$/.test(kind) || says("mappedBy")) return;
  const isRelation = relation !== undefined || /^(?:m:1|1:1)$/.test(kind);
  const base = chain.at(-1);
  addColumn(draft, {
    name,
    type: isRelation
      ? ""
      : (typeName(file, property(options, "type")) ?? (base?.callee.k === "get" ? base.callee.name : "")),
    optional: says("nullable"),
    ...(says("autoincrement") ? { auto: true } : {}),
    at: prop.at,
  });
  if (says("primary")) addKey(draft, name);
  else if (says("unique") || called("oneToOne") || kind === "1:1") draft.unique.push([name]);
  if (says("index")) draft.indexes.push([name]);
  const to = isRelation ? pointedAt(file, relation?.args[0] ?? property(options, "entity")) : undefined;
  if (to !== undefined)
    for (const it of new Set([name, `${name}Id`, `${snakeCase(name)}_id`]))
      draft.foreignKeys.push({ columns: [it], to });
}

function sequelizeClass(file: FileSummary, cls: ClassSummary, table: Call): Draft {
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

function mongooseClass(file: FileSummary, cls: ClassSummary, schema: Call): Draft {
  const collection = textOf(file, property(firstObject(file, schema.args), "collection"));
  const bare = cls.name.replace(/(?:Schema)?(?:Class|Model|Document)?$/, "");
  const draft = newDraft(
    cls.name,
    [...new Set([bare, collection ?? plural(bare.toLowerCase())])].filter((it) => it !== cls.name),
  );
  for (const member of cls.members) {
    const prop = decorators(file, member.decorators).find((it) => it.library.name === "Prop");
    if (!prop || member.isStatic || member.name === "") continue;
    documentField(file, draft, member.name, prop.args[0] ?? { k: "unknown" }, member.at, declaredType(member));
  }
  addDocumentKeys(draft);
  addSchemaIndexes(file, draft, (schema) => {
    const made = resolved(file, schema);
    const call = made.k === "call" ? file.calls[made.c] : undefined;
    const of = call?.callee.k === "get" && call.callee.name === "createForClass" ? call.args[0] : undefined;
    return of !== undefined && nameOf(file, of) === cls.name;
  });
  return draft;
}

// Drizzle

function drizzle(file: FileSummary): Draft[] {
  if (!file.imports.some((it) => it.specifier.startsWith("drizzle-orm"))) return [];
  return file.bindings.flatMap((binding): Draft[] => {
    const call = binding.value?.k === "call" ? file.calls[binding.value.c] : undefined;
    if (!call || !makesTable(file, call.callee)) return [];
    const name = textOf(file, call.args[0]);
    const columns = resolved(file, columnObject(file, call.args[1]));
    if (name === undefined || columns.k !== "obj") return [];
    const draft = newDraft(name, binding.name === name ? [] : [binding.name]);
    /** Column names of properties that are called otherwise. */
    const named = new Map<string, string>();
    for (const prop of columns.props) if (prop.name) drizzleColumn(file, draft, prop.name, prop, named);
    for (const it of returned(file, call.args[2])) drizzleExtra(file, draft, it);
    const rename = (sets: readonly (readonly string[])[]): (readonly string[])[] => [
      ...sets,
      ...sets.filter((it) => it.some((one) => named.has(one))).map((it) => it.map((one) => named.get(one) ?? one)),
    ];
    return [{ ...draft, unique: rename(draft.unique), indexes: rename(draft.indexes) }];
  });
}

/** `pgTable(…)`, `schema.table(…)`, or what `pgTableCreator` made. */
function makesTable(file: FileSummary, callee: Value): boolean {
  const from = imported(file, callee);
  if (from)
    return from.specifier.startsWith("drizzle-orm") && /^(?:pg|mysql|sqlite|singlestore|gel)Table$/.test(from.name);
  if (callee.k === "get" && callee.name === "table") {
    const schema = resolved(file, callee.of);
    return schema.k === "call" && /Schema$/.test(imported(file, file.calls[schema.c]!.callee)?.name ?? "");
  }
  const maker = callee.k === "ref" ? resolved(file, callee) : undefined;
  return maker?.k === "call" && /TableCreator$/.test(imported(file, file.calls[maker.c]!.callee)?.name ?? "");
}

/** Columns may be given as a function of the column types. */
function columnObject(file: FileSummary, value: Value | undefined): Value {
  return value?.k === "fn" ? (file.functions[value.f]?.returns[0] ?? { k: "unknown" }) : (value ?? { k: "unknown" });
}

function drizzleColumn(file: FileSummary, draft: Draft, name: string, prop: Prop, named: Map<string, string>): void {
  const chain = callChain(file, prop.value);
  const base = chain.at(-1);
  if (!base) return;
  const type =
    base.callee.k === "get" ? base.callee.name : (imported(file, base.callee)?.name ?? nameOf(file, base.callee) ?? "");
  const has = (method: string): Call | CallSummary | undefined =>
    chain.find((it) => it.callee.k === "get" && it.callee.name === method && it !== base);
  const column = textOf(file, base.args[0]);
  if (column !== undefined && column !== name) named.set(name, column);
  const auto =
    /serial$/i.test(type) ||
    has("autoincrement") !== undefined ||
    has("generatedAlwaysAsIdentity") !== undefined ||
    has("generatedByDefaultAsIdentity") !== undefined ||
    isTrue(file, property(firstObject(file, has("primaryKey")?.args ?? []), "autoIncrement"));
  const key = has("primaryKey") !== undefined;
  addColumn(draft, {
    name,
    type,
    optional: !has("notNull") && !key && !/serial$/i.test(type),
    ...(auto ? { auto: true } : {}),
    at: prop.at,
  });
  if (key) addKey(draft, name);
  else if (has("unique")) draft.unique.push([name]);
  const to = has("references");
  const target = to ? pointedAt(file, to.args[0]) : undefined;
  if (target !== undefined) draft.foreignKeys.push({ columns: [name], to: target });
}

/** The third argument: `index().on(t.a)`, `primaryKey({ columns: [t.a] })`, as an object or a list. */
function drizzleExtra(file: FileSummary, draft: Draft, value: Value): void {
  const items = value.k === "obj" ? value.props.map((it) => it.value) : value.k === "arr" ? value.items : [];
  for (const item of items) {
    const chain = callChain(file, item);
    const base = chain.at(-1);
    const name = base ? (imported(file, base.callee)?.name ?? nameOf(file, base.callee)) : undefined;
    const on = chain.find((it) => it.callee.k === "get" && /^(?:on|onOnly|using)$/.test(it.callee.name));
    const columns = (on?.args ?? []).flatMap((it) => memberName(file, it) ?? []);
    const partial = chain.some((it) => it.callee.k === "get" && it.callee.name === "where");
    if (name === "primaryKey") {
      const options = firstObject(file, base!.args);
      const listed = property(options, "columns");
      const key = (listed?.k === "arr" ? listed.items : base!.args).flatMap((it) => memberName(file, it) ?? []);
      if (key.length > 0) {
        draft.primary = key;
        draft.unique.push(key);
      }
    } else if (columns.length === 0 || columns.length !== on!.args.filter((it) => it.k !== "lit").length || partial)
      continue;
    else if (name === "uniqueIndex" || name === "unique") draft.unique.push(columns);
    else if (name === "index") draft.indexes.push(columns);
  }
}

// Sequelize

function sequelize(file: FileSummary): Draft[] {
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
function queryInterface(file: FileSummary): Draft[] {
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

// Knex

/** `knex.schema.createTable("a", (table) => { table.increments("id"); table.string("b").unique(); … })` */
function knexSchema(file: FileSummary): Draft[] {
  return file.calls.flatMap((call): Draft[] => {
    if (call.callee.k !== "get" || !/^(?:createTable|createTableIfNotExists|alterTable|table)$/.test(call.callee.name))
      return [];
    const name = textOf(file, call.args[0]);
    const body = call.args[1];
    const binding = body?.k === "fn" ? file.functions[body.f]?.params[0]?.binding : undefined;
    if (name === undefined || binding === undefined) return [];
    const draft = newDraft(name, []);
    /** Calls on the table, each with those chained to it. */
    const chained = new Set(
      file.calls.flatMap((it) => (it.callee.k === "get" && it.callee.of.k === "call" ? [it.callee.of.c] : [])),
    );
    file.calls.forEach((_, c) => {
      if (chained.has(c)) return;
      const chain = callChain(file, { k: "call", c });
      const base = chain.at(-1);
      if (base?.callee.k === "get" && base.callee.of.k === "ref" && base.callee.of.b === binding)
        knexColumn(file, draft, base.callee.name, base, chain);
    });
    return draft.columns.length + draft.unique.length + draft.indexes.length > 0 ? [draft] : [];
  });
}

const NOT_KNEX_COLUMNS = new Set(
  "foreign dropColumn dropColumns dropIndex dropUnique dropForeign dropPrimary renameColumn comment charset collate engine setNullable dropNullable inherits dropTimestamps check".split(
    " ",
  ),
);

function knexColumn(
  file: FileSummary,
  draft: Draft,
  kind: string,
  base: CallSummary,
  chain: readonly CallSummary[],
): void {
  const method = (name: string): CallSummary | undefined =>
    chain.find((it) => it !== base && it.callee.k === "get" && it.callee.name === name);
  const columns = base.args[0] ? columnList(file, base.args[0]) : [];
  const target =
    textOf(file, method("inTable")?.args[0]) ?? textOf(file, method("references")?.args[0])?.split(".").at(-2);
  if (target !== undefined && columns.length > 0) draft.foreignKeys.push({ columns, to: target });
  if (kind === "primary" || kind === "unique" || kind === "index") {
    if (columns.length === 0) return;
    if (kind === "index") draft.indexes.push(columns);
    else draft.unique.push(columns);
    if (kind === "primary") draft.primary = columns;
    return;
  }
  if (kind === "timestamps")
    for (const name of ["created_at", "updated_at"])
      addColumn(draft, { name, type: "timestamp", optional: true, at: base.at });
  const auto = /increments$/i.test(kind);
  const name = columns[0] ?? (auto ? "id" : undefined);
  if (name === undefined || NOT_KNEX_COLUMNS.has(kind) || kind === "timestamps" || method("alter")) return;
  addColumn(draft, {
    name,
    type: kind === "specificType" ? (textOf(file, base.args[1]) ?? kind) : kind,
    optional: !auto && !method("notNullable") && !method("primary"),
    ...(auto ? { auto } : {}),
    at: base.at,
  });
  if (auto || method("primary")) addKey(draft, name);
  else if (method("unique")) draft.unique.push([name]);
  if (method("index")) draft.indexes.push([name]);
}

// Mongoose

function mongoose(file: FileSummary): Draft[] {
  const makers = file.calls.flatMap((call, c) => {
    const from = call.kind === "new" ? imported(file, call.callee) : undefined;
    return from?.specifier === "mongoose" && from.name === "Schema" ? [{ call, c }] : [];
  });
  return makers.flatMap(({ call, c }): Draft[] => {
    const fields = call.args[0] ? resolved(file, call.args[0]) : undefined;
    if (fields?.k !== "obj") return [];
    const isThis = (value: Value): boolean => {
      const it = resolved(file, value);
      return it.k === "call" && it.c === c;
    };
    const modelled = file.calls.find((it) =>
      it.callee.k === "get" || it.callee.k === "ref"
        ? lastName(file, it.callee) === "model" && it.args[1] !== undefined && isThis(it.args[1])
        : false,
    );
    const binding = file.bindings.find((it) => it.value?.k === "call" && it.value.c === c)?.name;
    const name =
      (modelled ? textOf(file, modelled.args[0]) : undefined) ?? capitalised((binding ?? "").replace(/_?schema$/i, ""));
    // Without a name it is a part of another document.
    if (name === "") return [];
    const collection =
      textOf(file, modelled?.args[2]) ?? textOf(file, property(firstObject(file, call.args.slice(1)), "collection"));
    const draft = newDraft(name, [collection ?? plural(name.toLowerCase())]);
    for (const prop of fields.props) if (prop.name) documentField(file, draft, prop.name, prop.value, prop.at, "");
    addDocumentKeys(draft);
    addSchemaIndexes(file, draft, isThis);
    return [draft];
  });
}

function documentField(file: FileSummary, draft: Draft, name: string, value: Value, at: Span, declared: string): void {
  let it = resolved(file, value);
  if (it.k === "arr" && it.items[0]) it = resolved(file, it.items[0]);
  const options = it.k === "obj" && property(it, "type") ? it : it.k === "obj" && declared !== "" ? it : undefined;
  addColumn(draft, {
    name,
    type: typeName(file, options ? property(options, "type") : it) ?? declared,
    optional: !isTrue(file, property(options, "required")),
    at,
  });
  if (isTrue(file, property(options, "unique"))) draft.unique.push([name]);
  else if (isTrue(file, property(options, "index"))) draft.indexes.push([name]);
  const ref = property(options, "ref");
  const to = textOf(file, ref) ?? (ref ? nameOf(file, ref) : undefined);
  if (to !== undefined) draft.foreignKeys.push({ columns: [name], to });
}

function addDocumentKeys(draft: Draft): void {
  draft.primary ??= ["_id"];
  draft.unique.push(["_id"], ["id"]);
}

/** `schema.index({ a: 1, b: -1 }, { unique: true })` */
function addSchemaIndexes(file: FileSummary, draft: Draft, isThis: (schema: Value) => boolean): void {
  for (const call of file.calls) {
    if (call.callee.k !== "get" || call.callee.name !== "index" || !isThis(call.callee.of)) continue;
    const [fields, options] = [asObject(file, call.args[0]), asObject(file, call.args[1])];
    const columns = fields?.props.flatMap((it) => (it.name ? [it.name] : [])) ?? [];
    if (columns.length === 0 || property(options, "partialFilterExpression")) continue;
    if (isTrue(file, property(options, "unique"))) draft.unique.push(columns);
    else draft.indexes.push(columns);
  }
}

// Values

function newDraft(name: string, aliases: readonly string[]): Draft {
  return {
    name,
    aliases: [...new Set(aliases)].filter((it) => it !== name && it !== ""),
    columns: [],
    unique: [],
    indexes: [],
    foreignKeys: [],
  };
}

function addColumn(draft: Draft, column: ColumnFacts): void {
  if (!draft.columns.some((it) => it.name === column.name)) draft.columns.push(column);
}

function addKey(draft: Draft, name: string): void {
  const whole = draft.primary ? [...draft.primary, name] : [name];
  draft.unique = [...draft.unique.filter((it) => it !== draft.primary), whole];
  draft.primary = whole;
}

/** A name's value where it has one only. */
function resolved(file: FileSummary, value: Value): Value {
  let it = value;
  for (let i = 0; i < 8 && it.k === "ref"; i++) {
    const binding = file.bindings[it.b];
    if (!binding?.value || binding.writes?.length || binding.kind === "param") return it;
    it = binding.value;
  }
  return it;
}

function imported(file: FileSummary, value: Value): Imported | undefined {
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
function decorators(file: FileSummary, values: readonly Value[]): Call[] {
  return values.flatMap((it) => {
    const call = it.k === "call" ? file.calls[it.c] : undefined;
    const library = call ? imported(file, call.callee) : undefined;
    return call && library ? [{ ...call, library }] : [];
  });
}

/** `@PrimaryKey`, `@PrimaryKey()`, but not `@AllowNull(false)`. */
function marked(file: FileSummary, member: ClassMember, name: string): boolean {
  return member.decorators.some((it) => {
    const call = it.k === "call" ? file.calls[it.c] : undefined;
    if (imported(file, call ? call.callee : it)?.name !== name) return false;
    const [first] = call?.args ?? [];
    return !(first?.k === "lit" && first.v === false);
  });
}

/** Sequelize's columns take null unless told otherwise. */
function isNullable(file: FileSummary, member: ClassMember, options: Obj | undefined): boolean {
  if (marked(file, member, "PrimaryKey")) return false;
  const allowNull = property(options, "allowNull");
  if (allowNull) return isTrue(file, allowNull);
  return (
    marked(file, member, "AllowNull") ||
    !member.decorators.some((it) => it.k === "call" && imported(file, file.calls[it.c]!.callee)?.name === "AllowNull")
  );
}

function property(of: Value | undefined, name: string): Value | undefined {
  return of?.k === "obj" ? of.props.find((it) => it.name === name)?.value : undefined;
}

function asObject(file: FileSummary, value: Value | undefined): Obj | undefined {
  const it = value ? resolved(file, value) : undefined;
  return it?.k === "obj" ? it : undefined;
}

function firstObject(file: FileSummary, values: readonly Value[]): Obj | undefined {
  for (const value of values) {
    const it = asObject(file, value);
    if (it) return it;
  }
  return undefined;
}

function textOf(file: FileSummary, value: Value | undefined): string | undefined {
  const it = value ? resolved(file, value) : undefined;
  return it?.k === "lit" && typeof it.v === "string" ? it.v : undefined;
}

function isTrue(file: FileSummary, value: Value | undefined): boolean {
  const it = value ? resolved(file, value) : undefined;
  return (it?.k === "lit" && it.v === true) || it?.k === "obj" || (it?.k === "arr" && it.items.length > 0);
}

function nameOf(file: FileSummary, value: Value): string | undefined {
  if (value.k === "ref") return file.bindings[value.b]?.name;
  if (value.k === "global") return value.name;
  if (value.k === "class") return file.classes[value.c]?.name;
  return undefined;
}

function lastName(file: FileSummary, value: Value): string | undefined {
  return value.k === "get" ? value.name : nameOf(file, value);
}

/** `String`, `DataType.STRING`, `mongoose.Types.ObjectId`, `"varchar"`, `() => Number`. */
function typeName(file: FileSummary, value: Value | undefined, depth = 0): string | undefined {
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

function declaredType(member: ClassMember): string {
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
function pointedAt(file: FileSummary, value: Value | undefined): string | undefined {
  if (!value) return undefined;
  if (value.k === "lit") return typeof value.v === "string" ? value.v.split(".")[0] : undefined;
  if (value.k === "fn") return pointedAt(file, file.functions[value.f]?.returns[0]);
  if (value.k === "get") return nameOf(file, value.of);
  return nameOf(file, value);
}

/** Columns of a list, or of a function that gives one: `["a"]`, `(t) => [t.a]`, `[{ name: "a" }]`. */
function columnList(file: FileSummary, value: Value): string[] {
  const list = value.k === "fn" ? file.functions[value.f]?.returns[0] : resolved(file, value);
  if (list?.k === "lit") return typeof list.v === "string" ? [list.v] : [];
  if (list?.k !== "arr") return [];
  const names = list.items.map(
    (it) => textOf(file, it) ?? memberName(file, it) ?? textOf(file, property(asObject(file, it), "name")),
  );
  return names.every((it) => it !== undefined) ? names : [];
}

/** `t.a`, `t.a.desc()`. */
function memberName(file: FileSummary, value: Value): string | undefined {
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
function callChain(file: FileSummary, value: Value): CallSummary[] {
  const chain: CallSummary[] = [];
  let it = value;
  while (it.k === "call" && chain.length < 30) {
    const call: CallSummary = file.calls[it.c]!;
    chain.push(call);
    it = call.callee.k === "get" ? call.callee.of : { k: "unknown" };
  }
  return chain;
}

function returned(file: FileSummary, value: Value | undefined): readonly Value[] {
  return value?.k === "fn" ? (file.functions[value.f]?.returns ?? []) : value ? [value] : [];
}

// Names

/** TypeORM's default naming. */
function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

function capitalised(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

/** How Sequelize and Mongoose call the table of a model, for regular words. */
function plural(name: string): string {
  if (/[^aeiou]y$/i.test(name)) return `${name.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/i.test(name) ? `${name}es` : `${name}s`;
}
