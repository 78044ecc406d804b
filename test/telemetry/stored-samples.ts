/**
 * What a Prometheus has stored, and what `increase()` can make of it.
 *
 * `increase()` cannot be exact, and this says by how much. Prometheus takes the difference of the last and the
 * first sample of a series, D, over the time between them, and stretches it towards both ends of the window: where the
 * window reaches further than 1.1 scrape intervals past a sample, by half an interval, else up to the window's end
 * (`extrapolatedRate` in promql/functions.go). Our windows begin long before the first scrape (half an interval) and
 * end less than 1.1 intervals after the last one or later. With n samples, n - 1 intervals apart, the answer is therefore
 *
 *     D  ≤  increase  ≤  D × (1 + 1.6 / (n - 1))
 *
 * D and n are read from the stored samples, and D is held against what was sent, exactly.
 */
import assert from "node:assert/strict";

export interface StoredSeries {
  readonly metric: Readonly<Record<string, string>>;
  /** Unix seconds and value. */
  readonly values: readonly (readonly [number, string])[];
}

/** All stored samples, as they were scraped. */
export async function samplesOf(url: string, selector: string): Promise<readonly StoredSeries[]> {
  const body = new URLSearchParams({ query: `${selector}[1h]` });
  const response = await fetch(`${url}/api/v1/query`, { method: "POST", body, signal: AbortSignal.timeout(10_000) });
  const { data } = (await response.json()) as { data: { result: StoredSeries[] } };
  return data.result;
}

export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** What `sum(increase(…))` can answer for these series, and the sum of their newest samples. */
export function boundsOf(series: readonly StoredSeries[]): Bounds & { readonly last: number } {
  let least = 0;
  let most = 0;
  let last = 0;
  for (const { values } of series) {
    const final = Number(values.at(-1)?.[1]);
    const difference = final - Number(values[0]?.[1]);
    last += final;
    least += difference;
    most += difference * (1 + 1.6 / (values.length - 1));
  }
  return { least, most, last };
}

export function assertWithin(value: number | undefined, { least, most }: Bounds, name: string) {
  // Floating point: the bounds themselves are sums.
  const isWithin = value !== undefined && value >= least - 1e-6 && value <= most + 1e-6;
  assert.ok(isWithin, `${name} is ${value}, and was counted between ${least} and ${most}`);
}
