/** Questions about the environment a program runs in: development, a test, production. */
import type { FileSummary, Value } from "../../engine/index.ts";

/** `process.env.NODE_ENV !== "production"`, `isDev`, `config.env === "test"`. */
export function asksEnvironment(value: Value, file: FileSummary, depth = 0): boolean {
  if (depth > 6) return false;
  const inner = (it: Value): boolean => asksEnvironment(it, file, depth + 1);
  switch (value.k) {
    case "get":
      return /env|dev|test|prod/i.test(value.name) || inner(value.of);
    case "op":
      return value.args.some(inner);
    case "either":
      return inner(value.a) || inner(value.b);
    case "ref":
      return /env|dev|test|prod/i.test(file.bindings[value.b]?.name ?? "");
    default:
      return false;
  }
}

/** Stands in a branch that asks for the environment. */
export function isUnderEnvironment(file: FileSummary, branch: number | undefined): boolean {
  for (let b = branch; b !== undefined; b = file.branches[b]!.parent)
    if (asksEnvironment(file.branches[b]!.test, file)) return true;
  return false;
}

const LOCAL = /development|develop|\bdev\b|local|isDev/i;

/** Runs only on a developer's machine: `if (process.env.NODE_ENV === "development")`, by the words of the branch. */
export function isForDevelopment(
  file: FileSummary,
  branch: number | undefined,
  at: readonly [number, number],
): boolean {
  for (let b = branch; b !== undefined; b = file.branches[b]!.parent) {
    const { test, thenAt } = file.branches[b]!;
    if (thenAt[0] <= at[0] && at[1] <= thenAt[1] && asksDevelopment(test, file)) return true;
  }
  return false;
}

function asksDevelopment(test: Value, file: FileSummary, depth = 0): boolean {
  if (depth > 4) return false;
  if (test.k === "ref") return LOCAL.test(file.bindings[test.b]?.name ?? "");
  if (test.k === "get") return LOCAL.test(test.name);
  if (test.k === "either" && test.op === "&&")
    return asksDevelopment(test.a, file, depth + 1) || asksDevelopment(test.b, file, depth + 1);
  if (test.k !== "op" || !/^===?$/.test(test.op)) return false;
  return (
    test.args.some((it) => it.k === "lit" && typeof it.v === "string" && LOCAL.test(it.v)) &&
    test.args.some((it) => asksEnvironment(it, file))
  );
}
