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
    case "request": {
      const { limit, attempts, method } = meaning;
      const wait = limit.ms ?? (limit.defaultMs === undefined ? "" : `after ${limit.defaultMs}`);
      return ["request", method ?? "", limit.bounded, wait, limit.by, attempts === undefined ? "" : `× ${attempts}`]
        .filter((it) => it !== "")
        .join(" ");
    }
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

describe("HTTP clients", () => {
  const sent = (imports: string, body: string, versions: Readonly<Record<string, string>> = {}): readonly string[] =>
    meant("a.ts", { "a.ts": `${imports}; export const run = async (url, config) => { ${body} };` }, versions).filter(
      (it) => !it.startsWith("client"),
    );

  it("axios: the call before the client, what is switched off, signals, and what cannot be read", () => {
    assert.deepEqual(
      sent(
        `import axios from "axios"; const api = axios.create({ timeout: 3_000 }); const open = axios.create(config)`,
        `axios.get(url); axios.post(url, {}, { timeout: 5_000 }); axios.get(url, { timeout: 0 });
         axios.get(url, { timeout: 0, signal: AbortSignal.timeout(2_000) }); axios({ url, method: "get" });
         api.get(url); api.get(url, { timeout: 0 }); open.get(url); axios.get(url, config);`,
      ),
      [
        "request GET no default",
        "request POST yes 5000 call",
        "request GET no call",
        "request GET yes 2000 call",
        "request no default",
        "request GET yes 3000 instance",
        "request GET no call",
        "request GET unknown instance",
        "request GET unknown call",
      ],
    );
  });

  it("axios: defaults and interceptors, of one client and of all", () => {
    assert.deepEqual(
      sent(
        `import axios from "axios"; axios.defaults.timeout = 5_000; const api = axios.create({}); const own = axios.create({});
         own.interceptors.request.use((config) => { config.timeout = 2_000; return config; })`,
        `axios.get(url); axios({ url }); api.get(url); own.get(url);`,
      ),
      ["request GET yes global", "request yes global", "request GET unknown global", "request GET yes global"],
    );
  });

  it("got: phases, clients that extend one another, and how often it tries", () => {
    assert.deepEqual(
      sent(
        `import got from "got"; const api = got.extend({ timeout: { request: 3_000 } }); const more = api.extend({ retry: { limit: 0 } })`,
        `got(url); got.post(url); got(url, { timeout: { request: 2_000 } }); got(url, { timeout: 2_000, retry: 5 }); got(url, { timeout: {} });
         got.get(url, { signal: AbortSignal.timeout(9) }); api(url); more.get(url); got(url, { method: "PATCH" });
         got(url, { retry: { methods: ["POST"] } });`,
      ),
      [
        "request GET no default × 3",
        "request POST no default × 1",
        "request GET yes 2000 call × 3",
        "request GET yes 2000 call × 6",
        "request GET no call × 3",
        "request GET yes 9 call × 3",
        "request GET yes 3000 instance × 3",
        "request GET yes 3000 instance × 1",
        "request PATCH no default × 1",
        "request GET no default",
      ],
    );
  });

  it("ky: 10 s, unless a client or the call says otherwise", () => {
    assert.deepEqual(
      sent(
        `import ky from "ky"; const api = ky.create({ timeout: 3_000 }); const off = ky.extend({ timeout: false, retry: 0 })`,
        `ky(url); ky.post(url); api.get(url); off.get(url); off.get(url, { timeout: 1_000 }); ky.get(url, { timeout: false, signal: AbortSignal.timeout(5) });`,
      ),
      [
        "request GET yes 10000 default × 3",
        "request POST yes 10000 default × 1",
        "request GET yes 3000 instance × 3",
        "request GET no instance × 1",
        "request GET yes 1000 call × 1",
        "request GET yes 5 call × 3",
      ],
    );
  });

  it("superagent: at any link, under a name, by an agent; finished by somebody else it is open", () => {
    assert.deepEqual(
      sent(
        `import request from "superagent"; const agent = request.agent().timeout(5_000)`,
        `await request.get(url).set("a", "b"); await request.post(url).timeout({ response: 1_000, deadline: 3_000 }).retry(2);
         await request.get(url).timeout(0); await agent.get(url); const later = request.get(url); finish(later);
         const named = request.get(url); named.timeout(2_000); await named; await request("PUT", url).use(plugin);`,
      ),
      [
        "request GET no default × 1",
        "request POST yes 3000 call × 3",
        "request GET no default × 1",
        "request GET yes 5000 call × 1",
        "request GET unknown call × 1",
        "request GET yes 2000 call × 1",
        "request PUT unknown call × 1",
      ],
    );
  });

  it("undici and fetch: signals, Requests and dispatchers", () => {
    assert.deepEqual(
      sent(
        `import { Agent, Client, RetryAgent, request } from "undici"; const agent = new Agent({ headersTimeout: 1_000 }); const slow = new Agent()`,
        `fetch(url); fetch(url, { signal: AbortSignal.timeout(7) }); fetch(new Request(url)); fetch(new Request(url, { signal })); fetch(url, { dispatcher: slow });
         fetch(url, { dispatcher: config.agent }); request(url); request(url, { headersTimeout: 0 }); request(url, { dispatcher: new RetryAgent(agent) });
         new Client(url, { headersTimeout: 3 }).request({ path: "/" }); new Client(url).request({ path: "/" });`,
      ),
      [
        "request no after 300000 default",
        "request yes 7 call",
        "request no after 300000 default",
        "request yes call",
        "request no after 300000 default",
        "request unknown call",
        "request no after 300000 default",
        "request no call",
        "request yes 1000 instance",
        "request yes 3 instance",
        "request no after 300000 default",
      ],
    );
  });

  it("node-fetch: `timeout` is an option of version 2 only", () => {
    const calls = `fetch(url, { timeout: 3_000 }); fetch(url); fetch(url, { signal: AbortSignal.timeout(2) });`;
    const two = (version?: string) =>
      sent(`import fetch from "node-fetch"`, calls, version ? { "node-fetch": version } : {});
    assert.deepEqual(two("2.7.0"), ["request yes 3000 call", "request no default", "request yes 2 call"]);
    assert.deepEqual(two("3.3.2"), ["request no default", "request no default", "request yes 2 call"]);
    assert.deepEqual(two(), ["request unknown call", "request no default", "request yes 2 call"]);
    assert.deepEqual(sent(`import fetch from "cross-fetch"`, `fetch(url, { timeout: 3_000 });`), [
      "request yes 3000 call",
    ]);
  });

  it("Google's APIs, by the call, the API and all of them", () => {
    assert.deepEqual(
      sent(
        `import { google } from "googleapis"; const drive = google.drive({ version: "v3" }); const mail = google.gmail({ version: "v1", timeout: 4_000 })`,
        `drive.files.list({}); drive.files.create({}, { timeout: 2_000 }); mail.users.messages.send({}); drive.files.delete({}, { retry: false });`,
      ),
      [
        "request GET no default × 4",
        "request POST yes 2000 call × 1",
        "request POST yes 4000 instance × 1",
        "request POST no default",
      ],
    );
    assert.deepEqual(
      sent(
        `import { google } from "googleapis"; google.options({ timeout: 1_000 })`,
        `google.drive("v3").files.get({});`,
      ),
      ["request GET yes 1000 global × 4"],
    );
  });

  it("AWS: what the version makes of requestTimeout", () => {
    const by = (version?: string) =>
      sent(
        `import { S3Client } from "@aws-sdk/client-s3"; const s3 = new S3Client({ requestHandler: { requestTimeout: 1_000 } })`,
        `s3.send(config);`,
        version ? { "@aws-sdk/client-s3": version } : {},
      );
    assert.deepEqual(by("3.1169.0"), ["request no instance × 3"]);
    assert.deepEqual(by("3.910.0"), ["request no instance × 3"]);
    assert.deepEqual(by("3.908.0"), ["request yes instance × 3"]);
    assert.deepEqual(by(), ["request unknown instance × 3"]);
  });

  it("payment, search, mail and language model clients, by their defaults and versions", () => {
    const stripe = (version: string) =>
      sent(`import Stripe from "stripe"; const stripe = new Stripe("key")`, `stripe.customers.create({});`, {
        stripe: version,
      });
    assert.deepEqual(stripe("10.17.0"), ["request POST yes 80000 default × 1"]);
    assert.deepEqual(stripe("14.25.0"), ["request POST yes 80000 default × 2"]);
    assert.deepEqual(stripe("23.1.0"), ["request POST yes 80000 default × 3"]);
    const search = (name: string, version: string) =>
      sent(
        `import { Client } from "${name}"; const es = new Client({ node: "http://s:9200", maxRetries: 1 })`,
        `es.search({});`,
        {
          [name]: version,
        },
      );
    assert.deepEqual(search("@elastic/elasticsearch", "9.4.3"), ["request no default × 2"]);
    assert.deepEqual(search("@elastic/elasticsearch", "8.11.0"), ["request yes 30000 default × 2"]);
    assert.deepEqual(search("@opensearch-project/opensearch", "3.9.0"), ["request yes 30000 default × 2"]);
    assert.deepEqual(
      sent(
        `import OpenAI from "openai"; import Anthropic from "@anthropic-ai/sdk"; import Groq from "groq-sdk";
         const a = new OpenAI(); const b = new Anthropic({ maxRetries: 0, timeout: 9_000 }); const c = new Groq()`,
        `a.chat.completions.create({}); b.messages.create({}); c.chat.completions.create({}, { maxRetries: 1 });`,
      ),
      ["request yes 600000 default × 3", "request yes 9000 instance × 1", "request yes 60000 default × 2"],
    );
    assert.deepEqual(
      sent(
        `import { generateText, generateObject, embed, streamText } from "ai"`,
        `await generateText({ model, prompt }); await generateObject({ abortSignal: AbortSignal.timeout(20_000), maxRetries: 0 }); await embed({ timeout: { totalMs: 5_000 } }); streamText({ model });`,
      ),
      [
        "request no after 300000 default × 3",
        "request yes 20000 call × 1",
        "request yes call × 3",
        "request no after 300000 default × 3",
      ],
    );
    assert.deepEqual(
      sent(
        `import { WebClient } from "@slack/web-api"; import sgMail from "@sendgrid/mail"; import { Resend } from "resend"; import twilio from "twilio";
         import Mailgun from "mailgun.js"; const mg = new Mailgun(FormData).client({ timeout: 4_000 });
         const slack = new WebClient("t"); const quick = new WebClient("t", { timeout: 3_000, retryConfig: { retries: 2 } })`,
        `slack.chat.postMessage({}); quick.chat.postMessage({}); sgMail.send({}); new Resend("k").emails.send({}); twilio("a", "b").messages.create({}); mg.messages.create("d", {});`,
      ),
      [
        "request POST no default × 11",
        "request POST yes 3000 instance × 3",
        "request POST no default",
        "request POST no after 300000 default",
        "request POST yes 30000 default",
        "request POST yes 4000 instance",
      ],
    );
  });
});

