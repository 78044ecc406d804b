/** Facts of statements that change a schema, and of those around them. */
import type { SqlAlter, SqlColumn, SqlConstraint, SqlCreateTable, SqlDefault, SqlStatement } from "./sql-model.ts";
import { emptyStatement, readQuery } from "./sql-query.ts";
import { indexOfWords, inside, isName, isOp, isWord, nameAt, past, type Slice, spanOf, splitAt } from "./sql-slice.ts";

/** Any statement that is not a query; undefined where its first word is none that SQL knows. */
export function readOther(slice: Slice): SqlStatement | undefined {
  const token = slice.tokens[slice.from];
  if (token?.k !== "word" || !KNOWN.has(token.text)) return undefined;
  const at = slice.from;
  switch (token.text) {
    case "CREATE":
      return readCreate(slice, at) ?? other(slice);
    case "ALTER":
      return readAlter(slice, at) ?? other(slice);
    case "DROP":
      return readDrop(slice, at);
    case "RENAME":
      return readRename(slice, at);
    case "TRUNCATE": {
      const draft = emptyStatement("truncate", "truncate", slice, at);
      const from = isWord(slice, at + 1, "TABLE") ? at + 2 : at + 1;
      draft.tables = splitAt({ ...slice, from }, ",").flatMap((it) => {
        const name = nameAt(it, isWord(it, it.from, "ONLY") ? it.from + 1 : it.from);
        return name ? [{ ...name.table, role: "target" as const }] : [];
      });
      return draft;
    }
    case "BEGIN":
      return { ...emptyStatement("transaction", "begin", slice, at), transaction: "begin" };
    case "START":
      return isWord(slice, at + 1, "TRANSACTION")
        ? { ...emptyStatement("transaction", "start", slice, at), transaction: "begin" }
        : other(slice);
    case "COMMIT":
    case "END":
      return { ...emptyStatement("transaction", token.text.toLowerCase(), slice, at), transaction: "commit" };
    case "ROLLBACK":
    case "ABORT":
      return { ...emptyStatement("transaction", token.text.toLowerCase(), slice, at), transaction: "rollback" };
    case "SAVEPOINT":
    case "RELEASE":
      return { ...emptyStatement("transaction", token.text.toLowerCase(), slice, at), transaction: "savepoint" };
    case "SET":
      return readSet(slice, at);
    default:
      return other(slice);
  }
}

const KNOWN = new Set(
  "CREATE ALTER DROP RENAME TRUNCATE BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE SET EXPLAIN ANALYZE ANALYSE VACUUM REINDEX CLUSTER COMMENT GRANT REVOKE LOCK UNLOCK COPY CALL DO EXECUTE EXEC PREPARE DEALLOCATE DECLARE FETCH CLOSE LISTEN NOTIFY UNLISTEN REFRESH SHOW USE DESCRIBE DESC PRAGMA ATTACH DETACH MERGE OPTIMIZE REPAIR CHECK FLUSH KILL LOAD RESET DISCARD REASSIGN SECURITY CHECKPOINT HANDLER".split(
    " ",
  ),
);

function other(slice: Slice): SqlStatement {
  const draft = emptyStatement("other", slice.tokens[slice.from]!.text.toLowerCase(), slice, slice.from);
  if (!isWord(slice, slice.from, "LOCK", "VACUUM", "REINDEX", "CLUSTER", "ANALYZE", "COPY", "MERGE", "OPTIMIZE"))
    return draft;
  let i = slice.from + 1;
  if (isOp(slice, i, "(")) i = past(slice, i);
  while (
    isWord(slice, i, "TABLE", "TABLES", "ONLY", "FULL", "VERBOSE", "ANALYZE", "FREEZE", "INTO", "CONCURRENTLY", "INDEX")
  )
    i += 1;
  const name = nameAt(slice, i);
  if (name) draft.tables = [{ ...name.table, role: "target" }];
  return draft;
}

// create

