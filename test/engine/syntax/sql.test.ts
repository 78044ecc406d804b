import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readSql, type SqlDialect, type SqlStatement, sqlText, summarizeText } from "../../../engine/index.ts";
import { nodeParser } from "../../../platform/parser.ts";

function one(text: string, dialect: SqlDialect = "postgresql"): SqlStatement {
  const found = readSql(text, dialect);
  assert.equal(found?.length, 1, text);
  return found![0]!;
}

const shown = (text: string, at: readonly [number, number] | undefined): string => (at ? text.slice(...at) : "");

describe("select", () => {
  it("tells tables, condition, limit and offset", () => {
    const text = `SELECT u.*, lower(u.name) FROM "app"."Users" AS u LEFT JOIN posts p ON p.uid = u.id
      WHERE u.org = $1 AND u.state IN ('a', 'b') AND u.age >= 18 ORDER BY u.name DESC, p.at LIMIT 10 OFFSET 20`;
    const found = one(text);
    assert.equal(found.kind, "select");
    assert.equal(shown(text, found.keywordAt), "SELECT");
    assert.deepEqual(
      found.tables.map(({ name, schema, alias, role }) => [name, schema, alias, role]),
      [
        ["Users", "app", "u", "from"],
        ["posts", undefined, "p", "join"],
      ],
    );
    assert.deepEqual(found.where, { given: "yes", equals: ["org"], inLists: ["state"], others: ["age"] });
    assert.deepEqual([found.limit.given, found.limit.value, found.offset?.value], ["yes", 10, 20]);
    assert.deepEqual(found.orderBy, ["name", "at"]);
    assert.deepEqual(
      found.functions.map((it) => it.name),
      ["lower"],
    );
    assert.equal(found.star, true);
  });

  const conditions: readonly [string, SqlStatement["where"]][] = [
    ["id = $1", { given: "yes", equals: ["id"], inLists: [], others: [] }],
    ["? = id", { given: "yes", equals: ["id"], inLists: [], others: [] }],
    ["(id = :id AND (org = 3))", { given: "yes", equals: ["id", "org"], inLists: [], others: [] }],
    ["id = ANY($1)", { given: "yes", equals: [], inLists: ["id"], others: [] }],
    ["id::text = 'a'", { given: "yes", equals: ["id"], inLists: [], others: [] }],
    ["at BETWEEN $1 AND $2 AND id = 1", { given: "yes", equals: ["id"], inLists: [], others: ["at"] }],
    ["id IN (SELECT id FROM b)", { given: "yes", equals: [], inLists: [], others: ["id"] }],
    ["id = 1 OR org = 2", { given: "yes", others: ["id", "org"] }],
    ["id = 1 AND (a = 2 OR b = 3)", { given: "yes", equals: ["id"], inLists: [], others: ["a", "b"] }],
    ["1 = 1", { given: "no", equals: [], inLists: [], others: [] }],
    ["1=1 AND true", { given: "no", equals: [], inLists: [], others: [] }],
    ["1=1 AND id = 2", { given: "yes", equals: ["id"], inLists: [], others: [] }],
    ["id = 1 OR 1=1", { given: "no", others: [] }],
    ["a.id = a.id", { given: "no", equals: [], inLists: [], others: [] }],
    ["${condition}", { given: "unknown" }],
    ["id = ${id}", { given: "yes", equals: ["id"], inLists: [], others: [] }],
    ["id > 3 AND ${more}", { given: "yes", others: ["id"] }],
    ["deleted_at IS NULL", { given: "yes", equals: [], inLists: [], others: ["deleted_at"] }],
    ["created_at > now() - INTERVAL '1 day'", { given: "yes", equals: [], inLists: [], others: ["created_at"] }],
    ["NOT EXISTS (SELECT 1 FROM b WHERE b.id = 3)", { given: "yes", equals: [], inLists: [], others: [] }],
  ];
  for (const [condition, expected] of conditions)
    it(`reads where ${condition}`, () => {
      for (const start of ["SELECT * FROM a", "DELETE FROM a", "UPDATE a SET b = 1"])
        assert.deepEqual(one(`${start} WHERE ${condition}`).where, expected, start);
    });

  it("counts only the main table's keys among the equal columns of a join", () => {
    const found = one("SELECT 1 FROM a JOIN b ON b.a = a.id WHERE a.x = 1 AND b.y = 2 AND z = 3 AND a.id = b.a");
    assert.deepEqual(found.where, { given: "yes", equals: ["x"], inLists: [], others: ["y", "z"] });
  });

  it("does not know what a run-time clause brings", () => {
    const found = one("SELECT * FROM a ${rest}");
    assert.deepEqual([found.where.given, found.limit.given], ["unknown", "unknown"]);
    const bounded = one("SELECT ${columns} FROM ${table} WHERE ${column} = 1 ORDER BY ${order} LIMIT ${limit}");
    assert.deepEqual([bounded.limit.given, bounded.limit.value, bounded.tables[0]?.name], ["yes", undefined, ""]);
    assert.equal(one("SELECT * FROM events_${year} LIMIT 3").tables[0]?.name, "");
  });

  const limits: readonly [string, SqlDialect, string, number | undefined, number | undefined][] = [
    ["LIMIT 10", "postgresql", "yes", 10, undefined],
    ["LIMIT 5, 10", "mysql", "yes", 10, 5],
    ["LIMIT ALL", "postgresql", "no", undefined, undefined],
    ["LIMIT $1", "postgresql", "yes", undefined, undefined],
    ["FETCH FIRST 7 ROWS ONLY", "postgresql", "yes", 7, undefined],
    ["OFFSET 3 ROWS FETCH NEXT ROW ONLY", "postgresql", "yes", 1, 3],
    ["", "sqlite", "no", undefined, undefined],
  ];
  for (const [clause, dialect, given, value, offset] of limits)
    it(`reads ${clause || "no limit"} in ${dialect}`, () => {
      const found = one(`SELECT * FROM a ${clause}`, dialect);
      assert.deepEqual([found.limit.given, found.limit.value, found.offset?.value], [given, value, offset]);
    });

  it("takes order and limit of a union for the whole", () => {
    for (const text of [
      "SELECT a FROM b UNION ALL SELECT c FROM d ORDER BY 1 LIMIT 3",
      "(SELECT a FROM b) UNION (SELECT c FROM d WHERE e = 1) LIMIT 3",
    ]) {
      const found = one(text);
      assert.deepEqual([found.compound, found.limit.value, found.tables.map((it) => it.name)], [true, 3, ["b", "d"]]);
    }
  });

  it("keeps subqueries and common table expressions apart", () => {
    const found = one(
      "WITH recent AS (SELECT * FROM posts LIMIT 5) SELECT (SELECT count(*) FROM likes l WHERE l.post = r.id) FROM recent r WHERE EXISTS (SELECT 1 FROM x)",
    );
    assert.deepEqual(found.tables, []);
    assert.deepEqual(
      found.inner.map((it) => [it.role, it.name, it.statement.tables[0]?.name]),
      [
        ["cte", "recent", "posts"],
        ["expression", undefined, "likes"],
        ["expression", undefined, "x"],
      ],
    );
    assert.deepEqual(found.counts, []);
    assert.equal(found.inner[1]?.statement.counts.length, 1);
  });

  it("is not misled by keywords that are names, strings or comments", () => {
    const found = one(`SELECT t.limit, "where", extract(year FROM t.at) -- LIMIT 1
      FROM t /* WHERE a = 1 */ WHERE t.a IS DISTINCT FROM 'limit 3' `);
    assert.deepEqual([found.limit.given, found.where.given, found.tables.map((it) => it.name)], ["no", "yes", ["t"]]);
  });

  it("reads locks of rows", () => {
    assert.deepEqual(one("SELECT * FROM a WHERE id = 1 FOR UPDATE SKIP LOCKED").rowLock, {
      strength: "update",
      skipLocked: true,
      noWait: false,
    });
    assert.equal(one("SELECT * FROM a FOR NO KEY UPDATE NOWAIT").rowLock?.noWait, true);
  });

  it("finds functions that hold a connection", () => {
    assert.deepEqual(
      one("SELECT pg_sleep(5)").functions.map((it) => it.name),
      ["pg_sleep"],
    );
  });
});