describe("database clients", () => {
  const of = (body: string, versions: Readonly<Record<string, string>> = {}): readonly string[] =>
    meant("a.ts", { "a.ts": body }, versions);

  it("has the limits of each client's own source", () => {
    assert.deepEqual(
      of(
        `import mysql2 from "mysql2/promise"; import mysql from "mysql"; import knex from "knex"; import mongoose from "mongoose";
        import { MongoClient } from "mongodb"; import { DataSource } from "typeorm"; import { PrismaClient } from "@prisma/client";
        import { Pool } from "pg"; import { createClient } from "redis"; import Redis, { Cluster } from "ioredis";
        mysql2.createPool({ host: "db", timeout: 1 }); mysql2.createPool({ connectTimeout: 0 });
        mysql.createPool({ acquireTimeout: 3_000 }); mysql.createConnection({ acquireTimeout: 3_000 });
        knex({ client: "pg" }); knex({ client: "pg", acquireConnectionTimeout: 9_000, pool: { acquireTimeoutMillis: 5_000 } });
        mongoose.connect("m"); new MongoClient("m", { serverSelectionTimeoutMS: 2_000, socketTimeoutMS: 9_000 });
        new DataSource({ type: "postgres" }); new DataSource({ type: "postgres", connectTimeoutMS: 4_000 }); new DataSource({ type: "mysql" });
        new PrismaClient();
        new Pool({ connectionString: "p://h/d?connect_timeout=3&statement_timeout=5" }); new Pool({ connectionTimeoutMillis: 6_000 });
        createClient(); new Redis("r", { commandTimeout: 700 }); new Cluster([], { redisOptions: { commandTimeout: 700 } });`,
        { "@prisma/client": "6.2.0", redis: "4.7.0" },
      ),
      [
        "client yes 10000 statement no ?",
        "client no ? statement no ?",
        "client yes 3000 statement no ?",
        "client yes 10000 statement no ?",
        "client yes 60000 statement no ?",
        "client yes 5000 statement no ?",
        "client yes 30000 statement no ?",
        "client yes 2000 statement yes 9000",
        "client no ? statement - ?",
        "client yes 4000 statement - ?",
        "client yes 10000 statement - ?",
        "client yes 10000 statement - ?",
        "client no ? statement yes ?",
        "client yes 6000 statement no ?",
        "client no ? statement - ?",
        "client yes ? statement - ?",
        "client yes ? statement - ?",
      ],
    );
  });

  it("knows the members that came and went with versions", () => {
    assert.deepEqual(
      of(`import { Kysely } from "kysely"; import { drizzle } from "drizzle-orm/node-postgres"; import { pgTableCreator } from "drizzle-orm/pg-core";
        import mongoose from "mongoose"; import type { DataSource } from "typeorm"; import { PrismaClient } from "@prisma/client";
        const db = new Kysely({}); const d = drizzle("p"); const users = pgTableCreator((it) => it)("users", {}); const M = mongoose.model("M");
        const prisma = new PrismaClient();
        export async function f(ds: DataSource, id: string) {
          await db.withSchema("app").selectFrom("users").where("id", "=", id).execute();
          const trx = await db.startTransaction().execute(); await trx.selectFrom("users").limit(3).execute(); await trx.commit().execute();
          await d.selectDistinctOn([users.id]).from(users).limit(5);
          await M.findAndCount({ team: id }, null, { sort: {}, limit: 10 }); await M.findByIdAndRemove(id); await M.insertOne({});
          await ds.getTreeRepository("Node").findBy({ root: id }); await ds.manager.deleteAll("Node");
          await prisma.user.findRaw({}); await prisma.$runCommandRaw({ ping: 1 });
        }`),
      [
        "client unknown ? statement - ?",
        "client unknown ? statement - ?",
        "client unknown ? statement - ?",
        "list users where id",
        "list users filter no capped transaction yes",
        "list users filter no capped",
        "list-and-count M where team",
        "delete M where _id",
        "create M",
        "list Node where root",
        "truncate Node filter no",
        "raw user filter unknown capped?",
        "raw ? filter unknown capped?",
      ],
    );
  });
});

