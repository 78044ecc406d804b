import { defineLibrary } from "../../engine/index.ts";
import { sdk } from "../_shared/sdk.ts";

/** `(timeout || 60) * 1000`: the option is in seconds (dist/client/HttpClient.js of 4.0 and 5.1). */
const { create, types } = sdk({
  client: "Postmark",
  optionsAt: 1,
  perhaps: ["timeout"],
  byDefault: { ms: 60_000, why: "60 s by default" },
  quiet: /^(clientOptions|httpClient|setClientOptions)$/,
});

export default defineLibrary({
  name: "postmark",
  packages: ["postmark"],
  exports: { ServerClient: create, AccountClient: create, Client: create, default: { type: "Module" } },
  types: { ...types, Module: { members: { ServerClient: create, AccountClient: create, Client: create } } },
  typeNames: { ServerClient: "Client", AccountClient: "Client" },
});