describe("counts", () => {
  const cases: readonly [string, Partial<SqlStatement["counts"][number]> & { readonly grouped?: boolean }][] = [
    ["SELECT COUNT(*) FROM a", { of: "*", only: true, capped: "no", window: false }],
    ["SELECT count(1) AS total FROM a", { of: "*", only: true }],
    ["SELECT count(distinct a.org) FROM a", { of: "org", distinct: true, only: true }],
    ["SELECT id, count(*) OVER () AS total FROM a LIMIT 10", { window: true, only: false, capped: "no" }],
    ["SELECT count(*) FILTER (WHERE x) OVER w, b FROM a WINDOW w AS (PARTITION BY b)", { window: true }],
    ["SELECT org, count(*) FROM a GROUP BY org", { only: false, grouped: true }],
    ["SELECT count(*)::int AS n FROM a WHERE b = 1", { of: "*", only: true }],
    ["SELECT count(*) FROM (SELECT 1 FROM a LIMIT 1001) AS s", { capped: "yes" }],
    ["SELECT count(*) FROM (SELECT 1 FROM a) AS s", { capped: "no" }],
    ["WITH s AS (SELECT 1 FROM a LIMIT $1) SELECT count(*) FROM s", { capped: "yes" }],
    ["SELECT count(*) FROM ${query}", { capped: "unknown" }],
    ["SELECT count(*) FROM a LIMIT 1", { capped: "no" }],
  ];
  for (const [text, { grouped, ...expected }] of cases)
    it(`reads ${text}`, () => {
      const found = one(text);
      assert.equal(found.counts.length, 1);
      const count = found.counts[0]!;
      for (const [key, value] of Object.entries(expected)) assert.equal(count[key as keyof typeof count], value, key);
      assert.equal(found.grouped, grouped ?? false);
      assert.equal(shown(text, count.at).toLowerCase(), "count");
    });

  it("covers the whole call", () => {
    const text = "SELECT a, count(*) FILTER (WHERE b) OVER (PARTITION BY c) AS n FROM t";
    assert.equal(shown(text, one(text).counts[0]?.callAt), "count(*) FILTER (WHERE b) OVER (PARTITION BY c)");
  });
});

