import {
  type Answer,
  type CallView,
  defineLibrary,
  isSet,
  type LibraryType,
  type Limit,
  type Member,
} from "../../engine/index.ts";

/**
 * `connectionTimeout`, `requestTimeout` and `socketTimeout` are 0 (@smithy/node-http-handler 4.14). `requestTimeout` alone
 * only logs a warning; it cuts with `throwOnRequestTimeout: true`, and `socketTimeout` always does (both measured).
 */
function limitOf(call: CallView): Limit {
  const handler = call.option(0, "requestHandler");
  const never: Limit = { bounded: "no", by: "default", why: "the AWS SDK waits without end by default" };
  if (handler.is === "no")
    return argUnknown(call)
      ? { bounded: "unknown", by: "instance", why: "the configuration cannot be read here" }
      : never;
  if (handler.is === "unknown")
    return { bounded: "unknown", by: "instance", why: "the configuration cannot be read here" };
  // `new NodeHttpHandler({ … })` or the plain options.
  const given = handler.at.value;
  const creation =
    given.k === "call" ? call.program.view({ file: handler.at.file, c: given.c }, handler.at.env) : undefined;
  const option = (name: string): Answer => {
    const found = creation ? creation.option(0, name) : call.program.property(handler.at, name);
    return isSet(call.program, found);
  };
  if (option("socketTimeout") === "yes") return { bounded: "yes", by: "instance", why: "socketTimeout is set" };
  const request = option("requestTimeout");
  const throws = option("throwOnRequestTimeout");
  if (request === "yes" && throws === "yes") return { bounded: "yes", by: "instance", why: "requestTimeout throws" };
  if (request === "no" && option("socketTimeout") === "no") return never;
  if (request === "yes" && throws === "no")
    return { bounded: "no", by: "instance", why: "requestTimeout alone only logs a warning" };
  return { bounded: "unknown", by: "instance", why: "the handler's options cannot be read here" };
}

const argUnknown = (call: CallView): boolean => call.hasSpread || call.option(0, "requestHandler").is === "unknown";

const OPTION = "requestHandler: { connectionTimeout: 1_000, requestTimeout: {ms}, throwOnRequestTimeout: true }";

const client: Member = {
  call: {},
  construct: {
    returns: "Client",
    meaning: (call) => ({ kind: "client", client: "AWS SDK", of: "cloud", limit: limitOf(call), option: OPTION }),
  },
};

const send: Member = {
  call: {
    meaning: (call) => {
      const created = call.recv?.via;
      const abort = isSet(call.program, call.option(1, "abortSignal"));
      const limit: Limit =
        abort === "yes"
          ? { bounded: "yes", by: "call", why: "abortSignal is given" }
          : created
            ? limitOf(call.program.view(created, call.env))
            : { bounded: "unknown", by: "instance", why: "the client's creation is not seen" };
      return {
        kind: "request",
        client: "AWS SDK",
        limit,
        ...(created && limit.bounded === "no" ? { instance: created } : {}),
      };
    },
  },
};

/** Operations of the aggregated clients (`new S3().getObject(…)`); `config`, `destroy` and `middlewareStack` are none. */
const CLIENT: LibraryType = {
  members: { send, destroy: { call: {} }, config: { type: "Config" }, middlewareStack: { type: "Config" } },
  other: send,
};

/** Every export that is constructed and named like a client; commands and errors are plain values. */
const clients = [
  "S3",
  "DynamoDB",
  "SQS",
  "SNS",
  "SES",
  "SESv2",
  "Lambda",
  "SecretsManager",
  "KMS",
  "SSM",
  "STS",
  "CloudWatch",
  "CloudWatchLogs",
  "EventBridge",
  "Kinesis",
  "Firehose",
  "CognitoIdentityProvider",
  "Bedrock",
  "BedrockRuntime",
  "CloudFront",
  "ECS",
  "ECR",
  "EC2",
  "RDS",
  "Route53",
  "SFN",
  "Scheduler",
  "Textract",
  "Rekognition",
  "Polly",
  "Translate",
  "IAM",
  "Glue",
  "Athena",
  "ElastiCache",
  "OpenSearch",
  "AppSync",
  "ApiGatewayManagementApi",
];

export default defineLibrary({
  name: "aws-sdk",
  packages: clients.flatMap((it) => {
    const kebab = it
      .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
      .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
      .toLowerCase();
    return [`@aws-sdk/client-${kebab}`];
  }),
  exports: Object.fromEntries(
    clients.flatMap((it) => [
      [it, client],
      [`${it}Client`, client],
    ]),
  ),
  types: { Client: CLIENT, Config: {} },
  typeNames: Object.fromEntries(
    clients.flatMap((it) => [
      [it, "Client"],
      [`${it}Client`, "Client"],
    ]),
  ),
});
