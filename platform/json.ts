/** JSON as people write it in configuration files: with comments and trailing commas. */
import { type ParseError, parse } from "jsonc-parser";

/** What was read, as far as it could be; undefined where the text holds no value, or nests deeper than a stack. */
export function parseLooseJson(text: string): unknown {
  try {
    // The native reader first: lockfiles are large, and seldom have comments.
    return JSON.parse(text);
  } catch {
    const errors: ParseError[] = [];
    try {
      return parse(text.startsWith("\uFEFF") ? text.slice(1) : text, errors, { allowTrailingComma: true });
    } catch {
      return undefined;
    }
  }
}

/** A property of something read from JSON, or undefined. */
export function field(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null && Object.hasOwn(of, name)
    ? (of as Record<string, unknown>)[name]
    : undefined;
}

export function textField(of: unknown, name: string): string | undefined {
  const found = field(of, name);
  return typeof found === "string" ? found : undefined;
}

export function recordOf(of: unknown): Readonly<Record<string, unknown>> {
  return typeof of === "object" && of !== null && !Array.isArray(of) ? (of as Record<string, unknown>) : {};
}
