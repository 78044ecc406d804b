/** What every framework asks of files and origins. */
import { type FileSummary, type Origin, pathKind } from "../../engine/index.ts";

/** Whether a file only runs under test: what it registers and mounts is nobody's service. */
export function isTestFile(file: FileSummary): boolean {
  return pathKind(file.path) === "test";
}

/** The same by the file's own name, for routes whose address may well contain `/test`. */
export function isTestName(path: string): boolean {
  return /[.-](test|spec|e2e|mock|stories)\.[cm]?[jt]sx?$|(^|\/)__(tests|mocks)__\//.test(path);
}

/** One or several origins as a list. */
export function each(origin: Origin): readonly Origin[] {
  return origin.k === "any" ? origin.of : [origin];
}
