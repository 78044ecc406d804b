/** Versions of packages as a file sees them; asked of the runtime, which reads them from disk. */
export interface VersionOf {
  (from: string, packageName: string): string | undefined;
  /** The same, with what says so. */
  readonly found?: (from: string, packageName: string) => FoundVersion | undefined;
}

export interface FoundVersion {
  readonly version: string;
  /** Installed, locked, the least that a package.json asks for, or named for Node.js (`.nvmrc`, `engines`). */
  readonly by: "installed" | "lockfile" | "manifest" | "node";
  /** The file that says so: in the workspace, or beside it where packages are installed above it. */
  readonly path: string;
  /** As asked for: `^1.7.0`. */
  readonly range?: string;
}
