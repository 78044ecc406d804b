/**
 * The command line: the same findings, endpoints and budgets as in the editor, for terminals, scripts and CI. Its
 * options, output and exit codes are a contract.
 */
export { CannotRun, type ExitCode, type Host, NeedsMemory } from "./host.ts";
export { run } from "./run.ts";