describe("SQL clients", () => {
  it("reads the statements of tags, methods and prepared statements", () => {
    assert.deepEqual(
      meant("a.ts", {
        "a.ts": `import postgres from "postgres"; import pgPromise from "pg-promise"; import { neon } from "@neondatabase/serverless";
        import { connect } from "@planetscale/database"; import { createClient } from "@libsql/client"; import Database from "better-sqlite3";
        import { DatabaseSync } from "node:sqlite"; import type { IDatabase } from "pg-promise"; import mariadb from "mariadb";
        const sql = postgres("postgres://db", { connect_timeout: 5 }); const db = pgPromise()("postgres://db"); const http = neon("postgres://db");
        const ps = connect({}); const turso = createClient({ url: "libsql://x" }); const lite = new Database("a.db"); const own = new DatabaseSync("b.db");
        const maria = mariadb.createPool({ host: "db" });
        export async function f(id: string, other: IDatabase<{}>) {
          await sql\`SELECT * FROM users WHERE team = \${id}\`;
          await sql\`SELECT * FROM users WHERE \${sql\`team = 1\`} LIMIT 3\`;
          await sql.begin(async (tx) => { await tx\`DELETE FROM users WHERE id = \${id}\`; });
          await db.oneOrNone("SELECT * FROM users WHERE email = $1", [id]);
          await db.any("SELECT * FROM users"); await other.none("UPDATE users SET a = 1 WHERE id = $1", [id]);
          await db.tx(async (t) => { await t.one("INSERT INTO users (id) VALUES ($1) RETURNING id", [id]); });
          await http\`SELECT count(*) FROM users\`;
          await ps.execute("SELECT * FROM users WHERE id IN (?)", [[1]]);
          await turso.execute({ sql: "SELECT * FROM users WHERE id = ?", args: [id] });
          lite.prepare("SELECT * FROM users WHERE id = ?").get(id); own.prepare("SELECT * FROM users").all(); lite.exec("DELETE FROM users");
          await maria.query("SELECT * FROM users LIMIT 5");
        }`,
      }),
      [
        "client yes 5000 statement no ?",
        "client no ? statement no ?",
        "client yes 10000 statement no ?",
        "list users where team",
        "list users where team capped",
        "transaction",
        "delete users where id transaction yes",
        "one users where email capped",
        "list users filter no",
        "update users where id",
        "transaction",
        "create users capped? transaction yes",
        "count users filter no",
        "list users in id",
        "list users where id",
        "one users where id capped",
        "list users filter no",
        "delete users filter no",
        "list users filter no capped",
      ],
    );
  });

  it("reads Supabase's statements, which are sent to PostgREST", () => {
    assert.deepEqual(
      meant("a.ts", {
        "a.ts": `import { createClient } from "@supabase/supabase-js"; const supabase = createClient("u", "k");
        export async function f(id: string) {
          await supabase.from("users").select("*").eq("team", id).in("role", ["a"]).limit(5);
          await supabase.from("users").select("*", { count: "exact", head: true }).eq("team", id);
          await supabase.from("users").select("*", { count: "exact" }).range(0, 9);
          await supabase.from("users").select("*").eq("id", id).single();
          await supabase.from("users").select();
          await supabase.from("users").update({ a: 1 }).eq("id", id).select();
          await supabase.from("users").delete();
          await supabase.schema("app").from("users").insert({ id }); await supabase.rpc("f", { id });
        }`,
      }),
      [
        "list users where team in role capped",
        "count users where team",
        "list-and-count users filter no",
        "one users where id capped",
        "list users filter no capped?",
        "update users where id capped?",
        "delete users filter no capped?",
        "create users filter no capped?",
        "raw ? filter unknown capped?",
      ],
    );
  });
});