describe("writes", () => {
  it("reads inserts", () => {
    assert.deepEqual(
      one("INSERT INTO a (b, c) VALUES ($1, now()), (3, 4) ON CONFLICT (b) DO NOTHING RETURNING id").insert,
      { columns: ["b", "c"], rows: 2, fromQuery: false, onConflict: "nothing" },
    );
    assert.deepEqual(one("INSERT IGNORE INTO a SET b = 1", "mysql").insert, {
      columns: ["b"],
      rows: 1,
      fromQuery: false,
      onConflict: "nothing",
    });
    assert.deepEqual(one("REPLACE INTO a VALUES (1)", "mysql").insert, {
      columns: [],
      rows: 1,
      fromQuery: false,
      onConflict: "update",
    });
    const copied = one("INSERT INTO a (b) SELECT c FROM d");
    assert.equal(copied.insert?.fromQuery, true);
    assert.equal(copied.inner[0]?.statement.tables[0]?.name, "d");
    assert.equal(one("INSERT INTO a (b) VALUES ${rows}").insert?.rows, undefined);
  });

  it("reads updates", () => {
    const found = one("UPDATE a SET b = b + 1, c = (SELECT max(d) FROM e) FROM f WHERE a.id = f.a AND a.x = $1");
    assert.deepEqual(
      [found.tables.map((it) => [it.name, it.role]), found.sets],
      [
        [
          ["a", "target"],
          ["f", "from"],
        ],
        ["b", "c"],
      ],
    );
    assert.deepEqual(found.where.equals, ["x"]);
    assert.equal(one("UPDATE a SET b = 1").where.given, "no");
    const joined = one("UPDATE a JOIN b ON b.a = a.id SET a.x = 1 WHERE b.y = 2 LIMIT 3", "mysql");
    assert.deepEqual([joined.tables[0]?.role, joined.limit.value, joined.sets], ["target", 3, ["x"]]);
  });

  it("reads deletes", () => {
    assert.equal(one("DELETE FROM a").where.given, "no");
    assert.deepEqual(
      one("DELETE FROM a USING b WHERE b.a = a.id AND a.c = 1").tables.map((it) => it.name),
      ["a", "b"],
    );
    assert.equal(one("DELETE FROM a ${where}").where.given, "unknown");
  });

  it("reads a write that begins with a common table expression", () => {
    const found = one("WITH old AS (SELECT id FROM a LIMIT 100) DELETE FROM a WHERE id IN (SELECT id FROM old)");
    assert.deepEqual([found.kind, found.where.given], ["delete", "yes"]);
  });
});