function readCreate(slice: Slice, at: number): SqlStatement | undefined {
  let i = at + 1;
  let temporary = false;
  let unique = false;
  for (
    ;
    isWord(
      slice,
      i,
      "OR",
      "REPLACE",
      "TEMP",
      "TEMPORARY",
      "GLOBAL",
      "LOCAL",
      "UNLOGGED",
      "UNIQUE",
      "FULLTEXT",
      "SPATIAL",
      "VIRTUAL",
    );
    i++
  ) {
    temporary ||= isWord(slice, i, "TEMP", "TEMPORARY");
    unique ||= isWord(slice, i, "UNIQUE");
  }
  if (isWord(slice, i, "TABLE")) return readCreateTable(slice, at, i + 1, temporary);
  if (isWord(slice, i, "INDEX")) return readCreateIndex(slice, at, i + 1, unique);
  return undefined;
}

function readCreateTable(slice: Slice, at: number, from: number, temporary: boolean): SqlStatement | undefined {
  let i = from;
  const ifNotExists = isWord(slice, i, "IF");
  if (ifNotExists) i += 3;
  const name = nameAt(slice, i);
  if (!name) return undefined;
  i = name.next;
  const draft = emptyStatement("create-table", "create", slice, at);
  draft.tables = [{ ...name.table, role: "target" }];
  const columns: SqlColumn[] = [];
  const constraints: SqlConstraint[] = [];
  const indexes: { columns: readonly string[]; unique: boolean }[] = [];
  if (isOp(slice, i, "(") && !isWord(slice, i + 1, "SELECT", "WITH")) {
    for (const part of splitAt(inside(slice, i), ",").slice(0, 2_000)) {
      const constraint = readConstraint(part);
      if (constraint) constraints.push(constraint);
      else if (isWord(part, part.from, "INDEX", "KEY", "FULLTEXT", "SPATIAL"))
        indexes.push({ columns: listedColumns(part), unique: false });
      else if (isWord(part, part.from, "LIKE")) continue;
      else {
        const column = readColumn(part);
        if (column) columns.push(column);
      }
    }
    i = past(slice, i);
  }
  const as = indexOfWords(slice, i, "AS");
  const query = as === undefined ? indexOfWords(slice, i, "SELECT") : as + 1;
  const createTable: SqlCreateTable = {
    columns,
    constraints,
    indexes,
    ifNotExists,
    temporary,
    fromQuery: query !== undefined,
  };
  draft.createTable = createTable;
  if (query !== undefined) {
    const statement = readQuery({ ...slice, from: query });
    if (statement) draft.inner = [{ role: "expression", statement }];
  }
  return draft;
}

function readCreateIndex(slice: Slice, at: number, from: number, unique: boolean): SqlStatement | undefined {
  let i = from;
  const concurrently = isWord(slice, i, "CONCURRENTLY");
  if (concurrently) i += 1;
  const ifNotExists = isWord(slice, i, "IF");
  if (ifNotExists) i += 3;
  let name: string | undefined;
  if (!isWord(slice, i, "ON")) {
    const found = nameAt(slice, i);
    if (!found) return undefined;
    name = found.table.name;
    i = found.next;
  }
  if (isWord(slice, i, "USING")) i += 2;
  if (!isWord(slice, i, "ON")) return undefined;
  i += isWord(slice, i + 1, "ONLY") ? 2 : 1;
  const table = nameAt(slice, i);
  if (!table) return undefined;
  i = table.next;
  if (isWord(slice, i, "USING")) i += 2;
  const draft = emptyStatement("create-index", "create", slice, at);
  draft.tables = [{ ...table.table, role: "target" }];
  draft.index = {
    ...(name !== undefined ? { name } : {}),
    columns: isOp(slice, i, "(") ? indexColumns(inside(slice, i)) : [],
    unique,
    concurrently,
    ifNotExists,
    partial: indexOfWords(slice, i, "WHERE") !== undefined,
  };
  return draft;
}

