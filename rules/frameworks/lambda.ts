/** AWS Lambda: exported handlers by the event they are typed with. Which address serves one is written outside the code. */
import {
  type Activity,
  defineFramework,
  type FileSummary,
  type FrameworkContext,
  type TypeRef,
  type Value,
} from "../../engine/index.ts";
import { activity } from "./_activity.ts";
import { callIndex } from "./_calls.ts";
import { exportsOf } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { isTestFile } from "./_values.ts";

export default defineFramework({
  name: "lambda",
  *entries({ program }: FrameworkContext): Iterable<Activity> {
    const { packages } = callIndex(program);
    if (
      !["aws-lambda", "@types/aws-lambda", "@middy/core", "@aws-lambda-powertools/logger"].some((it) =>
        packages.has(it),
      )
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
        if (!last) continue;
        const event = typeOf(it.value, it.file) ?? nameOf(last.file.functions[last.f]!.params[0]?.type);
        if (event === undefined ? name !== "handler" : !/Event|Handler/.test(event)) continue;
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
  },
});

/** The annotation of the name that is exported: `const handler: SQSHandler = …`. */
function typeOf(value: Value, file: FileSummary): string | undefined {
  return value.k === "ref" ? nameOf(file.bindings[value.b]?.type) : undefined;
}

function nameOf(type: TypeRef | undefined): string | undefined {
  return type?.t === "name" ? type.name : undefined;
}
