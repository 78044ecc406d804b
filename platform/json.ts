/** JSON as people write it in configuration files: with comments and trailing commas. */

/** Undefined where the text cannot be read at all. */
export function parseLooseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(withoutComments(text));
    } catch {
      return undefined;
    }
  }
}

function withoutComments(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"') {
      const start = i;
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === "\\") i++;
      out += text.slice(start, i + 1);
    } else if (char === "/" && text[i + 1] === "/") {
      while (i < text.length && text[i] !== "\n") i++;
      out += "\n";
    } else if (char === "/" && text[i + 1] === "*") {
      const end = text.indexOf("*/", i + 2);
      i = end < 0 ? text.length : end + 1;
    } else if (char === ",") {
      const rest = /^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*[\]}]/.exec(text.slice(i + 1, i + 2000));
      if (!rest) out += char;
    } else if (char !== "\uFEFF") out += char;
  }
  return out;
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
