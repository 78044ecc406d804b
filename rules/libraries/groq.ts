import { generatedSdk } from "../_shared/generated-sdk.ts";

/** 60 s and 2 retries (client.js, 1.6). */
export default generatedSdk("Groq", {
  packages: ["groq-sdk"],
  names: ["Groq"],
  defaultMs: 60_000,
});
