/**
 * Routes as they are written by frameworks, exporters and people, brought to one form so that they can be compared:
 * `/users/:id`, `/users/{id}`, `/users/[id]`, `/users/<id>` and the masked `/users/#val` are one route.
 */

/** A segment: text that must stand there, exactly one segment of any text, or the rest of the path (none included). */
export type Segment =
  | { readonly kind: "static"; readonly text: string }
  /** `prefix` and `suffix` are the static parts around the parameter: `file-:name.json`. */
  | { readonly kind: "param"; readonly prefix: string; readonly suffix: string; readonly optional: boolean }
  | { readonly kind: "rest" };

export interface RoutePattern {
  /** Canonical text: static segments as they are, `{}` for a parameter, `{**}` for the rest. Equal for equal routes. */
  readonly canonical: string;
  readonly segments: readonly Segment[];
  /** Whether it holds a parameter that a masking exporter wrote (`#val`), so that its name says nothing. */
  readonly masked: boolean;
}

/** Longer routes than this are no routes; the bound keeps matching linear. */
const maxLength = 512;

/**
 * Reads one route. Query and fragment are dropped, `//` collapses, a trailing slash goes. Undefined for text that is no
 * path template: empty, too long, or a regular expression as the OpenTelemetry exporter writes it (`/^\/re$/`).
 */
export function parseRoute(text: string): RoutePattern | undefined {
  const known = parsed.get(text);
  if (known !== undefined || parsed.has(text)) return known;
  // Matching compares each label value with each endpoint: without the memory every value is read thousands of times.
  if (parsed.size >= maxParsed) parsed.clear();
  const pattern = readRoute(text);
  parsed.set(text, pattern);
  return pattern;
}

const parsed = new Map<string, RoutePattern | undefined>();
const maxParsed = 20_000;

function readRoute(text: string): RoutePattern | undefined {
  const route = text.trim();
  if (route === "" || route.length > maxLength || /\/\^|\$\/[a-z]*$/.test(route)) return undefined;
  const path = route.replace(/^https?:\/\/[^/]+/, "").replace(/\?(?=[^/]*=).*$/, "");
  const raw = splitSegments(path);
  const segments: Segment[] = [];
  let masked = false;
  for (const part of raw) {
    if (part === "") continue;
    if (/^#(val|id|uuid|num|hash)?$/i.test(part)) masked = true;
    segments.push(toSegment(part));
  }
  const shown = segments.map((segment) => {
    if (segment.kind === "static") return segment.text;
    if (segment.kind === "rest") return "{**}";
    return `${segment.prefix}{}${segment.suffix}`;
  });
  return { canonical: `/${shown.join("/")}`, segments, masked };
}

/** The routes of a label that joins several, as Express' array paths are exported: `/other/a,/b`. */
export function splitJoined(text: string): readonly string[] {
  if (!text.includes(",/")) return [text];
  const [first = "", ...others] = text.split(/,(?=\/)/);
  // Only the first carries the mount prefix; the others share it: `/other/a,/b` is `/other/a` and `/other/b`.
  const prefix = first.slice(0, Math.max(0, first.lastIndexOf("/")));
  return [first, ...others.flatMap((other) => (prefix === "" ? [other] : [`${prefix}${other}`, other]))];
}

/** Splits at slashes outside parentheses, braces and brackets: a constraint may hold a slash. */
function splitSegments(path: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const char of path) {
    if (char === "(" || char === "{" || char === "[" || char === "<") depth++;
    else if (char === ")" || char === "}" || char === "]" || char === ">") depth = Math.max(0, depth - 1);
    if (char === "/" && depth === 0) {
      parts.push(part);
      part = "";
    } else part += char;
  }
  parts.push(part);
  return parts;
}

function toSegment(part: string): Segment {
  if (/^(\*\w*|\*\*|\{\*\w*\}|\[\[?\.\.\.\w+\]\]?|\(\.\*\)|:\w+\*|:\w+\(\.\*\)|\{\/?\*\w+\})$/.test(part))
    return { kind: "rest" };
  if (/^#\w*$/.test(part)) return param("", "");
  const parameter =
    /^(?<prefix>[^:{[<$]*)(?::(?<colon>\w+)(?:\(.*\))?|\{(?<brace>:?\w+)(?::[^}]*)?\}|\[(?<bracket>\w+)\]|<(?:\w+:)?(?<angle>\w+)>|\$(?<dollar>[A-Za-z_]\w*)|\$\{\w+\})(?<optional>\?)?(?<suffix>[^:{[<$]*)$/.exec(
      part,
    );
  if (parameter?.groups !== undefined) {
    return param(parameter.groups.prefix ?? "", parameter.groups.suffix ?? "", parameter.groups.optional === "?");
  }
  // Anything else with a parameter in it (`:from-:to`) is one segment of some text.
  if (/[:{[<]\w/.test(part)) return param("", "");
  return { kind: "static", text: part };
}

function param(prefix: string, suffix: string, optional = false): Segment {
  return { kind: "param", prefix, suffix, optional };
}

/** Whether a concrete (or masked) path is one that the route serves: `/users/17` and `/users/#val` for `/users/:id`. */
export function servesPath(route: RoutePattern, path: RoutePattern): boolean {
  const walk = (r: number, p: number): boolean => {
    const segment = route.segments[r];
    if (segment === undefined) return p === path.segments.length;
    // A rest in the middle is not walked backwards over: no framework gives that a meaning.
    if (segment.kind === "rest") return true;
    if (segment.kind === "param" && segment.optional && walk(r + 1, p)) return true;
    const value = path.segments[p];
    if (value === undefined || value.kind === "rest") return false;
    if (segment.kind === "static") return value.kind === "static" && value.text === segment.text && walk(r + 1, p + 1);
    if (value.kind === "static" && !(value.text.startsWith(segment.prefix) && value.text.endsWith(segment.suffix)))
      return false;
    return walk(r + 1, p + 1);
  };
  return walk(0, 0);
}

/** Number of static segments: how much a match of two routes says. */
export function staticCount(route: RoutePattern): number {
  return route.segments.filter((segment) => segment.kind === "static").length;
}

/** Whether `longer` ends with `shorter`, segment by segment; the length of what comes before, else undefined. */
export function suffixAt(longer: RoutePattern, shorter: RoutePattern): number | undefined {
  const skip = longer.segments.length - shorter.segments.length;
  if (skip <= 0 || shorter.segments.length === 0) return undefined;
  const text = (route: RoutePattern, index: number) => {
    const segment = route.segments[index];
    return segment === undefined
      ? ""
      : segment.kind === "static"
        ? `=${segment.text}`
        : segment.kind === "rest"
          ? "**"
          : `{}${segment.prefix} ${segment.suffix}`;
  };
  for (let index = 0; index < shorter.segments.length; index++) {
    if (text(longer, skip + index) !== text(shorter, index)) return undefined;
  }
  return skip;
}

/** A path that looks concrete, not like a template: a segment of digits, a UUID, a long token. */
export function looksConcrete(text: string): boolean {
  return text
    .split("/")
    .some((part) => /^\d+$/.test(part) || /^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(part) || /^[0-9a-f]{16,}$/i.test(part));
}

/** Whether two texts are one route, however its parameters are written. */
export function isSameRoute(one: string, other: string): boolean {
  if (one === other) return true;
  const canonical = parseRoute(one)?.canonical;
  return canonical !== undefined && canonical === parseRoute(other)?.canonical;
}
