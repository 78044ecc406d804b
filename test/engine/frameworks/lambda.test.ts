/** AWS Lambda: addresses and events that are declared outside the code, or in stacks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { activityLines, endpointLines, routeLines } from "../../kit/entries.ts";

const handler = (name: string): string => `export const ${name} = async (event) => ({ statusCode: 200 });`;

test("serverless.yml: methods and paths, short forms, includes and variables, other events", () => {
  const files = {
    "api/serverless.yml": `
service: shop
custom:
  base: orders
  queue: !GetAtt Queue.Arn
functions:
  list: { handler: src/orders.list, events: [{ http: { path: "\${self:custom.base}", method: get } }] }
  one:
    handler: src/orders.one
    events:
      - httpApi: GET /orders/{id}
      - http: 'post orders/{id}/items/{item-id}'
  all:
    handler: ./src/rest.handler
    events:
      - httpApi: '*'
  extra: \${file(./functions.yml):extra}
  tick:
    handler: src/jobs.tick
    events:
      - schedule: rate(5 minutes)
      - sqs: { arn: "arn:aws:sqs:eu-west-1:1:mails" }
  python: { handler: main.run, runtime: python3.12, events: [{ http: get /py }] }
`,
    "api/functions.yml": `extra:\n  handler: src/extra/index.default\n  events:\n    - httpApi: { path: /extra, method: DELETE }\n`,
    "api/src/orders.ts": `${handler("list")}\n${handler("one")}`,
    "api/src/rest.ts": handler("handler"),
    "api/src/extra/index.ts": "export default async function remove() {}",
    "api/src/jobs.js": "module.exports.tick = async () => {};",
  };
  assert.deepEqual(endpointLines(files), [
    "ALL /* api/src/rest.ts handler",
    "DELETE /extra api/src/extra/index.ts remove",
    "GET /orders api/src/orders.ts list",
    "GET /orders/:id api/src/orders.ts one",
    "POST /orders/:id/items/:item_id api/src/orders.ts one",
  ]);
  assert.deepEqual(activityLines(files), [
    "consumer sqs mails api/src/jobs.js",
    "cron rate(5 minutes) api/src/jobs.js",
  ]);
});

test("serverless.ts: functions in files of their own, handlers named from their folders", () => {
  assert.deepEqual(
    endpointLines({
      "serverless.ts": `import { hello } from "./src/functions/index"; const configuration = { service: "x", functions: { hello, other: { handler: "src/other.run", events: [{ httpApi: "PUT /other" }] } } }; module.exports = configuration;`,
      "src/functions/index.ts": `export { default as hello } from "./hello/index";`,
      "src/functions/hello/index.ts": `import { handlerPath } from "../../libs"; export default { handler: \`\${handlerPath(__dirname)}/handler.main\`, events: [{ http: { method: "post", path: "hello" } }] };`,
      "src/functions/hello/handler.ts": `import middy from "@middy/core"; const hello = async (event) => {}; export const main = middy(hello).use(parser());`,
      "src/other.ts": handler("run"),
      "src/libs.ts": "export const handlerPath = (context) => context.split(process.cwd())[1];",
    }),
    ["POST /hello src/functions/hello/index.ts hello", "PUT /other serverless.ts run"],
  );
});

test("a proxy before a framework's own routes is no endpoint", () => {
  assert.deepEqual(
    routeLines({
      "serverless.yml": `functions:\n  app:\n    handler: app.handler\n    events:\n      - http: ANY /\n      - http: ANY /{proxy+}\n      - http: GET /users\n`,
      "app.js": `const serverless = require("serverless-http"); const express = require("express"); const app = express(); app.get("/users", (req, res) => res.json([])); module.exports.handler = serverless(app);`,
    }),
    ["GET /users"],
  );
});

test("SAM templates: code folders, esbuild's entry points, globals, function addresses", () => {
  const files = {
    "template.yaml": `
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Handler: app.handler } }
Resources:
  Get:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: esbuild, BuildProperties: { EntryPoints: [src/get.ts] } }
    Properties:
      CodeUri: backend/
      Handler: get.handler
      Events:
        One: { Type: Api, Properties: { Path: "/items/{id}", Method: get, RestApiId: !Ref Api } }
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Mails.Arn } }
  Url:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: dist/, FunctionUrlConfig: { AuthType: NONE }, Events: { Timer: { Type: Schedule, Properties: { Schedule: rate(1 day) } } } }
  Table: { Type: AWS::DynamoDB::Table }
`,
    "backend/src/get.ts": handler("handler"),
    "src/app.ts": handler("handler"),
  };
  assert.deepEqual(endpointLines(files), ["ALL / src/app.ts handler", "GET /items/:id backend/src/get.ts handler"]);
  assert.deepEqual(activityLines(files), ["consumer SQS Mails backend/src/get.ts", "cron rate(1 day) src/app.ts"]);
});

test("SST 3: routes, function addresses, subscribers, timers", () => {
  const files = {
    "sst.config.ts": `export default $config({ app() { return {}; }, async run() { await import("./infra/api"); } });`,
    "infra/api.ts": `export const api = new sst.aws.ApiGatewayV2("Api"); const socket = new sst.aws.ApiGatewayWebSocket("Socket"); const queue = new sst.aws.Queue("Mails");
      api.route("GET /notes/{id}", "src/notes.get"); api.route("POST /notes", { handler: "src/notes.create", link: [queue] }); api.route("$default", "src/notes.get");
      socket.route("$connect", "src/socket.connect"); queue.subscribe("src/mail.handler"); new sst.aws.Cron("Nightly", { schedule: "rate(1 day)", job: { handler: "src/mail.clean" } });
      new sst.aws.Function("Hook", { url: true, handler: "src/hook.handler" }); new sst.aws.Function("Quiet", { handler: "src/hook.quiet" });`,
    "src/notes.ts": `${handler("get")}\n${handler("create")}`,
    "src/socket.ts": handler("connect"),
    "src/mail.ts": `${handler("handler")}\n${handler("clean")}`,
    "src/hook.ts": `${handler("handler")}\n${handler("quiet")}`,
  };
  assert.deepEqual(endpointLines(files), [
    "ALL / infra/api.ts handler",
    "ALL /* infra/api.ts get",
    "GET /notes/:id infra/api.ts get",
    "POST /notes infra/api.ts create",
  ]);
  assert.deepEqual(activityLines(files), [
    "consumer Queue Mails src/mail.ts",
    "consumer websocket $connect src/socket.ts",
    "cron rate(1 day) src/mail.ts",
  ]);
});

test("SST 2: tables of routes, subscribers and rules", () => {
  const files = {
    "sst.config.ts": "export default {};",
    "stacks/Api.ts": `import { Api, Cron, Queue, Topic } from "sst/constructs";
      export function ApiStack({ stack }) {
        const api = new Api(stack, "api", { routes: { "GET /notes": "packages/functions/src/notes.list", "POST /notes": { function: { handler: "packages/functions/src/notes.create", timeout: 10 } } } });
        api.addRoutes(stack, { "DELETE /notes/{id}": "packages/functions/src/notes.remove" });
        new Queue(stack, "mails", { consumer: "packages/functions/src/mail.main" });
        new Topic(stack, "orders", { subscribers: { first: "packages/functions/src/mail.order" } });
        new Cron(stack, "cron", { schedule: "rate(1 hour)", job: "packages/functions/src/mail.tick" });
      }`,
    "packages/functions/src/notes.ts": ["list", "create", "remove"].map(handler).join("\n"),
    "packages/functions/src/mail.ts": ["main", "order", "tick"].map(handler).join("\n"),
  };
  assert.deepEqual(endpointLines(files), [
    "DELETE /notes/:id stacks/Api.ts remove",
    "GET /notes stacks/Api.ts list",
    "POST /notes stacks/Api.ts create",
  ]);
  assert.deepEqual(activityLines(files), [
    "consumer Queue mails packages/functions/src/mail.ts",
    "consumer Topic orders packages/functions/src/mail.ts",
    "cron rate(1 hour) packages/functions/src/mail.ts",
  ]);
});

test("CDK: resources, default integrations, HTTP APIs, event sources, a class around the library's", () => {
  const files = {
    "lib/stack.ts": `import { RestApi, LambdaIntegration, LambdaRestApi } from "aws-cdk-lib/aws-apigateway"; import { HttpApi, HttpMethod } from "aws-cdk-lib/aws-apigatewayv2"; import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
      import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs"; import * as lambda from "aws-cdk-lib/aws-lambda"; import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources"; import * as path from "path"; import { Fn } from "./fn";
      export class Api { constructor(scope) {
        const list = new NodejsFunction(this, "list", { entry: path.join(__dirname, "../src/list.ts"), handler: "handler" });
        const old = new lambda.Function(this, "old", { code: lambda.Code.fromAsset("src"), handler: "old.main" });
        const own = new Fn(this, "own", { entry: "./src/own.ts" });
        const api = new RestApi(this, "api"); const items = api.root.addResource("items"); items.addMethod("GET", new LambdaIntegration(list)); items.addResource("{id}").addMethod("DELETE", new LambdaIntegration(old));
        const root = api.root; root.resourceForPath("deep/er").addMethod("POST", new LambdaIntegration(own));
        const rest = new LambdaRestApi(this, "rest", { handler: own, proxy: false }); rest.root.addResource("health").addMethod("GET");
        new LambdaRestApi(this, "proxy", { handler: old });
        const http = new HttpApi(this, "http"); http.addRoutes({ path: "/v2/{name}", methods: [HttpMethod.PUT, HttpMethod.PATCH], integration: new HttpLambdaIntegration("i", list) });
        list.addEventSource(new SqsEventSource(queue)); old.addEventSource(new SqsEventSource(queue)); } }`,
    "lib/fn.ts": `import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs"; export class Fn extends NodejsFunction {}`,
    "src/list.ts": handler("handler"),
    "src/old.js": "exports.main = async () => {};",
    "src/own.ts": handler("handler"),
  };
  assert.deepEqual(endpointLines(files), [
    "ALL /:proxy* lib/stack.ts main",
    "DELETE /items/:id lib/stack.ts main",
    "GET /health lib/stack.ts handler",
    "GET /items lib/stack.ts handler",
    "PATCH /v2/:name lib/stack.ts handler",
    "POST /deep/er lib/stack.ts handler",
    "PUT /v2/:name lib/stack.ts handler",
  ]);
});