describe("schema changes", () => {
  it("reads tables", () => {
    const found = one(`CREATE TABLE IF NOT EXISTS "Order" (
      id BIGSERIAL PRIMARY KEY, n numeric(10, 2) NOT NULL DEFAULT 0, at timestamp with time zone DEFAULT now(),
      user_id int REFERENCES users(id) ON DELETE CASCADE, code varchar(20) UNIQUE, total int GENERATED ALWAYS AS (n * 2) STORED,
      CONSTRAINT u UNIQUE (n, at), FOREIGN KEY (user_id, code) REFERENCES other (a, b))`);
    assert.deepEqual(
      [found.kind, found.tables[0]?.name, found.createTable?.ifNotExists],
      ["create-table", "Order", true],
    );
    assert.deepEqual(
      found.createTable?.columns.map((it) => [
        it.name,
        it.type,
        it.notNull,
        it.primaryKey,
        it.auto,
        it.unique,
        it.generated,
        it.references?.table,
      ]),
      [
        ["id", "bigserial", true, true, true, false, false, undefined],
        ["n", "numeric(10,2)", true, false, false, false, false, undefined],
        ["at", "timestamp with time zone", false, false, false, false, false, undefined],
        ["user_id", "int", false, false, false, false, false, "users"],
        ["code", "varchar(20)", false, false, false, true, false, undefined],
        ["total", "int", false, false, false, false, true, undefined],
      ],
    );
    assert.deepEqual(
      found.createTable?.constraints.map((it) => [it.kind, it.columns, it.references?.table]),
      [
        ["unique", ["n", "at"], undefined],
        ["foreign-key", ["user_id", "code"], "other"],
      ],
    );
  });

  it("reads tables of MySQL", () => {
    const found = one(
      "CREATE TABLE `a` (`id` int(11) unsigned NOT NULL AUTO_INCREMENT, `b` varchar(20) CHARACTER SET utf8mb4 DEFAULT 'x', PRIMARY KEY (`id`), UNIQUE KEY `k` (`b`(10)), KEY `l` (`b`, `id`)) ENGINE=InnoDB",
      "mysql",
    );
    assert.deepEqual(
      found.createTable?.columns.map((it) => [it.name, it.type, it.auto]),
      [
        ["id", "int(11) unsigned", true],
        ["b", "varchar(20)", false],
      ],
    );
    assert.deepEqual(
      found.createTable?.constraints.map((it) => [it.kind, it.columns]),
      [
        ["primary-key", ["id"]],
        ["unique", ["b"]],
      ],
    );
    assert.deepEqual(found.createTable?.indexes, [{ columns: ["b", "id"], unique: false }]);
  });

  it("reads indexes", () => {
    const found = one(
      'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t USING btree (a DESC, lower(b), "C") WHERE d',
    );
    assert.deepEqual(found.index, {
      name: "i",
      columns: ["a", "", "C"],
      unique: true,
      concurrently: true,
      ifNotExists: true,
      partial: true,
    });
    assert.deepEqual(
      found.tables.map((it) => [it.schema, it.name]),
      [["s", "t"]],
    );
    assert.equal(one("CREATE INDEX ON t (a)").index?.concurrently, false);
  });

  it("reads what is done to a table, action by action", () => {
    const text = `ALTER TABLE ONLY s.t ADD COLUMN IF NOT EXISTS c uuid NOT NULL DEFAULT gen_random_uuid(), ADD d text DEFAULT 'x',
      ALTER COLUMN e TYPE bigint USING e::bigint, ALTER f SET NOT NULL, ADD CONSTRAINT k FOREIGN KEY (g) REFERENCES h (id) NOT VALID,
      ADD CONSTRAINT n CHECK (f IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT k, RENAME COLUMN i TO j, DROP COLUMN IF EXISTS l CASCADE,
      ADD CONSTRAINT p PRIMARY KEY USING INDEX q, ENABLE ROW LEVEL SECURITY`;
    const found = one(text);
    assert.deepEqual(
      found.alters?.map((it) => it.what),
      [
        "add-column",
        "add-column",
        "alter-type",
        "set-not-null",
        "add-constraint",
        "add-constraint",
        "validate-constraint",
        "rename-column",
        "drop-column",
        "add-constraint",
        "other",
      ],
    );
    const [volatile, constant, type, , key, check, , renamed, , using] = found.alters!;
    assert.ok(
      volatile?.what === "add-column" && volatile.column.notNull && volatile.column.default?.kind === "volatile",
    );
    assert.ok(
      constant?.what === "add-column" && constant.column.default?.kind === "constant" && !constant.column.notNull,
    );
    assert.ok(type?.what === "alter-type" && type.type === "bigint" && type.using);
    assert.equal(shown(text, type.at), "ALTER COLUMN e TYPE bigint USING e::bigint");
    assert.ok(key?.what === "add-constraint" && key.constraint.notValid && key.constraint.references?.table === "h");
    assert.ok(check?.what === "add-constraint" && check.constraint.notNullOf === "f");
    assert.ok(renamed?.what === "rename-column" && renamed.name === "i" && renamed.to === "j");
    assert.ok(using?.what === "add-constraint" && using.constraint.usingIndex);
  });

  it("reads what MySQL does to a table", () => {
    const found = one(
      "ALTER TABLE `t` MODIFY COLUMN `a` bigint NOT NULL, CHANGE `b` `c` text, ADD UNIQUE INDEX `i` (`a`), ALGORITHM=INPLACE, LOCK=NONE",
      "mysql",
    );
    assert.deepEqual(
      found.alters?.map((it) => it.what),
      ["alter-type", "rename-column", "alter-type", "add-index"],
    );
    assert.deepEqual(found.online, { algorithm: "inplace", lock: "none" });
    assert.deepEqual(one("RENAME TABLE a TO b", "mysql").alters?.[0]?.what, "rename-table");
  });

  const defaults: readonly [string, string][] = [
    ["'x'::text", "constant"],
    ["-1.5", "constant"],
    ["false", "constant"],
    ["'{}'::jsonb", "constant"],
    ["now()", "stable"],
    ["CURRENT_TIMESTAMP", "stable"],
    ["nextval('s'::regclass)", "volatile"],
    ["uuid_generate_v4()", "volatile"],
    ["(random() * 10)::int", "volatile"],
    ["my_function()", "unknown"],
  ];
  for (const [text, kind] of defaults)
    it(`knows what default ${text} does`, () => {
      const found = one(`ALTER TABLE a ADD COLUMN b text DEFAULT ${text} NOT NULL`).alters?.[0];
      assert.ok(found?.what === "add-column");
      assert.deepEqual([found.column.default?.kind, found.column.notNull], [kind, true]);
    });

  it("reads drops, truncates, transactions and settings", () => {
    const found = readSql(
      "BEGIN; SET LOCAL lock_timeout = '2s'; DROP INDEX CONCURRENTLY IF EXISTS a, b; DROP TABLE c CASCADE; TRUNCATE TABLE d, e; ROLLBACK TO x; COMMIT",
      "postgresql",
    )!;
    assert.deepEqual(
      found.map((it) => it.kind),
      ["transaction", "set", "drop", "drop", "truncate", "transaction", "transaction"],
    );
    assert.deepEqual(found[1]?.setting, { name: "lock_timeout", value: "2s", local: true });
    assert.deepEqual(found[2]?.drop, {
      what: "index",
      names: ["a", "b"],
      ifExists: true,
      concurrently: true,
      cascade: false,
    });
    assert.deepEqual([found[3]?.drop?.cascade, found[3]?.tables[0]?.name], [true, "c"]);
    assert.deepEqual(
      found[4]?.tables.map((it) => it.name),
      ["d", "e"],
    );
    assert.deepEqual(found.map((it) => it.transaction).filter(Boolean), ["begin", "rollback", "commit"]);
  });
});

