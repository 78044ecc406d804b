/** Budgets of the example as they stand in the documentation: the list is burning, the rest is well. */
import type { StatusReport } from "../../slo/index.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;

export function exampleSnapshot(now: Date): StatusReport {
  return {
    evaluatedAt: now.toISOString(),
    source: { kind: "prometheus", name: "http://127.0.0.1:4690" },
    problems: [],
    objectives: [
      {
        id: "recipes/list-latency",
        state: "burning",
        reason: "The budget is spent 6.2 times as fast as it lasts.",
        good: 17_861,
        bad: 139,
        total: 18_000,
        sli: 17_861 / 18_000,
        budgetRemaining: 41 / 180,
        burnRates: [
          { windowSeconds: 300, rate: 7 },
          { windowSeconds: HOUR, rate: 6.2 },
          { windowSeconds: 6 * HOUR, rate: 2.1 },
        ],
        exhaustedInSeconds: 3 * DAY + 4 * HOUR,
        method: "request-weighted",
        endpoints: [{ method: "GET", route: "/recipes", shareOfTraffic: 0.34, shareOfBad: 0.81 }],
        history: Array.from({ length: 29 }, (_, i): [number, number] => [
          Math.floor(now.getTime() / 1000) - (28 - i) * DAY,
          1 - (1 - 41 / 180) * (i < 24 ? i / 60 : 0.4 + ((i - 24) / 4) * 0.6),
        ]),
      },
      {
        id: "recipes/availability",
        state: "healthy",
        reason: "Within the budget.",
        good: 99_970,
        bad: 30,
        total: 100_000,
        sli: 0.9997,
        budgetRemaining: 0.7,
        burnRates: [{ windowSeconds: HOUR, rate: 0.3 }],
        method: "request-weighted",
        endpoints: [],
      },
      {
        id: "recipes/nutrition-latency",
        state: "watch",
        reason: "The budget is spent faster than it lasts.",
        good: 9_890,
        bad: 110,
        total: 10_000,
        sli: 0.989,
        budgetRemaining: 0.45,
        burnRates: [{ windowSeconds: HOUR, rate: 1.3 }],
        exhaustedInSeconds: 9 * DAY,
        method: "request-weighted",
        endpoints: [{ method: "GET", route: "/recipes/:id/nutrition", shareOfTraffic: 0.1, shareOfBad: 0.5 }],
      },
    ],
  };
}
