import { type ConsumeMeaning, defineLibrary, type Member } from "../../engine/index.ts";

/**
 * An error of `eachMessage` is tried again six times; then the consumer starts anew at the same offset, and so without
 * end (kafkajs 2.2.4 src/retry/index.js, src/consumer/index.js: KafkaJSNumberOfRetriesExceeded restarts).
 */
const run: Member = {
  call: {
    meaning: (call): ConsumeMeaning => {
      const handler = call.option(0, "eachMessage");
      return {
        kind: "consume",
        client: "kafkajs",
        ...(handler.is === "yes" ? { handler: handler.at } : {}),
        forgets: "no",
        onThrow: "again",
      };
    },
  },
};

export default defineLibrary({
  name: "kafkajs",
  packages: ["kafkajs"],
  exports: { Kafka: { construct: { returns: "Kafka" } } },
  types: {
    Kafka: {
      members: {
        consumer: { call: { returns: "Consumer" } },
        producer: { call: { returns: "Producer" } },
        admin: { call: { returns: "Admin" } },
      },
    },
    Consumer: { members: { run }, other: { call: {} } },
    Producer: { other: { call: {} } },
    Admin: { other: { call: {} } },
  },
  typeNames: { Kafka: "Kafka", Consumer: "Consumer", Producer: "Producer", Admin: "Admin" },
});
