import {
  type DocumentFile,
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  type Report,
  type RuleContext,
  readSql,
  upwards,
} from "../../engine/index.ts";
import { type Builder, createdInCode, lineBefore, migrationOf } from "../_shared/migration-builders.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import { isMigrationPath, type SchemaStep, type SchemaStepKind, stepsOfDocument } from "../_shared/schema-steps.ts";
import { dialectOf } from "../_shared/sql-dialect.ts";

type Risky = Exclude<SchemaStepKind, "create-table" | "not-null-proof" | "lock-timeout">;

// Locks: PostgreSQL 18 documentation, 13.3 Explicit Locking, CREATE INDEX, ALTER TABLE.
const RISKY: ReadonlySet<string> = new Set<Risky>([
  "index",
  "foreign-key",
  "check",
  "key",
  "not-null",
  "rewrite",
  "volatile-default",
]);
const isRisky = (kind: SchemaStepKind): kind is Risky => RISKY.has(kind);
/** Everything waits while every row is written: that is longer than reading them takes. */
const isGrave = (kind: Risky): boolean => kind === "rewrite" || kind === "volatile-default";

export default defineRule({
  id: "migration-blocking-lock",
  group: "migrations",
  title: { en: "A migration that makes requests wait", ja: "リクエストを待たせるマイグレーション" },
  severity: "warning",
  status: "preview",
  since: "0.2.0",
  scope: "anywhere",
  gate: "changed",
  documents: ["sql"],
  burns: ["availability", "latency"],
  messages: {
    index: {
      what: {
        en: "PostgreSQL blocks every write to `{table}` until this index is built.",
        ja: "PostgreSQL では、このインデックスの作成が終わるまで `{table}` への書き込みがすべて待たされます。",
      },
      help: {
        en: "CREATE INDEX CONCURRENTLY lets writes go on; it takes longer and cannot run inside a transaction.",
        ja: "CREATE INDEX CONCURRENTLY なら書き込みを止めません。ただし時間は長くかかり、トランザクション内では実行できません。",
      },
    },
    "foreign-key": {
      what: {
        en: "Adding a foreign key blocks writes to `{table}` and to the table it refers to until every row is checked.",
        ja: "外部キーの追加は、全行の検証が終わるまで `{table}` と参照先テーブルへの書き込みを待たせます。",
      },
      help: {
        en: "Add it NOT VALID, and validate it in a later migration: that lets writes go on.",
        ja: "NOT VALID で追加し、後のマイグレーションで VALIDATE します。検証中も書き込みは止まりません。",
      },
    },
    check: {
      what: {
        en: "Adding a check blocks reads and writes of `{table}` until every row is checked.",
        ja: "CHECK 制約の追加は、全行の検証が終わるまで `{table}` の読み書きを待たせます。",
      },
      help: {
        en: "Add it NOT VALID, and validate it in a later migration: that lets reads and writes go on.",
        ja: "NOT VALID で追加し、後のマイグレーションで VALIDATE します。検証中も読み書きは止まりません。",
      },
    },
    key: {
      what: {
        en: "This constraint blocks reads and writes of `{table}` until its index is built.",
        ja: "この制約は、インデックスの作成が終わるまで `{table}` の読み書きを待たせます。",
      },
      help: {
        en: "Build the unique index concurrently first, then add the constraint USING INDEX.",
        ja: "先に UNIQUE インデックスを CONCURRENTLY で作成し、その後 USING INDEX で制約を追加します。",
      },
    },
    "not-null": {
      what: {
        en: "SET NOT NULL blocks reads and writes of `{table}` until every row is read.",
        ja: "SET NOT NULL は、全行の読み取りが終わるまで `{table}` の読み書きを待たせます。",
      },
      help: {
        en: "A validated CHECK (… IS NOT NULL) spares the reading: PostgreSQL 12 and later believe it.",
        ja: "検証済みの CHECK (… IS NOT NULL) があれば、PostgreSQL 12 以降は全行を読みません。",
      },
    },
    rewrite: {
      what: {
        en: "Changing a type to `{detail}` blocks reads and writes of `{table}` while every row and index is written anew.",
        ja: "型を `{detail}` に変更すると、全行と全インデックスを書き直す間、`{table}` の読み書きが待たされます。",
      },
      help: {
        en: "Add a new column, fill it in batches, and switch over in a later deployment.",
        ja: "新しい列を追加して少しずつ埋め、後のデプロイで切り替えます。",
      },
    },
    "volatile-default": {
      what: {
        en: "Every row of `{table}` gets a value of its own (`{detail}`): reads and writes wait while the table is written anew.",
        ja: "`{table}` の全行に個別の値 (`{detail}`) が入るため、テーブルを書き直す間、読み書きが待たされます。",
      },
      help: {
        en: "Add the column without it, set the default afterwards, and fill the old rows in batches.",
        ja: "まず列だけを追加し、その後に既定値を設定して、既存の行は少しずつ埋めます。",
      },
    },
  },
  *checkDocument(document, context) {
    if (!isMigrationPath(document.path)) return;
    const steps = stepsOfDocument(document);
    const start = steps.length === 0 ? 0 : stepsStart(document);
    yield* judge(document.path, steps, context, (it) => fixesInSql(it, document, start));
  },
  *check(file, context) {
    const migration = migrationOf(file, context.program);
    if (!migration) return;
    yield* judge(file.path, migration.steps, context, (it) => fixesInCode(it, file, context));
  },
});

