/**
 * PostgreSQL in a process of its own: PGlite, reached over the ordinary wire protocol by the ordinary `pg` driver.
 * It runs one query at a time, so a slow query holds up the others sooner than on a big server; the shape is the same.
 *
 * RECIPES_ROWS sets the number of recipes (200,000). Seeding takes some seconds, so its result is kept under
 * .cache/recipes, and every start begins from that same data.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { freePort } from "./free-port.ts";

const ROWS = Number(process.env.RECIPES_ROWS ?? 200_000);
const USERS = 4_000;

if (!Number.isInteger(ROWS) || ROWS < 1 || ROWS > 2_000_000) throw new Error("RECIPES_ROWS must be 1 to 2,000,000");

const SEED = `
CREATE TABLE users (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL
);
CREATE TABLE recipes (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  author_id integer NOT NULL REFERENCES users,
  title text NOT NULL,
  ingredients text NOT NULL,
  instructions text NOT NULL
);
CREATE TABLE follows (
  user_id integer NOT NULL REFERENCES users,
  author_id integer NOT NULL REFERENCES users,
  PRIMARY KEY (user_id, author_id)
);

INSERT INTO users (name) SELECT 'Cook ' || n FROM generate_series(1, ${USERS}) n;

INSERT INTO recipes (author_id, title, ingredients, instructions)
SELECT 1 + n * 7 % ${USERS},
       taste || ' ' || main || ' ' || dish,
       lower(main) || ' 400 g, onion 1, olive oil 2 tbsp, salt 1 tsp, water 500 ml, black pepper, parsley, lemon 1/2, '
         || 'garlic 2 cloves, celery 1 stalk, carrots 2, thyme 1 sprig, bay leaf 1, butter 1 tbsp, vegetable stock 250 ml',
       'Chop the onion and fry it gently. Add the ' || lower(main) || ', the water and the salt. Cook for '
         || 10 + n % 40 || ' minutes, stirring now and then. Serve with parsley and lemon.'
FROM (
  SELECT n,
         (ARRAY['Spicy', 'Quick', 'Creamy', 'Smoky', 'Summer', 'Sunday', 'Crispy'])[1 + n % 7] AS taste,
         (ARRAY['Tomato', 'Leek', 'Miso', 'Potato', 'Lentil', 'Pumpkin', 'Aubergine', 'Chickpea', 'Tofu', 'Mushroom', 'Spinach'])[1 + n % 11] AS main,
         (ARRAY['soup', 'salad', 'stew', 'curry', 'pie', 'gratin', 'noodles', 'rice', 'bake', 'dumplings', 'pasta', 'tart', 'toast'])[1 + n % 13] AS dish
  FROM generate_series(1, ${ROWS}) n
) made;

INSERT INTO follows SELECT u, 1 + (u * 13 + k * 97) % ${USERS} FROM generate_series(1, ${USERS}) u, generate_series(1, 15) k;

CREATE INDEX recipes_by_author ON recipes (author_id, id DESC);
ANALYZE;
`;

const db = await open();
const port = await freePort();
const server = new PGLiteSocketServer({ db, host: "127.0.0.1", port, maxConnections: 32 });
await server.start();
console.log(JSON.stringify({ url: `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`, rows: ROWS }));

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);

async function stop() {
  await server.stop();
  await db.close();
  process.exit();
}

/** From the kept seed where there is one. The name carries the seed's shape, so that an edited seed is made anew. */
async function open(): Promise<PGlite> {
  const folder = new URL("../../../.cache/recipes/", import.meta.url);
  const kept = new URL(`seed-${ROWS}-${await shapeOf(SEED)}.tar.gz`, folder);
  const data = await readFile(kept).catch(() => undefined);
  if (data !== undefined) return PGlite.create({ loadDataDir: new Blob([data]) });

  const seeded = await PGlite.create();
  await seeded.exec(SEED);
  const dump = await seeded.dumpDataDir("gzip");
  await mkdir(folder, { recursive: true });
  // Written beside and renamed, so that a start that is interrupted leaves no half a seed behind.
  const partial = new URL(`${kept.href}.${process.pid}`);
  await writeFile(partial, Buffer.from(await dump.arrayBuffer()));
  await rename(partial, kept);
  return seeded;
}

async function shapeOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("hex").slice(0, 8);
}
