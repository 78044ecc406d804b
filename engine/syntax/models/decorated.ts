/** Classes with decorators: entities of TypeORM and MikroORM, and which library reads the others. */
import type { ClassMember, ClassSummary, FileSummary } from "../../model.ts";
import { mongooseClass } from "./mongoose.ts";
import { sequelizeClass } from "./sequelize.ts";
import {
  addColumn,
  addKey,
  type Call,
  columnList,
  type Draft,
  declaredType,
  decorators,
  firstObject,
  isTrue,
  lastName,
  newDraft,
  pointedAt,
  property,
  resolved,
  snakeCase,
  textOf,
  typeName,
} from "./values.ts";

const ENTITY_LIBRARY = /^(?:typeorm|@mikro-orm\/[\w-]+(?:\/[\w-]+)?|sequelize-typescript|@nestjs\/mongoose)$/;

export function decorated(file: FileSummary): Draft[] {
  return file.classes.flatMap((cls) => {
    const marks = decorators(file, cls.decorators);
    const entity = marks.find(
      (it) =>
        ["Entity", "ViewEntity", "ChildEntity", "Table", "Schema"].includes(it.library.name) &&
        ENTITY_LIBRARY.test(it.library.specifier),
    );
    // A base class has the columns of others and no table of its own.
    if (!entity || cls.abstract) return baseClass(file, cls);
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
  return withBase(file, cls, draft);
}

/** What a class of columns without a table of its own gives to those that extend it. */
function baseClass(file: FileSummary, cls: ClassSummary): Draft[] {
  if (cls.name === "") return [];
  const draft: Draft = { ...newDraft(cls.name, []), base: true };
  for (const member of cls.members) {
    if (member.isStatic || member.name === "") continue;
    for (const mark of decorators(file, member.decorators))
      if (ENTITY_LIBRARY.test(mark.library.specifier)) entityMember(file, draft, member, mark);
  }
  return draft.columns.length + draft.foreignKeys.length > 0 ? [withBase(file, cls, draft)] : [];
}

function withBase(file: FileSummary, cls: ClassSummary, draft: Draft): Draft {
  const name = cls.superClass && lastName(file, cls.superClass);
  return name === undefined ? draft : { ...draft, extends: name };
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
