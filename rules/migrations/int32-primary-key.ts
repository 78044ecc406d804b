import {
  type ColumnFacts,
  defineRule,
  type Fix,
  pathKind,
  type Report,
  type RuleContext,
  readPrismaSchema,
  type Span,
  type TableFacts,
  tablesFromSql,
  tablesFromSummary,
  upwards,
} from "../../engine/index.ts";
import { growsByName } from "../_shared/growth.ts";
import { isMigrationPath } from "../_shared/schema-steps.ts";
import { dialectOf, type MigrationDialect } from "../_shared/sql-dialect.ts";

export default defineRule({
  id: "int32-primary-key",
  group: "migrations",
  title: { en: "A key that runs out at 2,147,483,647", ja: "2,147,483,647 で尽きる主キー" },
  severity: "information",
  status: "preview",
  since: "0.2.0",
  scope: "anywhere",
  gate: "changed",
  documents: ["prisma", "sql"],
  burns: ["availability", "durability"],
  messages: {
    key: {
      what: {
        en: "`{column}` ({type}) ends at 2,147,483,647, and `{table}` grows with use: then every insert fails.",
        ja: "`{column}` ({type}) の上限は 2,147,483,647 です。`{table}` は利用とともに増えるため、上限に達すると INSERT がすべて失敗します。",
      },
      help: {
        en: "A table is cheap to change before it has rows. Take 64 bits now; to widen a key in use is a project of its own.",
        ja: "行がないうちなら変更は簡単です。今のうちに 64 ビットにしてください。使用中のキーを広げるのは大きな作業になります。",
      },
    },
    reference: {
      what: {
        en: "`{column}` ({type}) is narrower than the key it refers to, `{to}.{key}` ({keyType}): inserts fail once that key passes {limit}.",
        ja: "`{column}` ({type}) は参照先のキー `{to}.{key}` ({keyType}) より狭く、キーが {limit} を超えると INSERT が失敗します。",
      },
      help: {
        en: "Give it the type of the key.",
        ja: "キーと同じ型にしてください。",
      },
    },
  },
  *checkDocument(document, context) {
    const { path, text } = document;
    if (document.kind === "sql" && !isMigrationPath(path)) return;
    const tables = document.kind === "prisma" ? readPrismaSchema(path, text) : tablesFromSql(path, upwards(path, text));
    yield* judge(path, text, tables, context);
  },
  *check(file, context) {
    const tables = tablesFromSummary(file);
    if (tables.length === 0) return;
    const text = context.text(file.path);
    if (text !== undefined) yield* judge(file.path, text, tables, context);
  },
});

function* judge(path: string, text: string, tables: readonly TableFacts[], context: RuleContext): Generator<Report> {
  if (pathKind(path) === "test" || pathKind(path) === "seed") return;
  const dialect = dialectOf(path, context);
  // SQLite's integers have 64 bits, and of others we do not know.
  if (dialect !== "postgresql" && dialect !== "mysql") return;
  for (const table of tables) {
    const model = context.schema.table(table.name);
    // Where a model stands for it, that is where the type is decided.
    if (isMigrationPath(path) && model && model.path !== path && !isMigrationPath(model.path)) continue;
    const key = table.primary?.length === 1 ? columnOf(table, table.primary[0]!) : undefined;
    if (key?.auto && key.at && isInt32(key.type, dialect) && growsByName(table.name)) {
      const at = typeIn(text, key);
      yield {
        at,
        message: "key",
        data: { table: table.name, column: key.name, type: key.type },
        fixes: [wider(path, text, at), ONLINE],
      };
    }
    for (const it of table.foreignKeys) {
      const column = it.columns.length === 1 ? columnOf(table, it.columns[0]!) : undefined;
      const target = tables.find((each) => each.name === it.to) ?? context.schema.table(it.to);
      const to = target?.primary?.length === 1 ? columnOf(target, target.primary[0]!) : undefined;
      if (!column?.at || !target || !to || !isInt64(to.type, dialect)) continue;
      if (!pointsToKey(text, column.at, it.to, to.name)) continue;
      const isSmall = /^(?:smallint|int2|smallserial)\b/i.test(column.type);
      if (!isSmall && !isInt32(column.type, dialect)) continue;
      const at = typeIn(text, column);
      yield {
        at,
        message: "reference",
        severity: "error",
        data: {
          table: table.name,
          column: column.name,
          type: column.type,
          to: target.name,
          key: to.name,
          keyType: to.type,
          limit: isSmall ? "32,767" : "2,147,483,647",
        },
        fixes: [wider(path, text, at)],
      };
    }
  }
}

function columnOf(table: TableFacts, name: string): ColumnFacts | undefined {
  return table.columns.find((it) => it.name.toLowerCase() === name.toLowerCase());
}

