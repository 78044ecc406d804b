import { pool } from "./db.ts";

const PER_PAGE = 20;

export interface RecipeSummary {
  readonly id: number;
  readonly title: string;
}

export interface Recipe extends RecipeSummary {
  readonly authorId: number;
  readonly ingredients: string;
  readonly instructions: string;
}

export interface RecipePage {
  readonly recipes: readonly RecipeSummary[];
  readonly page: number;
  readonly totalPages: number;
}

/** The newest recipes whose title or ingredients contain `words`. */
export async function searchRecipes(words: string, page: number): Promise<RecipePage> {
  const pattern = `%${words}%`;
  const { rows: recipes } = await pool.query<RecipeSummary>(
    `SELECT id, title FROM recipes
     WHERE title ILIKE $1 OR ingredients ILIKE $1
     ORDER BY id DESC LIMIT $2 OFFSET $3`,
    [pattern, PER_PAGE, (page - 1) * PER_PAGE],
  );
  const counted = await pool.query<{ count: string }>(
    "SELECT COUNT(*) FROM recipes WHERE title ILIKE $1 OR ingredients ILIKE $1",
    [pattern],
  );
  return { recipes, page, totalPages: Math.ceil(Number(counted.rows[0]?.count) / PER_PAGE) };
}

export async function findRecipe(id: number): Promise<Recipe | undefined> {
  const { rows } = await pool.query<Recipe>(
    `SELECT id, title, author_id AS "authorId", ingredients, instructions FROM recipes WHERE id = $1`,
    [id],
  );
  return rows[0];
}

export async function addRecipe(recipe: Omit<Recipe, "id">): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    "INSERT INTO recipes (title, author_id, ingredients, instructions) VALUES ($1, $2, $3, $4) RETURNING id",
    [recipe.title, recipe.authorId, recipe.ingredients, recipe.instructions],
  );
  return rows[0]!.id;
}

/** The newest recipe of one author. */
export async function latestRecipeOf(authorId: number): Promise<RecipeSummary | undefined> {
  const { rows } = await pool.query<RecipeSummary>(
    "SELECT id, title FROM recipes WHERE author_id = $1 ORDER BY id DESC LIMIT 1",
    [authorId],
  );
  return rows[0];
}
