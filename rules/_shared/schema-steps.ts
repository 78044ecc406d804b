/** What a migration does to tables, one step after the other, whether it is written in SQL or with a builder. */
import {
  type DocumentFile,
  readSql,
  type Span,
  type SqlAlter,
  type SqlStatement,
  upwards,
} from "../../engine/index.ts";

export type SchemaStepKind =
  | "create-table"
  | "index"
  | "foreign-key"
  | "check"
  | "key"
  | "rewrite"
  | "not-null"
  | "volatile-default"
  /** `check (c is not null)`, after which `set not null` need not look at the rows. */
  | "not-null-proof"
  | "lock-timeout";

export interface SchemaStep {
  readonly kind: SchemaStepKind;
  /** Without schema and quotes, as written; `""` where it cannot be told. */
  readonly table: string;
  readonly column?: string;
  /** Type after a rewrite, default of a column, name of an index. */
  readonly detail?: string;
  /** What to underline, in the host file. */
  readonly at: Span;
  /** Where it was written as SQL of which each character stands in the host file. */
  readonly sql?: SqlSite;
  /** Index of the call that takes it, in code. */
  readonly call?: number;
}

export interface SqlSite {
  readonly statement: Span;
  /** The alteration alone. */
  readonly alter?: Span;
  /** Behind the word INDEX. */
  readonly afterIndex?: number;
  readonly isNamed: boolean;
  /** The only statement of the text that changes anything. */
  readonly isAlone: boolean;
}

/** A migration's own folder or its number; a dump or a query in a file of its own is none. */
export function isMigrationPath(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return (
    /(?:^|\/)[^/]*migrat[^/]*\//i.test(path) ||
    (name.endsWith(".sql") && (/(?:^|\/)drizzle\//.test(path) || /^(?:V?\d{3,})[_.-]/.test(name)))
  );
}

/** Steps of a file of SQL, in the order of the text; what goes down is left out. */
export function stepsOfDocument(document: DocumentFile): readonly SchemaStep[] {
  return stepsOfSql(upwards(document.path, document.text), []);
}

/**
 * @param holes spans of `text` that are put in at run time
 * @param toHost offset in the host file, undefined where the text was not written there one to one
 */
export function stepsOfSql(
  text: string,
  holes: readonly Span[],
  toHost: (offset: number) => number | undefined = (it) => it,
): readonly SchemaStep[] {
  const statements = (readSql(text, "postgresql", holes) ?? []).filter((it) => it.verb !== "begin");
  const working = statements.filter((it) => it.kind !== "set" && it.kind !== "transaction");
  const host = ([from, to]: Span): Span | undefined => {
    const start = toHost(from);
    const end = toHost(to);
    return start === undefined || end === undefined || end < start ? undefined : [start, end];
  };
  return statements.flatMap((it) =>
    stepsOf(it).flatMap(({ alter, ...step }): SchemaStep[] => {
      // An index of the parent alone is an entry in the catalogue until its partitions have theirs.
      if (it.index && /\bON\s+ONLY\b/i.test(text.slice(it.at[0], it.at[1]))) return [];
      const at = host(pointer(text, alter ?? it.keywordAt, alter === undefined ? it.kind : "alter-table"));
      const statement = host(it.at);
      const inside = alter ? host(alter) : undefined;
      const index = it.index && /^CREATE\s+(?:UNIQUE\s+)?INDEX/i.exec(text.slice(it.at[0], it.at[1]));
      const afterIndex = index ? toHost(it.at[0] + index[0].length) : undefined;
      return [
        {
          ...step,
          at: at ?? NOWHERE,
          ...(statement && at
            ? {
                sql: {
                  statement,
                  ...(inside ? { alter: inside } : {}),
                  ...(afterIndex === undefined ? {} : { afterIndex }),
                  isNamed: it.index?.name !== undefined,
                  isAlone: working.length === 1,
                },
              }
            : {}),
        },
      ];
    }),
  );
}

/** Stands for a place that is not in the host text one to one. */
export const NOWHERE: Span = [-1, -1];

/** The first words of a statement or an alteration, on one line. */
function pointer(text: string, [from, to]: Span, kind: string): Span {
  const words = kind === "alter-table" ? 3 : 2;
  const found = new RegExp(`^\\S+(?:[ \\t]+[^\\s;,(]+){0,${words - 1}}`).exec(text.slice(from, from + 200));
  return [from, from + (found?.[0].length ?? Math.min(to - from, 1))];
}

type Bare = Pick<SchemaStep, "kind" | "table" | "column" | "detail"> & { readonly alter?: Span };

function stepsOf(statement: SqlStatement): Bare[] {
  if (statement.setting)
    return /^lock_timeout$/i.test(statement.setting.name) && !/^'?0/.test(statement.setting.value)
      ? [{ kind: "lock-timeout", table: "" }]
      : [];
  const table = statement.tables[0]?.name ?? "";
  if (statement.createTable) return [{ kind: "create-table", table }];
  if (statement.index)
    return statement.index.concurrently
      ? []
      : [{ kind: "index", table, ...(statement.index.name ? { detail: statement.index.name } : {}) }];
  return (statement.alters ?? []).flatMap((it) => {
    const step = stepOfAlter(it);
    return step ? [{ ...step, table, alter: it.at }] : [];
  });
}

function stepOfAlter(alter: SqlAlter): Omit<Bare, "table"> | undefined {
  switch (alter.what) {
    case "add-constraint": {
      const { kind, notValid, usingIndex, notNullOf } = alter.constraint;
      if (notNullOf !== undefined && notValid) return { kind: "not-null-proof", column: notNullOf };
      if (notValid || usingIndex) return undefined;
      if (kind === "foreign-key") return { kind: "foreign-key", column: alter.constraint.columns.join(", ") };
      return { kind: kind === "check" ? "check" : "key" };
    }
    case "alter-type": {
      const { type, name } = alter;
      return isRewriting(type, alter.using) ? { kind: "rewrite", column: name, detail: type } : undefined;
    }
    case "set-not-null":
      return { kind: "not-null", column: alter.name };
    case "add-column": {
      const { name, auto, generated } = alter.column;
      const volatile = alter.column.default?.kind === "volatile";
      if (!volatile && !auto && !generated) return undefined;
      const detail = volatile ? written(alter.column.default!.text) : alter.column.type;
      return { kind: "volatile-default", column: name, detail };
    }
    default:
      return undefined;
  }
}

/** Tokens stand apart in what was read. */
const written = (text: string): string => text.replace(/\s*([(),])\s*/g, "$1").replace(/,/g, ", ");

/**
 * Whether PostgreSQL writes the table anew for this type whatever the column was. Texts, numerics and times may only
 * become wider, which changes the catalogue alone, and what the column was is not written here.
 */
export function isRewriting(type: string, using = false): boolean {
  if (type === "") return false;
  if (
    /^(?:bigint|int8|integer|int4|int|smallint|int2|uuid|jsonb|boolean|bool|date|real|float4|double precision|float8|bytea)\b/i.test(
      type,
    )
  )
    return true;
  return (
    using &&
    !/^(?:text|varchar|character varying|citext|numeric|decimal|timestamp|timestamptz|time|interval|bit|varbit|inet|cidr)\b/i.test(
      type,
    )
  );
}
