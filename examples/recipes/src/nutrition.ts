const NUTRITION_URL = process.env.NUTRITION_URL ?? "http://127.0.0.1:4100";

export interface Nutrition {
  readonly kilocalories: number;
  readonly protein: number;
  readonly salt: number;
}

/** Asks the nutrition service what is in these ingredients. */
export async function nutritionOf(ingredients: string): Promise<Nutrition> {
  const response = await fetch(`${NUTRITION_URL}/v1/facts?ingredients=${encodeURIComponent(ingredients)}`);
  if (!response.ok) throw new Error(`the nutrition service answered ${response.status}`);
  return (await response.json()) as Nutrition;
}
