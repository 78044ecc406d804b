import { defineLibrary } from "../../engine/index.ts";
import { sdk } from "../_shared/sdk.ts";

/**
 * 2 s to connect, 5 s to read, 30 s to write on Node (`DEFAULT_READ_TIMEOUT_NODE` of @algolia/client-common 5.65; the same in
 * algoliasearch 4.27), on each of four hosts in turn.
 */
const { create, types } = sdk({
  client: "Algolia",
  optionsAt: 2,
  perhaps: ["timeouts", "requester"],
  byDefault: { ms: 30_000, why: "30 s by default" },
  quiet: /^(initIndex|appId|clearCache|addAlgoliaAgent|transporter|generateSecuredApiKey)$/,
});

export default defineLibrary({
  name: "algolia",
  packages: ["algoliasearch"],
  exports: { default: create, algoliasearch: create, searchClient: create },
  types,
  typeNames: { SearchClient: "Client", Algoliasearch: "Client", SearchIndex: "Namespace" },
});
