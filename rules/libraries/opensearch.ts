import { defineLibrary } from "../../engine/index.ts";
import { searchClient } from "../_shared/search-client.ts";

/** `requestTimeout: 30000` (index.js of 2.13, lib/Client.js of 3.9). */
const { create, types } = searchClient("OpenSearch", () => ({
  bounded: "yes",
  by: "default",
  ms: 30_000,
  why: "30 s by default",
}));

export default defineLibrary({
  name: "opensearch",
  packages: ["@opensearch-project/opensearch"],
  exports: { Client: create },
  types,
});
