/**
 * What is risky and what the outside world means: rules, libraries and frameworks, each one file, judged over the
 * engine's facts. The registry is generated from the file names.
 */
import { type Knowledge, librarySet } from "../engine/index.ts";
import { frameworks, libraries, rules } from "./registry.ts";

export * from "./explanation.ts";
export { reasonIn } from "./reasons.ts";

export const knowledge: Knowledge = { libraries: librarySet(libraries), frameworks, rules };