describe("document databases and caches", () => {
  it("reads Firestore's queries and documents", () => {
    assert.deepEqual(
      meant("a.ts", {
        "a.ts": `import admin from "firebase-admin"; import { getFirestore } from "firebase-admin/firestore"; import { getAuth } from "firebase-admin/auth";
        const db = getFirestore(); const other = admin.firestore();
        export async function f(id: string) {
          await db.collection("users").where("team", "==", id).where("role", "in", ["a"]).limit(5).get();
          await db.collection("users").get(); await db.collection("users").count().get();
          await other.collection("users").doc(id).get(); await other.doc("users/1").update({ a: 1 });
          const batch = db.batch(); batch.set(db.collection("users").doc(id), {}); await batch.commit();
          await db.runTransaction(async (t) => { await t.get(db.collection("users").doc(id)); });
          await getAuth().verifyIdToken(id); await getAuth().getUser(id); await admin.messaging().send({});
        }`,
      }),
      [
        "list users where team in role capped",
        "list users filter no",
        "one users where id capped",
        "update ? where id capped",
        "create-many ? where id capped",
        "transaction",
        "one ? where id capped",
        "request GET yes 25000 default",
        "request POST yes 15000 default",
      ],
    );
  });

  it("knows the commands and limits of the others", () => {
    assert.deepEqual(
      meant("a.ts", {
        "a.ts": `import { Redis } from "@upstash/redis"; import { kv } from "@vercel/kv"; import { createClient } from "@clickhouse/client";
        import { Client } from "cassandra-driver"; import neo4j from "neo4j-driver"; import sql from "mssql";
        const redis = Redis.fromEnv(); const signed = new Redis({ url: "u", token: "t", signal: () => AbortSignal.timeout(500) });
        const ch = createClient({ request_timeout: 9_000 }); const cass = new Client({ contactPoints: ["c"] });
        const driver = neo4j.driver("bolt://db");
        export async function f(id: string) {
          await redis.get(id); await signed.keys("*"); await kv.hgetall(id); await redis.pipeline().get(id).exec();
          await ch.insert({ table: "events", values: [] }); await cass.execute("SELECT 1");
          const session = driver.session(); await session.run("MATCH (n) RETURN n"); await session.close();
          const pool = await sql.connect({ server: "db" }); await pool.request().input("id", id).query("SELECT 1");
        }`,
      }),
      [
        "client yes ? statement - ?",
        "client yes 9000 statement yes 9000",
        "client yes 5000 statement yes 12000",
        "client yes 60000 statement - ?",
        "command get capped",
        "command keys",
        "command hgetall",
        "create-many events filter unknown capped?",
        "raw ? filter unknown capped",
        "raw ? filter unknown capped?",
        "client yes 15000 statement yes 15000",
        "raw ? filter unknown capped?",
      ],
    );
  });
});