function indexColumns(list: Slice): string[] {
  return splitAt(list, ",").map((it) => {
    const name = nameAt(it, it.from);
    // A direction, an operator class or a length may follow; a call makes an expression of it.
    if (!name) return "";
    return isOp(it, name.next, "(") && it.tokens[name.next + 1]?.k !== "number" ? "" : name.table.name;
  });
}

/** The plain columns in the first parentheses. */
function listedColumns(part: Slice): string[] {
  for (let i = part.from; i < part.to; i++) if (isOp(part, i, "(")) return indexColumns(inside(part, i));
  return [];
}

const NOT_COLUMN_NAMES = ["CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE"] as const;

function readConstraint(part: Slice): SqlConstraint | undefined {
  let i = part.from;
  let name: string | undefined;
  if (isWord(part, i, "CONSTRAINT")) {
    const token = part.tokens[i + 1];
    i += 1;
    if (token && i < part.to && isName(token) && !isWord(part, i, ...NOT_COLUMN_NAMES)) {
      name = token.name;
      i += 1;
    }
  }
  if (!isWord(part, i, ...NOT_COLUMN_NAMES)) return undefined;
  const word = part.tokens[i]!.text;
  const kind =
    word === "PRIMARY"
      ? "primary-key"
      : word === "UNIQUE"
        ? "unique"
        : word === "FOREIGN"
          ? "foreign-key"
          : word === "CHECK"
            ? "check"
            : "exclude";
  const references = indexOfWords(part, i, "REFERENCES");
  const columns =
    kind === "check" || kind === "exclude" ? [] : listedColumns({ ...part, from: i, to: references ?? part.to });
  const notNullOf = kind === "check" ? notNullColumn(part, i + 1) : undefined;
  return {
    kind,
    ...(name !== undefined ? { name } : {}),
    columns,
    ...(references !== undefined ? { references: readReference(part, references) } : {}),
    notValid: indexOfWords(part, i, "NOT", "VALID") !== undefined,
    usingIndex: indexOfWords(part, i, "USING", "INDEX") !== undefined,
    ...(notNullOf !== undefined ? { notNullOf } : {}),
    at: spanOf(part),
  };
}

function notNullColumn(part: Slice, at: number): string | undefined {
  if (!isOp(part, at, "(")) return undefined;
  let body = inside(part, at);
  while (isOp(body, body.from, "(") && body.tokens[body.from]!.close === body.to - 1) body = inside(body, body.from);
  const name = nameAt(body, body.from);
  return name &&
    isWord(body, name.next, "IS") &&
    isWord(body, name.next + 1, "NOT") &&
    isWord(body, name.next + 2, "NULL") &&
    name.next + 3 === body.to
    ? name.table.name
    : undefined;
}

function readReference(part: Slice, at: number): { table: string; columns: readonly string[] } {
  const name = nameAt(part, at + 1);
  if (!name) return { table: "", columns: [] };
  return { table: name.table.name, columns: isOp(part, name.next, "(") ? indexColumns(inside(part, name.next)) : [] };
}

const TYPE_ENDS = [
  "NOT",
  "NULL",
  "DEFAULT",
  "PRIMARY",
  "UNIQUE",
  "REFERENCES",
  "CHECK",
  "CONSTRAINT",
  "GENERATED",
  "COLLATE",
  "AUTO_INCREMENT",
  "AUTOINCREMENT",
  "COMMENT",
  "ON",
  "FIRST",
  "AFTER",
  "AS",
  "CHARSET",
  "USING",
  "KEY",
  "STORAGE",
  "COMPRESSION",
  "IDENTITY",
  "INVISIBLE",
  "VIRTUAL",
  "STORED",
] as const;

function endsType(part: Slice, at: number): boolean {
  return isWord(part, at, ...TYPE_ENDS) || (isWord(part, at, "CHARACTER") && isWord(part, at + 1, "SET"));
}

