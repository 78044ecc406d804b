/**
 * Helm templates made readable as YAML without moving a character: control lines and values become blanks or placeholders
 * of the same length. Sloth's own `{{ .window }}` stays.
 */
import type { TextRange } from "../model.ts";

export interface Untemplated {
  readonly text: string;
  readonly isTemplated: boolean;
  /** Where values are not known before Helm has filled them in; of the same offsets in both texts. */
  readonly holes: readonly TextRange[];
}

const WINDOW = /^\{\{-?\s*\.?window\s*-?\}\}$/;
/** What Prometheus fills in its alerts, in files that Helm never sees. */
const ALERT = /^\{\{-?\s*(?:\$(?:labels|value|externalLabels)\b|humanize)|\|\s*humanize/;

export function untemplated(source: string): Untemplated {
  if (!source.includes("{{")) return { text: source, isTemplated: false, holes: [] };
  let isTemplated = false;
  let lineStart = 0;
  const holes: TextRange[] = [];
  const text = source
    .split("\n")
    .map((line) => {
      const start = lineStart;
      lineStart += line.length + 1;
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
        if (WINDOW.test(found) || ALERT.test(found)) return found;
        isTemplated = true;
        holes.push({ start: start + at, end: start + at + found.length });
        // A plain scalar may not begin with a brace; inside quotes anything goes.
        const before = line.slice(0, at);
        const isQuoted = (before.split('"').length - 1) % 2 === 1 || (before.split("'").length - 1) % 2 === 1;
        return isQuoted ? found.replace(/["'\\]/g, "_").replace(/[{}]/g, "_") : "x".repeat(found.length);
      });
    })
    .join("\n");
  return { text, isTemplated, holes };
}
