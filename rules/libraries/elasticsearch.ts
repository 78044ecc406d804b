import { type CallView, defineLibrary, type Limit } from "../../engine/index.ts";
import { searchClient } from "../_shared/search-client.ts";

/**
 * "Defaults to no timeout" since 9 (`requestTimeout` null, lib/Transport.js of @elastic/transport 9.4): measured, still waiting
 * after 660 s. 30 s before (@elastic/transport 8.11, @elastic/elasticsearch 7.17 index.js).
 */
function byDefault(call: CallView): Limit {
  const major = Number.parseInt(call.version("@elastic/elasticsearch") ?? "", 10);
  if (Number.isNaN(major)) return { bounded: "unknown", by: "default", why: "the installed version is not known" };
  return major >= 9
    ? { bounded: "no", by: "default", why: "the client waits without end since version 9" }
    : { bounded: "yes", by: "default", ms: 30_000, why: "30 s before version 9" };
}

const { create, types } = searchClient("Elasticsearch", byDefault);

export default defineLibrary({
  name: "elasticsearch",
  packages: ["@elastic/elasticsearch"],
  exports: { Client: create },
  types,
});
