/** AWS SAM: functions of a template with the events that start them. */
import type { Activity, Endpoint, FrameworkContext, Program } from "../../engine/index.ts";
import { type Data, dataOf, listOf, readData, textOf } from "./_declared.ts";
import { folderOf, type Handler, handlerAt, resolved, type Trigger, triggered } from "./_lambda.ts";

const MESSAGES = new Set(
  "SQS SNS DynamoDB Kinesis S3 EventBridgeRule CloudWatchEvent CloudWatchLogs IoTRule AlexaSkill Cognito MSK MQ DocumentDB SelfManagedKafka".split(
    " ",
  ),
);

export function* samEntries({ program, documents }: FrameworkContext): Iterable<Activity | Endpoint> {
  for (const path of documents.declarations) {
    if (/(?:^|\/)(?:serverless[^/]*|schema\.json|routes\.json)$/.test(path)) continue;
    const text = documents.text(path);
    if (!text?.includes("AWS::Serverless")) continue;
    const template = dataOf(readData(text));
    const shared = dataOf(dataOf(template.Globals).Function);
    for (const resource of Object.values(dataOf(template.Resources))) {
      const { Type, Properties, Metadata } = dataOf(resource);
      if (Type !== "AWS::Serverless::Function") continue;
      const fn = { ...shared, ...dataOf(Properties) };
      const handler = handlerOf(program, folderOf(path), fn, dataOf(Metadata));
      if (!handler) continue;
      for (const trigger of [...Object.values(dataOf(fn.Events)).flatMap(triggersOf), ...urlOf(fn)])
        yield* triggered("sam", handler, trigger);
    }
  }
}

/** The handler below `CodeUri`; esbuild's entry points keep their own folders. */
function handlerOf(program: Program, folder: string, fn: Data, metadata: Data): Handler | undefined {
  const name = textOf(fn.Handler);
  if (name === undefined) return undefined;
  const code = textOf(fn.CodeUri) ?? ".";
  const root = /^(?:s3|https?):/.test(code) ? folder : (resolved(folder, code) ?? folder);
  // `CodeUri: dist/` holds what was built from beside it.
  const source = resolved(folder, code.replace(/^(?:\.\/)?(?:dist|build|out|\.aws-sam\/build)(?:\/|$)/, ""));
  const entries = listOf(dataOf(metadata.BuildProperties).EntryPoints).flatMap((it) => textOf(it) ?? []);
  const exported = name.slice(name.lastIndexOf(".") + 1);
  const built = entries.length === 1 ? `${entries[0]!.replace(/\.[cm]?[jt]sx?$/, "")}.${exported}` : undefined;
  const folders = [root, ...(source === undefined || source === root ? [] : [source, `${source}/src`])];
  return (built === undefined ? undefined : handlerAt(program, folders, built)) ?? handlerAt(program, folders, name);
}

function triggersOf(event: unknown): readonly Trigger[] {
  const { Type, Properties } = dataOf(event);
  const data = dataOf(Properties);
  const kind = textOf(Type) ?? "";
  if (kind === "Api" || kind === "HttpApi") {
    const path = textOf(data.Path);
    // An HTTP API without a path takes all that no other route does.
    return path === undefined && kind === "Api"
      ? []
      : [{ kind: "http", method: textOf(data.Method) ?? "ANY", path: path ?? "$default" }];
  }
  if (kind === "Schedule" || kind === "ScheduleV2")
    return [{ kind: "cron", name: textOf(data.Schedule) ?? textOf(data.ScheduleExpression) ?? "schedule" }];
  if (!MESSAGES.has(kind)) return [];
  const from = textOf(data.Queue) ?? textOf(data.Topic) ?? textOf(data.Bucket) ?? textOf(data.Stream) ?? "";
  return [{ kind: "consumer", name: `${kind} ${from.replace(/\.(?:Arn|StreamArn)$/, "")}`.trim() }];
}

function urlOf(fn: Data): readonly Trigger[] {
  return fn.FunctionUrlConfig === undefined ? [] : [{ kind: "http", method: "ANY", path: "/" }];
}
