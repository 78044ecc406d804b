import { defineLibrary, limitFrom, type Member, type RequestMeaning } from "../../engine/index.ts";

/** `https.request` with a limit only where `timeout` is given, which destroys the request (src/web-push-lib.js of 3.6). */
const send: Member = {
  call: {
    meaning: (call): RequestMeaning => {
      const site = call.optionSite(2);
      return {
        kind: "request",
        client: "web-push",
        method: "POST",
        limit: limitFrom(call, call.option(2, "timeout"), "call", { no: "web-push waits without end by default" }),
        option: "timeout: {ms}",
        ...(site ? { site } : {}),
      };
    },
  },
};

const members: Readonly<Record<string, Member>> = {
  sendNotification: send,
  setVapidDetails: { call: {} },
  generateVAPIDKeys: { call: {} },
};

export default defineLibrary({
  name: "web-push",
  packages: ["web-push"],
  exports: { default: { type: "WebPush" }, ...members, WebPushLib: { construct: { returns: "WebPush" } } },
  types: { WebPush: { members } },
});
