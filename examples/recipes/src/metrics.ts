import type { NextFunction, Request, Response } from "express";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

export const registry = new Registry();

collectDefaultMetrics({ register: registry });

const duration = new Histogram({
  name: "http_request_duration_seconds",
  help: "Time from a request's arrival to the end of its response.",
  labelNames: ["method", "route", "status"],
  // 0.3 and 1 are the thresholds of the objectives in ../slo: a latency objective can only be read at a bucket's edge.
  buckets: [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
});

/** Mounted inside each router, where Express still knows the mount path, so that the label is the full route template. */
export function measure(req: Request, res: Response, next: NextFunction): void {
  const mount = req.baseUrl;
  const stop = duration.startTimer({ method: req.method });
  res.once("close", () => {
    const path: string = req.route?.path ?? "";
    const route = path === "" ? "unmatched" : `${mount}${path === "/" ? "" : path}`;
    // Somebody who gave up before the answer came got nothing, whatever status we would have sent.
    stop({ route, status: res.writableFinished ? res.statusCode : 499 });
  });
  next();
}
