import { generatedSdk } from "../_shared/generated-sdk.ts";

/** 600 s and 2 retries (src/client.ts, 1.14): at worst half an hour. */
export default generatedSdk("Anthropic", {
  packages: ["@anthropic-ai/sdk"],
  names: ["Anthropic"],
  defaultMs: 600_000,
});
