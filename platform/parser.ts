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

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
