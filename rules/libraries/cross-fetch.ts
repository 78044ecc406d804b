import { type CallView, defineLibrary, type Member } from "../../engine/index.ts";
import { nodeFetchRequest } from "./node-fetch.ts";

/** On Node all of them are node-fetch 2 (their package.json: cross-fetch 4.1, isomorphic-fetch 3.0, fetch-with-proxy 3.0). */
const request: Member = {
  call: { returns: "Response", meaning: (call: CallView) => nodeFetchRequest(call, true) },
};

export default defineLibrary({
  name: "cross-fetch",
  packages: ["cross-fetch", "isomorphic-fetch", "fetch-with-proxy"],
  exports: { default: request, fetch: request },
  types: { Response: {} },
});
