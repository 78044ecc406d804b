import assert from "node:assert/strict";
import { test } from "node:test";
import { activityLines, endpointLines, routeLines } from "../../kit/entries.ts";
import { type Files, workspaceOf } from "../../kit/workspace.ts";

test("global prefix with exclusions, URI versions, several paths", () => {
  assert.deepEqual(
    routeLines({
      "src/main.ts": `import { NestFactory } from "@nestjs/core"; import { VersioningType } from "@nestjs/common"; import { AppModule } from "./app.module";
        async function bootstrap() { const app = await NestFactory.create(AppModule); app.setGlobalPrefix("api", { exclude: ["health", { path: "docs/(.*)", method: 0 }] }); app.enableVersioning({ type: VersioningType.URI, defaultVersion: "1" }); }`,
      "src/cats.controller.ts": `import { Controller, Get, Post, All, Version, VERSION_NEUTRAL } from "@nestjs/common";
        @Controller("cats") export class Cats { @Get([":id", "one/:id"]) one() {} @Version("2") @Post() make() {} @Version(VERSION_NEUTRAL) @All("any") any() {} }
        @Controller({ path: ["a", "b"], version: ["1", "3"] }) export class Both { @Get() list() {} }`,
      "src/health.controller.ts": `import { Controller, Get, VERSION_NEUTRAL } from "@nestjs/common"; @Controller({ path: "health", version: VERSION_NEUTRAL }) export class Health { @Get() check() {} }`,
    }),
    [
      "ALL /api/cats/any",
      "GET /api/v1/a",
      "GET /api/v1/b",
      "GET /api/v1/cats/:id",
      "GET /api/v1/cats/one/:id",
      "GET /api/v3/a",
      "GET /api/v3/b",
      "GET /health",
      "POST /api/v2/cats",
    ],
  );
});

test("a prefix from configuration, composed decorators, inherited routes, router modules", () => {
  assert.deepEqual(
    routeLines({
      "src/main.ts": `import { NestFactory } from "@nestjs/core"; async function f() { const app = await NestFactory.create(M); const config = app.get(ConfigService); app.setGlobalPrefix(config.getOrThrow("app.prefix")); }`,
      "src/config.ts": `import { registerAs } from "@nestjs/config"; export default registerAs("app", () => ({ prefix: process.env.PREFIX || "rest" }));`,
      "src/route.ts": `import { applyDecorators, Get, UseGuards } from "@nestjs/common"; export function Read(path) { return applyDecorators(UseGuards(), Get(path)); }`,
      "src/base.ts": `import { Get, Param } from "@nestjs/common"; export abstract class Crud { @Get(":id") one(@Param("id") id) {} }`,
      "src/users.ts": `import { Controller } from "@nestjs/common"; import { Read } from "./route"; import { Crud } from "./base"; @Controller("users") export class Users extends Crud { @Read("mine") mine() {} }`,
      "src/admin.ts": `import { Controller, Module, Delete } from "@nestjs/common"; import { RouterModule } from "@nestjs/core"; @Controller("logs") export class Logs { @Delete() clear() {} }
        @Module({ controllers: [Logs] }) export class AdminModule {} @Module({ imports: [RouterModule.register([{ path: "admin", module: AdminModule }])] }) export class App {}`,
    }),
    ["DELETE /rest/admin/logs", "GET /rest/users/:id", "GET /rest/users/mine"],
  );
});

test("two applications keep their own prefixes; without one there is none", () => {
  assert.deepEqual(
    routeLines({
      "apps/a/src/main.ts": `import "@nestjs/core"; app.setGlobalPrefix("a");`,
      "apps/a/src/x.ts": `import { Controller, Get } from "@nestjs/common"; @Controller("x") export class X { @Get() get() {} }`,
      "apps/b/src/main.ts": `import "@nestjs/core"; app.setGlobalPrefix("b");`,
      "apps/b/src/y.ts": `import { Controller, Get } from "@nestjs/common"; @Controller("y") export class Y { @Get() get() {} }`,
    }),
    ["GET /a/x", "GET /b/y"],
  );
});

