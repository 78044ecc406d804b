import { defineLibrary } from "../../engine/index.ts";
import { sdk } from "../_shared/sdk.ts";

/** `connectionTimeoutSeconds || 5` is axios' timeout (lib/Typesense/Configuration.js, lib/Typesense/ApiCall.js of 3.1), on each node in turn. */
const { create, types } = sdk({
  client: "Typesense",
  optionsAt: 0,
  perhaps: ["connectionTimeoutSeconds", "timeoutSeconds"],
  byDefault: { ms: 5_000, why: "5 s by default" },
  quiet: /^(collections|documents|aliases|keys|overrides|synonyms|multiSearch|operations|presets|stopwords)$/,
});

export default defineLibrary({
  name: "typesense",
  packages: ["typesense"],
  exports: { Client: create, default: { type: "Module" } },
  types: { ...types, Module: { members: { Client: create } } },
});
