import {
  type CallView,
  defineLibrary,
  type LibraryType,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";
import { rootOf } from "../_shared/sdk.ts";

/** Members that send nothing: addresses are signed here, and waiters, streams and endpoints are something else. */
const QUIET =
  /^(getSignedUrl|getSignedUrlPromise|createPresignedPost|makeRequest|config|endpoint|waitFor|setupRequestListeners|on)$/;

/** `httpOptions.timeout` is 120 s of silence (lib/config.js of 2.1693, lib/http/node.js); 0 switches it off. */
function limitOf(made: CallView | undefined): Limit {
  const found = made ? made.option(0, "httpOptions.timeout") : { is: "no" as const };
  if (!made || found.is === "no")
    return { bounded: "yes", by: "default", ms: 120_000, why: "httpOptions.timeout is 120 s" };
  return limitFrom(made, found, "instance", { no: "httpOptions.timeout is switched off", defaultMs: 120_000 });
}

/** `maxRetries` more tries: 3 by default, 10 for DynamoDB (lib/service.js, lib/services/dynamodb.js). */
function attemptsOf(made: CallView | undefined): number {
  const found = made?.option(0, "maxRetries");
  const retries = found?.is === "yes" ? made!.number(found.at) : undefined;
  return (retries ?? (made?.name === "DynamoDB" || made?.name === "DocumentClient" ? 10 : 3)) + 1;
}

const operation: Member = {
  call: {
    returns: "Request",
    meaning: (call): RequestMeaning => {
      const root = rootOf(call.recv)?.via;
      const made = root && call.program.view(root, call.env);
      return {
        kind: "request",
        client: "AWS SDK",
        limit: limitOf(made),
        method: /^(get|head|list|describe|query|scan)/.test(call.name) ? "GET" : "POST",
        attempts: attemptsOf(made),
        // Sent by `promise()`, by a callback or by `send()`.
        promise: "unknown",
      };
    },
  },
};

const CLIENT: LibraryType = { other: (name) => (QUIET.test(name) ? { call: {} } : operation) };
const create: Member = { type: "ClientClass", construct: { returns: "Client" } };

export default defineLibrary({
  name: "aws-sdk-v2",
  packages: ["aws-sdk", "aws-sdk/*"],
  // `require("aws-sdk/clients/s3")` is the class itself.
  exports: { default: { type: "Module", construct: { returns: "Client" } } },
  types: {
    Module: {
      members: { config: { type: "Config" }, Credentials: {}, SharedIniFileCredentials: {}, Endpoint: {} },
      other: (name) => (/^[A-Z]/.test(name) ? create : undefined),
    },
    // `AWS.DynamoDB.DocumentClient`, `AWS.DynamoDB.Converter`.
    ClientClass: { members: { DocumentClient: create }, construct: { returns: "Client" } },
    Client: CLIENT,
    Request: { members: { promise: { call: {} }, send: { call: {} }, on: { call: { returns: "this" } } } },
    Config: { other: { call: {} } },
  },
});