test("timers, queues, messages and resolvers", () => {
  const files = {
    "src/jobs.ts": `import { Processor, Process } from "@nestjs/bull"; import { Cron, Interval } from "@nestjs/schedule"; import { OnEvent } from "@nestjs/event-emitter"; import { MessagePattern } from "@nestjs/microservices";
      @Processor("mail") export class Mail { @Process("send") send(job) {} } export class T { @Cron("0 * * * *") hourly() {} @Interval(1000) tick() {} @OnEvent("user.created") made() {} @MessagePattern({ cmd: "sum" }) sum() {} }`,
    "src/r.ts": `import { Resolver, Query, Mutation } from "@nestjs/graphql"; @Resolver() export class R { @Query(() => [X]) xs() {} @Mutation(() => X) make() {} }`,
  };
  assert.deepEqual(activityLines(files), [
    "consumer sum src/jobs.ts",
    "consumer user.created src/jobs.ts",
    "cron 0 * * * * src/jobs.ts",
    "cron tick src/jobs.ts",
    "job mail/send src/jobs.ts",
  ]);
  assert.deepEqual(routeLines(files), ["POST /graphql", "POST /graphql"]);
});

test("a command handler and a queue's processor are reached through their buses", () => {
  const { analysis, files } = workspaceOf({
    "src/c.ts": `import { Controller, Post } from "@nestjs/common"; import { InjectQueue } from "@nestjs/bull"; import { Make } from "./make";
      @Controller("c") export class C { constructor(private bus: any, @InjectQueue("mail") private mail: any) {} @Post() post() { return this.bus.execute(new Make()); } @Post("mail") send() { return this.mail.add("send", {}); } }`,
    "src/make.ts": `import { CommandHandler } from "@nestjs/cqrs"; export class Make {} @CommandHandler(Make) export class MakeHandler { async execute(c) { save(); } }`,
    "src/mail.ts": `import { Processor, Process } from "@nestjs/bull"; @Processor("mail") export class Mail { @Process("send") send(job) { deliver(); } }`,
  });
  const reached = (path: string, name: string): string[] => {
    const file = files.get(path)!;
    return analysis
      .reach({ file, f: file.functions.findIndex((it) => it.name === name) })
      .chains.map(
        (it) => `${it.isAsync ? "async " : ""}${it.entry.kind === "endpoint" ? it.entry.route : it.entry.kind}`,
      );
  };
  assert.deepEqual(reached("src/make.ts", "MakeHandler.execute"), ["/c"]);
  assert.deepEqual(reached("src/mail.ts", "Mail.send"), ["job", "async /c/mail"]);
});

test("controllers in a library belong to the applications whose modules lead to them", () => {
  assert.deepEqual(
    routeLines({
      "apps/a/src/main.ts": `import { NestFactory } from "@nestjs/core"; import { AppModule } from "./app.module"; async function start() { const app = await NestFactory.create(AppModule); app.setGlobalPrefix("a"); }`,
      "apps/a/src/app.module.ts": `import { Module, forwardRef } from "@nestjs/common"; import { SharedModule } from "../../../libs/shared/src/shared.module"; @Module({ imports: [forwardRef(() => SharedModule)] }) export class AppModule {}`,
      "apps/b/src/main.ts": `import { boot } from "../../../libs/boot/src/boot"; import { BModule } from "./b.module"; boot(BModule);`,
      "apps/b/src/b.module.ts": `import { Module } from "@nestjs/common"; import { HealthModule } from "../../../libs/shared/src/health"; import { SharedModule } from "../../../libs/shared/src/shared.module"; @Module({ imports: [HealthModule.forRoot({}), isOn ? SharedModule : HealthModule] }) export class BModule {}`,
      "apps/c/src/main.ts": `import { NestFactory } from "@nestjs/core"; import { CModule } from "./c.module"; async function start() { const app = await NestFactory.create(CModule); app.setGlobalPrefix("c"); }`,
      "apps/c/src/c.module.ts": `import { Module } from "@nestjs/common"; @Module({}) export class CModule {}`,
      "libs/boot/src/boot.ts": `import { NestFactory } from "@nestjs/core"; export async function boot(module) { const app = await NestFactory.create(module); app.setGlobalPrefix("b"); }`,
      "libs/shared/src/shared.module.ts": `import { Module } from "@nestjs/common"; import { Shared } from "./shared"; @Module({ controllers: [Shared] }) export class SharedModule {}`,
      "libs/shared/src/shared.ts": `import { Controller, Get } from "@nestjs/common"; @Controller("shared") export class Shared { @Get() get() {} }`,
      "libs/shared/src/health.ts": `import { Controller, Get } from "@nestjs/common"; @Controller("health") export class Health { @Get() get() {} } export class HealthModule { static forRoot(options) { return { module: HealthModule, controllers: [Health] }; } }`,
    }),
    ["GET /a/shared", "GET /b/health", "GET /b/shared"],
  );
});

