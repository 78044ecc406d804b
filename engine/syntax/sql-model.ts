/** What is kept of an SQL statement: what rules ask about, with offsets into the text that was read. */
import type { Filter } from "../library.ts";
import type { Answer, Span } from "../model.ts";

export type SqlDialect = "postgresql" | "mysql" | "sqlite";

export type SqlKind =
  | "select"
  | "insert"
  | "update"
  | "delete"
  | "create-table"
  | "alter-table"
  | "create-index"
  | "drop"
  | "truncate"
  | "transaction"
  | "set"
  | "other";

export interface SqlStatement {
  readonly kind: SqlKind;
  /** The leading keyword in lower case: `select`, `replace`, `vacuum`, `begin`. For `with … select` that of the main part. */
  readonly verb: string;
  /** Without the semicolon. */
  readonly at: Span;
  /** The verb. */
  readonly keywordAt: Span;
  /** Read or written at this level; common table expressions are not among them. The first is the main one. */
  readonly tables: readonly SqlTable[];
  /** `given` is `unknown` where a condition may be put in at run time; `1 = 1` is no condition. */
  readonly where: Filter;
  readonly whereAt?: Span;
  readonly limit: SqlLimit;
  /** Rows skipped; `value` where it is written as a number. */
  readonly offset?: { readonly value?: number; readonly at: Span };
  /** Columns ordered by, as written; an expression is `""`. */
  readonly orderBy: readonly string[];
  readonly counts: readonly SqlCount[];
  readonly grouped: boolean;
  readonly distinct: boolean;
  /** `select *` or `t.*`. */
  readonly star: boolean;
  /** `union`, `intersect` or `except`: the facts are those of the first part, order and limit those of the whole. */
  readonly compound: boolean;
  /** `for update`, `for share` … */
  readonly rowLock?: { readonly strength: string; readonly skipLocked: boolean; readonly noWait: boolean };
  /** Functions called at this level, in lower case. */
  readonly functions: readonly { readonly name: string; readonly at: Span }[];
  /** Common table expressions and subqueries, each as a statement of its own. */
  readonly inner: readonly SqlInner[];
  readonly insert?: SqlInsert;
  /** Columns set by an `update`. */
  readonly sets?: readonly string[];
  readonly createTable?: SqlCreateTable;
  readonly alters?: readonly SqlAlter[];
  /** MySQL: `algorithm=` and `lock=` of an `alter table`, in lower case. */
  readonly online?: { readonly algorithm?: string; readonly lock?: string };
  readonly index?: SqlIndex;
  readonly drop?: SqlDrop;
  readonly transaction?: "begin" | "commit" | "rollback" | "savepoint";
  /** `set [local] name = value`, value as written without quotes. */
  readonly setting?: { readonly name: string; readonly value: string; readonly local: boolean };
}

export interface SqlTable {
  /** Without schema and quotes; `""` where it is put in at run time. */
  readonly name: string;
  readonly schema?: string;
  readonly alias?: string;
  readonly role: "target" | "from" | "join";
  readonly at: Span;
}

export interface SqlLimit {
  readonly given: Answer;
  /** Where it is written as a number. */
  readonly value?: number;
  readonly at?: Span;
}

export interface SqlCount {
  /** The word `count`. */
  readonly at: Span;
  /** The whole call with `over (…)` and `filter (…)`. */
  readonly callAt: Span;
  /** `*`, a column name, or `""` for any other expression. */
  readonly of: string;
  readonly distinct: boolean;
  /** `count(*) over (…)`: one count with every row. */
  readonly window: boolean;
  /** The only thing selected. */
  readonly only: boolean;
  /** Whether the rows it looks at are capped: `select count(*) from (select … limit 1001)`. */
  readonly capped: Answer;
}

export interface SqlInner {
  readonly role: "cte" | "from" | "expression";
  /** Name of a common table expression, alias of a subquery in `from`. */
  readonly name?: string;
  readonly statement: SqlStatement;
}

