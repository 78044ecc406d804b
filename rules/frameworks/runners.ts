/** What runners start by where it lies: tests, migrations, seeds; and migration classes wherever they lie. */
import { type Activity, defineFramework, pathKind } from "../../engine/index.ts";
import { activity } from "./_activity.ts";

export default defineFramework({
  name: "runners",
  *entries({ program }): Iterable<Activity> {
    for (const file of program.files.values()) {
      const kind = pathKind(file.path);
      if (kind) {
        const head: readonly [number, number] = [0, 0];
        yield activity(
          kind === "script" ? "cli" : kind,
          kind === "test" ? "test runner" : kind === "script" ? "process" : "migration runner",
          file.path.slice(file.path.lastIndexOf("/") + 1),
          file,
          head,
          file.functions.map((_, f) => ({ file, f })),
        );
        continue;
      }
      for (const cls of file.classes) {
        if (
          !cls.implements.some((it) => it.t === "name" && it.name === "MigrationInterface") &&
          !(cls.superClass?.k === "ref" && file.bindings[cls.superClass.b]?.name === "Migration")
        )
          continue;
        const handlers = cls.members.flatMap((it) =>
          it.fn !== undefined && (it.name === "up" || it.name === "down") ? [{ file, f: it.fn }] : [],
        );
        if (handlers.length > 0) yield activity("migration", "migration runner", cls.name, file, cls.at, handlers);
      }
    }
  },
});
