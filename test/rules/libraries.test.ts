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

describe("MikroORM", () => {
  const files = (body: string): Files => ({
    "user.ts": `import { Entity, EntityRepository } from "@mikro-orm/postgresql";
      @Entity() export class User {} export class Users extends EntityRepository<User> {}`,
    "a.ts": `import { EntityManager, EntityRepository, MikroORM, defineEntity } from "@mikro-orm/postgresql";
      import { InjectRepository } from "@mikro-orm/nestjs"; import { User, Users } from "./user.ts";
      const Book = defineEntity({ name: "Book", properties: (p) => ({ id: p.integer().primary() }) });
      export class Service {
        constructor(private em: EntityManager, @InjectRepository(User) private users: EntityRepository<User>, private own: Users) {}
        async run(id: string, filter: object) { ${body} }
      }`,
  });
  const inService = (body: string): readonly string[] => meant("a.ts", files(body));

  it("reads the entity, the condition and the limit", () => {
    assert.deepEqual(
      inService(`
        await this.em.find(User, { team: id, age: { $gt: 3 } }, { limit: 10 });
        await this.em.findOne(User, 7);
        await this.em.find(Book, { id: { $in: [1, 2] } });
        await this.users.findAll({ where: { team: id } });
        await this.own.findAndCount({}, { limit: 10 });
        await this.users.count();
        await this.em.count(User, filter);
        await this.em.nativeDelete(User, {});
        await this.users.nativeUpdate({ id }, { name: "x" });
        await this.em.insertMany(Book, []);
        await this.em.findByCursor(User, { team: id }, { first: 10, orderBy: { id: 1 } });
        await this.em.findByCursor(User, { where: { team: id }, first: 10, orderBy: { id: 1 }, includeCount: false });
        await this.em.fork().getRepository(Book).findOneOrFail({ id });
        await this.em.getConnection().execute("SELECT count(*) FROM book");`),
      [
        "list User where team others age capped",
        "one User where id capped",
        "list Book in id",
        "list User where team",
        "list-and-count User filter no",
        "count User filter no",
        "count User filter unknown",
        "delete User filter no",
        "update User where id",
        "create-many Book",
        "list-and-count User where team",
        "list User where team capped",
        "one Book where id capped",
        "count book filter no",
      ],
    );
  });

  it("does not take for empty what is filled later", () => {
    assert.deepEqual(
      inService(`
        const where: Record<string, unknown> = {};
        if (id) where.team = id;
        await this.users.nativeDelete(where);
        const more = { kind: "a" } as Record<string, unknown>;
        more["team"] = id;
        await this.users.find(more);`),
      ["delete User filter unknown", "list User where kind others *"],
    );
  });

  it("reads what is written, and what a transaction hands in", () => {
    assert.deepEqual(
      inService(`
        const user = this.em.create(User, {});
        await this.em.persistAndFlush(user);
        await this.em.persist(user).flush();
        await this.em.removeAndFlush(filter);
        await this.em.transactional(async (em) => { await em.findOne(User, { id }); await em.flush(); });`),
      [
        "create User capped?",
        "upsert ? capped?",
        "delete ? capped?",
        "transaction",
        "one User where id capped transaction yes",
        "upsert ? capped? transaction yes",
      ],
    );
  });

  it("reads query builders, however they are sent", () => {
    assert.deepEqual(
      inService(`
        await this.em.createQueryBuilder(User, "u").select("*").where({ team: id }).limit(5).getResult();
        await this.users.qb().where("team = ?", [id]).getResultAndCount();
        await this.em.qb(User).delete().where({ id });
        await this.em.qb(User).update({ a: 1 }).execute();
        const qb = this.em.qb(User).select("*");
        if (id) qb.where({ team: id });
        await qb.getResultList();`),
      [
        "list User where team capped",
        "list-and-count User where team",
        "delete User where id",
        "update User filter no",
        "list User filter unknown",
      ],
    );
  });
});

