/**
 * What is handed out under a token: containers, modules and contexts into which one file puts a value by a name, a symbol or
 * a class, and out of which another takes it by the same token. Libraries say where it is put in (`provisions`) and where it
 * is asked for (`gives`); here the two are brought together by what the tokens are, without evaluating the values.
 */
import type { Library, LibrarySet, Provision } from "./library.ts";
import type { FileSummary, Value } from "./model.ts";
import type { Scoped } from "./origin.ts";
import type { Program } from "./program.ts";
import { pathKind } from "./side.ts";

/** A provision in its file. */
export interface PlacedProvision extends Provision {
  readonly file: FileSummary;
}

const MAX_DEPTH = 8;
/** What a file puts under tokens, by library and token. */
export function* provisionsIn(
  program: Program,
  file: FileSummary,
): Iterable<{ readonly key: string; readonly provision: PlacedProvision }> {
  for (const library of program.providers)
    for (const it of library.provisions!(file)) {
      const token = tokenKey(program, { value: it.token, file });
      if (token !== undefined) yield { key: provisionKey(library.name, token), provision: { ...it, file } };
    }
}

/** Libraries that know of tokens, among those that any file imports. */
export function providersAmong(files: Iterable<FileSummary>, libraries: LibrarySet): readonly Library[] {
  const used = new Set<unknown>();
  const specifiers = new Set<string>();
  for (const file of files)
    for (const it of file.imports)
      if (!specifiers.has(it.specifier)) {
        specifiers.add(it.specifier);
        used.add(libraries.bySpecifier(it.specifier));
      }
  return libraries.all.filter((it) => it.provisions && used.has(it));
}

export function provisionKey(library: string, token: string): string {
  return `${library} ${token}`;
}

/**
 * What makes two tokens the same: a text, a class, the place where a symbol was made, or the name and the arguments of a
 * function that makes it (`getModelToken("User")`). Undefined for what is only known at run time.
 */
export function tokenKey(program: Program, at: Scoped, depth = 0): string | undefined {
  const { value, file } = at;
  if (depth > MAX_DEPTH) return undefined;
  const inner = (next: Value, from = file): string | undefined =>
    tokenKey(program, { value: next, file: from }, depth + 1);
  switch (value.k) {
    case "lit":
      return typeof value.v === "string" || typeof value.v === "number" ? `text ${value.v}` : undefined;
    case "tpl": {
      const text = program.text(at);
      return text === undefined ? undefined : `text ${text}`;
    }
    case "class":
      return `class ${file.path}#${value.c}`;
    case "fn":
      return `function ${file.path}#${value.f}`;
    case "ref": {
      const binding = file.bindings[value.b];
      if (!binding || binding.kind === "param" || binding.kind === "item") return undefined;
      if (binding.from) {
        const site = program.written(value, file);
        if (site) return inner(site.value, site.file);
        const specifier = file.imports[binding.from.import]?.specifier;
        return specifier === undefined || specifier.startsWith(".")
          ? undefined
          : `import ${specifier}#${binding.from.name}`;
      }
      return binding.value ? inner(binding.value) : undefined;
    }
    case "get": {
      if (value.name === "name") {
        const named = program.origin(value.of, file);
        if (named.k === "class") return `text ${named.file.classes[named.c]!.name}`;
      }
      const found = program.property({ value: value.of, file }, value.name);
      if (found.is === "yes") return inner(found.at.value, found.at.file);
      const site = program.memberSite(value, file);
      if (site) return inner(site.value, site.file);
      const of = inner(value.of);
      return of?.startsWith("import ") ? `${of}.${value.name}` : undefined;
    }
    case "call": {
      const call = file.calls[value.c]!;
      const { callee } = call;
      if (callee.k === "get" && callee.of.k === "global" && callee.of.name === "Symbol" && callee.name === "for")
        return call.args[0] ? inner(call.args[0]) : undefined;
      // A symbol, or an object that stands for one.
      if (call.kind === "new" || (callee.k === "global" && callee.name === "Symbol"))
        return `made ${file.path}#${value.c}`;
      const name = inner(callee);
      const args = call.args.map((it) => inner(it));
      return name === undefined || call.spread !== undefined || args.some((it) => it === undefined)
        ? undefined
        : `${name}(${args.join()})`;
    }
    default:
      return undefined;
  }
}

/**
 * Of several values under one token those nearest to who asks: two applications of one repository may use the same name.
 * What tests put there is for tests.
 */
export function nearest(all: readonly PlacedProvision[], asking: FileSummary | undefined): readonly PlacedProvision[] {
  const served = all.filter((it) => !pathKind(it.file.path));
  const provisions = served.length > 0 ? served : all;
  if (!asking || provisions.length < 2) return provisions;
  const folders = asking.path.split("/").slice(0, -1);
  const shared = (path: string): number => {
    const others = path.split("/");
    let n = 0;
    while (n < folders.length && folders[n] === others[n]) n++;
    return n;
  };
  const most = Math.max(...provisions.map((it) => shared(it.file.path)));
  return provisions.filter((it) => shared(it.file.path) === most);
}
