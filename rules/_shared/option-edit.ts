import type { Edit, OptionSite } from "../../engine/index.ts";

/**
 * Writes one more property (`timeout: 3_000`) where an options object stands or belongs. Undefined where the text cannot be
 * had and so the layout of the literal is not known.
 */
export function optionEdit(site: OptionSite, property: string, text: string | undefined): Edit | undefined {
  if (site.object) {
    if (site.empty) return { path: site.path, at: site.object, text: `{ ${property} }` };
    if (text === undefined) return undefined;
    const [start, end] = site.object;
    const inside = text.slice(start + 1, end - 1);
    // Written already: a value that means "none" is replaced, any other is left to its author.
    const name = property.slice(0, property.indexOf(":"));
    const written = new RegExp(`(?<![\\w.])${name}\\s*[:,}]`).exec(`${inside}}`);
    if (written) {
      const none = new RegExp(`(?<![\\w.])${name}\\s*:\\s*(?:0|false|null|undefined)(?=\\s*[,}])`).exec(`${inside}}`);
      if (!none) return undefined;
      const at = start + 1 + none.index;
      return { path: site.path, at: [at, at + none[0].length], text: property };
    }
    const last = start + 1 + inside.trimEnd().length;
    const comma = text[last - 1] === "," ? "" : ",";
    // A literal over several lines gets a line of its own, indented like its first property.
    const indent = /\n([ \t]*)\S/.exec(inside)?.[1];
    const lead = indent === undefined ? " " : `\n${indent}`;
    const isMultiLine = indent !== undefined && inside.trimEnd().length < inside.length;
    return {
      path: site.path,
      at: [last, last],
      text: `${comma}${lead}${property}${isMultiLine && comma === "" ? "," : isMultiLine ? "," : ""}`,
    };
  }
  if (site.insertAt === undefined || (site.missing ?? 0) > 1) return undefined;
  const missing = Array.from({ length: site.missing ?? 0 }, () => "undefined, ").join("");
  const before = text?.slice(0, site.insertAt).trimEnd().at(-1);
  return {
    path: site.path,
    at: [site.insertAt, site.insertAt],
    text: `${before === "(" ? "" : ", "}${missing}{ ${property} }`,
  };
}

/** `3000` as people write it in code: `3_000`. */
export function milliseconds(ms: number): string {
  return ms < 1000 ? String(ms) : String(ms).replace(/\B(?=(\d{3})+$)/g, "_");
}