describe("remote services", () => {
  it("knows their limits and tries", () => {
    assert.deepEqual(
      meant("a.ts", {
        "a.ts": `import AWS from "aws-sdk"; import S3 from "aws-sdk/clients/s3"; import { Storage } from "@google-cloud/storage";
        import { algoliasearch } from "algoliasearch"; import { ServerClient } from "postmark"; import webpush from "web-push";
        import request from "request"; import { $fetch } from "ofetch"; import * as Minio from "minio"; import Typesense from "typesense";
        const s3 = new S3({ httpOptions: { timeout: 5_000 } }); const docs = new AWS.DynamoDB.DocumentClient(); const sqs = new AWS.SQS();
        const gcs = new Storage(); const algolia = algoliasearch("a", "k"); const mail = new ServerClient("t"); const minio = new Minio.Client({ endPoint: "m" });
        const ts = new Typesense.Client({ nodes: [] }); const api = request.defaults({ timeout: 3_000 });
        export async function f(id: string) {
          await s3.getObject({ Bucket: "b", Key: id }).promise(); s3.getSignedUrl("getObject", {}); await docs.query({}).promise(); await sqs.sendMessage({}).promise();
          await gcs.bucket("b").file(id).save("x"); await algolia.searchSingleIndex({ indexName: "i" }); await mail.sendEmail({});
          await webpush.sendNotification({}, "x"); await webpush.sendNotification({}, "x", { timeout: 2_000 });
          request("https://a.example", () => {}); request.post({ url: "https://a.example", timeout: 1_000 }); api.get("https://a.example");
          await $fetch("https://a.example"); await $fetch("https://a.example", { timeout: 700 });
          await minio.putObject("b", id, "x"); await ts.collections("c").documents().search({});
        }`,
      }),
      [
        "request GET yes 5000 instance × 4",
        "request GET yes 120000 default × 11",
        "request POST yes 120000 default × 4",
        "request POST yes 60000 default × 4",
        "request GET yes 30000 default",
        "request POST yes 60000 default",
        "request POST no default",
        "request POST yes 2000 call",
        "request no default",
        "request POST yes 1000 call",
        "request GET yes 3000 instance",
        "request GET no after 300000 default",
        "request GET yes 700 call",
        "request POST unknown instance",
        "request GET yes 5000 default",
      ],
    );
  });
});
