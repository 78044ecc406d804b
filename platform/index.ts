/**
 * What a runtime lends to the rest: files, threads, a cache on disk, git, the network. Everything is bounded, nothing
 * throws for what lies in somebody's repository, and long work can be given up.
 */

export {
  type FileKind,
  type FindOptions,
  type FoundFile,
  type FoundFiles,
  findFile,
  findFiles,
  kindOf,
  readText,
} from "./files.ts";
export { type ChangedFiles, changedFiles, type GitAnswer, isLineChanged, type LineRange } from "./git.ts";
export * from "./http.ts";
export { releaseMemory } from "./memory.ts";
export { useProxies } from "./network.ts";
export { keepParserReady, nodeParser } from "./parser.ts";
export { positionOf } from "./position.ts";
export { createResolver, type Resolve, type ResolverInput } from "./resolve.ts";
export { pageAddress, pageText } from "./rule-pages.ts";
export { type Summaries, type SummariesInput, summarizeFiles } from "./summaries.ts";
export { cacheFolder } from "./summary-cache.ts";
export { createVersions, type Version, type VersionsInput } from "./versions.ts";
export {
  type Change,
  fingerprint,
  openWorkspace,
  summarizeDocument,
  type Workspace,
  type WorkspaceFailure,
  type WorkspaceOptions,
} from "./workspace.ts";
