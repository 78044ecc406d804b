import { defineLibrary } from "../../engine/index.ts";
import { sdk } from "../_shared/sdk.ts";

/** Sent by axios with the `timeout` that `client` is given, and with none where it is given none (Request of mailgun.js 14). */
const { create, types } = sdk({
  client: "Mailgun",
  optionsAt: 0,
  option: "timeout",
  byDefault: { never: "Mailgun's client waits without end by default" },
  written: "timeout: {ms}",
});

export default defineLibrary({
  name: "mailgun",
  packages: ["mailgun.js"],
  exports: { default: { construct: { returns: "Mailgun" } } },
  types: { ...types, Mailgun: { members: { client: { call: create.call! } } } },
});