function readColumn(part: Slice): SqlColumn | undefined {
  const first = part.tokens[part.from];
  if (!first || !isName(first)) return undefined;
  let i = part.from + 1;
  const type: string[] = [];
  while (i < part.to && !endsType(part, i) && type.length < 12) {
    if (isOp(part, i, "(")) {
      const body = inside(part, i);
      const shown =
        body.from < body.to
          ? body.tokens
              .slice(body.from, body.to)
              .map((it) => (it.k === "word" ? it.name : it.text))
              .slice(0, 40)
              .join("")
          : "";
      type.push(`(${shown})`);
      i = past(part, i);
    } else {
      const token = part.tokens[i]!;
      type.push((type.length > 0 && token.k === "word" ? " " : "") + token.name.toLowerCase());
      i += 1;
    }
  }
  const rest: Slice = { ...part, from: i };
  const has = (...words: string[]): boolean => indexOfWords(rest, rest.from, ...words) !== undefined;
  const references = indexOfWords(rest, rest.from, "REFERENCES");
  const defaultAt = indexOfWords(rest, rest.from, "DEFAULT");
  const typeText = type.join("");
  const primaryKey = has("PRIMARY", "KEY");
  const identity = has("GENERATED") && has("AS", "IDENTITY");
  return {
    name: first.k === "hole" || first.partial ? "" : first.name,
    type: typeText,
    notNull: has("NOT", "NULL") || primaryKey || /^(?:small|big)?serial\d?$/.test(typeText),
    primaryKey,
    unique: has("UNIQUE"),
    auto: identity || has("AUTO_INCREMENT") || has("AUTOINCREMENT") || /^(?:small|big)?serial\d?$/.test(typeText),
    generated: (has("GENERATED") && !identity) || (has("AS") && !has("GENERATED")),
    ...(defaultAt !== undefined ? { default: readDefault({ ...rest, from: defaultAt + 1 }) } : {}),
    ...(references !== undefined ? { references: readReference(rest, references) } : {}),
    at: spanOf(part),
  };
}

const DEFAULT_ENDS = [
  "NOT",
  "NULL",
  "PRIMARY",
  "UNIQUE",
  "REFERENCES",
  "CHECK",
  "CONSTRAINT",
  "GENERATED",
  "COLLATE",
  "COMMENT",
  "ON",
  "FIRST",
  "AFTER",
  "AUTO_INCREMENT",
] as const;

/** Source of the lists: `pg_proc.provolatile` of PostgreSQL's built-in functions and of its uuid-ossp and pgcrypto. */
const VOLATILE = new Set(
  "random gen_random_uuid gen_random_bytes uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuidv4 uuidv7 clock_timestamp timeofday nextval setval gen_salt uuid rand".split(
    " ",
  ),
);
const STABLE = new Set(
  "now transaction_timestamp statement_timestamp current_setting to_timestamp date_trunc timezone current_user current_schema age to_char".split(
    " ",
  ),
);
const PURE = new Set(
  "lower upper concat coalesce array jsonb_build_object json_build_object jsonb_build_array json_build_array make_interval make_date md5 length json_array json_object cast".split(
    " ",
  ),
);

function readDefault(slice: Slice): SqlDefault {
  let to = slice.from;
  while (to < slice.to) {
    if (isOp(slice, to, "(")) {
      to = past(slice, to);
      continue;
    }
    if (to > slice.from && isWord(slice, to, ...DEFAULT_ENDS)) break;
    to += 1;
  }
  const body: Slice = { ...slice, to: Math.max(to, Math.min(slice.from + 1, slice.to)) };
  let kind: SqlDefault["kind"] = "constant";
  for (let i = body.from; i < body.to; i++) {
    const token = body.tokens[i]!;
    if (isOp(body, i, "::")) {
      i += 1;
      continue;
    }
    if (token.k === "hole") kind = worse(kind, "unknown");
    if (
      isWord(
        body,
        i,
        "CURRENT_TIMESTAMP",
        "CURRENT_DATE",
        "CURRENT_TIME",
        "LOCALTIME",
        "LOCALTIMESTAMP",
        "CURRENT_USER",
      )
    )
      kind = worse(kind, "stable");
    else if ((token.k === "word" || token.k === "quoted") && isOp(body, i + 1, "(")) {
      const name = token.name.toLowerCase();
      kind = worse(
        kind,
        VOLATILE.has(name) ? "volatile" : STABLE.has(name) ? "stable" : PURE.has(name) ? "constant" : "unknown",
      );
    }
  }
  const text = body.tokens
    .slice(body.from, body.to)
    .map((it) => (it.k === "word" || it.k === "quoted" ? it.name : it.text))
    .slice(0, 60)
    .join(" ");
  return { text, kind, at: spanOf(body) };
}

