/** Dependency injection as written: providers of containers that share their words (`useClass`, `useValue`, `useFactory`). */
import type { FileSummary, Provision, Scoped, Value } from "../../engine/index.ts";

const WORDS: Readonly<Record<string, Provision["as"]>> = {
  useClass: "instance",
  useValue: "value",
  useFactory: "result",
  useExisting: "alias",
  useToken: "alias",
};

/** `{ useClass: Users }`, or a class by itself, under a token. */
export function* useProvisions(token: Value, provider: Value, by?: number): Iterable<Provision> {
  if (provider.k !== "obj") {
    yield { token, value: provider, as: "instance", ...(by === undefined ? {} : { by }) };
    return;
  }
  for (const { name, value } of provider.props) {
    const as = name === null ? undefined : WORDS[name];
    if (as) yield { token, value, as, ...(by === undefined ? {} : { by }) };
  }
}

/** `() => Users` for `Users`: a token that is read later, where classes refer to one another. */
export function lazily(at: Scoped | undefined): Scoped | undefined {
  if (!at) return undefined;
  const { value, file } = at;
  const made = value.k === "call" ? file.calls[value.c]!.args[0] : value;
  const [returned] = made?.k === "fn" ? file.functions[made.f]!.returns : [];
  return returned ? { ...at, value: returned } : at;
}

/** Objects that are written anywhere in a file's calls, constants and results. */
export function* objectsIn(file: FileSummary): Iterable<Value & { readonly k: "obj" }> {
  for (const call of file.calls) for (const it of call.args) yield* within(it, 0);
  for (const it of file.bindings) if (it.value && it.kind === "const") yield* within(it.value, 0);
  for (const it of file.exports) if ("value" in it) yield* within(it.value, 0);
  for (const fn of file.functions) for (const it of fn.returns) yield* within(it, 0);
}

function* within(value: Value, depth: number): Iterable<Value & { readonly k: "obj" }> {
  if (depth > 6) return;
  if (value.k === "obj") {
    yield value;
    for (const it of value.props) yield* within(it.value, depth + 1);
  } else if (value.k === "arr") for (const it of value.items) yield* within(it, depth + 1);
  else if (value.k === "either") {
    yield* within(value.a, depth + 1);
    yield* within(value.b, depth + 1);
  } else if (value.k === "op") for (const it of value.args) yield* within(it, depth + 1);
}
