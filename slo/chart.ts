/**
 * The burn-down of a budget as a small SVG: what is left over the window, the even pace, the last hour marked and where
 * it leads. It brings its own background, so it reads on light and dark themes, and never tells by colour alone.
 */
import { isOfLowTraffic } from "./impact.ts";
import type { ObjectiveStatus, Slo } from "./model.ts";
import { burnText, durationText, type Language, percentText, stateWords, windowText } from "./words.ts";

export interface Chart {
  /** `data:image/svg+xml;base64,…`, characters that Markdown takes as they are. */
  readonly uri: string;
  /** What the picture says, in a sentence. */
  readonly alt: string;
  readonly svg: string;
}

const width = 360;
const height = 96;
const plot = { left: 34, right: 300, top: 12, bottom: 76 } as const;

const colors = {
  back: "#1f2430",
  frame: "#3b4252",
  grid: "#4c566a",
  text: "#e5e9f0",
  quiet: "#aeb6c6",
  pace: "#8892a6",
} as const;
const lineColors: Readonly<Record<ObjectiveStatus["state"], string>> = {
  healthy: "#8fd18f",
  watch: "#f0d060",
  burning: "#ff9f5a",
  exhausted: "#ff7a7a",
  "low-traffic": "#aeb6c6",
  "no-data": "#aeb6c6",
  unmatched: "#aeb6c6",
  stale: "#aeb6c6",
};

/** Undefined where there is no budget to draw. `now` in unix seconds. */
export function budgetChart(
  status: ObjectiveStatus,
  slo: Pick<Slo, "window">,
  now: number,
  lang: Language,
): Chart | undefined {
  const remaining = status.budgetRemaining;
  if (remaining === undefined || !Number.isFinite(remaining) || isOfLowTraffic(status)) return undefined;
  const points = (status.history ?? []).filter(([time, left]) => Number.isFinite(time) && Number.isFinite(left));
  const body =
    points.length >= 2 ? burnDown(points, status, slo.window.seconds, now, lang) : gauge(remaining, status, lang);
  const alt = altText(remaining, status, slo.window.seconds, lang);
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(alt)}</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6" fill="${colors.back}" stroke="${colors.frame}"/>`,
    `<g font-family="system-ui,sans-serif" font-size="11" fill="${colors.text}">`,
    body,
    "</g></svg>",
  ].join("");
  return { uri: `data:image/svg+xml;base64,${base64(svg)}`, alt, svg };
}

function altText(remaining: number, status: ObjectiveStatus, windowSeconds: number, lang: Language): string {
  const left = percentText(Math.max(0, remaining), lang);
  const hour = status.burnRates.find((each) => each.windowSeconds === 3600)?.rate;
  const word = stateWords[status.state][lang];
  if (lang === "ja") {
    return `${windowText(windowSeconds, lang)}のエラーバジェットの残り ${left}（${word}）${hour === undefined ? "" : `、直近 1 時間のバーンレート ${burnText(hour, lang)}`}`;
  }
  return `Budget left over ${windowText(windowSeconds, lang)}: ${left} (${word})${hour === undefined ? "" : `, burn of the last hour ${burnText(hour, lang)}`}`;
}

