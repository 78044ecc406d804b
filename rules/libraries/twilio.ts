import { defineLibrary } from "../../engine/index.ts";
import { sdk } from "../_shared/sdk.ts";

/** `DEFAULT_TIMEOUT = 30000`, tried once unless `autoRetry` (lib/base/RequestClient.js of 5). */
const { create, types } = sdk({
  client: "Twilio",
  optionsAt: 2,
  option: "timeout",
  perhaps: ["httpClient"],
  byDefault: { ms: 30_000, why: "30 s by default" },
  quiet: /^(username|accountSid|region|edge|validateRequest|jwt|twiml)$/,
  written: "timeout: {ms}",
});

export default defineLibrary({
  name: "twilio",
  packages: ["twilio"],
  exports: { default: { type: "Module", ...create }, Twilio: create },
  types: {
    ...types,
    Module: { members: { Twilio: create }, other: { type: "Static" } },
    Static: { other: { call: {} } },
  },
  typeNames: { Twilio: "Client" },
});
