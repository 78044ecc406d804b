/** The scripts of a package.json, with the place of each. */
import type { DocumentFile, DocumentFiles, Span } from "../../engine/index.ts";

export interface PackageScript {
  readonly name: string;
  /** As it is run. */
  readonly text: string;
  /** Between the quotes. */
  readonly at: Span;
  /** Nothing in it is escaped, so offsets in `text` are those of the file. */
  readonly isPlain: boolean;
}

export function scriptsOf({ text }: DocumentFile): ReadonlyMap<string, PackageScript> {
  const found = new Map<string, PackageScript>();
  const head = /"scripts"\s*:\s*\{/.exec(text);
  if (!head) return found;
  const entry = /\s*"((?:\\.|[^"\\])*)"\s*:\s*"((?:\\.|[^"\\])*)"\s*,?/y;
  entry.lastIndex = head.index + head[0].length;
  for (let it = entry.exec(text); it && found.size < 500; it = entry.exec(text)) {
    const start = it.index + it[0].lastIndexOf(`"${it[2]!}"`) + 1;
    found.set(it[1]!, {
      name: it[1]!,
      text: it[2]!.replace(/\\(["\\/])/g, "$1"),
      at: [start, start + it[2]!.length],
      isPlain: !it[2]!.includes("\\"),
    });
  }
  return found;
}

/** The package.json that a path lies under. */
export function packageAbove(path: string, documents: DocumentFiles): DocumentFile | undefined {
  for (let at = path; at !== ""; ) {
    const end = at.lastIndexOf("/");
    at = end < 0 ? "" : at.slice(0, end);
    const found = documents.get(at === "" ? "package.json" : `${at}/package.json`);
    if (found) return found;
  }
  return undefined;
}

const VALUED = /^(?:--filter|-F|--workspace|--prefix|-C|--dir|--cwd)$/;

/** The script that `npm start`, `pnpm run build` and the like run; undefined for everything else they do. */
export function scriptRun(
  words: readonly string[],
): { readonly manager: string; readonly script: string; readonly isBare: boolean } | undefined {
  const manager = /^(?:.*\/)?(npm|pnpm|yarn|bun)$/.exec(words[0] ?? "")?.[1];
  if (manager === undefined) return undefined;
  const isBare = !words.slice(1).some((it) => it.startsWith("-") || /^(?:workspace|-w)$/.test(it));
  const rest = words
    .slice(words[1] === "workspace" ? 3 : 1)
    .filter((it, i, all) => !it.startsWith("-") && !VALUED.test(all[i - 1] ?? ""));
  if (rest[0] === "run" || rest[0] === "run-script") {
    const script = rest[1];
    return script === undefined || /[./]/.test(script)
      ? undefined
      : { manager, script, isBare: isBare && rest.length === 2 };
  }
  const [script] = rest;
  const isShort =
    script === "start" ? manager !== "bun" : /^start[:-]/.test(script ?? "") && /^(?:pnpm|yarn)$/.test(manager);
  if (script !== undefined && isShort) return { manager, script, isBare: isBare && rest.length === 1 };
  return undefined;
}
