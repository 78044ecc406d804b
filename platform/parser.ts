/** The parsers of this process: the native one where its binding loads, the compiler when first needed. */
import { createRequire } from "node:module";
import { createParser, type OxcModule, type Parser, type ReferenceModules } from "../engine/index.ts";

let known: Parser | undefined;

export function nodeParser(): Parser {
  if (known) return known;
  const require = createRequire(import.meta.url);
  const oxc = attempt(() => require("oxc-parser") as OxcModule);
  known = createParser({
    oxc,
    reference: () =>
      attempt(
        (): ReferenceModules => ({
          typescript: require("typescript"),
          converter: require("@typescript-eslint/typescript-estree/use-at-your-own-risk"),
        }),
      ),
  });
  return known;
}

/** Milliseconds after which the native parser lets go of a buffer that it has not used, and a little less. */
const KEPT = 8_000;
/** Milliseconds after the last keystroke for which the buffer is kept all the same. */
const PAUSE = 5 * 60_000;

let typedAt = 0;
let keeping: NodeJS.Timeout | undefined;

/**
 * Somebody types. The native parser works in a buffer of several gigabytes of address space, which it drops after ten
 * seconds without work; to be given a new one, V8 first collects the whole heap (measured: 150 ms with 5,000 files). So
 * that this is not what a person waits for after each moment of thought, it is given a little to do meanwhile.
 */
export function keepParserReady(): void {
  typedAt = performance.now();
  keeping ??= setInterval(() => {
    if (performance.now() - typedAt < PAUSE) {
      nodeParser().quick("kept.ts", "");
      return;
    }
    clearInterval(keeping);
    keeping = undefined;
  }, KEPT).unref();
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
