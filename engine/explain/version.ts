/** Which version of a library counts, and what says so. */
import type { Analysis } from "../analysis.ts";
import { type Library, packageOf } from "../library.ts";
import type { FileSummary } from "../model.ts";
import type { Origin } from "../origin.ts";
import type { Statement } from "./statements.ts";

export function versionOf({ program }: Analysis, callee: Origin, file: FileSummary): Statement | undefined {
  const library = libraryOf(callee);
  const packages = library ? packagesOf(library) : callee.k === "ext" ? [packageNamed(callee.specifier)] : [];
  if (packages.length === 0) return undefined;
  const { version } = program.input;
  for (const name of packages.slice(0, 12)) {
    const found = version.found?.(file.path, name);
    if (found)
      return {
        key: found.by === "manifest" && found.range === found.version ? "version.pinned" : `version.${found.by}`,
        data: { package: name, version: found.version, path: found.path, range: found.range ?? "" },
      };
    const known = version.found ? undefined : version(file.path, name);
    if (known) return { key: "version.installed", data: { package: name, version: known, path: "", range: "" } };
  }
  return { key: "version.unknown", data: { package: packages[0]! } };
}

function libraryOf(origin: Origin): Library | undefined {
  switch (origin.k) {
    case "lib":
    case "method":
    case "library":
      return origin.library;
    case "any":
      return origin.of.map(libraryOf).find((it) => it !== undefined);
    default:
      return undefined;
  }
}

/** Names to ask a version of; what comes with the runtime is Node.js. */
function packagesOf({ packages, globals }: Library): readonly string[] {
  const named = packages.map((it) => packageNamed(it.replace(/\/\*$/, "")));
  return globals && !packages.some((it) => !it.startsWith("node:")) ? ["node"] : [...new Set(named)];
}

const packageNamed = (specifier: string): string => (specifier.startsWith("node:") ? "node" : packageOf(specifier));