function* judge<S extends SchemaStep>(
  path: string,
  steps: readonly S[],
  context: RuleContext,
  fixesOf: (step: S) => readonly Fix[],
): Generator<Report> {
  if (!steps.some((it) => isRisky(it.kind)) || dialectOf(path, context) !== "postgresql") return;
  const isNew = newTables(context);
  for (const it of steps) if (it.kind === "create-table") isNew.add(it.table.toLowerCase());
  let hasTimeout = false;
  for (const it of steps) {
    hasTimeout ||= it.kind === "lock-timeout";
    // A name put together at run time may be that of a table made here.
    if (!isRisky(it.kind) || it.table === "" || isNew.has(it.table.toLowerCase())) continue;
    if (it.kind === "not-null" && isProven(it, path, steps, context)) continue;
    yield {
      at: it.at,
      message: it.kind,
      data: { table: it.table, column: it.column ?? "", detail: it.detail ?? "" },
      // With it, a lock that cannot be had fails the migration instead of queueing everybody behind it.
      ...(hasTimeout ? { severity: "information" } : isGrave(it.kind) ? { severity: "error" } : {}),
      fixes: hasTimeout ? fixesOf(it).filter((fix) => fix.title !== TIMEOUT) : fixesOf(it),
    };
  }
}

/** Tables created in this branch: nobody reads or writes them yet. */
function newTables(context: RuleContext): Set<string> {
  const found = context.everywhere(createdInCode).flatMap((it) => (context.isChanged(it.path) ? it.tables : []));
  for (const path of context.documents.paths) {
    if (!path.endsWith(".sql") || !isMigrationPath(path) || !context.isChanged(path)) continue;
    const document = context.documents.get(path);
    if (!document) continue;
    for (const it of stepsOfDocument(document)) if (it.kind === "create-table") found.push(it.table.toLowerCase());
  }
  return new Set(found);
}

/** Whether a check of the same column was added, here or in a migration before: then the rows are not read. */
function isProven(step: SchemaStep, path: string, steps: readonly SchemaStep[], { documents }: RuleContext): boolean {
  const proves = (it: SchemaStep): boolean =>
    it.kind === "not-null-proof" &&
    it.table.toLowerCase() === step.table.toLowerCase() &&
    it.column?.toLowerCase() === step.column?.toLowerCase();
  if (steps.some(proves)) return true;
  return documents.paths.some((it) => {
    if (!it.endsWith(".sql") || it >= path || !isMigrationPath(it)) return false;
    const document = documents.get(it);
    return document !== undefined && /is\s+not\s+null/i.test(document.text) && stepsOfDocument(document).some(proves);
  });
}

// Fixes

const TIMEOUT = {
  en: "Application: give up on the lock after 2 s",
  ja: "アプリケーション: ロックの取得を 2 秒で諦める",
};
const TIMEOUT_EXPLAIN = {
  en: "A statement that waits for its lock makes everybody behind it wait. With a limit the migration fails instead, and can be tried again.",
  ja: "ロックを待つ文は、その後ろのすべての文を待たせます。上限があればマイグレーションの方が失敗し、やり直せます。",
};
const CONCURRENTLY = {
  en: "Application: build the index concurrently",
  ja: "アプリケーション: CONCURRENTLY でインデックスを作成する",
};
const NOT_VALID = {
  en: "Application: leave the old rows unchecked for now",
  ja: "アプリケーション: 既存の行の検証を後回しにする",
};

