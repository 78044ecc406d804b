/** Durations as the formats write them, in seconds. */
import type { Window } from "../model.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** OpenSLO's shorthand: `m` is minutes and `M` months of 30 days, `Q` 90 and `Y` 365 as its SDK counts them. */
export function openSloSeconds(text: string): number | undefined {
  const match = /^\s*-?(\d+)\s*([mhdwMQY])\s*$/.exec(text);
  if (!match) {
    const word = /^(minute|hour|day|week|month|quarter|year)s?$/i.exec(text.trim())?.[1]?.toLowerCase();
    return word
      ? { minute: MINUTE, hour: HOUR, day: DAY, week: 7 * DAY, month: 30 * DAY, quarter: 90 * DAY, year: 365 * DAY }[
          word
        ]
      : prometheusSeconds(text);
  }
  const unit = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY, M: 30 * DAY, Q: 90 * DAY, Y: 365 * DAY }[match[2]!]!;
  return Number(match[1]) * unit;
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
