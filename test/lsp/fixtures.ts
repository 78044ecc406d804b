/** Texts that several tests open. */
export const manifest = '{"name":"prices","dependencies":{"express":"5.0.0","axios":"1.7.0"}}';

export const app = `import express from "express";
import { loadPrice } from "./services/prices.ts";

const app = express();

app.get("/prices/:id", async (req, res) => {
  res.json(await loadPrice(req.params.id));
});

process.on("SIGTERM", () => server.close());
const server = app.listen(3000);
`;

export const prices = `import axios from "axios";

export async function loadPrice(id: string) {
  const answer = await axios.get("https://prices.example/" + id);
  return answer.data;
}
`;

export const files = { "package.json": manifest, "src/app.ts": app, "src/services/prices.ts": prices };

/** The call that waits for ever, as it stands in `prices`. */
export const call = 'axios.get("https://prices.example/" + id)';

export const openSlo = `apiVersion: openslo/v1
kind: SLO
metadata:
  name: prices-availability
spec:
  service: prices
  description: Prices are shown.
  indicator:
    metadata:
      name: prices-availability
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Prometheus
            spec:
              query: sum(rate(http_requests_total{route="/prices/:id",method="GET",code!~"5.."}[5m]))
        total:
          metricSource:
            type: Prometheus
            spec:
              query: sum(rate(http_requests_total{route="/prices/:id",method="GET"}[5m]))
  timeWindow:
    - duration: 28d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.999
`;
