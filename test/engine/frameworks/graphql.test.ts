import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointLines, routeLines } from "../../kit/entries.ts";

test("fields made with Pothos, Nexus and graphql-js", () => {
  assert.deepEqual(
    endpointLines({
      "builder.ts": `import SchemaBuilder from "@pothos/core"; export const builder = new SchemaBuilder({});`,
      "pothos.ts": `import { builder } from "./builder"; import { load } from "./load"; builder.queryType({ fields: (t) => ({ users: t.field({ type: ["User"], resolve: load }) }) });
        builder.mutationField("save", (t) => t.field({ type: "User", resolve: async (_, args) => {} })); other.mutationField("not", { resolve() {} });`,
      "load.ts": `export async function load() {}`,
      "nexus.ts": `import { extendType, queryField } from "nexus"; export const one = extendType({ type: "Query", definition(t) { t.field("one", { type: "One", resolve() {} }); } }); export const two = queryField("two", { type: "Two", resolve() {} });`,
      "js.ts": `import { GraphQLObjectType } from "graphql"; const me = { type: User, resolve() {} }; export const query = new GraphQLObjectType({ name: "Query", fields: () => ({ me, you: { type: User, resolve() {} } }) });`,
    }),
    [
      "POST /graphql js.ts fields.resolve",
      "POST /graphql js.ts resolve",
      "POST /graphql nexus.ts definition.resolve",
      "POST /graphql nexus.ts resolve",
      "POST /graphql pothos.ts <1>.resolve",
      "POST /graphql pothos.ts load",
    ],
  );
});

test("the address of the server that is set up nearest", () => {
  const resolvers = `export const resolvers = { Query: { me() {} } };`;
  const at = (server: string, more: Record<string, string> = {}): readonly string[] => [
    ...new Set(routeLines({ "src/server.ts": server, "src/resolvers.ts": resolvers, ...more })),
  ];
  assert.deepEqual(
    at(
      `import { expressMiddleware } from "@apollo/server/express4"; import { resolvers } from "./resolvers"; app.use("/gql", cors(), expressMiddleware(server));`,
    ),
    ["POST /gql"],
  );
  assert.deepEqual(
    at(`import { ApolloServer } from "apollo-server-express"; server.applyMiddleware({ app, path: "/api" });`),
    ["POST /api"],
  );
  assert.deepEqual(
    at(`import { createYoga } from "graphql-yoga"; const yoga = createYoga({ schema, graphqlEndpoint: "/q" });`),
    ["POST /q"],
  );
  assert.deepEqual(
    at(`import { startStandaloneServer } from "@apollo/server/standalone"; await startStandaloneServer(server, {});`),
    ["POST /"],
  );
  assert.deepEqual(at(`import mercurius from "mercurius"; app.register(mercurius, { schema, prefix: "/v1" });`), [
    "POST /v1/graphql",
  ]);
  const nest = (options: string): string =>
    `import { Module } from "@nestjs/common"; import { GraphQLModule } from "@nestjs/graphql"; @Module({ imports: [GraphQLModule.${options}] }) export class AppModule {}`;
  const resolver = {
    "src/r.ts": `import { Resolver, Query } from "@nestjs/graphql"; @Resolver() export class R { @Query(() => X) x() {} }`,
  };
  assert.deepEqual(routeLines({ "src/app.ts": nest(`forRoot({ path: "/admin-api" })`), ...resolver }), [
    "POST /admin-api",
  ]);
  assert.deepEqual(
    routeLines({ "src/app.ts": nest(`forRootAsync({ useFactory: (c) => ({ path: "/" + c.path }) })`), ...resolver }),
    ["POST /graphql"],
    "a configured one cannot be read",
  );
  assert.deepEqual(
    routeLines({
      "a/src/server.ts": `import { createYoga } from "graphql-yoga"; createYoga({ graphqlEndpoint: "/a" });`,
      "a/src/resolvers.ts": resolvers,
      "b/src/server.ts": `import { createYoga } from "graphql-yoga"; createYoga({ graphqlEndpoint: "/b" });`,
      "b/src/resolvers.ts": resolvers,
      "c/resolvers.ts": resolvers,
    }),
    ["POST /a", "POST /b", "POST /graphql"],
  );
});

test("graphql-js: maps of fields, fields that a function makes, and what only looks like one", () => {
  assert.deepEqual(
    endpointLines({
      "mutations.js": `import { GraphQLString } from "graphql"; const mutations = { createUpdate: { type: GraphQLString, args: {}, resolve: async function create() {} } }; export default mutations;`,
      "query.js": `import { GraphQLString } from "graphql"; export const build = ({ type }) => ({ type, args: {}, async resolve() {} }); export const other = { steps: { resolve() {} } };`,
    }),
    ["POST /graphql mutations.js resolve", "POST /graphql query.js build.resolve"],
  );
});