test("versions in addresses without options; a library that modules of no application name takes what all of them set", () => {
  assert.deepEqual(
    routeLines({
      "src/main.ts": `import "@nestjs/core"; app.enableVersioning();`,
      "src/x.ts": `import { Controller, Get, Version } from "@nestjs/common"; @Controller("x") export class X { @Version("1") @Get() one() {} @Get("bare") bare() {} }`,
    }),
    ["GET /v1/x", "GET /x/bare"],
  );
  assert.deepEqual(
    routeLines({
      "apps/a/src/main.ts": `import "@nestjs/core"; app.setGlobalPrefix("api");`,
      "apps/b/src/main.ts": `import "@nestjs/core"; app.setGlobalPrefix("api");`,
      "plugins/p/src/p.ts": `import { Controller, Get } from "@nestjs/common"; @Controller("p") export class P { @Get() get() {} }`,
    }),
    ["GET /api/p"],
  );
});

test("routes that a contract or a generated set of methods says", () => {
  assert.deepEqual(
    endpointLines({
      "src/contract.ts": `import { initContract } from "@ts-rest/core"; const c = initContract(); const posts = c.router({ get: { method: "GET", path: "/posts/:id" }, make: c.mutation({ method: "POST", path: "/posts" }) }); export const contract = c.router({ posts, health: { method: "GET", path: "/health" } }, { pathPrefix: "/v1" });`,
      "src/posts.ts": `import { Controller } from "@nestjs/common"; import { TsRest, TsRestHandler, tsRestHandler } from "@ts-rest/nest"; import { contract } from "./contract";
        @Controller() export class Posts { @TsRest(contract.posts.get) get() {} @TsRestHandler(contract.health) health() { return tsRestHandler(contract.health, async () => {}); } }
        @Controller() export class More { @TsRestHandler(contract.posts) all() { return tsRestHandler(contract.posts, { make: async () => {} }); } }`,
      "src/cats.ts": `import { Controller } from "@nestjs/common"; import { Crud, Override } from "@nestjsx/crud"; @Crud({ model: { type: Cat }, routes: { only: ["getManyBase", "getOneBase"] } }) @Controller("cats") export class Cats { @Override("getOneBase") one() {} }`,
    }),
    [
      "GET /cats src/cats.ts -",
      "GET /cats/:id src/cats.ts Cats.one",
      "GET /v1/health src/posts.ts Posts.health",
      "GET /v1/posts/:id src/posts.ts Posts.get",
      "POST /v1/posts src/posts.ts More.all.make",
    ],
  );
});

test("guards, interceptors and strategies run before the methods that they stand on", () => {
  const files = {
    "src/users.ts": `import { Controller, Get, UseGuards, UseInterceptors } from "@nestjs/common"; import { AuthGuard } from "@nestjs/passport"; import { Roles } from "./roles"; import { Jwt } from "./jwt";
      @UseGuards(Jwt) @Controller("users") export class Users { @Get() all() {} @UseGuards(new Roles(), AuthGuard("local")) @Get("mine") mine() {} } @Controller("open") export class Open { @Get() get() {} }`,
    "src/roles.ts": `export class Roles { canActivate() { return check(); } } function check() {}`,
    "src/jwt.ts": `import { AuthGuard } from "@nestjs/passport"; export class Jwt extends AuthGuard("jwt") {}`,
    "src/strategies.ts": `import { PassportStrategy } from "@nestjs/passport"; import { Strategy } from "passport-jwt"; import { Strategy as Local } from "passport-local"; export class JwtStrategy extends PassportStrategy(Strategy) { validate() { return find(); } } export class LocalStrategy extends PassportStrategy(Local, "local") { validate() { return login(); } } function find() {} function login() {}`,
  };
  assert.deepEqual(reached(files, "src/strategies.ts", "find"), ["/users", "/users/mine"]);
  assert.deepEqual(reached(files, "src/strategies.ts", "login"), ["/users/mine"]);
  assert.deepEqual(reached(files, "src/roles.ts", "check"), ["/users/mine"]);
  assert.deepEqual(endpointLines(files)[2], "GET /users/mine src/users.ts Users.mine");
});

