import { pool } from "./db.ts";
import { latestRecipeOf, type RecipeSummary } from "./recipe-store.ts";

export interface FeedEntry {
  readonly author: string;
  readonly recipe: RecipeSummary;
}

/** The newest recipe of each author that a user follows. */
export async function feedOf(userId: number): Promise<FeedEntry[]> {
  const { rows: authors } = await pool.query<{ id: number; name: string }>(
    `SELECT users.id, users.name FROM follows JOIN users ON users.id = follows.author_id
     WHERE follows.user_id = $1 LIMIT 50`,
    [userId],
  );
  const feed: FeedEntry[] = [];
  for (const author of authors) {
    const recipe = await latestRecipeOf(author.id);
    if (recipe !== undefined) feed.push({ author: author.name, recipe });
  }
  return feed;
}