/** @param start where the first statement begins */
function fixesInSql(step: SchemaStep, document: DocumentFile, start: number): readonly Fix[] {
  const { path, text } = document;
  const { sql } = step;
  if (!sql) return [...explained(step), LATER];
  const top: Edit = { path, at: [start, start], text: "SET lock_timeout = '2s';\n" };
  return [...statementFixes(step, path, text), timeoutFix([top]), ...explained(step), LATER];
}

/** Where the first statement that goes up begins: behind the marks that runners read. */
function stepsStart({ path, text }: DocumentFile): number {
  return readSql(upwards(path, text), "postgresql")?.[0]?.at[0] ?? 0;
}

/** Changes of the statement itself, which are the same in a file of SQL and in a string of code. */
function statementFixes(step: SchemaStep, path: string, text: string): readonly Fix[] {
  const { sql } = step;
  if (!sql) return [];
  const insert = (at: number, added: string): Edit => ({ path, at: [at, at], text: added });
  if (step.kind === "index" && sql.afterIndex !== undefined) {
    const isOnce = /^\s+IF\s+NOT\s+EXISTS/i.test(text.slice(sql.afterIndex, sql.afterIndex + 40)) || !sql.isNamed;
    const edit = insert(sql.afterIndex, ` CONCURRENTLY${isOnce ? "" : " IF NOT EXISTS"}`);
    const runner = runnerEdits(path, text);
    return [
      {
        title: CONCURRENTLY,
        layer: "application",
        safety: "choose",
        edits: runner && (sql.isAlone || runner.length > 0) ? [...runner, edit] : [],
        explain: {
          en: "It must stand alone in its migration, outside of a transaction. One that fails leaves an INVALID index behind: drop that before the next try.",
          ja: "単独のマイグレーションにし、トランザクションの外で実行する必要があります。失敗すると INVALID なインデックスが残るため、再実行の前に削除してください。",
        },
      },
    ];
  }
  if ((step.kind === "foreign-key" || step.kind === "check") && sql.alter)
    return [
      {
        title: NOT_VALID,
        layer: "application",
        safety: "choose",
        edits: [insert(sql.alter[1], " NOT VALID")],
        explain: {
          en: "New rows are checked from now on. VALIDATE CONSTRAINT in a later migration checks the old ones without blocking writes.",
          ja: "以後の行は検証されます。既存の行は、後のマイグレーションの VALIDATE CONSTRAINT で書き込みを止めずに検証できます。",
        },
      },
    ];
  if (step.kind === "not-null" && sql.alter && /^\w+$/.test(step.column ?? "") && /^\w+$/.test(step.table))
    return [
      {
        title: {
          en: "Application: begin with a check of new rows",
          ja: "アプリケーション: まず新しい行だけを検証する",
        },
        layer: "application",
        safety: "scaffold",
        edits: [
          {
            path,
            at: sql.alter,
            text: `ADD CONSTRAINT "${step.table}_${step.column}_not_null" CHECK ("${step.column}" IS NOT NULL) NOT VALID`,
          },
        ],
        explain: {
          en: "In a later migration: VALIDATE CONSTRAINT, SET NOT NULL, and DROP CONSTRAINT.",
          ja: "後のマイグレーションで VALIDATE CONSTRAINT、SET NOT NULL、DROP CONSTRAINT の順に実行します。",
        },
      },
    ];
  return [];
}

/**
 * What the runner of a file of SQL must be told so that no transaction is opened; undefined where it always opens one.
 * dbmate and goose read it from a comment; Drizzle runs all migrations in one transaction (drizzle-orm pg-core/dialect.ts).
 */