function worse(a: SqlDefault["kind"], b: SqlDefault["kind"]): SqlDefault["kind"] {
  const order: SqlDefault["kind"][] = ["constant", "stable", "unknown", "volatile"];
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}

// alter, drop, rename

function readAlter(slice: Slice, at: number): SqlStatement | undefined {
  if (!isWord(slice, at + 1, "TABLE")) return undefined;
  let i = at + 2;
  if (isWord(slice, i, "IF")) i += 2;
  if (isWord(slice, i, "ONLY")) i += 1;
  const name = nameAt(slice, i);
  if (!name) return undefined;
  i = name.next;
  if (isOp(slice, i, "*")) i += 1;
  const draft = emptyStatement("alter-table", "alter", slice, at);
  draft.tables = [{ ...name.table, role: "target" }];
  const alters: SqlAlter[] = [];
  let algorithm: string | undefined;
  let lock: string | undefined;
  for (const part of splitAt({ ...slice, from: i }, ",").slice(0, 2_000)) {
    if (isWord(part, part.from, "ALGORITHM", "LOCK")) {
      const value = part.tokens[part.to - 1]!.name.toLowerCase();
      if (isWord(part, part.from, "LOCK")) lock = value;
      else algorithm = value;
      continue;
    }
    alters.push(...readAction(part));
  }
  draft.alters = alters;
  if (algorithm !== undefined || lock !== undefined)
    draft.online = { ...(algorithm !== undefined ? { algorithm } : {}), ...(lock !== undefined ? { lock } : {}) };
  return draft;
}

function readAction(part: Slice): SqlAlter[] {
  const at = spanOf(part);
  const i = part.from;
  const otherwise: SqlAlter[] = [
    {
      what: "other",
      words: part.tokens
        .slice(i, Math.min(i + 4, part.to))
        .flatMap((it) => (it.k === "word" ? [it.text.toLowerCase()] : []))
        .join(" "),
      at,
    },
  ];
  if (isWord(part, i, "ADD")) return readAdd(part, at) ?? otherwise;
  if (isWord(part, i, "DROP")) {
    let n = i + 1;
    const what = isWord(part, n, "CONSTRAINT", "FOREIGN", "CHECK", "PRIMARY")
      ? "drop-constraint"
      : isWord(part, n, "INDEX", "KEY")
        ? "drop-index"
        : isWord(part, n, "PARTITION")
          ? undefined
          : "drop-column";
    if (what === undefined) return otherwise;
    while (isWord(part, n, "COLUMN", "CONSTRAINT", "INDEX", "KEY", "FOREIGN", "CHECK", "PRIMARY", "IF", "EXISTS"))
      n += 1;
    return [{ what, name: nameAt(part, n)?.table.name ?? "", at }];
  }
  if (isWord(part, i, "VALIDATE"))
    return [{ what: "validate-constraint", name: nameAt(part, i + 2)?.table.name ?? "", at }];
  if (isWord(part, i, "RENAME")) return readRenaming(part, at) ?? otherwise;
  if (isWord(part, i, "ALTER")) return readColumnChange(part, at) ?? otherwise;
  if (isWord(part, i, "MODIFY", "CHANGE")) {
    let n = isWord(part, i + 1, "COLUMN") ? i + 2 : i + 1;
    const name = nameAt(part, n);
    if (!name) return otherwise;
    if (isWord(part, i, "CHANGE")) n = name.next;
    const column = readColumn({ ...part, from: n });
    if (!column) return otherwise;
    const renamed: SqlAlter[] =
      isWord(part, i, "CHANGE") && column.name.toLowerCase() !== name.table.name.toLowerCase()
        ? [{ what: "rename-column", name: name.table.name, to: column.name, at }]
        : [];
    return [...renamed, { what: "alter-type", name: name.table.name, type: column.type, using: false, column, at }];
  }
  return otherwise;
}

