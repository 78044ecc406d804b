/** Packs the extension as a `.vsix` into `.cache/`, with exactly what it needs to run. */
import { mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { createVSIX } from "@vscode/vsce";
import { buildAll, root } from "./build.ts";

export const vsixFile = path.join(root, ".cache/slo-lens.vsix");

/** Builds and packs. @returns the file. */
export async function packageExtension(file: string = vsixFile): Promise<string> {
  await buildAll();
  mkdirSync(path.dirname(file), { recursive: true });
  await createVSIX({
    cwd: root,
    packagePath: file,
    dependencies: false,
    allowMissingRepository: true,
    skipLicense: false,
  });
  return file;
}

if (import.meta.main) {
  const file = await packageExtension();
  console.log(`${path.relative(root, file)}: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
}
