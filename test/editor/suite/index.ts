/// <reference types="vscode" />
/**
 * Runs inside the editor's extension host. Each check is reported by name into a file, and the test that started the
 * editor says them to the test runner as its own.
 */
import { writeFileSync } from "node:fs";
import { checks } from "./checks.ts";

export interface Outcome {
  readonly name: string;
  readonly ms: number;
  readonly error?: string;
}

/** VS Code calls this; it fails the run where it throws. */
export async function run(): Promise<void> {
  const outcomes: Outcome[] = [];
  const language = process.env.SLO_LENS_TEST_LANGUAGE === "ja" ? "ja" : "en";
  for (const [name, check] of Object.entries(checks(language))) {
    const started = performance.now();
    let error: string | undefined;
    try {
      await check();
    } catch (caught) {
      error = caught instanceof Error ? (caught.stack ?? caught.message) : String(caught);
    }
    outcomes.push({ name, ms: performance.now() - started, ...(error === undefined ? {} : { error }) });
  }
  writeFileSync(process.env.SLO_LENS_TEST_OUTCOMES!, JSON.stringify(outcomes));
  const failed = outcomes.filter((it) => it.error !== undefined);
  if (failed.length > 0) throw new Error(`failed: ${failed.map((it) => it.name).join(", ")}`);
}
