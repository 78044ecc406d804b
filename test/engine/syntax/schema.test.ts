import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  joinTables,
  readPrismaSchema,
  schemaOf,
  summarizeText,
  type TableFacts,
  tablesFromMigrations,
  tablesFromSql,
  tablesFromSummary,
} from "../../../engine/index.ts";
import { nodeParser } from "../../../platform/parser.ts";

const schemaOfFiles = (files: Readonly<Record<string, string>>) =>
  schemaOf({ texts: [], files: Object.entries(files).map(([path, text]) => summarizeText(nodeParser(), path, text)) });
const fromCode = (text: string, path = "models.ts"): TableFacts[] =>
  tablesFromSummary(summarizeText(nodeParser(), path, text));
const shape = (table: TableFacts | undefined) => {
  assert.ok(table);
  const { name, aliases, unique, primary, indexes, foreignKeys } = table;
  return {
    name,
    aliases,
    columns: table.columns.map((it) => `${it.name}:${it.type}${it.optional ? "?" : ""}${it.auto ? "!" : ""}`).join(" "),
    unique,
    primary,
    indexes,
    foreignKeys: foreignKeys.map((it) => `${it.columns.join()}>${it.to}`),
  };
};

describe("a Prisma schema", () => {
  const text = `
generator client { provider = "prisma-client-js" }
enum Role { ADMIN USER }
/// A person.
model User {
  id        Int      @id @default(autoincrement()) // the key
  email     String   @unique @map("e_mail")
  homepage  String   @default("https://example.com") @db.VarChar(200)
  roles     Role[]
  tags      String[]
  role      Role?
  posts     Post[]
  team      Team?    @relation("members", fields: [teamId], references: [id], onDelete: Cascade)
  teamId    Int?     @map("team_id")

  @@index([teamId, email(sort: Desc)])
  @@map("users")
}
model Member {
  userId Int
  teamId Int
  at     DateTime
  @@id([userId, teamId])
  @@unique(fields: [userId, at], name: "once")
  @@index([
    at,
    teamId
  ])
}`;
  const [user, member] = readPrismaSchema("schema.prisma", text);

  it("tells columns, keys, indexes and relations", () => {
    assert.deepEqual(shape(user), {
      name: "users",
      aliases: ["User"],
      columns:
        "id:Int! email:String homepage:String @db.VarChar(200) roles:Role[] tags:String[] role:Role? teamId:Int?",
      unique: [["id"], ["email"], ["e_mail"]],
      primary: ["id"],
      indexes: [
        ["teamId", "email"],
        ["team_id", "e_mail"],
      ],
      foreignKeys: ["teamId>Team", "team>Team", "team_id>Team"],
    });
    assert.deepEqual(
      [member?.primary, member?.unique, member?.indexes],
      [
        ["userId", "teamId"],
        [
          ["userId", "teamId"],
          ["userId", "at"],
        ],
        [["at", "teamId"]],
      ],
    );
  });

  it("says where a column is defined", () => {
    assert.match(text.slice(...user!.columns[1]!.at!), /^email .*\("e_mail"\)$/);
  });

  it("gives what a broken schema holds", () => {
    const broken = readPrismaSchema(
      "schema.prisma",
      "model A {\n  id Int @id\n  b String @default(\nmodel C {\n  id Int @id\n}\nmodel D {\n id",
    );
    assert.deepEqual(broken.map((it) => it.name).sort(), ["A", "C", "D"]);
    for (let length = 0; length < text.length; length += 3) readPrismaSchema("schema.prisma", text.slice(0, length));
  });

  it("does not read without end", () => {
    assert.deepEqual(readPrismaSchema("schema.prisma", `model A {\n${"a Int\n".repeat(600_000)}}`), []);
    assert.ok(
      (readPrismaSchema("schema.prisma", `model A {\n${"a Int\n".repeat(10_000)}}`)[0]?.columns.length ?? 0) <= 2_000,
    );
  });
});

