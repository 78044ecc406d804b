import { type CallView, defineLibrary, limitFrom, type RequestMeaning } from "../../engine/index.ts";

/** v3 has no `timeout` option any more (src/index.js) and v2's default is 0; 3.3.2 was still waiting after 660 s. */
const NEVER = { no: "node-fetch waits without end by default" };

function request(call: CallView): RequestMeaning {
  const major = Number.parseInt(call.version("node-fetch") ?? "3", 10);
  const signal = limitFrom(call, call.option(1, "signal"), "call", NEVER);
  const timeout = major < 3 ? limitFrom(call, call.option(1, "timeout"), "call", NEVER) : undefined;
  const limit = signal.bounded === "no" && timeout ? timeout : timeout?.bounded === "yes" ? timeout : signal;
  const url = call.arg(0);
  const site = call.optionSite(1);
  return {
    kind: "request",
    client: "node-fetch",
    limit,
    ...(url ? { url: url.value } : {}),
    option: "signal: AbortSignal.timeout({ms})",
    ...(site ? { site } : {}),
  };
}

export default defineLibrary({
  name: "node-fetch",
  packages: ["node-fetch", "cross-fetch", "isomorphic-fetch", "fetch-with-proxy", "make-fetch-happen"],
  exports: {
    default: { call: { returns: "Response", meaning: request } },
    fetch: { call: { returns: "Response", meaning: request } },
  },
  types: { Response: {} },
});
