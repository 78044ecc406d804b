/** Servers without a framework: listeners of `node:http`, Bun, Deno and Workers that look at the request's path themselves. */
import {
  defineFramework,
  type Endpoint,
  type FileSummary,
  type FrameworkContext,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { callIndex } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { functionsOf } from "./_handlers.ts";
import { tableOf } from "./_methods.ts";
import { requestParts } from "./_requests.ts";
import { plainRoutes } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

export default defineFramework({
  name: "raw-http",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    const seen = new Set<unknown>();
    for (const { framework, fn, index } of [...listeners(program), ...typedListeners(program)]) {
      const summary = fn.file.functions[fn.f]!;
      if (seen.has(summary)) continue;
      seen.add(summary);
      for (const it of requestParts(program, fn, index))
        for (const route of plainRoutes(it.paths[0]!))
          yield endpoint({
            framework,
            method: it.methods[0]!,
            route,
            file: it.fn.file,
            at: it.at,
            nameAt: [it.at[0], it.at[0] + 1],
            handlers: [it.fn, ...it.calls],
            within: it.within,
          });
    }
    yield* routeObjects(program);
  },
});

interface Found {
  readonly framework: string;
  readonly fn: PlacedFunction;
  readonly index: number;
}

/** Functions that are handed to a server. */
function* listeners(program: Program): Iterable<Found> {
  const { named, members } = callIndex(program);
  const given = (value: Value | undefined, file: FileSummary, framework: string): readonly Found[] =>
    value ? functionsOf(program, { value, file }).map((fn) => ({ framework, fn, index: 0 })) : [];
  for (const { file, c } of named.get("createServer") ?? []) {
    const call = file.calls[c]!;
    const callee = program.callee(file, c);
    if (isTestFile(file) || callee.k !== "method" || callee.library.name !== "http") continue;
    yield* given(call.args.at(-1), file, "http");
  }
  for (const { file, c } of members.get("on") ?? []) {
    const { args, callee } = file.calls[c]!;
    if (isTestFile(file) || callee.k !== "get" || args[0]?.k !== "lit" || args[0].v !== "request") continue;
    const on = program.origin(callee.of, file);
    if (on.k === "lib" && on.library.name === "http") yield* given(args[1], file, "http");
  }
  for (const { file, c } of named.get("serve") ?? []) {
    const runtime = runtimeOf(file, c);
    if (isTestFile(file) || !runtime) continue;
    for (const arg of file.calls[c]!.args) {
      const options: Scoped = { value: arg, file };
      const found = program.property(options, runtime === "bun" ? "fetch" : "handler");
      if (found.is === "yes") yield* given(found.at.value, found.at.file, runtime);
      else if (runtime === "deno" && program.at(options).k === "fn") yield* given(arg, file, runtime);
    }
  }
  // `export default { async fetch(request, env) {} }`.
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    for (const it of file.exports) {
      if (it.name !== "default" || !("value" in it)) continue;
      for (const of of each(program.at({ value: it.value, file }))) {
        if (of.k !== "obj") continue;
        const found = of.value.props.find((prop) => prop.name === "fetch");
        if (found?.value.k === "fn") yield { framework: "workers", fn: { file: of.file, f: found.value.f }, index: 0 };
      }
    }
  }
}

function runtimeOf(file: FileSummary, c: number): "bun" | "deno" | undefined {
  const { callee } = file.calls[c]!;
  const of = callee.k === "get" && callee.of.k === "global" ? callee.of.name : undefined;
  if (of === "Bun") return "bun";
  if (of === "Deno") return "deno";
  const from = callee.k === "ref" ? file.bindings[callee.b]?.from : undefined;
  const specifier = from ? file.imports[from.import]?.specifier : undefined;
  if (specifier === "bun") return "bun";
  return specifier !== undefined && /^https:\/\/deno\.land\/std|^@std\/http/.test(specifier) ? "deno" : undefined;
}

/** `(req: IncomingMessage, res: ServerResponse)`, however it comes to a server. */
function* typedListeners(program: Program): Iterable<Found> {
  for (const file of program.files.values()) {
    if (isTestFile(file) || !file.imports.some((it) => /^(node:)?https?2?$/.test(it.specifier))) continue;
    for (const [f, fn] of file.functions.entries()) {
      const [request, response] = fn.params;
      const isOne =
        request?.type?.t === "name" &&
        /(^|\.)(IncomingMessage|Http2ServerRequest)$/.test(request.type.name) &&
        response?.type?.t === "name" &&
        /(^|\.)(ServerResponse|Http2ServerResponse)$/.test(response.type.name);
      if (isOne) yield { framework: "http", fn: { file, f }, index: 0 };
    }
  }
}

/** `Bun.serve({ routes: { "/users/:id": { GET, PUT }, "/ping": () => … } })`. */
function* routeObjects(program: Program): Iterable<Endpoint> {
  for (const { file, c } of callIndex(program).named.get("serve") ?? []) {
    if (isTestFile(file) || runtimeOf(file, c) !== "bun") continue;
    const options = file.calls[c]!.args[0];
    const found = options ? program.property({ value: options, file }, "routes") : undefined;
    const table = found?.is === "yes" ? program.at(found.at) : undefined;
    if (table?.k !== "obj") continue;
    for (const prop of table.value.props) {
      if (!prop.name?.startsWith("/")) continue;
      const value: Scoped = { value: prop.value, file: table.file, env: table.env };
      const of = program.at(value);
      const parts = of.k === "obj" ? tableOf(program, { value: of.value, file: of.file, env: of.env }) : [];
      const base = { framework: "bun", route: prop.name, file: table.file, at: prop.at, nameAt: prop.at };
      if (parts.length > 0) for (const it of parts) yield endpoint({ ...base, method: it.method, handlers: [it.fn] });
      else {
        const handlers = functionsOf(program, value);
        if (handlers.length > 0) yield endpoint({ ...base, method: "ALL", handlers });
      }
    }
  }
}
