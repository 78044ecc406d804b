/** Durations as the formats write them, in seconds. */
import type { Window } from "../model.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY, M: 30 * DAY, Q: 90 * DAY, Y: 365 * DAY } as const;
const WORDS: Readonly<Record<string, string>> = {
  minute: "m",
  hour: "h",
  day: "d",
  week: "w",
  month: "M",
  quarter: "Q",
  year: "Y",
};

/**
 * A duration as OpenSLO's shorthand has it, `7d` or `1M`: also of one that only people read as such (`Week`, `1 month`,
 * `-1h`). Undefined for anything else.
 */
export function openSloShorthand(text: string): string | undefined {
  const written = text.trim();
  const short = /^-?(\d{1,9})\s*([mhdwMQY])$/.exec(written);
  if (short) return `${Number(short[1])}${short[2]}`;
  const word = /^(?:(\d{1,9})\s*)?(minute|hour|day|week|month|quarter|year)s?$/i.exec(written);
  return word ? `${Number(word[1] ?? 1)}${WORDS[word[2]!.toLowerCase()]}` : undefined;
}

/** Seconds of it: `m` is minutes and `M` months of 30 days, `Q` 90 and `Y` 365 as its SDK counts them. */
export function openSloSeconds(text: string): number | undefined {
  const short = openSloShorthand(text);
  return short === undefined
    ? prometheusSeconds(text)
    : Number(short.slice(0, -1)) * UNITS[short.at(-1) as keyof typeof UNITS];
}

/** Prometheus' form: `4w`, `1h30m`, `250ms`. */
export function prometheusSeconds(text: string): number | undefined {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)/g)];
  if (parts.length === 0 || parts.map((it) => it[0]).join("") !== text.trim()) return undefined;
  const unit: Record<string, number> = { ms: 0.001, s: 1, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY, y: 365 * DAY };
  return parts.reduce((sum, [, n, u]) => sum + Number(n) * unit[u!]!, 0);
}

export function rolling(seconds: number, text: string): Window {
  return { kind: "rolling", seconds, text };
}

export const DAY_SECONDS = DAY;

/** Whole days as Prometheus writes them: `4w` where they are weeks. */
export function prometheusDays(days: number): string {
  return days % 7 === 0 ? `${days / 7}w` : `${days}d`;
}
