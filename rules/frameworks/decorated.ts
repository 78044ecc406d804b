/** Controllers by decorators outside NestJS: routing-controllers, tsoa, Inversify, Ts.ED, Overnight, LoopBack, Midway, fastify-decorators, Egg. */
import {
  defineFramework,
  type Endpoint,
  type FileSummary,
  type FrameworkContext,
  joinRoute,
  type Lookup,
  type Program,
  type Scoped,
} from "../../engine/index.ts";
import { callIndex } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { argumentOf, type Decorator, decoratorsOf } from "./_decorators.ts";
import { plainRoutes, routeTexts } from "./_texts.ts";
import { isTestFile } from "./_values.ts";

interface Dialect {
  readonly packages: RegExp;
  /** Class decorators whose argument is the base path. */
  readonly controller: RegExp;
  /** Method decorators, the method in the first group. */
  readonly verb: RegExp;
}

const VERB = /^(Get|Post|Put|Patch|Delete|Head|Options|All)$/;
const DIALECTS: readonly (readonly [framework: string, dialect: Dialect])[] = [
  ["routing-controllers", { packages: /^routing-controllers$/, controller: /^(Json)?Controller$/, verb: VERB }],
  ["tsoa", { packages: /^(tsoa|@tsoa\/runtime)$/, controller: /^Route$/, verb: VERB }],
  [
    "inversify",
    {
      packages: /^(inversify-express-utils|@inversifyjs\/http-core)$/,
      controller: /^[cC]ontroller$/,
      verb: /^(?:http)?(get|post|put|patch|delete|head|options|all)$/i,
    },
  ],
  ["tsed", { packages: /^@tsed\//, controller: /^Controller$/, verb: VERB }],
  ["overnight", { packages: /^@overnightjs\/core$/, controller: /^Controller$/, verb: VERB }],
  [
    "loopback",
    {
      packages: /^@loopback\/(rest|openapi-v3)$/,
      controller: /^api$/,
      verb: /^(get|post|put|patch|del|head|options)$/,
    },
  ],
  ["midway", { packages: /^@midwayjs\/(core|decorator)$/, controller: /^Controller$/, verb: VERB }],
  [
    "fastify-decorators",
    {
      packages: /^fastify-decorators$/,
      controller: /^Controller$/,
      verb: /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ALL)$/,
    },
  ],
  [
    "egg",
    {
      packages: /^(@eggjs\/(tegg|controller-plugin|controller-decorator)|egg)$/,
      controller: /^HTTPController$/,
      verb: /^(HTTPMethod|Http(?:Get|Post|Put|Patch|Delete|Head|Options))$/,
    },
  ],
  // A project's own decorators in the same manner.
  [
    "decorators",
    {
      packages:
        /^(?!@nestjs\/|routing-controllers$|tsoa$|@tsoa\/|inversify|@inversifyjs\/|@tsed\/|@overnightjs\/|@loopback\/|@midwayjs\/|fastify-decorators$|@eggjs\/|egg$)/,
      controller: /Controller(Root)?$/,
      verb: VERB,
    },
  ],
];

export default defineFramework({
  name: "decorated",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    const { packages } = callIndex(program);
    const used = DIALECTS.filter(
      ([name, it]) => name === "decorators" || [...packages].some((one) => it.packages.test(one)),
    );
    const prefixes: Readonly<Record<string, string>> = {
      "routing-controllers": routePrefix(program),
      inversify: rootPath(program),
    };
    for (const file of program.files.values()) {
      if (file.classes.length === 0 || isTestFile(file)) continue;
      for (const cls of file.classes) {
        const marks = decoratorsOf(program, cls.decorators, file);
        for (const [framework, dialect] of used) {
          const controller = marks.find(
            (it) => dialect.packages.test(it.specifier) && dialect.controller.test(it.name),
          );
          if (!controller && framework !== "loopback") continue;
          const given = controller ? argumentOf(controller, 0) : undefined;
          const inner = given && given.value.k === "obj" ? pathOption(program, given) : undefined;
          const bases = (inner
            ? inner.is === "yes"
              ? routeTexts(program, inner.at)
              : undefined
            : routeTexts(program, given)) ?? [""];
          for (const member of cls.members) {
            if (member.fn === undefined) continue;
            for (const mark of decoratorsOf(program, member.decorators, file))
              yield* memberEndpoints(
                program,
                file,
                member.fn,
                mark,
                dialect,
                framework,
                bases,
                prefixes[framework] ?? "",
              );
          }
        }
      }
    }
  },
});

/** `@Controller({ path: "/users" })`, with `route`, `url` or `prefix` for it. */
function pathOption(program: Program, options: Scoped): Lookup {
  const found = ["path", "route", "url", "prefix"].map((it) => program.property(options, it));
  return found.find((it) => it.is === "yes") ?? found[0]!;
}

function* memberEndpoints(
  program: Program,
  file: FileSummary,
  f: number,
  mark: Decorator,
  dialect: Dialect,
  framework: string,
  bases: readonly string[],
  prefix: string,
): Iterable<Endpoint> {
  const verb = dialect.packages.test(mark.specifier) ? dialect.verb.exec(mark.name)?.[1] : undefined;
  if (!verb) return;
  const options = argumentOf(mark, 0);
  const isTable = options?.value.k === "obj";
  const written = isTable ? pathOption(program, options) : undefined;
  const paths = written
    ? written.is === "yes"
      ? routeTexts(program, written.at)
      : undefined
    : routeTexts(program, options);
  const method =
    verb === "HTTPMethod" ? (isTable ? methodOption(program, options) : undefined) : verb.replace(/^Http/, "");
  if (!method) return;
  const call = mark.site?.file === file ? file.calls[mark.site.c] : undefined;
  const at = call?.at ?? file.functions[f]!.at;
  const first = call?.args[0];
  const nameAt = first?.k === "lit" && first.at ? first.at : (call?.nameAt ?? file.functions[f]!.nameAt);
  for (const base of bases)
    for (const path of paths ?? [""])
      for (const route of plainRoutes(joinRoute(prefix, base, path)))
        yield endpoint({
          framework,
          method: method === "del" ? "DELETE" : method,
          route,
          file,
          at,
          nameAt,
          handlers: [{ file, f }],
        });
}

/** `{ method: HTTPMethodEnum.GET }`. */
function methodOption(program: Program, options: Scoped): string | undefined {
  const found = program.property(options, "method");
  if (found.is !== "yes") return undefined;
  return program.text(found.at) ?? (found.at.value.k === "get" ? found.at.value.name : undefined);
}

/** `new InversifyExpressServer(container, null, { rootPath: "/api" })`. */
function rootPath(program: Program): string {
  for (const { file, c } of callIndex(program).named.get("InversifyExpressServer") ?? []) {
    const options = file.calls[c]!.args[2];
    const found = options && !isTestFile(file) ? program.property({ value: options, file }, "rootPath") : undefined;
    const text = found?.is === "yes" ? routeTexts(program, found.at)?.[0] : undefined;
    if (text !== undefined) return text;
  }
  return "";
}

/** `createExpressServer({ routePrefix })`. */
function routePrefix(program: Program): string {
  for (const file of program.files.values()) {
    if (isTestFile(file) || !file.imports.some((it) => it.specifier === "routing-controllers")) continue;
    for (const call of file.calls)
      for (const arg of call.args) {
        const found =
          arg.k === "obj" || arg.k === "ref" ? program.property({ value: arg, file }, "routePrefix") : undefined;
        const text = found?.is === "yes" ? routeTexts(program, found.at)?.[0] : undefined;
        if (text !== undefined) return text;
      }
  }
  return "";
}
