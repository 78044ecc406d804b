/** gRPC and Connect: what is handed over as the implementation of a service is called by name. */
import {
  type Activity,
  defineFramework,
  type FileSummary,
  type PlacedFunction,
  type Program,
  type Scoped,
} from "../../engine/index.ts";
import { activity } from "./_activity.ts";
import { callIndex } from "./_calls.ts";
import { elementsOf, readings } from "./_frames.ts";
import { functionsOf } from "./_handlers.ts";
import { each, isTestFile } from "./_values.ts";

const PACKAGES = /^(@grpc\/grpc-js|grpc|nice-grpc|@connectrpc\/|@bufbuild\/connect)/;
/** Members that take a definition and its implementation. */
const TAKING = ["addService", "service", "add"];
const MAX_METHODS = 200;

export default defineFramework({
  name: "grpc",
  *entries({ program, graph }): Iterable<Activity> {
    const { members, packages } = callIndex(program);
    if (![...packages].some((it) => PACKAGES.test(it))) return;
    for (const name of TAKING)
      for (const { file, c } of members.get(name) ?? []) {
        const { callee, args, at } = file.calls[c]!;
        const [definition, implementation] = args;
        if (callee.k !== "get" || args.length !== 2 || !implementation || isTestFile(file)) continue;
        if (name !== "addService" && !usesRpc(file)) continue;
        if (definition?.k === "lit" || definition?.k === "fn") continue;
        const read = (env: Scoped["env"]) => methodsOf(program, { value: implementation, file, env });
        const seen = new Set<string>();
        for (const reading of readings(program, graph, { file, c }, ({ env }) =>
          read(env).length > 0 ? [] : [implementation],
        ))
          for (const it of read(reading.env)) {
            const key = it.handlers.map((one) => `${one.file.path} ${one.f}`).join();
            if (seen.has(key)) continue;
            seen.add(key);
            yield activity("consumer", "grpc", it.name, file, at, it.handlers);
          }
      }
  },
});

function usesRpc(file: FileSummary): boolean {
  return file.imports.some((it) => PACKAGES.test(it.specifier));
}

interface Method {
  readonly name: string;
  readonly handlers: readonly PlacedFunction[];
}

/** The functions of an object, the methods of an instance, and of each element of a list that is walked. */
function methodsOf(program: Program, at: Scoped): readonly Method[] {
  const list = at.value.k === "get" ? elementsIn(program, at) : undefined;
  return (list ?? [at]).flatMap((scoped) =>
    each(program.at(scoped)).flatMap((of): readonly Method[] => {
      if (of.k === "obj")
        return of.value.props.slice(0, MAX_METHODS).flatMap((it) => {
          const handlers = functionsOf(program, { value: it.value, file: of.file, env: of.env });
          return it.name && handlers.length > 0 ? [{ name: it.name, handlers }] : [];
        });
      if (of.k !== "instance") return [];
      const { members } = of.file.classes[of.c]!;
      return members.flatMap((it) =>
        it.fn !== undefined && !it.isStatic && it.fn !== of.file.classes[of.c]!.ctor
          ? [{ name: it.name, handlers: [{ file: of.file, f: it.fn }] }]
          : [],
      );
    }),
  );
}

/** `for (const service of services) server.addService(service.definition, service.handlers)`. */
function elementsIn(program: Program, { value, file }: Scoped): readonly Scoped[] | undefined {
  if (value.k !== "get" || value.of.k !== "ref") return undefined;
  const binding = file.bindings[value.of.b];
  const item = binding?.value?.k === "op" && binding.value.op === "item" ? binding.value.args[0] : undefined;
  const elements = item ? elementsOf(program, { value: item, file }) : undefined;
  return elements?.flatMap((it) => {
    const found = program.property(it, value.name);
    return found.is === "yes" ? [found.at] : [];
  });
}
