/** What calls of a library mean, told in one line each: `list users where a, b in: c capped`. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Meaning } from "../../engine/index.ts";
import { type Files, workspaceOf } from "../kit/workspace.ts";

function told(meaning: Meaning): string {
  switch (meaning.kind) {
    case "query": {
      const { given, equals = [], inLists = [], others = [] } = meaning.filter;
      const parts = [
        meaning.action,
        meaning.table ?? "?",
        given === "yes" ? (equals.length > 0 ? `where ${equals}` : "") : `filter ${given}`,
        inLists.length > 0 ? `in ${inLists}` : "",
        others.length > 0 ? `others ${others}` : "",
        meaning.capped === "yes" ? "capped" : meaning.capped === "unknown" ? "capped?" : "",
        meaning.inTransaction ? `transaction ${meaning.inTransaction}` : "",
      ];
      return parts.filter((it) => it !== "").join(" ");
    }
    case "client":
      return `client ${meaning.limit.bounded} ${meaning.limit.ms ?? "?"} statement ${meaning.statementLimit?.bounded ?? "-"} ${meaning.statementLimit?.ms ?? "?"}`;
    case "other":
      return meaning.what;
    default:
      return meaning.kind;
  }
}

/** The meanings of the calls of one file, in the order of its text. */
function meant(path: string, files: Files, versions: Readonly<Record<string, string>> = {}): readonly string[] {
  const { analysis, files: summaries } = workspaceOf(files, { versions });
  void analysis.graph;
  return [...analysis.meant(summaries.get(path)!)]
    .sort((a, b) => a.view.call.nameAt[0] - b.view.call.nameAt[0])
    .map(({ meaning }) => told(meaning));
}

describe("Slonik", () => {
  const inPool = (body: string): readonly string[] =>
    meant("a.ts", {
      "a.ts": `import { type CommonQueryMethods, type DatabasePool, createPool, sql } from "slonik";
        export const read = async (pool: CommonQueryMethods, db: DatabasePool, id: string) => { ${body} };`,
    });

  it("reads a statement through its tags, and what the method says of its rows", () => {
    assert.deepEqual(
      inPool(`
        await pool.any(sql.type(row)\`SELECT * FROM users WHERE team = \${id}\`);
        await pool.maybeOne(sql.unsafe\`SELECT * FROM users WHERE email = \${id}\`);
        await pool.oneFirst(sql.typeAlias("count")\`SELECT count(*) FROM users\`);
        await pool.exists(sql.unsafe\`SELECT 1 FROM users WHERE team = \${id}\`);
        await pool.query(sql\`DELETE FROM users\`);
        await pool.one(sql.unsafe\`INSERT INTO users (id) VALUES (\${id}) RETURNING id\`);
        await pool.stream(sql.unsafe\`SELECT * FROM users\`, (stream) => stream);`),
      [
        "list users where team",
        "one users where email capped",
        "count users filter no",
        "exists users where team capped",
        "delete users filter no",
        "create users capped?",
        "raw users filter no capped",
      ],
    );
  });

  it("puts fragments, identifiers and columns in, and stays open where it cannot", () => {
    assert.deepEqual(
      inPool(`
        const mine = sql.fragment\`WHERE team = \${id}\`;
        await pool.any(sql.unsafe\`SELECT * FROM \${sql.identifier(["app", "users"])} \${mine} LIMIT 5\`);
        await pool.any(sql.unsafe\`SELECT * FROM users WHERE \${fields.teamId} = \${id} AND \${fields.id} IN (\${ids})\`);
        await pool.any(sql.unsafe\`SELECT * FROM users \${id ? mine : sql.fragment\`\`}\`);
        await pool.any(sql.unsafe\`SELECT * FROM users WHERE \${sql.join(conditions, sql.fragment\` AND \`)} LIMIT 5\`);
        await pool.any(sql.unsafe\`SELECT * FROM \${table} JOIN b ON true WHERE \${fields.teamId} = \${id}\`);
        await pool.any(build(id));`),
      [
        "list users where team capped",
        "list users where teamId in id",
        "list users filter unknown capped?",
        "list users filter unknown capped",
        "list ? where teamId",
        "raw ? filter unknown capped?",
      ],
    );
  });

  it("knows a transaction, a connection and a pool", () => {
    assert.deepEqual(
      inPool(`
        await pool.transaction(async (tx) => { await tx.query(sql.unsafe\`UPDATE users SET a = 1 WHERE id = \${id}\`); });
        await db.connect(async (on) => { await on.one(sql.unsafe\`SELECT * FROM users LIMIT 1\`); });`),
      ["transaction", "update users where id transaction yes", "one users filter no capped"],
    );
  });

  it("has limits of its own, which can be switched off", () => {
    const made = (options: string): readonly string[] =>
      meant("a.ts", {
        "a.ts": `import { createPool } from "@silverhand/slonik"; createPool("postgres://x"${options});`,
      });
    assert.deepEqual(made(""), ["client yes 5000 statement yes 60000"]);
    assert.deepEqual(made(`, { statementTimeout: 2_000 }`), ["client yes 5000 statement yes 2000"]);
    assert.deepEqual(made(`, { connectionTimeout: "DISABLE_TIMEOUT", statementTimeout: "DISABLE_TIMEOUT" }`), [
      "client no ? statement no ?",
    ]);
    assert.deepEqual(made(`, options`), ["client unknown ? statement unknown ?"]);
  });
});
