import { defineLibrary } from "../../engine/index.ts";
import { sdk } from "../_shared/sdk.ts";

/** `timeoutMs` 60 s (build/src/Client.js of 2.x and 5.26), and since 5 two more tries. */
const { create, types } = sdk({
  client: "Notion",
  optionsAt: 0,
  option: "timeoutMs",
  byDefault: { ms: 60_000, why: "60 s by default" },
  written: "timeoutMs: {ms}",
});

export default defineLibrary({
  name: "notion",
  packages: ["@notionhq/client"],
  exports: { Client: create },
  types,
});
