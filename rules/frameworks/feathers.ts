/** Feathers: a service on a path answers by its methods. */
import {
  defineFramework,
  type Endpoint,
  type FrameworkContext,
  joinRoute,
  type PlacedFunction,
  type Program,
  type Value,
} from "../../engine/index.ts";
import { callIndex } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { plainRoutes, routeTexts } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

/** Service method, HTTP method, path (feathersjs.com, "Service methods" and "REST client"). */
const METHODS = [
  ["find", "GET", ""],
  ["get", "GET", "/:id"],
  ["create", "POST", ""],
  ["update", "PUT", "/:id"],
  ["patch", "PATCH", "/:id"],
  ["remove", "DELETE", "/:id"],
] as const;

export default defineFramework({
  name: "feathers",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    const { members, packages } = callIndex(program);
    if (![...packages].some((it) => it.startsWith("@feathersjs/"))) return;
    for (const { file, c } of members.get("use") ?? []) {
      const call = file.calls[c]!;
      const [path, service, options] = call.args;
      if (isTestFile(file) || !path || !service) continue;
      const methods = serviceMethods(program, service, file);
      const paths = methods.size > 0 ? routeTexts(program, { value: path, file }) : undefined;
      if (!paths) continue;
      const allowed = options ? allowedIn(program, options, file) : undefined;
      for (const [name, method, tail] of METHODS) {
        const handlers = methods.get(name);
        if (!handlers || (allowed && !allowed.has(name))) continue;
        for (const one of paths)
          for (const route of plainRoutes(joinRoute(one, tail)))
            yield endpoint({ framework: "feathers", method, route, file, at: call.at, nameAt: call.nameAt, handlers });
      }
    }
  },
});

/** The service methods of a class of this project, those it inherits from another one included. */
function serviceMethods(
  program: Program,
  service: Value,
  file: Parameters<Program["origin"]>[1],
): ReadonlyMap<string, readonly PlacedFunction[]> {
  const found = new Map<string, readonly PlacedFunction[]>();
  for (const it of each(program.origin(service, file))) {
    if (it.k !== "instance") continue;
    for (const [name] of METHODS)
      for (const member of each(program.member(it, name)))
        if (member.k === "fn" && !found.has(name)) found.set(name, [{ file: member.file, f: member.f }]);
  }
  return found;
}

/** `{ methods: ["find", "get"] }`: what is served to the outside. */
function allowedIn(
  program: Program,
  options: Value,
  file: Parameters<Program["origin"]>[1],
): ReadonlySet<string> | undefined {
  const found = program.property({ value: options, file }, "methods");
  if (found.is !== "yes") return undefined;
  for (const it of each(program.at(found.at)))
    if (it.k === "arr" && !it.open) return new Set(it.items.flatMap((one) => program.text(one) ?? []));
  return undefined;
}
