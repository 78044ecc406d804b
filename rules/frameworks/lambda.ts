/**
 * AWS Lambda: what serverless.yml, SAM templates, SST and CDK stacks declare, with the addresses and events they name; and
 * exported handlers by the event they are typed with, where no such file is there to ask.
 */
import {
  type Activity,
  defineFramework,
  type Entry,
  type FileSummary,
  type FrameworkContext,
  type FunctionSummary,
  type TypeRef,
  type Value,
} from "../../engine/index.ts";
import { activity } from "./_activity.ts";
import { callIndex } from "./_calls.ts";
import { cdkEntries } from "./_cdk.ts";
import { exportsOf } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { samEntries } from "./_sam.ts";
import { serverlessEntries } from "./_serverless.ts";
import { sstEntries } from "./_sst.ts";
import { isTestFile } from "./_values.ts";

export default defineFramework({
  name: "lambda",
  *entries(context): Iterable<Entry> {
    const declared = [
      ...serverlessEntries(context),
      ...samEntries(context),
      ...sstEntries(context),
      ...cdkEntries(context),
    ];
    yield* declared;
    yield* typed(context, new Set(declared.flatMap((it) => it.handlers.map((one) => one.file.functions[one.f]!))));
  },
});

/** `known` are the functions that a declaration speaks of. */
function* typed({ program }: FrameworkContext, known: ReadonlySet<FunctionSummary>): Iterable<Activity> {
  const { packages } = callIndex(program);
  if (
    !["aws-lambda", "@types/aws-lambda", "@middy/core", "@aws-lambda-powertools/logger"].some((it) => packages.has(it))
  )
    return;
  for (const file of program.files.values()) {
    if (
      isTestFile(file) ||
      !file.imports.some((it) => /^(aws-lambda|@middy\/|@aws-lambda-powertools\/)/.test(it.specifier))
    )
      continue;
    for (const [name, it] of exportsOf(program, file)) {
      const handlers = functionsOf(program, it);
      const last = handlers.at(-1);
      const fn = last?.file.functions[last.f];
      // What returns a function wraps handlers.
      if (!last || !fn || known.has(fn) || fn.returns.some((it) => it.k === "fn")) continue;
      const event = typeOf(it.value, it.file) ?? nameOf(fn.params[0]?.type);
      if (event === undefined ? name !== "handler" : !/Event|Handler/.test(event)) continue;
      // Functions that help with events are typed with them as well.
      if (!/Handler$/.test(event ?? "") && !/^(?:main|default|\w*handler)$/i.test(name) && !fn.async) continue;
      yield activity(
        /Schedule/.test(event ?? "") ? "cron" : "consumer",
        "aws-lambda",
        `${file.path}#${name}`,
        file,
        it.at,
        handlers,
      );
    }
  }
}

/** The annotation of the name that is exported: `const handler: SQSHandler = …`. */
function typeOf(value: Value, file: FileSummary): string | undefined {
  return value.k === "ref" ? nameOf(file.bindings[value.b]?.type) : undefined;
}

function nameOf(type: TypeRef | undefined): string | undefined {
  return type?.t === "name" ? type.name : undefined;
}
