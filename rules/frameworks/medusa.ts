/**
 * Medusa: `route.ts` files under `src/api` with one export per method, subscribers and jobs by their folders, and workflows
 * with the steps that they run.
 */
import {
  defineFramework,
  type Edge,
  type Entry,
  type FileSummary,
  type FrameworkContext,
  type PlacedFunction,
  type Program,
  type Scoped,
} from "../../engine/index.ts";
import { activity } from "./_activity.ts";
import { callIndex, importedFrom, importedName } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { exportsOf, segmentsToRoute } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { makingOf } from "./_making.ts";
import { VERB_NAMES } from "./_methods.ts";
import { isTestFile, isTestName } from "./_values.ts";

const SDK = /^@medusajs\/(?:framework|workflows-sdk|orchestration)$/;

export default defineFramework({
  name: "medusa",
  *entries({ program }: FrameworkContext): Iterable<Entry> {
    if (!isUsed(program)) return;
    for (const file of program.files.values()) {
      if (isTestName(file.path)) continue;
      const inside = /(?:^|\/)src\/api\/(.*)\/route\.[jt]s$/.exec(file.path)?.[1];
      if (inside !== undefined) {
        for (const [name, it] of exportsOf(program, file))
          if (VERB_NAMES.has(name))
            yield endpoint({
              framework: "medusa",
              method: name,
              route: segmentsToRoute(inside),
              file,
              at: it.at,
              nameAt: it.at,
              handlers: functionsOf(program, it),
            });
        continue;
      }
      const folder = /(?:^|\/)src\/(subscribers|jobs)\/[^/]+\.[jt]s$/.exec(file.path)?.[1];
      const all = folder === undefined ? undefined : exportsOf(program, file);
      const [main, config] = [all?.get("default"), all?.get("config")];
      if (!main || !config) continue;
      const handlers = functionsOf(program, main);
      const kind = folder === "jobs" ? "cron" : "consumer";
      const name =
        textAt(program, config, folder === "jobs" ? "name" : "event") ?? textAt(program, config, "schedule") ?? folder!;
      if (handlers.length > 0) yield activity(kind, "medusa", name, file, main.at, handlers);
    }
  },
  edges: workflowEdges,
});

function isUsed(program: Program): boolean {
  return [...callIndex(program).packages].some((it) => it.startsWith("@medusajs/"));
}

function textAt(program: Program, of: Scoped, name: string): string | undefined {
  const found = program.property(of, name);
  return found.is === "yes" ? program.text(found.at) : undefined;
}

/** `createUser(container).run({ input })` to the workflow's function, and `createUserStep(input)` inside it to the step's. */
function* workflowEdges({ program }: FrameworkContext): Iterable<Edge> {
  if (!isUsed(program)) return;
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      if (call.kind !== "call" || call.callee.k !== "ref") continue;
      for (const to of composed(program, file, c))
        yield { from: { file, f: call.fn }, to, kind: "call", call: { file, c } };
    }
  }
}

/** The functions that a call of something made by `createWorkflow` or `createStep` runs. */
function composed(program: Program, file: FileSummary, c: number): readonly PlacedFunction[] {
  const { callee } = file.calls[c]!;
  if (callee.k !== "ref") return [];
  const binding = file.bindings[callee.b];
  if (!binding?.from && binding?.value?.k !== "call") return [];
  const made = makingOf(program, { value: callee, file });
  const maker = made?.file.calls[made.c];
  if (!made || !maker || !/^create(?:Workflow|Step)$/.test(importedName(maker.callee, made.file) ?? "")) return [];
  const from = importedFrom(program, maker.callee, made.file);
  if (from !== undefined && !SDK.test(from)) return [];
  return maker.args.slice(1).flatMap((it) => functionsOf(program, { value: it, file: made.file }));
}
