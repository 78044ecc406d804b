/**
 * Places that come as arguments of commands. A link of a hover can name anything, so what is no place of the reader's own
 * files is refused.
 */
import type { ExplainEndpointParams } from "../protocol/index.ts";

/** What VS Code's `Uri` is here, so that this is tested without the editor. */
export interface Address {
  readonly scheme: string;
  /** Decoded. */
  readonly path: string;
  readonly toString: () => string;
}

const MAX_TEXT = 4000;

/**
 * The address is written anew: the editor decodes the argument of a link once more than it was encoded, and only the
 * editor's own spelling is one that the server knows.
 * @param parse may throw
 * @param isOurs whether a document is open or stands within a folder of the workspace
 */
export function readPlace<A extends Address>(
  given: unknown,
  parse: (text: string) => A,
  isOurs: (address: A) => boolean,
): ExplainEndpointParams | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const { uri, line, character, method, route } = given as Record<string, unknown>;
  if (!isText(uri) || !isCount(line) || !isCount(character)) return undefined;
  const address = addressOf(uri, parse);
  // A path that climbs may leave the folder that it begins in.
  if (address?.scheme !== "file" || address.path.split("/").includes("..") || !isOurs(address)) return undefined;
  return { uri: address.toString(), line, character, ...(isText(method) && isText(route) ? { method, route } : {}) };
}

function addressOf<A>(text: string, parse: (text: string) => A): A | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

const isText = (it: unknown): it is string => typeof it === "string" && it.length <= MAX_TEXT;
/** LSP's positions are of 31 bits. */
const isCount = (it: unknown): it is number =>
  typeof it === "number" && Number.isInteger(it) && it >= 0 && it < 2 ** 31;
