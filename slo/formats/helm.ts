/**
 * Helm templates made readable as YAML without moving a character: control lines and values become blanks or placeholders
 * of the same length. Sloth's own `{{ .window }}` stays.
 */
export interface Untemplated {
  readonly text: string;
  readonly isTemplated: boolean;
}

const WINDOW = /^\{\{-?\s*\.?window\s*-?\}\}$/;

export function untemplated(source: string): Untemplated {
  if (!source.includes("{{")) return { text: source, isTemplated: false };
  let isTemplated = false;
  const text = source
    .split("\n")
    .map((line) => {
      if (!line.includes("{{")) return line;
      // `{{- if .Values.x }}` alone on its line says nothing about the document.
      if (/^\s*(\{\{[^}]*\}\}\s*)+$/.test(line) && !WINDOW.test(line.trim())) {
        isTemplated = true;
        return " ".repeat(line.length);
      }
      return line.replace(/\{\{`(.*?)`\}\}|\{\{.*?\}\}/g, (found, literal: string | undefined, at: number) => {
        if (literal !== undefined) {
          isTemplated = true;
          return literal.padEnd(found.length);
        }
        if (WINDOW.test(found)) return found;
        isTemplated = true;
        // A plain scalar may not begin with a brace; inside quotes anything goes.
        const before = line.slice(0, at);
        const isQuoted = (before.split('"').length - 1) % 2 === 1 || (before.split("'").length - 1) % 2 === 1;
        return isQuoted ? found.replace(/["'\\]/g, "_").replace(/[{}]/g, "_") : "x".repeat(found.length);
      });
    })
    .join("\n");
  return { text, isTemplated };
}
