import { type CallView, defineLibrary, isSet, type Limit, type Member } from "../../engine/index.ts";

/** Greeting 30 s, socket 10 min (nodemailer 10.6 lib/smtp-connection/index.js); measured, 33.9 s to a server that is silent. */
const DEFAULT_MS = 600_000;

function limitOf(call: CallView): Limit {
  const found = call.option(0, "socketTimeout");
  const set = isSet(call.program, found);
  if (set === "unknown") return { bounded: "unknown", by: "instance", why: "the options cannot be read here" };
  const ms = found.is === "yes" ? call.number(found.at) : DEFAULT_MS;
  return {
    bounded: "yes",
    by: set === "yes" ? "instance" : "default",
    why: set === "yes" ? "socketTimeout is set" : "socketTimeout is 10 min",
    ...(ms !== undefined ? { ms } : {}),
  };
}

const create: Member = {
  call: {
    returns: "Transporter",
    meaning: (call) => ({
      kind: "client",
      client: "nodemailer",
      of: "mail",
      limit: limitOf(call),
      option: "socketTimeout: {ms}",
      // Without `pool` each message has a connection of its own anyway.
      ...(isSet(call.program, call.option(0, "pool")) === "yes" ? {} : { sharesConnections: true }),
    }),
  },
};

const send: Member = {
  call: {
    meaning: (call) => ({
      kind: "request",
      client: "nodemailer",
      method: "POST",
      limit: call.recv?.via
        ? limitOf(call.program.view(call.recv.via, call.env))
        : { bounded: "yes", by: "default", why: "socketTimeout is 10 min" },
    }),
  },
};

export default defineLibrary({
  name: "nodemailer",
  packages: ["nodemailer"],
  exports: { createTransport: create, default: { type: "Module" } },
  types: {
    Module: { members: { createTransport: create } },
    Transporter: {
      members: { sendMail: send, verify: { call: {} }, close: { call: {} }, on: { call: { returns: "this" } } },
    },
  },
});
