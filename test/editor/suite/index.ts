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
      await limited(check());
    } catch (caught) {
      error = caught instanceof Error ? (caught.stack ?? caught.message) : String(caught);
    }
    const ms = Math.round(performance.now() - started);
    outcomes.push({ name, ms, ...(error === undefined ? {} : { error }) });
    console.log(`${error === undefined ? "passed" : "failed"}: ${name} (${ms} ms)`);
    writeFileSync(process.env.SLO_LENS_TEST_OUTCOMES!, JSON.stringify(outcomes));
  }
  const failed = outcomes.filter((it) => it.error !== undefined);
  if (failed.length > 0) throw new Error(`failed: ${failed.map((it) => it.name).join(", ")}`);
}

/** A question that the editor never answers fails its own check and not the whole run. */
async function limited(check: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("No end within 45 s.")), 45_000);
  });
  await Promise.race([check, limit]).finally(() => clearTimeout(timer));
}