/** Whether nothing written says that another column than the key is referred to. */
function pointsToKey(text: string, at: Span, table: string, key: string): boolean {
  const inCode = /references\(\s*\(\)[^=]*=>\s*\w+\.(\w+)|\bkey:\s*["'`](\w+)/.exec(text.slice(...at));
  const named = [...text.slice(0, 200_000).matchAll(/\breferences\s+(?:"?\w+"?\.)?["`]?(\w+)["`]?\s*\(\s*["`]?(\w+)/gi)]
    .filter((it) => it[1]!.toLowerCase() === table.toLowerCase())
    .map((it) => it[2]!);
  const columns = inCode ? [inCode[1] ?? inCode[2]!] : named;
  return columns.every((it) => it.toLowerCase() === key.toLowerCase());
}

/** MySQL's `serial` is `bigint unsigned`, and Knex makes `int unsigned` of `increments` there. */
function isInt32(type: string, dialect: MigrationDialect): boolean {
  return dialect === "mysql"
    ? /^(?:int|integer|mediumint)(?:\s*\(\d+\))?$/i.test(type)
    : /^(?:int|integer|int4|serial|serial4|increments)$/i.test(type);
}

function isInt64(type: string, dialect: MigrationDialect): boolean {
  return (
    /^(?:bigint|int8|bigserial|serial8|bigincrements)\b/i.test(type) || (dialect === "mysql" && /^serial$/i.test(type))
  );
}

const TYPE =
  /\b(?:PrimaryGeneratedColumn|increments|serial4|serial|INTEGER|integer|Integer|int4|int2|smallserial|smallint|INT|Int|int)\b/i;

/** The word that decides the type, behind the column's own name. */
function typeIn(text: string, { at, name }: ColumnFacts): Span {
  const [from, to] = at!;
  const slice = text.slice(from, Math.min(to, from + 400));
  const named = slice.startsWith(name) || slice.startsWith(`"${name}"`) ? name.length : 0;
  const found = TYPE.exec(slice.slice(named));
  if (found) return [from + named + found.index, from + named + found.index + found[0].length];
  const line = slice.search(/\r?\n/);
  return [from, from + (line < 0 ? slice.length : line)];
}

/** What 64 bits are called where 32 are written; other forms need another import. */
const WIDER: Readonly<Record<string, string>> = {
  serial: "bigserial",
  serial4: "bigserial",
  smallserial: "bigserial",
  int: "bigint",
  int2: "bigint",
  int4: "bigint",
  smallint: "bigint",
  integer: "bigint",
  increments: "bigIncrements",
};

function wider(path: string, text: string, at: Span): Fix {
  const written = text.slice(...at);
  const isCode = !path.endsWith(".sql") && !path.endsWith(".prisma");
  let replacement: string | undefined;
  if (path.endsWith(".prisma")) replacement = written === "Int" ? "BigInt" : undefined;
  else if (path.endsWith(".sql")) {
    const word = WIDER[written.toLowerCase()];
    replacement = written === written.toUpperCase() ? word?.toUpperCase() : word;
  } else if (written === "increments") replacement = "bigIncrements";
  else if (/\.$/.test(text.slice(0, at[0])) && written === "INTEGER") replacement = "BIGINT";
  else if (/["'`]$/.test(text.slice(0, at[0]))) replacement = WIDER[written.toLowerCase()];
  return {
    title: { en: "Application: 64 bits", ja: "アプリケーション: 64 ビットにする" },
    layer: "application",
    safety: "choose",
    edits: replacement === undefined ? [] : [{ path, at, text: replacement }],
    explain: isCode
      ? {
          en: '`bigint` with `{ mode: "number" }` (Drizzle), `@PrimaryGeneratedColumn("bigint")` (TypeORM), `BIGINT` (Sequelize); columns that refer to it too. pg returns 64 bits as strings unless told otherwise.',
          ja: 'Drizzle は `bigint` と `{ mode: "number" }`、TypeORM は `@PrimaryGeneratedColumn("bigint")`、Sequelize は `BIGINT` です。参照する列も揃えてください。pg は既定で 64 ビット整数を文字列で返します。',
        }
      : {
          en: "Columns that refer to it too. Prisma returns BigInt, which JSON.stringify refuses (TypeError); pg returns strings.",
          ja: "参照する列も揃えてください。Prisma は BigInt を返し、JSON.stringify では TypeError になります。pg は文字列を返します。",
        },
  };
}

const ONLINE: Fix = {
  title: { en: "Infrastructure: watch how far the sequence is", ja: "インフラ: シーケンスの残りを監視する" },
  layer: "infrastructure",
  safety: "choose",
  edits: [],
  explain: {
    en: "`SELECT last_value FROM …_id_seq` against 2,147,483,647, with an alert long before; to widen it online takes a second column, triggers and a swap.",
    ja: "`SELECT last_value FROM …_id_seq` と 2,147,483,647 を比べ、十分手前で警告します。稼働中に広げるには、別の列とトリガーを使った切り替えが必要です。",
  },
};