describe("MikroORM", () => {
  it("tells keys and relations of decorated classes of every driver", () => {
    const [book] = fromCode(`
      import { Entity, Index, ManyToOne, OneToOne, PrimaryKey, Property, Ref, Unique } from "@mikro-orm/mariadb";
      @Entity() @Unique({ properties: ["shelf", "place"] }) @Index({ properties: ["at"] })
      export class BookItem {
        @PrimaryKey() id!: number;
        @Property({ unique: true }) isbn!: string;
        @Property({ nullable: true }) at?: Date;
        @ManyToOne() author!: Ref<Author>;
        @ManyToOne({ entity: () => Shelf }) shelf!: Shelf;
        @OneToOne(() => Cover) cover!: Cover;
        @OneToOne({ mappedBy: "book" }) review!: Review;
      }`);
    assert.deepEqual([book?.name, book?.aliases], ["book_item", ["BookItem"]]);
    assert.deepEqual(book?.unique, [["id"], ["isbn"], ["cover"], ["shelf", "place"]]);
    assert.deepEqual(book?.indexes, [["at"]]);
    assert.deepEqual(
      book?.foreignKeys.filter((it) => !/id$/i.test(it.columns[0]!)).map((it) => `${it.columns.join()}>${it.to}`),
      ["author>Author", "shelf>Shelf", "cover>Cover"],
    );
  });

  it("reads schemas written as builders and as options", () => {
    const [user, book] = fromCode(`
      import { defineEntity, EntitySchema, p } from "@mikro-orm/core";
      export const User = defineEntity({
        name: "User", tableName: "users", uniques: [{ properties: ["team", "nick"] }],
        properties: {
          id: p.integer().primary().autoincrement(), email: p.string().unique(), nick: p.string().nullable(),
          team: () => p.manyToOne(Team), books: () => p.oneToMany(Book).mappedBy("author"),
        },
      });
      export const BookSchema = new EntitySchema<IBook>({
        name: "Book", indexes: [{ properties: ["title"] }],
        properties: {
          id: { type: "number", primary: true }, title: { type: "string" },
          author: { kind: "m:1", entity: () => "User" }, tags: { kind: "m:n", entity: () => "Tag" },
        },
      });`);
    assert.deepEqual(shape(user), {
      name: "users",
      aliases: ["User"],
      columns: "id:integer! email:string nick:string? team:",
      unique: [["id"], ["email"], ["team", "nick"]],
      primary: ["id"],
      indexes: [],
      foreignKeys: ["team>Team", "teamId>Team", "team_id>Team"],
    });
    assert.deepEqual(
      [book?.name, book?.aliases, book?.unique, book?.indexes],
      ["book", ["Book", "BookSchema"], [["id"]], [["title"]]],
    );
    assert.equal(book?.foreignKeys[0]?.to, "User");
    assert.deepEqual(
      book?.columns.map((it) => it.name),
      ["id", "title", "author"],
    );
  });
});

describe("SQL migrations", () => {
  it("tell of the tables they create", () => {
    const [users, logs, ...rest] = tablesFromSql(
      "1.sql",
      `CREATE TABLE "users" (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, team_id int REFERENCES teams(id));
       CREATE UNIQUE INDEX ON users (team_id, email); CREATE INDEX ON users (lower(email)); CREATE UNIQUE INDEX ON users (email) WHERE deleted;
       ALTER TABLE logs ADD COLUMN at timestamptz, ADD CONSTRAINT k FOREIGN KEY (user_id) REFERENCES users (id); CREATE INDEX CONCURRENTLY i ON logs (at);
       CREATE TABLE gone (id int); DROP TABLE gone; CREATE TEMP TABLE t (id int);`,
    );
    assert.deepEqual(shape(users), {
      name: "users",
      aliases: [],
      columns: "id:bigserial! email:text team_id:int?",
      unique: [["id"], ["email"], ["team_id", "email"]],
      primary: ["id"],
      indexes: [],
      foreignKeys: ["team_id>teams"],
    });
    assert.deepEqual(shape(logs), {
      name: "logs",
      aliases: [],
      columns: "at:timestamptz?",
      unique: [],
      primary: undefined,
      indexes: [["at"]],
      foreignKeys: ["user_id>users"],
    });
    assert.deepEqual(rest, []);
  });

  it("follow renames", () => {
    const [table] = tablesFromSql(
      "1.sql",
      "CREATE TABLE a (b int); ALTER TABLE a RENAME COLUMN b TO c; ALTER TABLE a ALTER COLUMN c TYPE bigint; ALTER TABLE a RENAME TO d",
    );
    assert.deepEqual(
      [table?.name, table?.aliases, table?.columns.map((it) => `${it.name}:${it.type}`)],
      ["d", ["a"], ["c:bigint"]],
    );
  });
});

