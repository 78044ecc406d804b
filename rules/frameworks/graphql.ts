/**
 * GraphQL resolvers, all served by one address: maps (`{ Query: { users }, Mutation: { … }, User: { posts } }`), and fields
 * made in code with Pothos, Nexus or graphql-js.
 */
import {
  defineFramework,
  type Endpoint,
  type FileSummary,
  type FrameworkContext,
  type Origin,
  type Program,
  type Prop,
  type Scoped,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { callIndex, importedFrom } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { graphqlRoute } from "./_graphql.ts";
import { functionsOf } from "./_handlers.ts";
import { each, isTestFile } from "./_values.ts";

const PACKAGES = [
  "@apollo/server",
  "apollo-server",
  "apollo-server-express",
  "apollo-server-koa",
  "apollo-server-micro",
  "@as-integrations/next",
  "graphql-yoga",
  "mercurius",
  "@graphql-tools/schema",
  "graphql-tools",
  "@apollo/subgraph",
  "@apollo/federation",
  "@graphql-tools/merge",
  "@graphql-yoga/node",
  "apollo-server-fastify",
  "apollo-server-lambda",
  "graphql-modules",
  "express-graphql",
  "graphql-http",
];
/** Packages whose calls make types with their fields. */
const BUILDERS = /^(?:@pothos\/core|@giraphql\/core|nexus|@nexus\/schema|graphql|graphql-compose|graphql-relay)$/;
const RESOLVE = new Set(["resolve", "subscribe", "mutateAndGetPayload"]);
const ROOTS = new Set(["Query", "Mutation", "Subscription"]);

export default defineFramework({
  name: "graphql",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    const { packages } = callIndex(program);
    if ([...packages].some((it) => BUILDERS.test(it)))
      for (const file of program.files.values()) if (!isTestFile(file)) yield* builtFields(program, file);
    if (!PACKAGES.some((it) => packages.has(it))) return;
    for (const file of program.files.values()) {
      if (isTestFile(file)) continue;
      const seen = new Set<Value>();
      for (const value of literalsOf(file)) {
        if (value.k !== "obj" || seen.has(value) || !value.props.some((it) => it.name !== null && ROOTS.has(it.name)))
          continue;
        seen.add(value);
        for (const type of value.props)
          if (type.name && /^[A-Z]/.test(type.name)) yield* fieldsOf(program, { value: type.value, file });
      }
    }
  },
});

function* literalsOf(file: FileSummary): Iterable<Value> {
  for (const it of file.bindings) if (it.value?.k === "obj") yield it.value;
  for (const it of file.exports) if ("value" in it && it.value.k === "obj") yield it.value;
  for (const it of file.functions) yield* it.returns;
  // `createModule({ resolvers: { … } })`, `new ApolloServer({ resolvers: { … } })`.
  for (const call of file.calls)
    for (const arg of call.args)
      if (arg.k === "obj") {
        yield arg;
        for (const it of arg.props) if (it.name === "resolvers") yield it.value;
      }
}

/** `builder.queryField("me", (t) => t.field({ resolve }))`, `new GraphQLObjectType({ fields: { me: { resolve } } })`. */
function* builtFields(program: Program, file: FileSummary): Iterable<Endpoint> {
  const spans = file.calls.flatMap((it): readonly Span[] =>
    (it.callee.k === "get" || it.callee.k === "ref") &&
    it.args.some((arg) => arg.k === "obj" || arg.k === "fn") &&
    BUILDERS.test(importedFrom(program, it.callee, file) ?? "")
      ? [it.at]
      : [],
  );
  const isInside = (at: Span): boolean => spans.some((it) => it[0] <= at[0] && at[1] <= it[1]);
  const seen = new Set<Prop>();
  const found: Prop[] = [];
  const walk = (value: Value, depth: number): void => {
    if (depth > 6) return;
    if (value.k === "fn") for (const it of file.functions[value.f]!.returns) walk(it, depth + 1);
    if (value.k !== "obj") return;
    for (const it of value.props) {
      if (!RESOLVE.has(it.name ?? "")) walk(it.value, depth + 1);
      else if (!seen.has(it)) {
        seen.add(it);
        found.push(it);
      }
    }
  };
  if (spans.length > 0) for (const call of file.calls) if (isInside(call.at)) for (const arg of call.args) walk(arg, 0);
  // graphql-js: `export const me = { type: User, resolve() {} }`, and maps of such fields.
  const fields = (value: Value, depth: number): void => {
    if (value.k !== "obj" || depth > 3) return;
    if (value.props.some((it) => it.name === "type") && value.props.some((it) => it.name === "resolve")) walk(value, 0);
    else for (const it of value.props) fields(it.value, depth + 1);
  };
  if (file.imports.some((it) => it.specifier === "graphql" && !it.typeOnly)) {
    for (const it of file.bindings) if (it.value) fields(it.value, 0);
    for (const it of file.exports) if ("value" in it) fields(it.value, 0);
    for (const it of file.functions) for (const value of it.returns) fields(value, 0);
  }
  for (const prop of found) {
    const handlers = functionsOf(program, { value: prop.value, file });
    const nameAt: Span = [prop.at[0], Math.min(prop.at[1], prop.at[0] + prop.name!.length)];
    if (handlers.length > 0) yield resolver(program, file, prop.at, nameAt, handlers);
  }
}

function resolver(
  program: Program,
  file: FileSummary,
  at: Span,
  nameAt: Span,
  handlers: Endpoint["handlers"],
): Endpoint {
  const route = graphqlRoute(program, file.path);
  return endpoint({ framework: "graphql", method: "POST", route, file, at, nameAt, handlers });
}

/** The functions of one type's literal, spreads of other literals included. */
function* fieldsOf(program: Program, at: Scoped, depth = 0): Iterable<Endpoint> {
  for (const of of each(program.at(at))) {
    if (of.k !== "obj" || depth > 4) continue;
    for (const prop of of.value.props) {
      const scoped: Scoped = { value: prop.value, file: of.file, env: of.env };
      if (prop.name === null) {
        yield* fieldsOf(program, scoped, depth + 1);
        continue;
      }
      const handlers = [...functionsOf(program, scoped), ...resolveOf(program, scoped)];
      const nameAt: Span = [prop.at[0], Math.min(prop.at[1], prop.at[0] + prop.name.length)];
      if (handlers.length > 0) yield resolver(program, of.file, prop.at, nameAt, handlers);
    }
  }
}

/** `{ resolve() {…} }`, `{ subscribe() {…} }`. */
function resolveOf(program: Program, at: Scoped): Endpoint["handlers"] {
  const origin: Origin = program.at(at);
  if (origin.k !== "obj") return [];
  return ["subscribe", "resolve"].flatMap((name) => {
    const found = program.property({ value: origin.value, file: origin.file, env: origin.env }, name);
    return found.is === "yes" ? functionsOf(program, found.at) : [];
  });
}
