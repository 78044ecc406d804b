/**
 * Measures what a repair of the list is worth: the same searches against the site as it is, and against a copy of it
 * whose list asks for one row more than a page holds in place of counting. Prints one JSON line.
 *
 *   node prove.ts [--requests 40]
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { sendLoad } from "./load.ts";
import { startChild } from "./stand-ins/child.ts";

/** Gives the repaired text of src/recipe-store.ts. */
export type Repair = (text: string) => string;

/** One row more than a page holds says whether there is a next page; nobody counts. */
export const readOneMore: Repair = (text) =>
  replacedOnce(text, [
    ["  readonly totalPages: number;\n", "  readonly hasNext: boolean;\n"],
    ["  const { rows: recipes } = await", "  const { rows } = await"],
    ["[pattern, PER_PAGE, (page - 1) * PER_PAGE]", "[pattern, PER_PAGE + 1, (page - 1) * PER_PAGE]"],
    [
      `  const counted = await pool.query<{ count: string }>(
    "SELECT COUNT(*) FROM recipes WHERE title ILIKE $1 OR ingredients ILIKE $1",
    [pattern],
  );
  return { recipes, page, totalPages: Math.ceil(Number(counted.rows[0]?.count) / PER_PAGE) };
`,
      "  return { recipes: rows.slice(0, PER_PAGE), page, hasNext: rows.length > PER_PAGE };\n",
    ],
  ]);

function replacedOnce(text: string, replacements: readonly (readonly [found: string, replacement: string])[]): string {
  return replacements.reduce((result, [found, replacement]) => {
    const parts = result.split(found);
    if (parts.length !== 2) throw new Error(`src/recipe-store.ts no longer holds this once:\n${found}`);
    return parts.join(replacement);
  }, text);
}

export interface Measured {
  /** Searches that the site answered within 300 ms, and all of them, as its own metrics count them. */
  readonly good: number;
  readonly total: number;
  /** Mean time of an answer. */
  readonly seconds: number;
}

/** `requests` searches, four at a time, before and after each repair; all sites read the same database. */
export async function prove(
  requests: number,
  repairs: readonly Repair[],
): Promise<{ before: Measured; after: Measured[] }> {
  const database = await startChild<{ url: string }>(new URL("stand-ins/database.ts", import.meta.url));
  try {
    const before = await searchesOn(new URL("src/", import.meta.url), database.ready.url, requests);
    const after: Measured[] = [];
    for (const repair of repairs) {
      const copy = await repairedCopy(repair);
      try {
        after.push(await searchesOn(copy, database.ready.url, requests));
      } finally {
        await rm(copy, { recursive: true, force: true });
      }
    }
    return { before, after };
  } finally {
    await database.stop();
  }
}

/** A copy of src/, inside the repository, so that it finds the same packages. */
async function repairedCopy(repair: Repair): Promise<URL> {
  const cache = new URL("../../.cache/recipes/", import.meta.url);
  await mkdir(cache, { recursive: true });
  const folder = pathToFileURL(`${await mkdtemp(fileURLToPath(new URL("repaired-", cache)))}/`);
  await cp(new URL("src/", import.meta.url), folder, { recursive: true });
  await writeFile(new URL("package.json", folder), '{ "type": "module" }');
  const file = new URL("recipe-store.ts", folder);
  await writeFile(file, repair(await readFile(file, "utf8")));
  return folder;
}

async function searchesOn(source: URL, databaseUrl: string, requests: number): Promise<Measured> {
  const site = await startChild<{ url: string; metrics: string }>(new URL("server.ts", source), [], {
    DATABASE_URL: databaseUrl,
    PORT: "0",
  });
  try {
    const { url, metrics } = site.ready;
    // The first answers pay for connections and compilation, which no reader meets twice; they are taken off again.
    await sendLoad({ url, requests: 8, concurrency: 4, rate: 1000, only: "search" });
    const warm = await countedAt(metrics, 8);
    await sendLoad({ url, requests, concurrency: 4, rate: 1000, only: "search" });
    const counted = await countedAt(metrics, 8 + requests);
    const total = counted.total - warm.total;
    return { good: counted.good - warm.good, total, seconds: (counted.sum - warm.sum) / total };
  } finally {
    await site.stop();
  }
}

/** Reads the histogram until it holds `expected` requests: the last one is counted just after its answer has left. */
async function countedAt(metrics: string, expected: number): Promise<{ good: number; total: number; sum: number }> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const text = await (await fetch(metrics, { signal: AbortSignal.timeout(5_000) })).text();
    const labels = 'method="GET",route="/recipes",status="200"';
    const sample = (name: string) => Number(text.split(`\n${name} `)[1]?.split("\n")[0] ?? 0);
    const total = sample(`http_request_duration_seconds_count{${labels}}`);
    if (total >= expected)
      return {
        good: sample(`http_request_duration_seconds_bucket{le="0.3",${labels}}`),
        total,
        sum: sample(`http_request_duration_seconds_sum{${labels}}`),
      };
  }
  throw new Error(`the site has not counted ${expected} searches that succeeded`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { requests: { type: "string", default: "40" } } });
  const { before, after } = await prove(Number(values.requests), [readOneMore]);
  console.log(JSON.stringify({ before, after: after[0] }));
}
