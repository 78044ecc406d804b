/** GraphQL resolver maps: `{ Query: { users }, Mutation: { … }, User: { posts } }`, all served by one address. */
import {
  defineFramework,
  type Endpoint,
  type FileSummary,
  type FrameworkContext,
  type Origin,
  type Program,
  type Scoped,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { callIndex } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
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
];
const ROOTS = new Set(["Query", "Mutation", "Subscription"]);

export default defineFramework({
  name: "graphql",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    const { packages } = callIndex(program);
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
      if (handlers.length > 0)
        yield endpoint({
          framework: "graphql",
          method: "POST",
          route: "/graphql",
          file: of.file,
          at: prop.at,
          nameAt,
          handlers,
        });
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
