import { type Request, type Response, Router } from "express";
import { measure } from "../metrics.ts";
import { feedOf } from "../user-store.ts";

export const users = Router();

users.use(measure);
users.get("/:id/feed", showFeed);

async function showFeed(req: Request, res: Response) {
  res.json({ feed: await feedOf(Number(req.params.id) || 0) });
}
