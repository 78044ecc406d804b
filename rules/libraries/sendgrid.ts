import { type CallView, defineLibrary, type Limit, type Member, type RequestMeaning } from "../../engine/index.ts";

/**
 * Sent by axios, and no limit is given to it (src/classes/client.js of @sendgrid/client 8); `setTimeout(ms)` sets one for
 * the whole module (src/classes/mail-service.js).
 */
function limitOf(call: CallView): Limit {
  for (const at of call.called("setTimeout")) {
    const view = call.program.view(at);
    const ms = view.number(view.arg(0));
    return { bounded: at.holds, by: "global", why: "setTimeout is called", ...(ms === undefined ? {} : { ms }) };
  }
  const defaults = call.called("setDefaultRequest");
  return defaults.length > 0
    ? { bounded: "unknown", by: "global", why: "the defaults are set" }
    : { bounded: "no", by: "default", why: "SendGrid's client waits without end by default" };
}

const send: Member = {
  call: {
    meaning: (call): RequestMeaning => ({ kind: "request", client: "SendGrid", method: "POST", limit: limitOf(call) }),
  },
};

const MAIL = { send, sendMultiple: send, setApiKey: { call: {} }, setTimeout: { call: {} }, setClient: { call: {} } };

export default defineLibrary({
  name: "sendgrid",
  packages: ["@sendgrid/mail"],
  exports: { default: { type: "Mail" }, ...MAIL, MailService: { construct: { returns: "Mail" } } },
  types: { Mail: { members: MAIL } },
  typeNames: { MailService: "Mail" },
});