export interface SqlInsert {
  readonly columns: readonly string[];
  /** Rows written out; undefined where they come from a query or are put in at run time. */
  readonly rows?: number;
  readonly fromQuery: boolean;
  readonly onConflict?: "nothing" | "update";
}

export interface SqlColumn {
  readonly name: string;
  /** In lower case, as written, with its size: `varchar(20)`, `timestamp with time zone`. */
  readonly type: string;
  readonly notNull: boolean;
  readonly primaryKey: boolean;
  readonly unique: boolean;
  /** `serial`, `auto_increment`, `autoincrement`, `generated … as identity`. */
  readonly auto: boolean;
  /** `generated always as (…) stored`. */
  readonly generated: boolean;
  readonly default?: SqlDefault;
  readonly references?: { readonly table: string; readonly columns: readonly string[] };
  readonly at: Span;
}

export interface SqlDefault {
  readonly text: string;
  /** `volatile` gives every row its own value, so adding such a column writes the whole table; `unknown` is a function we do not know. */
  readonly kind: "constant" | "stable" | "volatile" | "unknown";
  readonly at: Span;
}

export interface SqlConstraint {
  readonly kind: "primary-key" | "unique" | "foreign-key" | "check" | "exclude";
  readonly name?: string;
  readonly columns: readonly string[];
  readonly references?: { readonly table: string; readonly columns: readonly string[] };
  /** PostgreSQL: existing rows are not looked at. */
  readonly notValid: boolean;
  /** PostgreSQL: made of an index that exists. */
  readonly usingIndex: boolean;
  /** `check (c is not null)`: the column. */
  readonly notNullOf?: string;
  readonly at: Span;
}

export interface SqlCreateTable {
  readonly columns: readonly SqlColumn[];
  readonly constraints: readonly SqlConstraint[];
  /** Indexes written inside (MySQL). */
  readonly indexes: readonly { readonly columns: readonly string[]; readonly unique: boolean }[];
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  /** `create table … as select`. */
  readonly fromQuery: boolean;
}

export type SqlAlter =
  | { readonly what: "add-column"; readonly column: SqlColumn; readonly at: Span }
  /** PostgreSQL `alter column … type`, MySQL `modify`/`change`; the latter bring the whole definition. */
  | {
      readonly what: "alter-type";
      readonly name: string;
      readonly type: string;
      readonly using: boolean;
      readonly column?: SqlColumn;
      readonly at: Span;
    }
  | {
      readonly what: "drop-column" | "set-not-null" | "drop-not-null" | "drop-default";
      readonly name: string;
      readonly at: Span;
    }
  | { readonly what: "set-default"; readonly name: string; readonly default: SqlDefault; readonly at: Span }
  | { readonly what: "add-constraint"; readonly constraint: SqlConstraint; readonly at: Span }
  | { readonly what: "add-index"; readonly columns: readonly string[]; readonly unique: boolean; readonly at: Span }
  | {
      readonly what: "validate-constraint" | "drop-constraint" | "drop-index" | "rename-constraint";
      readonly name: string;
      readonly at: Span;
    }
  | { readonly what: "rename-column"; readonly name: string; readonly to: string; readonly at: Span }
  | { readonly what: "rename-table"; readonly to: string; readonly at: Span }
  /** `words` are the first few, in lower case. */
  | { readonly what: "other"; readonly words: string; readonly at: Span };

export interface SqlIndex {
  readonly name?: string;
  /** Plain columns in order; an expression is `""`. */
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly concurrently: boolean;
  readonly ifNotExists: boolean;
  /** It holds only some rows. */
  readonly partial: boolean;
}

export interface SqlDrop {
  /** `table`, `index`, `materialized view` … */
  readonly what: string;
  readonly names: readonly string[];
  readonly ifExists: boolean;
  readonly concurrently: boolean;
  readonly cascade: boolean;
}