function readRenaming(part: Slice, at: SqlAlter["at"]): SqlAlter[] | undefined {
  const i = part.from + 1;
  if (isWord(part, i, "TO", "AS")) return [{ what: "rename-table", to: nameAt(part, i + 1)?.table.name ?? "", at }];
  if (isWord(part, i, "CONSTRAINT", "INDEX", "KEY"))
    return [{ what: "rename-constraint", name: nameAt(part, i + 1)?.table.name ?? "", at }];
  const from = nameAt(part, isWord(part, i, "COLUMN") ? i + 1 : i);
  if (from && isWord(part, from.next, "TO"))
    return [{ what: "rename-column", name: from.table.name, to: nameAt(part, from.next + 1)?.table.name ?? "", at }];
  if (from && from.next === part.to) return [{ what: "rename-table", to: from.table.name, at }];
  return undefined;
}

/** PostgreSQL: `alter [column] c …`. */
function readColumnChange(part: Slice, at: SqlAlter["at"]): SqlAlter[] | undefined {
  const i = part.from + 1;
  if (isWord(part, i, "CONSTRAINT", "INDEX")) return undefined;
  const found = nameAt(part, isWord(part, i, "COLUMN") ? i + 1 : i);
  if (!found) return undefined;
  const n = found.next;
  const { name } = found.table;
  if (isWord(part, n, "TYPE") || (isWord(part, n, "SET") && isWord(part, n + 1, "DATA"))) {
    const typeFrom = isWord(part, n, "TYPE") ? n + 1 : n + 3;
    const using = indexOfWords(part, typeFrom, "USING");
    const definition = readColumn({ ...part, from: typeFrom - 1, to: using ?? part.to });
    return [{ what: "alter-type", name, type: definition?.type ?? "", using: using !== undefined, at }];
  }
  if (isWord(part, n, "SET") && isWord(part, n + 1, "NOT")) return [{ what: "set-not-null", name, at }];
  if (isWord(part, n, "DROP") && isWord(part, n + 1, "NOT")) return [{ what: "drop-not-null", name, at }];
  if (isWord(part, n, "SET") && isWord(part, n + 1, "DEFAULT"))
    return [{ what: "set-default", name, default: readDefault({ ...part, from: n + 2 }), at }];
  if (isWord(part, n, "DROP") && isWord(part, n + 1, "DEFAULT")) return [{ what: "drop-default", name, at }];
  return undefined;
}

function readAdd(part: Slice, at: SqlAlter["at"]): SqlAlter[] | undefined {
  let i = part.from + 1;
  if (isWord(part, i, "COLUMN")) i += 1;
  if (isWord(part, i, "IF")) i += 3;
  const rest: Slice = { ...part, from: i };
  const unique = isWord(rest, i, "UNIQUE");
  if (unique && isWord(rest, i + 1, "INDEX", "KEY"))
    return [{ what: "add-index", columns: listedColumns(rest), unique: true, at }];
  if (isWord(rest, i, "INDEX", "KEY", "FULLTEXT", "SPATIAL"))
    return [{ what: "add-index", columns: listedColumns(rest), unique: false, at }];
  const constraint = readConstraint(rest);
  if (constraint) return [{ what: "add-constraint", constraint, at }];
  if (isWord(rest, i, "PARTITION", "GENERATED")) return undefined;
  // MySQL: `add column (a int, b int)`.
  const parts = isOp(rest, i, "(") ? splitAt(inside(rest, i), ",") : [rest];
  return parts.flatMap((it) => {
    const column = readColumn(it);
    return column ? [{ what: "add-column" as const, column, at }] : [];
  });
}