describe("a row of migrations", () => {
  const after = (...texts: string[]): TableFacts[] =>
    tablesFromMigrations(texts.map((text, i) => ({ path: `${i}.sql`, text })));

  it("leaves what was not dropped", () => {
    const [table, ...rest] = after(
      "CREATE TABLE a (id int PRIMARY KEY, b text UNIQUE, c text, CONSTRAINT u UNIQUE (b, c)); CREATE UNIQUE INDEX i ON a (c); CREATE TABLE gone (id int);",
      "ALTER TABLE a DROP CONSTRAINT a_b_key, ALTER c SET NOT NULL; DROP INDEX IF EXISTS i; DROP TABLE gone;",
      "ALTER TABLE a ADD COLUMN d int REFERENCES e (id), ADD CONSTRAINT k UNIQUE (d); ALTER TABLE a RENAME COLUMN b TO f;",
    );
    assert.deepEqual(rest, []);
    assert.deepEqual(shape(table), {
      name: "a",
      aliases: [],
      columns: "id:int f:text? c:text d:int?",
      unique: [["id"], ["f", "c"], ["d"]],
      primary: ["id"],
      indexes: [],
      foreignKeys: ["d>e"],
    });
    assert.deepEqual(
      after("CREATE TABLE a (id int PRIMARY KEY, b text UNIQUE)", "ALTER TABLE a DROP COLUMN b")[0]?.unique,
      [["id"]],
    );
  });

  it("follows a table that is replaced by its copy", () => {
    const [table, ...rest] = after(
      "CREATE TABLE a (id int, old int)",
      "CREATE TABLE new_a (id int PRIMARY KEY); DROP TABLE a; ALTER TABLE new_a RENAME TO a;",
    );
    assert.deepEqual([table?.name, table?.primary, rest], ["a", ["id"], []]);
  });

  it("does not go back down", () => {
    assert.deepEqual(after("CREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;").length, 1);
    assert.deepEqual(
      tablesFromMigrations([
        { path: "1.up.sql", text: "CREATE TABLE a (id int)" },
        { path: "1.down.sql", text: "DROP TABLE a" },
      ]).length,
      1,
    );
  });

  it("is read from strings in code", () => {
    const file = summarizeText(
      nodeParser(),
      "src/migrations/1-a.ts",
      `
      export class A implements MigrationInterface {
        async up(queryRunner) { await queryRunner.query(\`CREATE TABLE "a" ("id" SERIAL NOT NULL, CONSTRAINT "PK" PRIMARY KEY ("id"))\`); await queryRunner.query("SELECT 1"); }
        async down(queryRunner) { await queryRunner.query('DROP TABLE "a"'); }
      }`,
    );
    assert.deepEqual(schemaOf({ texts: [], files: [file] }).table("a")?.primary, ["id"]);
  });
});

describe("a Prisma schema of several files", () => {
  it("tells relations and enums of other files from columns", () => {
    const schema = schemaOf({
      texts: [
        {
          path: "prisma/schema/user.prisma",
          text: "model User {\n  id Int @id\n  role Role\n  roles Role[]\n  profile Profile?\n}",
        },
        {
          path: "prisma/schema/profile.prisma",
          text: "enum Role { ADMIN }\nmodel Profile {\n  id Int @id\n  userId Int @unique\n  user User @relation(fields: [userId], references: [id])\n}",
        },
      ],
      files: [],
    });
    assert.deepEqual(
      schema.table("User")?.columns.map((it) => `${it.name} ${it.type}`),
      ["id Int", "role Role", "roles Role[]"],
    );
    assert.deepEqual(schema.table("Profile")?.unique, [["id"], ["userId"]]);
  });
});

