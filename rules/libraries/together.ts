import { generatedSdk } from "../_shared/generated-sdk.ts";

/** 60 s and 2 retries (client.js, 0.52). */
export default generatedSdk("Together", {
  packages: ["together-ai"],
  names: ["Together"],
  defaultMs: 60_000,
});
