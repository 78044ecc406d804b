import { defineLibrary } from "../../engine/index.ts";
import { sdk } from "../_shared/sdk.ts";

/**
 * `timeout = 0`, and `tenRetriesInAboutThirtyMinutes` unless another policy is given (dist/WebClient.js of 6, 7 and 8.2):
 * one call may wait for half an hour even where each of its tries has a limit.
 */
const { create, types } = sdk({
  client: "Slack",
  optionsAt: 1,
  option: "timeout",
  perhaps: ["adapter", "fetch", "requestInterceptor"],
  byDefault: { never: "Slack's client waits without end by default" },
  attempts: 11,
  retries: "retryConfig.retries",
  quiet: /^(on|once|off|emit|logger|token|slackApiUrl|addAppMetadata)$/,
  written: "timeout: {ms}",
});

export default defineLibrary({
  name: "slack",
  packages: ["@slack/web-api"],
  exports: { WebClient: create },
  types,
  typeNames: { WebClient: "Client" },
});
