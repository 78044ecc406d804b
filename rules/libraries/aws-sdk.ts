import {
  type Answer,
  type BatchAnswer,
  type CallView,
  defineLibrary,
  isSet,
  type LibraryType,
  type Limit,
  type Member,
  type PageAnswer,
  type Placed,
  packageOf,
} from "../../engine/index.ts";

/**
 * `connectionTimeout`, `requestTimeout` and `socketTimeout` are 0 (@smithy/node-http-handler 2.5, 3.3 and 4.14). Since 4.4.0,
 * which came with 3.910.0 of the clients, `requestTimeout` alone only logs a warning; it cuts with
 * `throwOnRequestTimeout: true`, and `socketTimeout` always does (both measured). Before, it was the socket's limit (2.5, 4.3).
 */
const WARNS_SINCE: readonly [number, number] = [3, 910];

/** Whether `requestTimeout` cuts by itself in the version installed. */
function requestTimeoutCuts(call: CallView): Answer {
  for (const it of call.file.imports) {
    if (!it.specifier.startsWith("@aws-sdk/client-")) continue;
    const parts = /^(\d+)\.(\d+)\./.exec(call.version(packageOf(it.specifier)) ?? "");
    if (!parts) continue;
    const [major, minor] = [Number(parts[1]), Number(parts[2])];
    return major > WARNS_SINCE[0] || (major === WARNS_SINCE[0] && minor >= WARNS_SINCE[1]) ? "no" : "yes";
  }
  return "unknown";
}

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
  if (request === "yes" && throws === "no") {
    const cuts = requestTimeoutCuts(call);
    return {
      bounded: cuts,
      by: "instance",
      why: cuts === "no" ? "requestTimeout alone only logs a warning" : "requestTimeout is set",
    };
  }
  return { bounded: "unknown", by: "instance", why: "the handler's options cannot be read here" };
}

