import { type Request, type Response, Router } from "express";
import { measure } from "../metrics.ts";
import { nutritionOf } from "../nutrition.ts";
import { addRecipe, findRecipe, searchRecipes } from "../recipe-store.ts";

export const recipes = Router();

recipes.use(measure);
recipes.get("/", listRecipes);
recipes.post("/", createRecipe);
recipes.get("/:id", showRecipe);
recipes.get("/:id/nutrition", showNutrition);

async function listRecipes(req: Request, res: Response) {
  const page = Math.max(1, Number(req.query.page) || 1);
  res.json(await searchRecipes(String(req.query.q ?? ""), page));
}

async function createRecipe(req: Request, res: Response) {
  const { title, authorId, ingredients, instructions } = req.body ?? {};
  if (typeof title !== "string" || title === "" || !Number.isInteger(authorId)) {
    res.status(400).json({ error: "a recipe needs a title and an authorId" });
    return;
  }
  const recipe = { title, authorId, ingredients: String(ingredients ?? ""), instructions: String(instructions ?? "") };
  res.status(201).json({ id: await addRecipe(recipe) });
}

async function showRecipe(req: Request, res: Response) {
  const recipe = await findRecipe(Number(req.params.id) || 0);
  if (recipe === undefined) {
    res.status(404).json({ error: "no such recipe" });
    return;
  }
  res.json(recipe);
}

async function showNutrition(req: Request, res: Response) {
  const recipe = await findRecipe(Number(req.params.id) || 0);
  if (recipe === undefined) {
    res.status(404).json({ error: "no such recipe" });
    return;
  }
  res.json(await nutritionOf(recipe.ingredients));
}
