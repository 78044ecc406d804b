/** Everything: static checks, unit tests, the bundles, then the tests that run other programs. Installs those if need be. */
import { globSync } from "node:fs";
import path from "node:path";
import { buildAll } from "./build.ts";
import { staticChecks, unitTests } from "./check.ts";
import { installPrograms } from "./programs.ts";
import { runTests, summary } from "./run-tests.ts";

const root = path.dirname(import.meta.dirname);
const find = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort();

const failed = staticChecks();
let ok = await runTests(unitTests());
await buildAll();
ok = (await runTests(find("test/lsp/**/*.test.ts"), { concurrency: 1 })) && ok;
installPrograms();
ok = (await runTests(find("test/telemetry/*.test.ts"), { concurrency: 1 })) && ok;
ok = (await runTests(find("test/editor/*.test.ts"), { concurrency: 1, attempts: 2 })) && ok;

if (failed.length > 0) console.error(`static checks failed: ${failed.join(", ")}`);
console.log(summary());
process.exitCode = ok && failed.length === 0 ? 0 : 1;
