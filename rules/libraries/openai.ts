import { generatedSdk } from "../_shared/generated-sdk.ts";

/** 600 s and 2 retries (src/client.ts, 4.104 and 6.49): at worst half an hour. */
export default generatedSdk("OpenAI", {
  packages: ["openai"],
  names: ["OpenAI", "AzureOpenAI"],
  defaultMs: 600_000,
});
