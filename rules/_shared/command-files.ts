/** Files of a command-line program, which ends by itself: how it treats errors is between it and its user. */
import { type FileSummary, pathKind } from "../../engine/index.ts";

const PACKAGES = /^(commander|yargs|cac|meow|@oclif\/core|ink|clipanion|electron|vscode|inquirer|@clack\/prompts)$/;
const PATH =
  /(^|\/)((?:[a-z]+-)?cli(?:-v?\d+|-[a-z]+)?|bin|scripts?|electron|desktop)(\/|\.[cm]?[jt]s$)|\.cli\.[cm]?[jt]s$/i;

export const isCommandFile = (file: FileSummary): boolean =>
  isCommandPath(file.path) || file.imports.some((it) => PACKAGES.test(it.specifier));

export const isCommandPath = (path: string): boolean => pathKind(path) !== undefined || PATH.test(path);