describe("models in code", () => {
  it("Drizzle: a table maker of another file, keys and relations told beside the tables", () => {
    const files = {
      "tables.ts": `
        import { foreignKey, integer, text } from "drizzle-orm/pg-core"; import { createTable } from "./maker.ts";
        const times = { createdAt: text("created_at").unique() };
        export const users = createTable("users", { id: integer("id").primaryKey(), ...times });
        export const posts = createTable("posts", { id: integer("id").primaryKey(), authorId: integer("author_id"), editorId: integer() },
          (t) => [foreignKey({ columns: [t.editorId], foreignColumns: [users.id] })]);`,
      "relations.ts": `
        import { relations } from "drizzle-orm"; import { posts, users } from "./tables.ts";
        export const postRelations = relations(posts, ({ one, many }) => ({ author: one(users, { fields: [posts.authorId], references: [users.id] }), tags: many(users) }));`,
      "v1.ts": `
        import { defineRelations } from "drizzle-orm"; import * as schema from "./tables.ts";
        export const all = defineRelations(schema, (r) => ({ posts: { reviewer: r.one.users({ from: r.posts.reviewerId, to: r.users.id }) } }));`,
    };
    const schema = schemaOfFiles(files);
    assert.deepEqual(schema.table("users")?.unique, [["id"], ["createdAt"], ["created_at"]]);
    assert.deepEqual(
      schema.table("posts")?.foreignKeys.map((it) => `${it.columns} ${it.to}`),
      ["editorId users", "authorId users", "reviewerId users"],
    );
    // What is told of a table that nobody declares makes none.
    assert.equal(schemaOfFiles({ "relations.ts": files["relations.ts"] }).tables.length, 0);
  });

  it("Sequelize: associations, wherever they are made", () => {
    const schema = schemaOfFiles({
      "post.js": `
        module.exports = (sequelize, DataTypes) => { const Post = sequelize.define("Post", { title: DataTypes.STRING });
          Post.associate = (models) => { Post.belongsTo(models.User, { as: "author" }); Post.belongsTo(models.Team, { foreignKey: { name: "teamKey" } }); };
          return Post; };`,
      "user.js": `
        class User extends Model { static associate(models) { this.hasMany(models.Post, { foreignKey: "editorId" }); } }
        User.init({ name: DataTypes.STRING }, { sequelize, modelName: "User" });`,
    });
    assert.deepEqual(
      schema.table("Post")?.foreignKeys.map((it) => `${it.columns} ${it.to}`),
      ["authorId User", "author_id User", "teamKey Team", "editorId User"],
    );
  });

  it("TypeORM: columns of base classes, schemas without decorators, migrations without SQL", () => {
    const schema = schemaOfFiles({
      "base.ts": `import { Column, PrimaryGeneratedColumn } from "typeorm"; import { Root } from "./root.ts";
        export abstract class Base extends Root { @PrimaryGeneratedColumn("uuid") key: string; }`,
      "root.ts": `import { Column } from "typeorm"; export abstract class Root { @Column({ unique: true }) slug: string; }`,
      "user.ts": `import { Column, Entity } from "typeorm"; import { Base } from "./base.ts"; import { Far } from "far";
        @Entity("users") export class User extends Base { @Column() name: string; }
        @Entity("others") export class Other extends Far { @Column() name: string; }`,
      "team.ts": `import { EntitySchema } from "typeorm";
        export const Team = new EntitySchema({ name: "Team", tableName: "teams", columns: { id: { type: "uuid", primary: true, generated: "uuid" }, name: { type: String } },
          indices: [{ columns: ["name", "id"], unique: true }], relations: { owner: { type: "many-to-one", target: "User", joinColumn: { name: "owner_id" } } } });`,
      "migrations/1.ts": `import { Table, TableForeignKey, TableIndex } from "typeorm";
        export class A1 { async up(queryRunner) {
            await queryRunner.createTable(new Table({ name: "logs", columns: [{ name: "id", type: "int", isPrimary: true, isGenerated: true }, { name: "team", type: "uuid" }], uniques: [{ columnNames: ["team", "id"] }] }));
            await queryRunner.createForeignKey("logs", new TableForeignKey({ columnNames: ["team"], referencedTableName: "teams", referencedColumnNames: ["id"] }));
            await queryRunner.createIndex("logs", new TableIndex({ name: "i", columnNames: ["team"], isUnique: true })); }
          async down(queryRunner) { await queryRunner.createTable(new Table({ name: "gone", columns: [{ name: "id", type: "int" }] })); } }`,
    });
    const of = (name: string) => {
      const it = schema.table(name);
      return [
        it?.columns.map((each) => each.name).join(),
        it?.unique.join(" "),
        it?.primary?.join(),
        it?.foreignKeys.map((each) => `${each.columns}>${each.to}`).join(" "),
      ];
    };
    assert.deepEqual(of("User"), ["name,key,slug", "key slug", "key", ""]);
    assert.deepEqual(of("Other"), ["name", "id", "id", ""]);
    assert.deepEqual(of("Team"), ["id,name", "id name,id", "id", "owner>User ownerId>User owner_id>User"]);
    assert.deepEqual(of("logs"), ["id,team", "id team,id team", "id", "team>teams"]);
    assert.equal(schema.table("gone"), undefined);
    assert.equal(schema.table("Base"), undefined);
  });

  it("Mongoose: documents within documents, timestamps", () => {
    const [, user] = fromCode(`
      import mongoose, { Schema } from "mongoose";
      const address = new Schema({ city: { type: String, index: true } });
      const userSchema = new Schema({
        email: { type: String, unique: true }, profile: { nick: { type: String, unique: true } }, addresses: [address],
        posts: [{ team: { type: Schema.Types.ObjectId, ref: "Team" } }], options: { type: { theme: String } },
      }, { timestamps: true });
      export const User = mongoose.model("User", userSchema);`);
    assert.deepEqual(
      user?.unique.map((it) => it.join()),
      ["email", "profile.nick", "_id", "id"],
    );
    assert.deepEqual(user?.indexes, [["addresses.city"]]);
    assert.deepEqual(user?.foreignKeys, [{ columns: ["posts.team"], to: "Team" }]);
    assert.deepEqual(
      user?.columns.map((it) => it.name),
      [
        "email",
        "profile",
        "profile.nick",
        "addresses",
        "addresses.city",
        "posts",
        "posts.team",
        "options",
        "options.theme",
        "createdAt",
        "updatedAt",
      ],
    );
  });

  it("Objection: a model's table, key and relations", () => {
    const schema = schemaOfFiles({
      "post.ts": `import { Model } from "objection"; import { User } from "./user.ts";
        export class Post extends Model {
          static tableName = "posts"; static idColumn = ["team_id", "id"];
          static get relationMappings() { return { author: { relation: Model.BelongsToOneRelation, modelClass: User, join: { from: "posts.author_id", to: "users.id" } } }; }
        }`,
      "user.ts": `import { Model } from "objection";
        export class User extends Model {
          static get tableName() { return "users"; }
          static relationMappings = () => ({ posts: { relation: Model.HasManyRelation, modelClass: "post", join: { from: "users.id", to: "posts.editor_id" } } });
        }`,
    });
    assert.deepEqual(schema.table("Post")?.primary, ["team_id", "id"]);
    assert.deepEqual(schema.table("users")?.unique, [["id"]]);
    assert.deepEqual(
      schema.table("posts")?.foreignKeys.map((it) => `${it.columns} ${it.to}`),
      ["author_id User", "editor_id users"],
    );
  });

  it("Kysely's migrations", () => {
    const schema = schemaOfFiles({
      "1.ts": `
        export async function up(db) {
          await db.schema.createTable("users").ifNotExists().addColumn("id", "serial", (c) => c.primaryKey()).addColumn("email", "text", (c) => c.notNull().unique())
            .addColumn("team_id", "uuid", (col) => col.references("teams.id").onDelete("cascade")).addColumn("at", sql\`timestamptz\`).execute();
          await db.schema.createTable("members").addColumn("team", "uuid").addColumn("person", "uuid").addPrimaryKeyConstraint("pk", ["team", "person"])
            .addForeignKeyConstraint("fk", ["team"], "teams", ["id"]).addUniqueConstraint("u", ["person", "team"]).execute();
          await db.schema.createIndex("i").on("users").columns(["team_id", "email"]).unique().execute();
          await db.schema.createIndex("j").on("users").column("at").execute();
          await db.schema.createIndex("k").on("users").column("email").unique().where("at", "is", null).execute();
        }`,
    });
    const users = schema.table("users");
    assert.deepEqual(
      users?.columns.map((it) => `${it.name} ${it.type}${it.optional ? "?" : ""}${it.auto ? " auto" : ""}`),
      ["id serial auto", "email text", "team_id uuid?", "at sql?"],
    );
    assert.deepEqual(users?.unique, [["id"], ["email"], ["team_id", "email"]]);
    assert.deepEqual(users?.indexes, [["at"]]);
    assert.deepEqual(users?.foreignKeys, [{ columns: ["team_id"], to: "teams" }]);
    assert.deepEqual(schema.table("members")?.primary, ["team", "person"]);
    assert.deepEqual(schema.table("members")?.unique, [
      ["team", "person"],
      ["person", "team"],
    ]);
    assert.deepEqual(schema.table("members")?.foreignKeys, [{ columns: ["team"], to: "teams" }]);
  });

  it("Drizzle", () => {
    const [users, members] = fromCode(`
      import { pgTable, serial, text, integer, index, uniqueIndex, primaryKey, pgTableCreator } from "drizzle-orm/pg-core";
      export const users = pgTable("app_users", {
        id: serial("id").primaryKey(),
        email: text().notNull().unique(),
        teamId: integer("team_id").references(() => teams.id, { onDelete: "cascade" }),
      }, (t) => [uniqueIndex("u").on(t.teamId, t.email), index().on(t.teamId.desc())]);
      const make = pgTableCreator((name) => "x_" + name);
      export const members = make("members", { user: integer().notNull(), team: integer().notNull() }, (t) => ({ pk: primaryKey({ columns: [t.user, t.team] }) }));
    `);
    assert.deepEqual(shape(users), {
      name: "app_users",
      aliases: ["users"],
      columns: "id:serial! email:text teamId:integer?",
      unique: [["id"], ["email"], ["teamId", "email"], ["team_id", "email"]],
      primary: ["id"],
      indexes: [["teamId"], ["team_id"]],
      foreignKeys: ["teamId>teams"],
    });
    assert.deepEqual(members?.primary, ["user", "team"]);
  });

  it("TypeORM", () => {
    const [user] = fromCode(`
      import { Entity, Column, PrimaryGeneratedColumn, Index, Unique, ManyToOne, OneToMany, JoinColumn } from "typeorm";
      @Entity({ name: "users" }) @Index(["team", "email"]) @Unique("u", ["email", "kind"])
      export class User {
        @PrimaryGeneratedColumn() id: number;
        @Column({ type: "varchar", unique: true, nullable: true }) email: string;
        @Index() @Column() kind: string;
        @ManyToOne(() => Team, (team) => team.users) @JoinColumn({ name: "team_id" }) team: Team;
        @OneToMany(() => Post, (post) => post.author) posts: Post[];
      }
      @Entity() export class OrderItem extends Base { @Column("int") count: number; }
    `);
    assert.deepEqual(shape(user), {
      name: "users",
      aliases: ["User", "user"],
      columns: "id:int! email:varchar? kind:string",
      unique: [["id"], ["email"], ["email", "kind"]],
      primary: ["id"],
      indexes: [["kind"], ["team", "email"]],
      foreignKeys: ["team>Team", "teamId>Team", "team_id>Team"],
    });
    const item = fromCode(
      `import { Entity, Column } from "typeorm"; @Entity() export class OrderItem extends Base { @Column("int") count: number; }`,
    )[0];
    assert.deepEqual(
      [item?.name, item?.aliases, item?.primary, item?.columns[0]?.type],
      ["order_item", ["OrderItem"], ["id"], "int"],
    );
  });

  it("TypeORM with a key of several columns", () => {
    const [table] = fromCode(
      `import { Entity, PrimaryColumn } from "typeorm"; @Entity() class Membership { @PrimaryColumn() user: string; @PrimaryColumn() team: string; }`,
    );
    assert.deepEqual([table?.primary, table?.unique], [["user", "team"], [["user", "team"]]]);
  });

  it("sequelize-typescript", () => {
    const [table] = fromCode(`
      import { Table, Column, DataType, PrimaryKey, Unique, AllowNull, ForeignKey, BelongsTo } from "sequelize-typescript";
      @Table({ tableName: "documents", modelName: "document" })
      class Document extends Model {
        @PrimaryKey @Column(DataType.UUID) id: string;
        @Unique @AllowNull(false) @Column(DataType.STRING) slug: string;
        @Column({ type: DataType.TEXT, allowNull: true }) text: string | null;
        @BelongsTo(() => Team, "teamId") team: Team;
        @ForeignKey(() => Team) @Column(DataType.UUID) teamId: string;
      }`);
    assert.deepEqual(shape(table), {
      name: "documents",
      aliases: ["Document", "document"],
      columns: "id:UUID slug:STRING text:TEXT? teamId:UUID?",
      unique: [["id"], ["slug"]],
      primary: ["id"],
      indexes: [],
      foreignKeys: ["teamId>Team"],
    });
  });

  it("Sequelize", () => {
    const tables = fromCode(
      `
      const { DataTypes, Model } = require("sequelize");
      module.exports = (sequelize) => {
        sequelize.define("Order", { number: { type: DataTypes.STRING(20), unique: true, allowNull: false }, userId: { type: DataTypes.INTEGER, references: { model: "users", key: "id" } } }, { indexes: [{ fields: ["userId", "number"] }] });
        class Company extends Model {}
        Company.init({ id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true }, name: DataTypes.STRING }, { sequelize, tableName: "firms" });
        define("amd", { a: 1 });
      };`,
      "models.js",
    );
    assert.deepEqual(
      tables.map((it) => [it.name, it.aliases, it.unique, it.indexes, it.foreignKeys.map((key) => key.to)]),
      [
        ["Orders", ["Order"], [["number"], ["id"]], [["userId", "number"]], ["users"]],
        ["firms", ["Company"], [["id"]], [], []],
      ],
    );
    assert.equal(tables[1]?.columns[0]?.auto, true);
  });

  it("Mongoose", () => {
    const [user, ...rest] = fromCode(`
      import mongoose, { Schema } from "mongoose";
      const address = { street: String };
      const userSchema = new Schema({ email: { type: String, unique: true, required: true }, name: String, team: { type: mongoose.Types.ObjectId, ref: "Team", index: true }, tags: [String] });
      userSchema.index({ team: 1, name: -1 });
      export const User = mongoose.model("User", userSchema);
    `);
    assert.deepEqual(rest, []);
    assert.deepEqual(shape(user), {
      name: "User",
      aliases: ["users"],
      columns: "email:String name:String? team:ObjectId? tags:String?",
      unique: [["email"], ["_id"], ["id"]],
      primary: ["_id"],
      indexes: [["team"], ["team", "name"]],
      foreignKeys: ["team>Team"],
    });
  });

  it("Mongoose in NestJS", () => {
    const [cat] = fromCode(`
      import { Prop, Schema, SchemaFactory } from "@nestjs/mongoose";
      @Schema({ collection: "all_cats" }) export class Cat { @Prop({ required: true, unique: true }) name: string; @Prop({ type: mongoose.Schema.Types.ObjectId, ref: "Owner" }) owner: Owner; @Prop() age: number; }
      export const CatSchema = SchemaFactory.createForClass(Cat);
      CatSchema.index({ owner: 1, name: 1 }, { unique: true });`);
    assert.deepEqual(shape(cat), {
      name: "Cat",
      aliases: ["all_cats"],
      columns: "name:string owner:ObjectId? age:number?",
      unique: [["name"], ["_id"], ["id"], ["owner", "name"]],
      primary: ["_id"],
      indexes: [],
      foreignKeys: ["owner>Owner"],
    });
  });

  it("migrations of Sequelize and Knex", () => {
    const sequelize = fromCode(
      `module.exports = { async up(queryInterface, Sequelize) {
      await queryInterface.createTable("views", { id: { type: Sequelize.UUID, primaryKey: true }, userId: { type: Sequelize.UUID, allowNull: false, references: { model: "users" } } });
      await queryInterface.addIndex("views", ["userId"]);
      await queryInterface.addIndex("views", { fields: ["id", "userId"], unique: true });
      await queryInterface.addColumn("views", "count", { type: Sequelize.INTEGER });
    } }`,
      "migrations/1.js",
    );
    assert.deepEqual(shape(joinTables(sequelize)[0]), {
      name: "views",
      aliases: [],
      columns: "id:UUID userId:UUID count:INTEGER?",
      unique: [["id"], ["id", "userId"]],
      primary: ["id"],
      indexes: [["userId"]],
      foreignKeys: ["userId>users"],
    });
    const knex = fromCode(
      `exports.up = (knex) => knex.schema.createTable("posts", (table) => {
      table.increments("id");
      table.string("slug", 80).notNullable().unique();
      table.integer("user_id").unsigned().references("id").inTable("users").index();
      table.timestamps();
      table.unique(["user_id", "slug"]);
    }).alterTable("users", (t) => { t.index(["team", "name"]); t.dropColumn("old"); });`,
      "migrations/2.js",
    );
    assert.deepEqual(knex.map(shape), [
      {
        name: "posts",
        aliases: [],
        columns: "id:increments! slug:string user_id:integer? created_at:timestamp? updated_at:timestamp?",
        unique: [["id"], ["slug"], ["user_id", "slug"]],
        primary: ["id"],
        indexes: [["user_id"]],
        foreignKeys: ["user_id>users"],
      },
      {
        name: "users",
        aliases: [],
        columns: "",
        unique: [],
        primary: undefined,
        indexes: [["team", "name"]],
        foreignKeys: [],
      },
    ]);
  });

  it("reads nothing where there are no models", () => {
    assert.deepEqual(
      fromCode(
        `import express from "express"; express().use("/", (a) => a.createTable("x", 1)); export class A { @Column() b: string; }`,
      ),
      [],
    );
  });
});

