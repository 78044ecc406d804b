import { defineLibrary } from "../../engine/index.ts";

export default defineLibrary({
  name: "dd-trace",
  packages: ["dd-trace"],
  exports: { default: { type: "Tracer" }, tracer: { type: "Tracer" } },
  types: {
    Tracer: {
      members: {
        init: { call: { returns: "this" } },
        use: { call: { returns: "this" } },
        dogstatsd: { type: "statsd:Client" },
      },
    },
  },
});
