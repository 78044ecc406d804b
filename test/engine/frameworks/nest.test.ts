import assert from "node:assert/strict";
import { test } from "node:test";
import { activityLines, routeLines } from "../../kit/entries.ts";
import { workspaceOf } from "../../kit/workspace.ts";

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
