/** Commands of a terminal: commander, cac, yargs, oclif, citty. */
import {
  type Activity,
  defineFramework,
  type FileSummary,
  type FrameworkContext,
  type Program,
  type Value,
} from "../../engine/index.ts";
import { activity, functionsAt, optionAt } from "./_activity.ts";
import { callIndex } from "./_calls.ts";
import { functionsOf } from "./_handlers.ts";

export default defineFramework({
  name: "commands",
  *entries({ program }: FrameworkContext): Iterable<Activity> {
    const { members, named, packages } = callIndex(program);
    const has = (...names: readonly string[]): boolean => names.some((it) => packages.has(it));
    if (has("commander", "cac", "@commander-js/extra-typings", "sade", "caporal"))
      for (const { file, c } of members.get("action") ?? []) {
        const call = file.calls[c]!;
        const handlers = call.args.flatMap((it) => functionsOf(program, { value: it, file }));
        if (handlers.length > 0)
          yield activity(
            "cli",
            "commander",
            commandOf(program, file, call.callee) ?? "command",
            file,
            call.at,
            handlers,
          );
      }
    if (has("yargs"))
      for (const { file, c } of members.get("command") ?? []) {
        const { args, at } = file.calls[c]!;
        const name = args[0] ? (program.text({ value: args[0], file }) ?? text(program, file, args[0])) : undefined;
        const handlers = [
          ...args.slice(2).flatMap((it) => functionsOf(program, { value: it, file })),
          ...functionsAt(program, optionAt(program, args[0], file, "handler")),
        ];
        if (name !== undefined && handlers.length > 0) yield activity("cli", "yargs", name, file, at, handlers);
      }
    if (has("citty"))
      for (const { file, c } of named.get("defineCommand") ?? []) {
        const { args, at } = file.calls[c]!;
        const handlers = functionsAt(program, optionAt(program, args[0], file, "run"));
        if (handlers.length > 0) yield activity("cli", "citty", "command", file, at, handlers);
      }
    if (has("@oclif/core", "@oclif/command", "nest-commander", "clipanion"))
      for (const file of program.files.values()) {
        if (
          !file.imports.some((it) => /oclif|commander|clipanion/.test(it.specifier)) &&
          !/(^|\/)commands\//.test(file.path)
        )
          continue;
        for (const cls of file.classes) {
          const run = cls.members.find((it) => (it.name === "run" || it.name === "execute") && it.fn !== undefined);
          if (
            cls.superClass &&
            run?.fn !== undefined &&
            /Command$/.test(cls.superClass.k === "ref" ? (file.bindings[cls.superClass.b]?.name ?? "") : "")
          )
            yield activity("cli", "oclif", cls.name, file, run.at, [{ file, f: run.fn }]);
        }
      }
  },
});

/** The `.command("name")` of a chain. */
function commandOf(program: Program, file: FileSummary, callee: Value): string | undefined {
  let at: Value | undefined = callee;
  for (let i = 0; at && i < 40; i++) {
    if (at.k === "get") at = at.of;
    else if (at.k === "call") {
      const call: FileSummary["calls"][number] = file.calls[at.c]!;
      const isName = (call.callee.k === "get" && call.callee.name === "command") || call.kind === "new";
      const text = isName && call.args[0] ? program.text({ value: call.args[0], file }) : undefined;
      if (text !== undefined) return text.split(" ")[0];
      at = call.callee;
    } else if (at.k === "ref") at = file.bindings[at.b]?.kind === "const" ? file.bindings[at.b]?.value : undefined;
    else return undefined;
  }
  return undefined;
}

function text(program: Program, file: FileSummary, value: Value): string | undefined {
  const found = optionAt(program, value, file, "command");
  return found ? program.text(found) : undefined;
}
