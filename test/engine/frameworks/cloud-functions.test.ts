import assert from "node:assert/strict";
import { test } from "node:test";
import { activityLines, endpointLines } from "../../kit/entries.ts";

test("Firebase: requests, calls and triggers by the name they are exported under", () => {
  const files = {
    "package.json": `{ "dependencies": { "firebase-functions": "5.0.0", "express": "4.0.0" } }`,
    "index.js": `const functions = require("firebase-functions"); const { onRequest, onCall } = require("firebase-functions/v2/https");
      const { onSchedule } = require("firebase-functions/v2/scheduler"); const express = require("express"); const app = express();
      app.get("/hello", (req, res) => res.end()); exports.app = functions.https.onRequest(app);
      exports.date = functions.region("x").runWith({}).https.onRequest((req, res) => { res.send(""); });
      exports.add = onCall(async function add() { return 1; }); exports.two = onRequest({ cors: true }, async (req, res) => {});
      exports.tick = onSchedule("every day 00:00", async () => {}); exports.made = functions.firestore.document("a/{b}").onCreate((it) => {});
      exports.other = elsewhere((req, res) => {});`,
  };
  assert.deepEqual(endpointLines(files), [
    "ALL /date index.js date",
    "ALL /two index.js two",
    "GET /hello index.js <1>",
    "POST /add index.js add",
  ]);
  assert.deepEqual(activityLines(files), ["consumer made index.js", "cron tick index.js"]);
});

test("Google's functions framework", () => {
  const files = {
    "index.ts": `import { http, cloudEvent } from "@google-cloud/functions-framework"; http("list", async (req, res) => {}); cloudEvent("stored", async (event) => {});`,
  };
  assert.deepEqual(endpointLines(files), ["ALL /list index.ts <1>"]);
  assert.deepEqual(activityLines(files), ["consumer stored index.ts"]);
});

test("Azure: the programming model of version 4", () => {
  const files = {
    "host.json": `{ "version": "2.0", "extensions": { "http": { "routePrefix": "v1" } } }`,
    "src/index.ts": `import { app } from "@azure/functions"; async function item() {} app.http("item", { methods: ["GET", "DELETE"], route: "items/{id:int}", handler: item });
      app.post("made", async () => ({})); app.timer("tick", { schedule: "0 */5 * * * *", handler: async () => {} });
      app.storageQueue("work", { queueName: "jobs", connection: "X", handler: async (it) => {} });`,
  };
  assert.deepEqual(endpointLines(files), [
    "DELETE /v1/items/:id src/index.ts item",
    "GET /v1/items/:id src/index.ts item",
    "POST /v1/made src/index.ts <1>",
  ]);
  assert.deepEqual(activityLines(files), ["consumer jobs src/index.ts", "cron 0 */5 * * * * src/index.ts"]);
});

test("Azure: functions that function.json declares", () => {
  const files = {
    "Item/function.json": `{ "bindings": [{ "type": "httpTrigger", "direction": "in", "name": "req", "route": "items/{id?}", "methods": ["get"] }], "scriptFile": "../dist/Item/index.js" }`,
    "Item/index.ts": `const run = async function (context, req) {}; export default run;`,
    "Work/function.json": `{ "bindings": [{ "type": "queueTrigger", "direction": "in", "name": "it", "queueName": "jobs" }] }`,
    "Work/index.js": `module.exports = async function (context, it) {};`,
  };
  assert.deepEqual(endpointLines(files), ["GET /api/items Item/index.ts run", "GET /api/items/:id Item/index.ts run"]);
  assert.deepEqual(activityLines(files), ["consumer jobs Work/index.js"]);
});
