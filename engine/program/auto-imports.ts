/** What Nuxt and Nitro import by themselves: exports that stand for a free name in every file of the server. */
import type { FileSummary } from "../model.ts";
import type { Origin } from "../origin.ts";
import type { Program } from "../program.ts";
import type { Gather } from "./gathered.ts";

interface Root {
  readonly file: FileSummary;
  readonly path: string;
  readonly isNitro: boolean;
}

const ALL = "all";
const CONFIG = /^(.*\/)?(nuxt|nitro)\.config\.[cm]?[jt]s$/;
const SHARED = /^(?:server\/utils|shared\/(?:utils|types))\//;
const IN_UTILS = /(?:^|\/)utils\/|(?:^|\/)shared\/types\//;

const roots: Gather<Root> = (_, file, add) => {
  const found = CONFIG.exec(file.path);
  if (found) add(ALL, { file, path: found[1] ?? "", isNitro: found[2] === "nitro" });
};

const utilities: Gather<{ readonly file: FileSummary }> = (_, file, add) => {
  if (!IN_UTILS.test(file.path)) return;
  for (const { name } of file.exports) if (name !== "default" && name !== "*" && name !== "=") add(name, { file });
};

/** The file whose export a free name stands for: the nearest application's; of two none, for nothing tells them apart. */
export function autoImport(program: Program, name: string, from: FileSummary): FileSummary | undefined {
  const above = program.gathered.under(roots, ALL).filter((it) => from.path.startsWith(it.path));
  if (above.length === 0) return undefined;
  const { path, isNitro } = above.reduce((a, b) => (b.path.length > a.path.length ? b : a));
  const own = program.gathered.under(utilities, name).filter(({ file }) => {
    if (file === from || !file.path.startsWith(path)) return false;
    const below = file.path.slice(path.length);
    // Nitro's own sources may lie in a folder that its configuration names.
    return SHARED.test(below) || (isNitro && /^(?:src\/|server\/)?utils\//.test(below));
  });
  return own.length === 1 ? own[0]!.file : undefined;
}

/** `findUser()` in a route of Nuxt or Nitro: an export of `server/utils` that nothing imports. */
export function autoImported(program: Program, name: string, file: FileSummary): Origin | undefined {
  const from = autoImport(program, name, file);
  const origin = from && program.exported({ k: "module", file: from }, name);
  return origin?.k === "unknown" ? undefined : origin;
}