describe("Objection", () => {
  const meaning = (
    body: string,
    model = `class User extends Model { static tableName = "users" }`,
  ): readonly string[] =>
    meant("a.ts", {
      "a.ts": `import { Model, transaction } from "objection"; ${model}
        export const read = async (id: string, knex, filters, trx) => { ${body} };`,
    });

  it("reads the link that decides, the conditions and the limit", () => {
    assert.deepEqual(
      meaning(`
        await User.query();
        await User.query().where("team", id).limit(10).offset(20);
        await User.query().where({ team: id, kind: "a" }).andWhere("age", ">", 3);
        await User.query().findById(id);
        await User.query().findOne({ email: id });
        await User.query().whereIn("team", filters);
        await User.query().where("team", id).page(0, 20);
        await User.query().where("team", id).resultSize();
        await User.query().count("* as n").where("team", id).limit(10);
        await User.query().patch({ seen: true });
        await User.query().patchAndFetchById(id, { seen: true });
        await User.query().findById(id).patch({ seen: true });
        await User.query().delete().where("team", id);
        await User.query().insert({ id });
        await User.relatedQuery("pets").for(id);`),
      [
        "list users filter no",
        "list users where team capped",
        "list users where team,kind others age",
        "one users where id capped",
        "one users where email capped",
        "list users in team",
        "list-and-count users where team",
        "count users where team",
        "count users where team",
        "update users filter no",
        "update users where id",
        "update users where id",
        "delete users where team",
        "create users filter no",
        "list users others for",
      ],
    );
  });

  it("stays open where a function, a modifier or another query decides", () => {
    assert.deepEqual(
      meaning(`
        await User.query().modify("active").delete();
        await User.query().ofTeam(id);
        await User.query().from(filters);
        const query = User.query(); if (id) query.where("team", id); await query;
        await User.query().whereIn("id", User.query().select("id"));`),
      [
        "delete users filter unknown capped?",
        "list users filter unknown capped?",
        "list users filter unknown capped?",
        "list users filter unknown",
        "list users in id",
      ],
    );
  });

  it("begins anew on a row, and knows a transaction", () => {
    assert.deepEqual(
      meaning(`
        const user = await User.query(trx).findById(id);
        await user.$query().patch({ seen: true });
        await user.$relatedQuery("pets");
        await User.transaction(async (tx) => { await User.query(tx).insert({ id }); });
        await transaction(knex, async (tx) => { await User.query(tx).findById(id); });`),
      [
        "one users where id capped transaction unknown",
        "update users where id",
        "list users others *",
        "transaction",
        "create users filter no transaction yes",
        "transaction",
        "one users where id capped transaction yes",
      ],
    );
  });

  it("a builder that a caller goes on with says nothing of its condition", () => {
    const files = (use: string): Files => ({
      "a.ts": `import { Model } from "objection"; class User extends Model { static tableName = "users" }
        export const marked = () => { const at = now(); return User.query().update({ at }); };`,
      "b.ts": `import { marked } from "./a"; export const run = async (id: string) => { ${use} };`,
    });
    assert.deepEqual(meant("a.ts", files("await marked().findById(id);")), ["update users filter unknown capped?"]);
    assert.deepEqual(meant("a.ts", files("await marked();")), ["update users filter no"]);
  });

  it("models that are mixed together, and handed out as a function", () => {
    const list = (model: string): readonly string[] => meaning(`await User.query().where("team", id);`, model);
    assert.deepEqual(list(`const Base = compose(soft, search)(Model); class User extends Base {}`), [
      "list User where team",
    ]);
    assert.deepEqual(list(`class User extends mixin(Model, [soft]) {}`), ["list User where team"]);
    assert.deepEqual(
      list(
        `class Row extends Model {} type Proxy<T> = () => T; declare const made: Proxy<typeof Row>; const User = made();`,
      ),
      ["list Row where team"],
    );
  });
});
