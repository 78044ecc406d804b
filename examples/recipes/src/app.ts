import express, { type NextFunction, type Request, type Response } from "express";
import { registry } from "./metrics.ts";
import { recipes } from "./routes/recipes.ts";
import { users } from "./routes/users.ts";

export const app = express();

app.use(express.json({ limit: "100kb" }));
app.use("/recipes", recipes);
app.use("/users", users);

app.get("/metrics", async (_req, res) => {
  res.type(registry.contentType).send(await registry.metrics());
});

// Express knows an error handler by its four parameters.
app.use((error: Error, req: Request, res: Response, _next: NextFunction) => {
  console.error(`${req.method} ${req.originalUrl}: ${error.message}`);
  const status = "status" in error && typeof error.status === "number" ? error.status : 500;
  res.status(status).json({ error: status < 500 ? error.message : "something went wrong on our side" });
});
