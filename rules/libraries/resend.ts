import { defineLibrary } from "../../engine/index.ts";
import { DISPATCHER_MS } from "../_shared/dispatcher.ts";
import { sdk } from "../_shared/sdk.ts";

/** The global `fetch`, with the options of the call alone (dist/index.cjs of 6, `fetchRequest`): 300 s on Node. */
const { create, types } = sdk({
  client: "Resend",
  optionsAt: 1,
  perhaps: ["fetch"],
  byDefault: { never: "Resend's client sets no limit", afterMs: DISPATCHER_MS },
  perCall: ["signal"],
  quiet: /^(render|webhooks|verify)$/,
});

export default defineLibrary({
  name: "resend",
  packages: ["resend"],
  exports: { Resend: create },
  types,
  typeNames: { Resend: "Client" },
});
