/** What runs before a method of a Nest controller: guards, interceptors and pipes, and the strategies of Passport's guards. */
import type { FileSummary, PlacedFunction, Program, Scoped, Value } from "../../engine/index.ts";
import { callIndex, importedFrom, importedName } from "./_calls.ts";
import type { Decorator } from "./_decorators.ts";
import { each, isTestFile } from "./_values.ts";

/** The functions that the decorators of a class or method put before what they stand on. */
export type Guards = (decorators: readonly Decorator[]) => readonly PlacedFunction[];

const USES: Readonly<Record<string, readonly string[]>> = {
  UseGuards: ["canActivate", "handleRequest"],
  UseInterceptors: ["intercept"],
  UsePipes: ["transform"],
};
const MAX_DEPTH = 4;

export function guardsIn(program: Program): Guards {
  const strategies = strategiesIn(program);
  return (decorators) =>
    decorators.flatMap((it) => {
      const names = USES[it.name];
      if (!names || !it.specifier.startsWith("@nestjs/")) return [];
      return (it.call?.args ?? []).flatMap((value) =>
        before(program, { value, file: it.file, env: it.env }, names, strategies),
      );
    });
}

/** Pipes that parameters name: `@Param("id", UserPipe)`. */
export function pipesOf(program: Program, { file, f }: PlacedFunction): readonly PlacedFunction[] {
  return file.functions[f]!.params.flatMap((param) =>
    param.decorators.flatMap((it) =>
      it.k === "call" ? file.calls[it.c]!.args.flatMap((value) => runs(program, { value, file }, ["transform"])) : [],
    ),
  );
}

/** The methods of these names that a class or an instance of ours has. */
export function runs(program: Program, at: Scoped, names: readonly string[]): readonly PlacedFunction[] {
  if (at.value.k === "lit" || at.value.k === "obj") return [];
  return before(program, at, names, new Map());
}

function before(
  program: Program,
  at: Scoped,
  names: readonly string[],
  strategies: ReadonlyMap<string, PlacedFunction>,
): readonly PlacedFunction[] {
  const direct = passport(program, at, strategies);
  if (direct) return [direct];
  return each(program.at(at)).flatMap((it) => {
    if (it.k !== "class" && it.k !== "instance") return [];
    const own = names.flatMap((name): readonly PlacedFunction[] => {
      const found = program.member({ k: "instance", file: it.file, c: it.c }, name);
      return found.k === "fn" ? [{ file: found.file, f: found.f }] : [];
    });
    const strategy = inheritedPassport(program, it.file, it.c, strategies, 0);
    return strategy ? [strategy, ...own] : own;
  });
}

/** `class JwtGuard extends AuthGuard("jwt")`. */
function inheritedPassport(
  program: Program,
  file: FileSummary,
  c: number,
  strategies: ReadonlyMap<string, PlacedFunction>,
  depth: number,
): PlacedFunction | undefined {
  const base = file.classes[c]?.superClass;
  if (!base || depth > MAX_DEPTH) return undefined;
  const direct = passport(program, { value: base, file }, strategies);
  if (direct) return direct;
  for (const it of each(program.origin(base, file)))
    if (it.k === "class") return inheritedPassport(program, it.file, it.c, strategies, depth + 1);
  return undefined;
}

/** `AuthGuard("jwt")`: the strategy of that name. */
function passport(
  program: Program,
  { value, file, env }: Scoped,
  strategies: ReadonlyMap<string, PlacedFunction>,
): PlacedFunction | undefined {
  const call = value.k === "call" ? file.calls[value.c] : undefined;
  if (!call || importedName(call.callee, file) !== "AuthGuard") return undefined;
  if (importedFrom(program, call.callee, file) !== "@nestjs/passport") return undefined;
  const name = call.args[0] ? program.text({ value: call.args[0], file, env }) : undefined;
  return name === undefined ? undefined : strategies.get(name);
}

/** `class JwtStrategy extends PassportStrategy(Strategy, "jwt")`; without a name that of its package. */
function strategiesIn(program: Program): ReadonlyMap<string, PlacedFunction> {
  const found = new Map<string, PlacedFunction>();
  if (!callIndex(program).packages.has("@nestjs/passport")) return found;
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    for (const cls of file.classes) {
      const call: Value | undefined = cls.superClass?.k === "call" ? cls.superClass : undefined;
      const made = call?.k === "call" ? file.calls[call.c] : undefined;
      if (!made || importedName(made.callee, file) !== "PassportStrategy") continue;
      const [strategy, given] = made.args;
      const name =
        (given ? program.text({ value: given, file }) : undefined) ??
        (strategy ? importedFrom(program, strategy, file)?.replace(/^.*passport-/, "") : undefined);
      const validate = cls.members.find((it) => it.name === "validate" && it.fn !== undefined)?.fn;
      if (name !== undefined && validate !== undefined) found.set(name, { file, f: validate });
    }
  }
  return found;
}