describe("texts", () => {
  it("passes over what is no SQL", () => {
    assert.deepEqual(
      readSql("hello world; SELECT 1; what is this", "postgresql")?.map((it) => it.kind),
      ["select"],
    );
    assert.deepEqual(readSql("", "postgresql"), []);
  });

  it("keeps the bodies of functions and triggers together", () => {
    const text = `CREATE FUNCTION f() RETURNS trigger AS $body$ BEGIN DELETE FROM a; RETURN NULL; END $body$ LANGUAGE plpgsql;
      CREATE TRIGGER t AFTER INSERT ON b BEGIN UPDATE c SET d = CASE WHEN 1 THEN 2 END; DELETE FROM e; END; SELECT 1`;
    assert.deepEqual(
      readSql(text, "postgresql")?.map((it) => it.kind),
      ["other", "other", "select"],
    );
  });

  it("lexes each dialect by its own rules", () => {
    assert.equal(one('SELECT * FROM a WHERE b = "where x" # limit 3', "mysql").where.equals?.[0], "b");
    assert.equal(one("SELECT * FROM a WHERE b = 'it\\'s; here'", "mysql").limit.given, "no");
    assert.equal(one("SELECT * FROM [my table] LIMIT 1", "sqlite").tables[0]?.name, "my table");
    assert.equal(one("SELECT * FROM a WHERE b = E'it\\'s; here'").where.given, "yes");
    assert.equal(one("SELECT a[1], '{1}'::int[] FROM t WHERE tags @> ARRAY['x;']").tables.length, 1);
  });

  it("does not look at texts without end", () => {
    assert.equal(readSql(`SELECT '${"x".repeat(1_000_000)}'`, "postgresql"), undefined);
  });

  it("reads deep nesting without overflow", () => {
    for (const piece of [
      "(",
      "(SELECT ",
      "SELECT * FROM (",
      "SELECT a WHERE (a = 1 OR (",
      "WITH a AS (",
      "a OR (b AND ",
    ])
      assert.ok(Array.isArray(readSql(`SELECT * FROM a WHERE ${piece.repeat(5_000)}`, "postgresql")));
  });

  it("never throws and keeps offsets inside, whatever the text", () => {
    const words =
      "SELECT FROM WHERE a b ( ) , ; = 'x' \" ` $1 ? ${x} COUNT * LIMIT 1 JOIN ON UNION WITH AS IN AND OR UPDATE SET DELETE INSERT INTO VALUES ALTER TABLE ADD COLUMN CREATE INDEX DROP NOT NULL DEFAULT . :: BETWEEN ORDER BY GROUP OFFSET RENAME TO CONSTRAINT REFERENCES CHECK BEGIN END CASE -- /* */ \n $$ [".split(
        " ",
      );
    const text = fc
      .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 40 })
      .map((it) => it.join(" "));
    const within = (it: SqlStatement, length: number): void => {
      for (const [from, to] of [
        it.at,
        it.keywordAt,
        ...it.counts.flatMap((count) => [count.at, count.callAt]),
        ...it.tables.map((table) => table.at),
      ])
        assert.ok(0 <= from && from <= to && to <= length);
      for (const inner of it.inner) within(inner.statement, length);
    };
    fc.assert(
      fc.property(text, fc.constantFrom<SqlDialect>("postgresql", "mysql", "sqlite"), (it, dialect) => {
        for (const statement of readSql(it, dialect)!) within(statement, it.length);
      }),
      { numRuns: 400, seed: 7 },
    );
  });
});

