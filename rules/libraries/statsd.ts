import { type CallView, defineLibrary, type Member, type MetricMeaning } from "../../engine/index.ts";
import { labelsOf } from "../_shared/metric-labels.ts";

/** `increment(name, value?, sampleRate?, tags?)`: tags are `["a:b"]` or an object, and the name is a series as well. */
const send: Member = {
  call: {
    meaning: (call: CallView): MetricMeaning => {
      const name = call.arg(0);
      const tags = call.call.args.slice(1).flatMap((value) => {
        const at = { value, file: call.file, env: call.env };
        if (value.k === "arr") return value.items.map((it) => ({ name: "", value: { ...at, value: it } }));
        return labelsOf(call.program, at);
      });
      return {
        kind: "metric",
        client: "StatsD",
        of: "labels",
        labels: [...(name ? [{ name: "", value: name }] : []), ...tags],
      };
    },
  },
};
const client: Member = { type: "ClientClass", construct: { returns: "Client" } };

export default defineLibrary({
  name: "statsd",
  packages: ["hot-shots", "node-statsd", "node-dogstatsd"],
  exports: { default: client, StatsD: client },
  types: {
    ClientClass: { members: { StatsD: client }, construct: { returns: "Client" } },
    Client: {
      members: {
        ...Object.fromEntries(
          ["increment", "decrement", "gauge", "histogram", "timing", "distribution", "set", "unique"].map((it) => [
            it,
            send,
          ]),
        ),
        childClient: { call: { returns: "Client" } },
      },
    },
  },
  typeNames: { StatsD: "Client" },
});
