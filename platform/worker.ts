/** A worker thread that summarises files: it says that it is there; asked in batches, it answers each with texts. */
import { parentPort } from "node:worker_threads";
import { nodeParser } from "./parser.ts";
import { summarizeFile, type WorkAnswer, type WorkRequest } from "./summary-work.ts";

parentPort?.on("message", ({ root, paths }: WorkRequest) => {
  const parser = nodeParser();
  const answers = paths.map((path): WorkAnswer => {
    const { hash, summary } = summarizeFile(parser, root, path);
    return { path, hash, json: JSON.stringify(summary) };
  });
  parentPort!.postMessage(answers);
});

parentPort?.postMessage([] satisfies readonly WorkAnswer[]);
