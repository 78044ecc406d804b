/** Windows that begin with a month, a week or a quarter: which period it is now, in the time zone of the file. */
import type { Window } from "./model.ts";

export interface Period {
  /** Milliseconds since 1970; `end` is the start of the next. */
  readonly start: number;
  readonly end: number;
}

/** Numbers over less time than this say nothing yet. */
const LEAST_SECONDS = 300;
const DAY_MS = 86_400_000;

type Local = readonly [year: number, month: number, day: number, hour: number, minute: number, second: number];

/**
 * The period that a moment lies in. Days, weeks, months, quarters and years are counted by the calendar of the time zone
 * (a day may have 23 hours, a month 28 days; a start on the 31st becomes the month's last day), hours and minutes by the
 * clock. Undefined for a window that rolls, has not begun, or whose start, length or zone cannot be read.
 *
 * @param now milliseconds since 1970
 */
export function periodAt(window: Window, now: number): Period | undefined {
  if (window.kind !== "calendar") return undefined;
  const start = localOf(window.start);
  const length = /^(\d+)\s*([mhdwMQY])$/.exec(window.text.trim());
  const offset = offsetIn(window.timeZone);
  if (!start || !length || !offset) return undefined;
  const count = Number(length[1]);
  const unit = length[2]!;
  if (!(count > 0)) return undefined;
  const nth = (n: number): number => instant(stepped(start, n * count, unit), offset);
  // A guess by the mean length, then the exact one beside it.
  const mean = {
    m: 60_000,
    h: 3_600_000,
    d: DAY_MS,
    w: 7 * DAY_MS,
    M: 30.436875 * DAY_MS,
    Q: 91.310625 * DAY_MS,
    Y: 365.2425 * DAY_MS,
  }[unit]!;
  const first = nth(0);
  if (now < first) return undefined;
  let n = Math.max(0, Math.floor((now - first) / (mean * count)));
  while (n > 0 && nth(n) > now) n--;
  while (nth(n + 1) <= now) n++;
  return { start: nth(n), end: nth(n + 1) };
}

/** Seconds that numbers are looked back on: the whole window where it rolls, what has passed of the period otherwise. */
export function lookBackSeconds(window: Window, now: number): number {
  const period = periodAt(window, now);
  if (!period) return window.seconds;
  // To the minute, so that questions asked within one are the same.
  return Math.max(LEAST_SECONDS, Math.ceil((now - period.start) / 60_000) * 60);
}

/** Whether a window can begin at what is written. */
export function isCalendarStart(text: string): boolean {
  return localOf(text) !== undefined;
}

/** Whether a name is one of the IANA time zones that this runtime knows. */
export function isTimeZone(name: string): boolean {
  return offsetIn(name) !== undefined;
}

/** `2022-01-01 12:00:00`, the time optional; OpenSLO's own form. */
function localOf(text: string): Local | undefined {
  const found = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?/.exec(text.trim());
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1).map((it) => Number(it ?? 0));
  return [year!, month!, day!, hour!, minute!, second!];
}

function stepped([year, month, day, hour, minute, second]: Local, by: number, unit: string): Local {
  if (unit === "m") return [year, month, day, hour, minute + by, second];
  if (unit === "h") return [year, month, day, hour + by, minute, second];
  if (unit === "d" || unit === "w") return [year, month, day + by * (unit === "w" ? 7 : 1), hour, minute, second];
  const months = month - 1 + by * ({ M: 1, Q: 3, Y: 12 }[unit] ?? 1);
  const last = new Date(Date.UTC(year, months + 1, 0)).getUTCDate();
  return [year, months + 1, Math.min(day, last), hour, minute, second];
}

function instant([year, month, day, hour, minute, second]: Local, offset: (at: number) => number): number {
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  // The offset of the zone at that time, found from the one a day's error away: exact but within a skipped hour.
  const guess = asUtc - offset(asUtc);
  return asUtc - offset(guess);
}

const known = new Map<string, ((at: number) => number) | undefined>();

/** Milliseconds that a zone is ahead of UTC at a moment; undefined for a zone that is none. */
function offsetIn(timeZone: string): ((at: number) => number) | undefined {
  if (known.has(timeZone)) return known.get(timeZone);
  let found: ((at: number) => number) | undefined;
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: timeZone === "" ? "UTC" : timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    found = (at) => {
      const part: Record<string, number> = {};
      for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
      const local = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
      return local - Math.floor(at / 1000) * 1000;
    };
  } catch {
    found = undefined;
  }
  if (known.size > 100) known.clear();
  known.set(timeZone, found);
  return found;
}
