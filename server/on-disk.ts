/** What a folder asks the disk about single files. */
import { existsSync } from "node:fs";
import path from "node:path";
import { findFile } from "../platform/index.ts";

/** A file on disk that the folder's own rules leave out: installed, built, ignored. One that is not saved yet is ours. */
export function isForeign(root: string, file: string, isWorkspace: boolean): boolean {
  if (/(^|\/)node_modules\//.test(file)) return true;
  return isWorkspace && existsSync(path.join(root, file)) && findFile(root, file) === undefined;
}

/** Manifests between some files and the root: enough to tell versions before everything is read. */
export function manifestsAbove(root: string, files: readonly string[]): readonly string[] {
  const folders = new Set<string>([""]);
  for (const file of files)
    for (let at = path.posix.dirname(file); at !== "." && !folders.has(at); at = path.posix.dirname(at))
      folders.add(at);
  return [...folders].flatMap((it) =>
    ["package.json", "tsconfig.json"]
      .map((name) => (it === "" ? name : `${it}/${name}`))
      .filter((each) => existsSync(path.join(root, each))),
  );
}
