/** Addresses of files as the client writes them, and paths relative to a folder as everything else does. */
import { existsSync } from "node:fs";
import path from "node:path";
import { URI } from "vscode-uri";

/** Absolute path of a `file:` address, else undefined. */
export function pathOf(uri: string): string | undefined {
  try {
    const parsed = URI.parse(uri, true);
    return parsed.scheme === "file" ? parsed.fsPath : undefined;
  } catch {
    return undefined;
  }
}

export function uriOf(root: string, file: string): string {
  return URI.file(path.join(root, file)).toString();
}

/** Path relative to a root with `/`; undefined for what is not inside. */
export function inside(root: string, absolute: string): string | undefined {
  const relative = path.relative(root, absolute);
  if (relative === "" || path.isAbsolute(relative) || relative === ".." || relative.startsWith(`..${path.sep}`))
    return undefined;
  return relative.split(path.sep).join("/");
}

const MAX_UP = 30;

/** The project that a file opened without a folder belongs to: the nearest folder above with a manifest, else its own. */
export function projectOf(absolute: string): string {
  const own = path.dirname(absolute);
  for (let at = own, i = 0; i < MAX_UP; i++, at = path.dirname(at)) {
    if (existsSync(path.join(at, "package.json"))) return at;
    if (path.dirname(at) === at) break;
  }
  return own;
}

/** An address that cannot end its link early. */
export function encodedAddress(href: string): string {
  return href.replace(/[()<>\\\s]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
