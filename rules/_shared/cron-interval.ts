/** How often a cron expression runs, for those that run within the hour. */

/** Milliseconds between two starts; undefined where it is an hour and more, irregular, or cannot be read. */
export function cronIntervalMs(expression: string): number | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) return undefined;
  const [seconds, minutes] = fields.length === 6 ? [fields[0]!, fields[1]!] : ["0", fields[0]!];
  const rest = fields.slice(fields.length === 6 ? 2 : 1);
  if (rest.some((it) => it !== "*" && it !== "?")) return undefined;
  if (minutes === "*") return seconds === "0" || seconds === "00" ? 60_000 : stepMs(seconds, 1_000);
  return seconds === "0" || seconds === "00" ? stepMs(minutes, 60_000) : undefined;
}

function stepMs(field: string, unitMs: number): number | undefined {
  if (field === "*") return unitMs;
  const step = /^(?:\*|0)\/(\d+)$/.exec(field)?.[1];
  return step === undefined ? undefined : Number(step) * unitMs;
}