function runnerEdits(path: string, text: string): readonly Edit[] | undefined {
  if (/(?:^|\/)drizzle\//.test(path) || text.includes("--> statement-breakpoint")) return undefined;
  const dbmate = /^--\s*migrate:up[ \t]*$/m.exec(text);
  if (dbmate) {
    const end = dbmate.index + dbmate[0].trimEnd().length;
    return [{ path, at: [end, end], text: " transaction:false" }];
  }
  const goose = /^--\s*\+goose\s+up\b/im.exec(text);
  if (goose && !/^--\s*\+goose\s+no\s+transaction/im.test(text))
    return [{ path, at: [goose.index, goose.index], text: "-- +goose NO TRANSACTION\n" }];
  return [];
}

function timeoutFix(edits: readonly Edit[]): Fix {
  return { title: TIMEOUT, layer: "application", safety: "choose", edits, explain: TIMEOUT_EXPLAIN };
}

function fixesInCode(
  step: SchemaStep & { readonly builder: Builder },
  file: FileSummary,
  context: RuleContext,
): readonly Fix[] {
  const text = context.text(file.path);
  if (text === undefined || step.call === undefined) return [...explained(step), LATER];
  const view = context.program.view({ file, c: step.call });
  const line = lineBefore(view, text);
  const builder = text.slice(...view.call.at).split(/[.\s(]/)[0]!;
  const before = (code: string): Edit[] | undefined =>
    line ? [{ path: file.path, at: line.at, text: `${line.indent}${code}\n` }] : undefined;
  return [
    ...(step.sql ? statementFixesInCode(step, file, text) : indexOption(step, file, text, before, context)),
    timeoutFix((LIMIT[step.builder] && before(LIMIT[step.builder]!(builder))) ?? []),
    ...explained(step),
    LATER,
  ];
}

/** Only where the runner keeps one connection for the whole migration does a setting reach the next statement. */
const LIMIT: Readonly<Partial<Record<Builder, (name: string) => string>>> = {
  typeorm: (name) => `await ${name}.query(\`SET LOCAL lock_timeout = '2s'\`);`,
  "node-pg-migrate": (name) => `${name}.sql("SET LOCAL lock_timeout = '2s'");`,
  "mikro-orm": () => `this.addSql("set local lock_timeout = '2s';");`,
};

function statementFixesInCode(
  step: SchemaStep & { readonly builder: Builder },
  file: FileSummary,
  text: string,
): readonly Fix[] {
  const fixes = statementFixes(step, file.path, text);
  if (step.kind !== "index") return fixes;
  const off = transactionOff(step.builder, file, text);
  return fixes.map((it) =>
    off && step.sql?.isAlone && it.edits.length > 0 ? { ...it, edits: [...off, ...it.edits] } : { ...it, edits: [] },
  );
}

/** What tells the runner to open no transaction; undefined where that cannot be written here. */
function transactionOff(builder: Builder, file: FileSummary, text: string): readonly Edit[] | undefined {
  if (/\btransaction\s*[:=]\s*false\b|\bisTransactional\s*\(/.test(text)) return [];
  if (builder === "typeorm") {
    const made = file.classes.find((it) => it.members.some((member) => member.name === "up"));
    const brace = made ? text.indexOf("{", made.nameAt[1]) : -1;
    return brace < 0 ? undefined : [{ path: file.path, at: [brace + 1, brace + 1], text: "\n  transaction = false;" }];
  }
  if (builder === "knex") {
    const added = /^export\s/m.test(text)
      ? "\nexport const config = { transaction: false };\n"
      : "\nexports.config = { transaction: false };\n";
    return [{ path: file.path, at: [text.length, text.length], text: added }];
  }
  return undefined;
}

/** `{ concurrently: true }` of builders that know it. */
function indexOption(
  step: SchemaStep & { readonly builder: Builder },
  file: FileSummary,
  text: string,
  before: (code: string) => Edit[] | undefined,
  context: RuleContext,
): readonly Fix[] {
  if (step.kind !== "index" || step.call === undefined) return [];
  const view = context.program.view({ file, c: step.call });
  const fix = (edits: readonly Edit[]): Fix => ({
    title: CONCURRENTLY,
    layer: "application",
    safety: "choose",
    edits,
    explain: HOW[step.builder] ?? HOW.knex!,
  });
  const at = step.builder === "sequelize" && view.arg(1)?.value.k === "obj" ? 1 : 2;
  const site = view.optionSite(at);
  const option = site ? optionEdit(site, "concurrently: true", text) : undefined;
  if (!option) return [fix([])];
  // Inside of a transaction it fails.
  if (step.builder === "sequelize")
    return [fix(view.option(at, "transaction").is === "no" && !/\.transaction\s*\(/.test(text) ? [option] : [])];
  if (step.builder !== "node-pg-migrate") return [fix([])];
  const name = text.slice(...view.call.at).split(/[.\s(]/)[0]!;
  const off = /\.noTransaction\s*\(/.test(text) ? [] : before(`${name}.noTransaction();`);
  return [fix(off ? [...off, option] : [])];
}

const HOW: Readonly<Partial<Record<Builder, Fix["explain"] & object>>> = {
  sequelize: {
    en: "`addIndex(…, { concurrently: true })`, alone in its migration and without a transaction.",
    ja: "`addIndex(…, { concurrently: true })` を、単独のマイグレーションでトランザクションなしに実行します。",
  },
  "node-pg-migrate": {
    en: "`pgm.noTransaction()` and `{ concurrently: true }`, alone in its migration.",
    ja: "`pgm.noTransaction()` と `{ concurrently: true }` を指定し、単独のマイグレーションにします。",
  },
  typeorm: {
    en: '`isConcurrent: true`, or CREATE INDEX CONCURRENTLY in `queryRunner.query`, with `transaction = false` on the class, alone in its migration. The data source needs `migrationsTransactionMode: "each"`.',
    ja: '`isConcurrent: true`、または `queryRunner.query` で CREATE INDEX CONCURRENTLY を使い、クラスに `transaction = false` を指定して単独のマイグレーションにします。データソースには `migrationsTransactionMode: "each"` が必要です。',
  },
  kysely: {
    en: "Kysely has no option for it: `sql` with CREATE INDEX CONCURRENTLY and `disableTransactions: true` on the migrator, alone in its migration.",
    ja: "Kysely にはオプションがありません。`sql` で CREATE INDEX CONCURRENTLY を書き、migrator に `disableTransactions: true` を指定して、単独のマイグレーションにします。",
  },
  knex: {
    en: 'Knex has no option for it: `knex.raw("CREATE INDEX CONCURRENTLY …")` with `export const config = { transaction: false }`, alone in its migration.',
    ja: 'Knex にはオプションがありません。`knex.raw("CREATE INDEX CONCURRENTLY …")` と `export const config = { transaction: false }` を使い、単独のマイグレーションにします。',
  },
};

/** What takes more than one deployment. */
function explained(step: SchemaStep): readonly Fix[] {
  if (step.kind === "index") return [WITHOUT];
  if (step.kind !== "rewrite" && step.kind !== "volatile-default" && step.kind !== "key") return [];
  const key = step.kind === "key";
  return [
    {
      title: key
        ? { en: "Application: build the index first", ja: "アプリケーション: 先にインデックスを作成する" }
        : { en: "Application: expand, fill, contract", ja: "アプリケーション: 追加、移行、削除に分ける" },
      layer: "application",
      safety: "scaffold",
      edits: [],
      explain: key
        ? {
            en: "CREATE UNIQUE INDEX CONCURRENTLY in one migration, ADD CONSTRAINT … USING INDEX in the next.",
            ja: "1 つ目のマイグレーションで CREATE UNIQUE INDEX CONCURRENTLY、次で ADD CONSTRAINT … USING INDEX を実行します。",
          }
        : {
            en: "Add a column that costs nothing, write both, fill the old rows in batches, read the new one, drop the old one in a later deployment.",
            ja: "負荷のない形で列を追加して両方に書き込み、既存の行を少しずつ埋め、読み取りを切り替えてから、後のデプロイで古い列を削除します。",
          },
    },
  ];
}

const WITHOUT: Fix = {
  title: { en: "Product: begin without the index", ja: "プロダクト: インデックスなしで始める" },
  layer: "product",
  safety: "choose",
  edits: [],
  explain: {
    en: "Does the feature need it on its first day? Behind a flag, it can be switched on once the index is there.",
    ja: "初日からそのインデックスが必要でしょうか。フラグで隠しておけば、インデックスの完成後に公開できます。",
  },
};

const LATER: Fix = {
  title: {
    en: "Infrastructure: run it when few people are there",
    ja: "インフラ: 利用者の少ない時間帯に実行する",
  },
  layer: "infrastructure",
  safety: "choose",
  edits: [],
  explain: {
    en: "With a lock_timeout, and another try when it fails.",
    ja: "lock_timeout を設定し、失敗したら再試行します。",
  },
};
