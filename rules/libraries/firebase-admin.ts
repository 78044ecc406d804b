import { defineLibrary, type Member, type RequestMeaning } from "../../engine/index.ts";

/**
 * Requests have a limit of their own: 25 s for Auth, 15 s for Cloud Messaging (lib/auth/auth-api-request.js,
 * lib/messaging/messaging-api-request-internal.js of 13.10), and are tried up to four more times when the connection breaks
 * (lib/utils/api-request.js).
 */
const request = (client: string, ms: number): Member => ({
  call: {
    meaning: (call): RequestMeaning => ({
      kind: "request",
      client,
      method: /^(get|list|verify)/.test(call.name) ? "GET" : "POST",
      limit: { bounded: "yes", by: "default", ms, why: `${ms / 1_000} s by default` },
    }),
  },
});

/** What needs no request, or only now and then: keys are fetched once for many tokens. */
const LOCAL = /^(verifyIdToken|verifySessionCookie|createCustomToken|app|tenantManager|projectConfigManager)$/;
const auth = request("Firebase Auth", 25_000);
const messaging = request("Firebase Cloud Messaging", 15_000);

const APP: Readonly<Record<string, Member>> = {
  auth: { call: { returns: "Auth" } },
  messaging: { call: { returns: "Messaging" } },
  firestore: { type: "firestore:Firestore", call: { returns: "firestore:Firestore" } },
};

export default defineLibrary({
  name: "firebase-admin",
  packages: ["firebase-admin", "firebase-admin/app", "firebase-admin/auth", "firebase-admin/messaging"],
  exports: {
    default: { type: "Module" },
    ...APP,
    initializeApp: { call: { returns: "App" } },
    getApp: { call: { returns: "App" } },
    getAuth: { call: { returns: "Auth" } },
    getMessaging: { call: { returns: "Messaging" } },
  },
  types: {
    Module: {
      members: { ...APP, initializeApp: { call: { returns: "App" } }, app: { call: { returns: "App" } } },
    },
    App: { members: APP },
    Auth: { other: (name) => (LOCAL.test(name) ? { call: {} } : auth) },
    Messaging: { other: (name) => (LOCAL.test(name) ? { call: {} } : messaging) },
  },
});