function burnDown(
  points: readonly (readonly [number, number])[],
  status: ObjectiveStatus,
  windowSeconds: number,
  now: number,
  lang: Language,
): string {
  const color = lineColors[status.state];
  const first = now - windowSeconds;
  const low = Math.max(-1, Math.min(0, ...points.map(([, left]) => left)));
  const x = (time: number) =>
    round(plot.left + ((Math.min(Math.max(time, first), now) - first) / windowSeconds) * (plot.right - plot.left));
  const y = (left: number) =>
    round(plot.bottom - ((Math.min(1, Math.max(low, left)) - low) / (1 - low)) * (plot.bottom - plot.top));
  const last = points.at(-1)!;
  const shown = [...points.slice(0, -1), [now, last[1]] as const];
  const path = shown.map(([time, left]) => `${x(time)},${y(left)}`).join(" ");
  const hour = status.burnRates.find((each) => each.windowSeconds === 3600)?.rate;
  const endX = x(now);
  const endY = y(last[1]);
  const parts = [
    `<line x1="${plot.left}" y1="${y(1)}" x2="${plot.right}" y2="${y(1)}" stroke="${colors.grid}"/>`,
    `<line x1="${plot.left}" y1="${y(0)}" x2="${plot.right}" y2="${y(0)}" stroke="${colors.grid}"/>`,
    `<line x1="${x(first)}" y1="${y(1)}" x2="${endX}" y2="${y(0)}" stroke="${colors.pace}" stroke-dasharray="3 3"/>`,
    `<text x="${plot.left - 4}" y="${y(1) + 4}" text-anchor="end" font-size="10" fill="${colors.quiet}">100%</text>`,
    `<text x="${plot.left - 4}" y="${y(0) + 4}" text-anchor="end" font-size="10" fill="${colors.quiet}">0%</text>`,
    `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round"/>`,
    ...lastHour(),
    `<circle cx="${endX}" cy="${endY}" r="3.5" fill="${color}"/>`,
    `<text x="${endX + 8}" y="${round(Math.min(plot.bottom, Math.max(plot.top + 22, endY + 4)))}" font-weight="600">${escapeXml(percentText(last[1], lang))}</text>`,
    `<text x="${plot.left}" y="${height - 6}" font-size="10" fill="${colors.quiet}">${lang === "ja" ? `${windowText(windowSeconds, lang)}前` : `-${windowText(windowSeconds, lang)}`}</text>`,
    `<text x="${plot.right}" y="${height - 6}" font-size="10" text-anchor="end" fill="${colors.quiet}">${lang === "ja" ? "現在" : "now"}</text>`,
  ];
  return parts.join("");

  /** The pace of the last hour, drawn on from the end with its number: a steep line is a fast burn. */
  function lastHour(): readonly string[] {
    if (hour === undefined || hour <= 0) return [];
    // Over the 52 pixels beside the plot the even pace would fall by as much as it does over the same width inside.
    const run = 52;
    const evenFall = ((y(0) - y(1)) * run) / (plot.right - plot.left);
    const toY = round(Math.min(plot.bottom, endY + evenFall * hour));
    const slope = evenFall * hour;
    const toX = round(endX + (slope > 0 ? run * Math.min(1, (toY - endY) / slope) : run));
    return [
      `<line x1="${endX}" y1="${endY}" x2="${toX}" y2="${toY}" stroke="${colors.text}" stroke-width="1.5" stroke-dasharray="1.5 2.5"/>`,
      `<text x="${width - 6}" y="${plot.top + 5}" text-anchor="end" font-size="10">1 ${lang === "ja" ? "時間" : "h"}: ${escapeXml(burnText(hour, lang))}</text>`,
    ];
  }
}

/** Without points in time: how full the budget is. */
function gauge(remaining: number, status: ObjectiveStatus, lang: Language): string {
  const left = 16;
  const full = width - 2 * left;
  const filled = round(full * Math.min(1, Math.max(0, remaining)));
  const color = lineColors[status.state];
  const text =
    lang === "ja"
      ? `残り ${percentText(Math.max(0, remaining), lang)}`
      : `${percentText(Math.max(0, remaining), lang)} left`;
  const until =
    status.exhaustedInSeconds === undefined || status.exhaustedInSeconds <= 0
      ? ""
      : lang === "ja"
        ? `このペースで ${durationText(status.exhaustedInSeconds, lang, 1)}後に枯渇`
        : `empty in ${durationText(status.exhaustedInSeconds, lang, 1)}`;
  return [
    `<text x="${left}" y="30" font-size="13" font-weight="600">${escapeXml(text)}</text>`,
    `<text x="${width - left}" y="30" text-anchor="end">${escapeXml(stateWords[status.state][lang])}</text>`,
    `<rect x="${left}" y="42" width="${full}" height="14" rx="3" fill="${colors.frame}"/>`,
    filled > 0 ? `<rect x="${left}" y="42" width="${filled}" height="14" rx="3" fill="${color}"/>` : "",
    until === "" ? "" : `<text x="${left}" y="76" font-size="10" fill="${colors.quiet}">${escapeXml(until)}</text>`,
  ].join("");
}

const round = (value: number) => Math.round(value * 10) / 10;

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function base64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
