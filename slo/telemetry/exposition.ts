/** The text format that services show at `/metrics` (Prometheus 0.0.4 and OpenMetrics 1.0), read into plain series. */

export interface ExposedSeries {
  /** Metric name. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly series: readonly ExposedSeries[];
  /** Lines that could not be read. */
  readonly badLines: number;
  /** More series than the limit: the rest was not read. */
  readonly isCut: boolean;
}

/** Reads a whole page; lines that are broken are counted and passed over. Timestamps and exemplars are dropped. */
export function parseExposition(text: string, maxSeries = 100_000): Exposition {
  const series: ExposedSeries[] = [];
  let badLines = 0;
  for (const line of lines(text)) {
    if (line === "" || line.startsWith("#")) continue;
    if (series.length >= maxSeries) return { series, badLines, isCut: true };
    const read = parseLine(line);
    if (read === undefined) badLines++;
    else series.push(read);
  }
  return { series, badLines, isCut: false };
}

function* lines(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    const stop = end < 0 ? text.length : end;
    yield text.slice(start, stop).trim();
    start = stop + 1;
  }
}

const namePattern = /[a-zA-Z_:][a-zA-Z0-9_:.]*/y;
const labelPattern = /\s*(?:"((?:[^"\\]|\\.)*)"|([a-zA-Z_][\w.]*))\s*(?:=\s*"((?:[^"\\]|\\.)*)")?\s*(,?)/y;

function parseLine(line: string): ExposedSeries | undefined {
  namePattern.lastIndex = 0;
  let name = namePattern.exec(line)?.[0] ?? "";
  let at = name.length;
  const labels: Record<string, string> = {};
  if (line[at] === "{") {
    at++;
    while (line[at] !== "}") {
      labelPattern.lastIndex = at;
      const match = labelPattern.exec(line);
      if (match === null) return undefined;
      const label = match[1] === undefined ? match[2]! : unescaped(match[1]);
      // A quoted name without a value is the metric's own, as UTF-8 names are written: {"http.server.duration", a="b"}.
      if (match[3] === undefined) {
        if (name !== "" || match[1] === undefined) return undefined;
        name = label;
      } else Object.defineProperty(labels, label, { value: unescaped(match[3]), enumerable: true, configurable: true });
      at = labelPattern.lastIndex;
      if (match[4] === "" && line[at] !== "}") return undefined;
    }
    at++;
  }
  if (name === "") return undefined;
  const [value] = line.slice(at).trim().split(/\s+/, 1);
  const number = toNumber(value ?? "");
  return number === undefined ? undefined : { name, labels, value: number };
}

function unescaped(text: string): string {
  return text.includes("\\") ? text.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char)) : text;
}

function toNumber(text: string): number | undefined {
  if (/^[+-]?inf(inity)?$/i.test(text))
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  const number = Number(text);
  return text === "" || Number.isNaN(number) ? undefined : number;
}