test("patterns, events by class, applied events and queue listeners", () => {
  const files = {
    "src/gateway.ts": `import { Controller, Get, Post, Inject } from "@nestjs/common"; import { Paid } from "./paid"; import { Order } from "./order"; @Controller("math") export class Gate { constructor(@Inject("MATH") private client: any, private events: any) {} @Get() sum() { return this.client.send({ cmd: "sum" }, []); } @Post() pay() { this.events.emit(Paid.name, new Paid()); } @Post("order") order() { new Order().place(); } }`,
    "src/paid.ts": `export class Paid {}`,
    "src/order.ts": `import { AggregateRoot } from "@nestjs/cqrs"; export class Placed {} export class Order extends AggregateRoot { place() { this.apply(new Placed()); } }`,
    "src/math.ts": `import { Controller } from "@nestjs/common"; import { MessagePattern } from "@nestjs/microservices"; import { OnEvent } from "@nestjs/event-emitter"; import { EventsHandler, Saga } from "@nestjs/cqrs"; import { Paid } from "./paid"; import { Placed } from "./order";
      @Controller() export class Math { @MessagePattern({ cmd: "sum" }) sum() { add(); } @OnEvent(Paid.name) paid() { book(); } } @EventsHandler(Placed) export class OnPlaced { handle() { ship(); } } export class Sagas { @Saga() follow = (events$) => events$; } function add() {} function book() {} function ship() {}`,
    "src/mail.ts": `import { Processor, WorkerHost, OnWorkerEvent } from "@nestjs/bullmq"; abstract class Base extends WorkerHost { async process(job) {} } @Processor("mail") export class Mail extends Base { @OnWorkerEvent("failed") failed() {} }`,
    "src/socket.ts": `import { WebSocketGateway, SubscribeMessage } from "@nestjs/websockets"; @WebSocketGateway() export class Socket { handleConnection() {} @SubscribeMessage("say") say() {} }`,
  };
  assert.deepEqual(reached(files, "src/math.ts", "add"), ["async /math", "consumer"]);
  assert.deepEqual(reached(files, "src/math.ts", "book"), ["async /math", "consumer"]);
  assert.deepEqual(reached(files, "src/math.ts", "ship"), ["async /math/order", "consumer"]);
  assert.deepEqual(activityLines(files), [
    "consumer OnPlaced src/math.ts",
    "consumer Paid src/math.ts",
    "consumer follow src/math.ts",
    "consumer handleConnection src/socket.ts",
    "consumer say src/socket.ts",
    "consumer sum src/math.ts",
    "job mail src/mail.ts",
    "job mail/failed src/mail.ts",
  ]);
});

/** Routes and kinds of what reaches a function, sorted. */
function reached(files: Files, path: string, name: string): readonly string[] {
  const { analysis, files: summaries } = workspaceOf(files);
  const file = summaries.get(path)!;
  const f = file.functions.findIndex((it) => it.name === name);
  assert.ok(f >= 0, name);
  return analysis
    .reach({ file, f })
    .chains.map((it) => `${it.isAsync ? "async " : ""}${it.entry.kind === "endpoint" ? it.entry.route : it.entry.kind}`)
    .sort();
}

test("a router module under another name, and a default version that is computed", () => {
  assert.deepEqual(
    routeLines({
      "main.ts": `import { NestFactory } from "@nestjs/core"; import { VersioningType } from "@nestjs/common"; import { Root } from "./m";
        async function main() { const app = await NestFactory.create(Root); app.enableVersioning({ type: VersioningType.URI, defaultVersion: String(major(version)) }); } main();`,
      "m.ts": `import { Module, Controller, Get } from "@nestjs/common"; import { RouterModule as Routes } from "@nestjs/core";
        @Controller("cats") export class Cats { @Get() all() {} } @Module({ controllers: [Cats] }) export class Admin {}
        @Module({ imports: [Admin, Routes.register([{ path: "/admin", module: Admin }])] }) export class Root {}`,
    }),
    ["GET /:version/admin/cats"],
  );
});
