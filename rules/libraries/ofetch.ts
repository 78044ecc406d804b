import {
  type CallView,
  defineLibrary,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";
import { DISPATCHER_MS } from "../_shared/dispatcher.ts";

/**
 * The global `fetch`, ended by `timeout` where it is given (dist/shared of 1.5: measured, 1,000 ms after 998); tried once more
 * without a pause for some status codes unless it changes something (`retry`: 1, 0 with a payload method).
 */
function limitOf(call: CallView): Limit {
  const own = ["timeout", "signal"].map((it) => call.option(1, it)).find((it) => it.is !== "no");
  const why = { no: "no limit is set", defaultMs: DISPATCHER_MS };
  if (own) return limitFrom(call, own, "call", why);
  const made = call.recv?.via ? call.program.view(call.recv.via, call.env) : undefined;
  const given = made?.name === "create" ? made.option(0, "timeout") : { is: "no" as const };
  return limitFrom(made ?? call, given, made ? "instance" : "call", why);
}

const request: Member = {
  call: {
    meaning: (call): RequestMeaning => {
      const url = call.arg(0);
      const method = call.option(1, "method");
      const site = call.optionSite(1);
      const verb = method.is === "yes" ? call.text(method.at) : method.is === "no" ? "GET" : undefined;
      return {
        kind: "request",
        client: "ofetch",
        limit: limitOf(call),
        ...(url ? { url: url.value } : {}),
        ...(verb ? { method: verb.toUpperCase() } : {}),
        option: "timeout: {ms}",
        ...(site ? { site } : {}),
      };
    },
  },
};
const main: Member = { type: "Fetch", call: request.call! };

export default defineLibrary({
  name: "ofetch",
  packages: ["ofetch"],
  exports: { ofetch: main, $fetch: main },
  types: {
    Fetch: { call: request.call!, members: { raw: request, create: { call: { returns: "Fetch" } }, native: {} } },
  },
});
