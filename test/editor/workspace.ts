/** The example in a folder of its own, with budgets from a file: the same numbers each time, and nothing to start. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ObjectiveStatus, StatusReport } from "../../slo/index.ts";

const example = path.join(import.meta.dirname, "../../examples/recipes");
const DAY = 86_400;

export interface ExampleFolder {
  readonly folder: string;
  readonly remove: () => void;
}

export function exampleFolder(now: number = Date.now()): ExampleFolder {
  const home = mkdtempSync(path.join(tmpdir(), "slo-lens-"));
  const folder = path.join(home, "recipes");
  cpSync(example, folder, { recursive: true });
  // The example's own extends one that is not beside it here.
  writeFileSync(path.join(folder, "tsconfig.json"), '{ "compilerOptions": { "module": "nodenext" } }');
  mkdirSync(path.join(folder, ".vscode"));
  writeFileSync(
    path.join(folder, ".vscode/settings.json"),
    JSON.stringify({
      "sloLens.telemetry.source": "snapshot",
      "sloLens.telemetry.snapshot.path": "status.json",
      // Its packages are not beside it here.
      "typescript.validate.enable": false,
    }),
  );
  writeFileSync(path.join(folder, "status.json"), JSON.stringify(report(now)));
  return { folder, remove: () => rmSync(home, { recursive: true, force: true }) };
}

/** 180 of 18,000 requests in 28 days may be slow; 139 were. At 6.2 times the pace, the rest is gone in a day. */
function report(now: number): StatusReport {
  const left = 41 / 180;
  const list: ObjectiveStatus = {
    id: "recipes/list-latency",
    state: "burning",
    reason: "",
    good: 17_861,
    bad: 139,
    total: 18_000,
    sli: 17_861 / 18_000,
    budgetRemaining: left,
    burnRates: [
      { windowSeconds: 300, rate: 7 },
      { windowSeconds: 3600, rate: 6.2 },
    ],
    exhaustedInSeconds: (left * 28 * DAY) / 6.2,
    method: "request-weighted",
    endpoints: [{ method: "GET", route: "/recipes", shareOfTraffic: 0.34, shareOfBad: 0.81 }],
    history: Array.from({ length: 57 }, (_, i): readonly [number, number] => {
      const passed = i / 56;
      const spent = passed < 0.8 ? passed * 0.35 : 0.28 + (passed - 0.8) * 2.46;
      return [Math.round(now / 1000 - (1 - passed) * 28 * DAY), 1 - spent];
    }),
  };
  const healthy: ObjectiveStatus = {
    id: "recipes/nutrition-latency",
    state: "healthy",
    reason: "",
    good: 5_960,
    bad: 40,
    total: 6_000,
    sli: 5_960 / 6_000,
    budgetRemaining: 1 - 40 / 120,
    burnRates: [{ windowSeconds: 3600, rate: 0.4 }],
    method: "request-weighted",
    endpoints: [{ method: "GET", route: "/recipes/:id/nutrition", shareOfTraffic: 1, shareOfBad: 1 }],
  };
  return {
    evaluatedAt: new Date(now).toISOString(),
    source: { kind: "snapshot", name: "status.json" },
    objectives: [list, healthy],
    problems: [],
  };
}
