import { type CallView, defineLibrary, type Limit, limitFrom, type RequestMeaning } from "../../engine/index.ts";

/**
 * v3, of which node-fetch-commonjs is a build for `require`, has no `timeout` option any more (src/index.js) and v2's default
 * is 0; 3.3.2 was still waiting after 660 s.
 */
const NEVER = { no: "node-fetch waits without end by default" };

/** `hasTimeout`: whether the option `timeout` is one of this version's; undefined where that is not known. */
export function nodeFetchRequest(call: CallView, hasTimeout: boolean | undefined): RequestMeaning {
  const signal = limitFrom(call, call.option(1, "signal"), "call", NEVER);
  const timeout = hasTimeout === false ? undefined : limitFrom(call, call.option(1, "timeout"), "call", NEVER);
  const limit: Limit =
    signal.bounded === "yes" || !timeout || timeout.bounded === "no"
      ? signal
      : hasTimeout
        ? timeout
        : { bounded: "unknown", by: "call", why: "`timeout` is an option of node-fetch 2 only" };
  const url = call.arg(0);
  const site = call.optionSite(1);
  return {
    kind: "request",
    client: "node-fetch",
    limit,
    ...(url ? { url: url.value } : {}),
    option: "signal: AbortSignal.timeout({ms})",
    ...(site ? { site } : {}),
    bodyHeld: true,
  };
}

function request(call: CallView): RequestMeaning {
  const major = Number.parseInt(call.version("node-fetch") ?? "", 10);
  return nodeFetchRequest(call, Number.isNaN(major) ? undefined : major < 3);
}

export default defineLibrary({
  name: "node-fetch",
  packages: ["node-fetch", "node-fetch-commonjs"],
  exports: {
    default: { call: { returns: "Response", meaning: request } },
    fetch: { call: { returns: "Response", meaning: request } },
  },
  types: { Response: {} },
});
