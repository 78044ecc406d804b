import {
  type CallView,
  type ConsumeMeaning,
  defineLibrary,
  isSet,
  limitFrom,
  type Member,
  type SettleMeaning,
} from "../../engine/index.ts";

/**
 * `requeue === undefined ? true : requeue` for `nack` and `reject`, no prefetch unless it is asked for
 * (amqplib 2.3 lib/api_args.js, lib/channel_model.js). amqp-connection-manager 5 hands both on unchanged.
 */
function refusal(call: CallView, index: number): SettleMeaning {
  const given = call.arg(index);
  const truth = given ? call.program.truth(given).is : call.hasSpread ? "unknown" : "yes";
  const written = call.call.argsAt;
  const last = written.at(-1);
  const text = index === 2 && written.length < 2 ? ", false, false" : ", false";
  return {
    kind: "settle",
    client: "amqplib",
    as: truth === "yes" ? "again" : truth === "no" ? "given-up" : "unknown",
    ...(given ? {} : { byDefault: true }),
    ...(written[index]
      ? { giveUp: { at: written[index], text: "false" } }
      : last
        ? { giveUp: { at: [last[1], last[1]] as const, text } }
        : {}),
  };
}

const nack: Member = { call: { meaning: (call) => refusal(call, 2) } };
const reject: Member = { call: { meaning: (call) => refusal(call, 1) } };
const done: Member = { call: { meaning: () => ({ kind: "settle", client: "amqplib", as: "done" }) } };

const consume: Member = {
  call: {
    callbacks: { 1: ["Message"] },
    meaning: (call): ConsumeMeaning => {
      const handler = call.arg(1);
      const own = call.option(2, "prefetch").is;
      return {
        kind: "consume",
        client: "amqplib",
        ...(handler ? { handler } : {}),
        forgets: isSet(call.program, call.option(2, "noAck")),
        onThrow: "unknown",
        ...(own === "no" ? { limitedBy: "prefetch" } : {}),
      };
    },
  },
};

/** Waits without end for a broker that accepts and is silent (measured, 2.3.1). */
const connect: Member = {
  call: {
    returns: "Connection",
    callbacks: { 1: [undefined, "Connection"], 2: [undefined, "Connection"] },
    meaning: (call) => ({
      kind: "client",
      client: "amqplib",
      of: "queue",
      limit: limitFrom(call, call.option(1, "timeout"), "call", {
        no: "amqplib waits without end for the broker to greet it",
      }),
      option: "timeout: {ms}",
    }),
  },
};

const channel: Member = { call: { returns: "Channel", callbacks: { 0: [undefined, "Channel"] } } };

export default defineLibrary({
  name: "amqplib",
  packages: ["amqplib", "amqplib/callback_api", "amqp-connection-manager"],
  exports: { connect, default: { type: "Amqp" } },
  types: {
    Amqp: { members: { connect } },
    Connection: { members: { createChannel: channel, createConfirmChannel: channel } },
    Channel: { members: { ack: done, nack, reject, consume, prefetch: { call: {} } }, other: { call: {} } },
    Message: {},
  },
  typeNames: {
    Channel: "Channel",
    ConfirmChannel: "Channel",
    ChannelWrapper: "Channel",
    Connection: "Connection",
    ChannelModel: "Connection",
    AmqpConnectionManager: "Connection",
    ConsumeMessage: "Message",
  },
});
