/** The version of this program, from its manifest. */
import { readFileSync } from "node:fs";

/** The manifest lies one folder up, from source and bundle alike. */
export const version: string = (() => {
  try {
    return String(
      (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version?: string }).version ??
        "0.0.0",
    );
  } catch {
    return "0.0.0";
  }
})();
