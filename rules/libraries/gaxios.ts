import { type CallView, defineLibrary, limitFrom, type Member, type RequestMeaning } from "../../engine/index.ts";

/** "No timeout by default" (gaxios 7.3 README and src/gaxios.ts); googleapis asks for three retries beside. */
const NEVER = { no: "gaxios waits without end by default" };

function request(call: CallView): RequestMeaning {
  const timeout = limitFrom(call, call.option(0, "timeout"), "call", NEVER);
  const signal = limitFrom(call, call.option(0, "signal"), "call", NEVER);
  const site = call.optionSite(0);
  return {
    kind: "request",
    client: "gaxios",
    limit: timeout.bounded === "no" ? signal : timeout,
    option: "timeout: {ms}",
    ...(site ? { site } : {}),
  };
}

const start: Member = { call: { returns: "Response", meaning: request } };

export default defineLibrary({
  name: "gaxios",
  packages: ["gaxios"],
  exports: { request: start, default: start, Gaxios: { construct: { returns: "Gaxios" } } },
  types: { Gaxios: { members: { request: start } }, Response: {} },
});
