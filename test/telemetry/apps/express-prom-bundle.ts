/** Express with express-prom-bundle as its README shows it: the path is the address, with what varies masked. */
import type { AddressInfo } from "node:net";
import express from "express";
import promBundle from "express-prom-bundle";

const app = express();
app.use(promBundle({ includeMethod: true, includePath: true }));

const users = express.Router();
users.get("/:id", (req, res) => {
  res.status(req.params.id === "0" ? 500 : 200).json({ id: req.params.id });
});
app.use("/api/v1/users", users);

const server = app.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  console.log(JSON.stringify({ url, metrics: `${url}/metrics` }));
});
process.once("SIGTERM", () => process.exit());