describe("SQL in a host file", () => {
  const texts = (source: string) => {
    const summary = summarizeText(nodeParser(), "a.ts", source);
    return sqlText(summary.calls.at(-1)!.args[0]!);
  };

  it("leads offsets back into templates", () => {
    const source = "db.query(`SELECT count(*) FROM a WHERE b = ${x} AND c = ${f(1)} LIMIT 10`)";
    const found = texts(source)!;
    const [statement] = readSql(found.text, "postgresql", found.holes)!;
    assert.deepEqual(statement?.where.equals, ["b", "c"]);
    const at = found.toHost(statement!.counts[0]!.at[0])!;
    assert.equal(source.slice(at, at + 5), "count");
    const limit = found.toHost(statement!.limit.at![0])!;
    assert.equal(source.slice(limit, limit + 2), "10");
  });

  it("leads offsets back into literals and their sums, and says where it cannot", () => {
    const source = "db.query('SELECT * ' + \"FROM a \" + where + ' LIMIT 5')";
    const found = texts(source)!;
    const [statement] = readSql(found.text, "postgresql", found.holes)!;
    assert.deepEqual([statement?.tables[0]?.name, statement?.where.given, statement?.limit.value], ["a", "unknown", 5]);
    const at = found.toHost(statement!.tables[0]!.at[0])!;
    assert.equal(source.slice(at, at + 1), "a");
    const escaped = texts("db.query('SELECT \\'x\\' FROM a')")!;
    assert.equal(escaped.toHost(9), undefined);
    assert.equal(readSql(escaped.text, "postgresql")?.[0]?.tables[0]?.name, "a");
  });

  it("reads fragments in place, and leads no offset into them", () => {
    const source = "const rest = sql`WHERE b = ${x} LIMIT 10`; db.query(`SELECT count(*) FROM a ${rest}`)";
    const summary = summarizeText(nodeParser(), "a.ts", source);
    const found = sqlText(summary.calls.at(-1)!.args[0]!, (part) =>
      part.k === "ref" ? summary.calls[0]!.args[0] : undefined,
    )!;
    const [statement] = readSql(found.text, "postgresql", found.holes)!;
    assert.deepEqual([statement?.where.equals, statement?.limit.value], [["b"], 10]);
    assert.equal(found.toHost(statement!.limit.at![0]), undefined);
    assert.equal(found.toHost(statement!.counts[0]!.at[0]), source.indexOf("count"));
    assert.ok(sqlText({ k: "ref", b: 0 }, () => summary.calls[1]!.args[0])!.text.length < 100_000, "it holds itself");
  });

  it("is undefined where no text is written", () => {
    assert.equal(texts("db.query(sql)"), undefined);
  });
});