/** `DEFAULT_MAX_ATTEMPTS` is 3 (@smithy/util-retry 4), the first one included. */
function attemptsOf(creation: CallView): number {
  const found = creation.option(0, "maxAttempts");
  return (found.is === "yes" ? creation.number(found.at) : undefined) ?? 3;
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

/** The creation of the client; a document client stands for the one that it was made from. */
function clientOf(call: CallView): Placed | undefined {
  const created = call.recv?.via;
  if (!created || call.recv?.type !== "DocumentClient") return created;
  const inner = call.program.view(created, call.env).arg(0);
  const origin = inner ? call.program.at(inner) : undefined;
  return origin?.k === "lib" ? origin.via : undefined;
}

/**
 * Operations that succeed although some of their items failed, and the member of the answer that says so (the output types
 * of each client's package).
 */
const BATCHES: Readonly<Record<string, readonly [failed: string, holds: BatchAnswer["holds"]]>> = {
  BatchWriteItem: ["UnprocessedItems", "object"],
  BatchGetItem: ["UnprocessedKeys", "object"],
  BatchWrite: ["UnprocessedItems", "object"],
  BatchGet: ["UnprocessedKeys", "object"],
  SendMessageBatch: ["Failed", "list"],
  DeleteMessageBatch: ["Failed", "list"],
  ChangeMessageVisibilityBatch: ["Failed", "list"],
  PublishBatch: ["Failed", "list"],
  PutRecords: ["FailedRecordCount", "count"],
  PutRecordBatch: ["FailedPutCount", "count"],
  PutEvents: ["FailedEntryCount", "count"],
  DeleteObjects: ["Errors", "list"],
};

interface Paged {
  readonly items: readonly string[];
  readonly next: readonly string[];
  /** Options of the command that say how many are wanted, or where to go on. */
  readonly asks: readonly string[];
  readonly holds?: string;
  readonly flag?: string;
}

const NEXT_TOKEN = { next: ["NextToken", "nextToken"], asks: ["NextToken", "nextToken", "MaxResults", "maxResults"] };
/** Pages and their sizes as the API references give them: 1,000 keys of S3, 1 MB of DynamoDB, 10 parameters of SSM. */
const PAGES: Readonly<Record<string, Paged>> = {
  ListObjectsV2: {
    items: ["Contents"],
    next: ["NextContinuationToken", "IsTruncated", "StartAfter"],
    asks: ["MaxKeys", "ContinuationToken", "StartAfter"],
    holds: "1,000",
    flag: "IsTruncated",
  },
  ListObjects: {
    items: ["Contents"],
    next: ["NextMarker", "IsTruncated"],
    asks: ["MaxKeys", "Marker"],
    holds: "1,000",
    flag: "IsTruncated",
  },
  ListObjectVersions: {
    items: ["Versions", "DeleteMarkers"],
    next: ["NextKeyMarker", "IsTruncated"],
    asks: ["MaxKeys", "KeyMarker"],
    holds: "1,000",
    flag: "IsTruncated",
  },
  Scan: {
    items: ["Items"],
    next: ["LastEvaluatedKey"],
    asks: ["Limit", "ExclusiveStartKey"],
    holds: "1 MB",
    flag: "LastEvaluatedKey",
  },
  GetParametersByPath: { items: ["Parameters"], ...NEXT_TOKEN, holds: "10", flag: "NextToken" },
  DescribeParameters: { items: ["Parameters"], ...NEXT_TOKEN, flag: "NextToken" },
  ListSecrets: { items: ["SecretList"], ...NEXT_TOKEN, flag: "NextToken" },
  ListSubscriptionsByTopic: { items: ["Subscriptions"], ...NEXT_TOKEN, holds: "100", flag: "NextToken" },
  ListTopics: { items: ["Topics"], ...NEXT_TOKEN, holds: "100", flag: "NextToken" },
  ListFunctions: {
    items: ["Functions"],
    next: ["NextMarker"],
    asks: ["MaxItems", "Marker"],
    holds: "50",
    flag: "NextMarker",
  },
  ListTasks: { items: ["taskArns"], ...NEXT_TOKEN, holds: "100", flag: "nextToken" },
  ListUsers: {
    items: ["Users"],
    next: ["PaginationToken", "IsTruncated", "Marker"],
    asks: ["Limit", "PaginationToken", "MaxItems", "Marker"],
  },
  DescribeLogStreams: {
    items: ["logStreams"],
    next: ["nextToken"],
    asks: ["limit", "nextToken"],
    holds: "50",
    flag: "nextToken",
  },
  DescribeLogGroups: {
    items: ["logGroups"],
    next: ["nextToken"],
    asks: ["limit", "nextToken"],
    holds: "50",
    flag: "nextToken",
  },
};
const WITHOUT_PAGINATOR = new Set(["ListObjects", "ListObjectVersions"]);

/** What is known of the answer: `send(new ScanCommand(…))`, or `scan(…)` of the aggregated client. */
function answerOf(call: CallView): { batch?: BatchAnswer; page?: PageAnswer } {
  const given = call.arg(0);
  if (!given) return {};
  const origin = call.name === "send" ? call.program.at(given) : undefined;
  const command = origin?.k === "lib" && origin.via ? call.program.view(origin.via, call.env) : undefined;
  const operation =
    origin?.k === "lib"
      ? origin.type.replace(/Command$/, "")
      : call.name === "send"
        ? ""
        : call.name.replace(/^./, (it) => it.toUpperCase());
  const batch = Object.hasOwn(BATCHES, operation) && !holdsOne(command ?? call) ? BATCHES[operation] : undefined;
  const name = command ? `${operation}Command` : call.name;
  if (batch) return { batch: { operation: name, failed: batch[0], holds: batch[1] } };
  const page = Object.hasOwn(PAGES, operation) ? PAGES[operation] : undefined;
  if (!page) return {};
  const asked = page.asks.map((it) => (command ?? call).option(0, it).is);
  return {
    page: {
      operation: name,
      items: page.items,
      more: [...page.next, `paginate${operation}`],
      sized: asked.includes("yes") ? "yes" : asked.includes("unknown") ? "unknown" : "no",
      ...(page.holds !== undefined ? { holds: page.holds } : {}),
      ...(page.flag !== undefined ? { flag: page.flag } : {}),
      ...(WITHOUT_PAGINATOR.has(operation) ? {} : { all: `paginate${operation}` }),
    },
  };
}

/** One item, written out: then there is no part of it that fails. */
const holdsOne = (call: CallView): boolean =>
  ["Entries", "Delete.Objects", "Records", "PublishBatchRequestEntries"].some((it) => {
    const found = call.option(0, it);
    return (
      found.is === "yes" && found.at.value.k === "arr" && !found.at.value.open && found.at.value.items.length === 1
    );
  });

const send: Member = {
  call: {
    meaning: (call) => {
      const created = clientOf(call);
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
        attempts: created ? attemptsOf(call.program.view(created, call.env)) : 3,
        ...(created && limit.bounded === "no" ? { instance: created } : {}),
        ...answerOf(call),
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

const commands = [...new Set([...Object.keys(BATCHES), ...Object.keys(PAGES)])].map((it) => `${it}Command`);

export default defineLibrary({
  name: "aws-sdk",
  packages: [
    "@aws-sdk/lib-dynamodb",
    ...clients.flatMap((it) => {
      const kebab = it
        .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
        .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
        .toLowerCase();
      return [`@aws-sdk/client-${kebab}`];
    }),
  ],
  exports: {
    ...Object.fromEntries(
      clients.flatMap((it) => [
        [it, client],
        [`${it}Client`, client],
      ]),
    ),
    ...Object.fromEntries(commands.map((it): [string, Member] => [it, { construct: { returns: it } }])),
    DynamoDBDocumentClient: { type: "DocumentClientClass" },
    DynamoDBDocument: { type: "DocumentClientClass" },
  },
  types: {
    Client: CLIENT,
    Config: {},
    DocumentClientClass: { members: { from: { call: { returns: "DocumentClient" } } } },
    DocumentClient: { like: "Client" },
    ...Object.fromEntries(commands.map((it): [string, LibraryType] => [it, {}])),
  },
  typeNames: {
    ...Object.fromEntries(
      clients.flatMap((it) => [
        [it, "Client"],
        [`${it}Client`, "Client"],
      ]),
    ),
    DynamoDBDocumentClient: "DocumentClient",
    DynamoDBDocument: "DocumentClient",
  },
});
