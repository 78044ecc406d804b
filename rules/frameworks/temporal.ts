/** Temporal: the activities of a worker. */
import { type Activity, defineFramework, type PlacedFunction, type Program, type Scoped } from "../../engine/index.ts";
import { activity, optionAt } from "./_activity.ts";
import { callIndex, importedFrom } from "./_calls.ts";
import { functionsOf } from "./_handlers.ts";
import { each, isTestFile } from "./_values.ts";

export default defineFramework({
  name: "temporal",
  *entries({ program }): Iterable<Activity> {
    const { members, packages } = callIndex(program);
    if (!packages.has("@temporalio/worker")) return;
    for (const { file, c } of members.get("create") ?? []) {
      const { callee, args, at } = file.calls[c]!;
      if (callee.k !== "get" || isTestFile(file)) continue;
      if (importedFrom(program, callee.of, file) !== "@temporalio/worker") continue;
      const activities = optionAt(program, args[0], file, "activities");
      for (const it of activities ? functionsIn(program, activities) : [])
        yield activity("job", "temporal", it.name, file, at, it.handlers);
    }
  },
});

/** The functions of an object or of a module: `import * as activities from "./activities"`. */
function functionsIn(
  program: Program,
  at: Scoped,
): readonly { readonly name: string; readonly handlers: readonly PlacedFunction[] }[] {
  return each(program.at(at)).flatMap((of) => {
    const named =
      of.k === "obj"
        ? of.value.props.map((it) => ({ name: it.name, at: { value: it.value, file: of.file, env: of.env } }))
        : of.k === "module"
          ? of.file.exports.flatMap((it) =>
              "value" in it ? [{ name: it.name, at: { value: it.value, file: of.file } }] : [],
            )
          : [];
    return named.flatMap(({ name, at: inner }) => {
      const handlers = functionsOf(program, inner);
      return name && handlers.length > 0 ? [{ name, handlers }] : [];
    });
  });
}