function readDrop(slice: Slice, at: number): SqlStatement {
  const draft = emptyStatement("drop", "drop", slice, at);
  let i = at + 1;
  const what: string[] = [];
  while (
    isWord(
      slice,
      i,
      "TABLE",
      "INDEX",
      "MATERIALIZED",
      "VIEW",
      "SCHEMA",
      "DATABASE",
      "TYPE",
      "SEQUENCE",
      "FUNCTION",
      "PROCEDURE",
      "TRIGGER",
      "EXTENSION",
      "ROLE",
      "USER",
      "DOMAIN",
      "POLICY",
      "OWNED",
      "TEMPORARY",
      "FOREIGN",
      "CONSTRAINT",
      "RULE",
      "EVENT",
    )
  ) {
    what.push(slice.tokens[i]!.text.toLowerCase());
    i += 1;
  }
  const concurrently = isWord(slice, i, "CONCURRENTLY");
  if (concurrently) i += 1;
  const ifExists = isWord(slice, i, "IF");
  if (ifExists) i += 2;
  const names = splitAt({ ...slice, from: i }, ",").flatMap((it) => {
    const name = nameAt(it, it.from);
    return name ? [name.table] : [];
  });
  const kind = what.join(" ");
  draft.drop = {
    what: kind,
    names: names.map((it) => it.name),
    ifExists,
    concurrently,
    cascade: indexOfWords(slice, i, "CASCADE") !== undefined,
  };
  if (kind === "table") draft.tables = names.map((it) => ({ ...it, role: "target" as const }));
  // MySQL: `drop index i on t`.
  const on = kind === "index" ? indexOfWords(slice, i, "ON") : undefined;
  const table = on === undefined ? undefined : nameAt(slice, on + 1);
  if (table) draft.tables = [{ ...table.table, role: "target" }];
  return draft;
}

/** MySQL: `rename table a to b`. */
function readRename(slice: Slice, at: number): SqlStatement {
  if (!isWord(slice, at + 1, "TABLE", "TABLES")) return other(slice);
  const draft = emptyStatement("alter-table", "rename", slice, at);
  const parts = splitAt({ ...slice, from: at + 2 }, ",").flatMap((it) => {
    const name = nameAt(it, it.from);
    const to = name && isWord(it, name.next, "TO") ? nameAt(it, name.next + 1) : undefined;
    return name && to ? [{ table: name.table, to: to.table.name, at: spanOf(it) }] : [];
  });
  draft.tables = parts.map((it) => ({ ...it.table, role: "target" as const }));
  draft.alters = parts.map((it) => ({ what: "rename-table" as const, to: it.to, at: it.at }));
  return draft;
}

function readSet(slice: Slice, at: number): SqlStatement {
  const draft = emptyStatement("set", "set", slice, at);
  let i = at + 1;
  const local = isWord(slice, i, "LOCAL");
  while (isWord(slice, i, "LOCAL", "SESSION", "GLOBAL")) i += 1;
  const name = nameAt(slice, i);
  if (!name) return draft;
  const valueAt = name.next + 1;
  if (!(isOp(slice, name.next, "=") || isOp(slice, name.next, ":=") || isWord(slice, name.next, "TO"))) return draft;
  const value = slice.tokens
    .slice(valueAt, slice.to)
    .slice(0, 20)
    .map((it) => it.text.replace(/^'|'$/g, ""))
    .join(" ");
  draft.setting = {
    name: [name.table.schema, name.table.name]
      .filter((it) => it !== undefined)
      .join(".")
      .toLowerCase(),
    value,
    local,
  };
  return draft;
}