describe("a schema of all sources", () => {
  it("takes a Prisma schema for the whole truth and knows a table by each name", () => {
    const schema = schemaOf({
      texts: [
        { path: "b.sql", text: "CREATE INDEX ON users (team_id); CREATE INDEX ON audit (at);" },
        { path: "schema.prisma", text: 'model User {\n  id Int @id\n  email String\n  @@map("users")\n}' },
        { path: "a.sql", text: 'CREATE TABLE "users" (id serial PRIMARY KEY, email text UNIQUE, extra int)' },
        { path: "notes.txt", text: "CREATE TABLE nothing (id int)" },
      ],
      files: [],
    });
    assert.equal(schema.table("user"), schema.table("USERS"));
    const user = schema.table("User");
    assert.deepEqual(
      [user?.path, user?.unique, user?.indexes, user?.columns.map((it) => it.name)],
      ["schema.prisma", [["id"]], [], ["id", "email"]],
    );
    assert.deepEqual(schema.table("audit")?.unique, [["id"]], "a key that nobody tells is the usual one");
    assert.equal(schema.table("nothing"), undefined);
  });

  it("joins other models with their migrations", () => {
    const model = summarizeText(
      nodeParser(),
      "user.ts",
      `import { Entity, Column, PrimaryGeneratedColumn } from "typeorm"; @Entity("users") export class User { @PrimaryGeneratedColumn() id: number; @Column() email: string; }`,
    );
    const user = schemaOf({
      texts: [
        {
          path: "1.sql",
          text: "CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE, extra int); CREATE INDEX ON users (extra)",
        },
      ],
      files: [model],
    }).table("User");
    assert.deepEqual(
      [user?.path, user?.unique, user?.indexes, user?.columns.map((it) => it.name)],
      ["user.ts", [["id"], ["email"]], [["extra"]], ["id", "email", "extra"]],
    );
  });
});
