/** Texts of the product in the reader's language. */
import type { Text } from "./rule.ts";

export type Language = keyof Text;

/**
 * `{name}` takes a datum; a name without one stays as written, so that a mistake is seen. `{of:name}` is its genitive with
 * the space that belongs to it, " of recipes" or "recipes の", and nothing at all where the datum is empty.
 */
export function renderText(
  text: Text,
  language: Language,
  data: Readonly<Record<string, string | number>> = {},
): string {
  return (text[language] || text.en).replace(
    /\{(of:)?(\w+)\}/g,
    (written, of: string | undefined, name: string, at: number, whole: string) => {
      if (!Object.hasOwn(data, name)) return written;
      const value = String(data[name]);
      if (!of) return value;
      if (value === "") return "";
      if (language !== "ja") return ` of ${value}`;
      // Between Japanese and Latin letters stands a space; after punctuation and at the beginning there is none.
      return `${/\p{L}$/u.test(whole.slice(0, at)) ? " " : ""}${value} の`;
    },
  );
}
