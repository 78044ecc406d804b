/** Texts of the product in the reader's language. */
import type { Text } from "./rule.ts";

export type Language = keyof Text;

/** `{name}` takes a datum; a name without one stays as written, so that a mistake is seen. */
export function renderText(
  text: Text,
  language: Language,
  data: Readonly<Record<string, string | number>> = {},
): string {
  return (text[language] || text.en).replace(/\{(\w+)\}/g, (written, name: string) =>
    Object.hasOwn(data, name) ? String(data[name]) : written,
  );
}
