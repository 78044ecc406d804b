import { type CallView, defineLibrary, type Limit, type Member } from "../../engine/index.ts";

/** Without a deadline a call waits for ever, `waitForReady` or not (measured, 1.14.7; the deadline is Infinity). */
function limitOf(call: CallView): Limit {
  let isUnknown = call.hasSpread;
  for (let i = 1; i < call.argCount; i++) {
    const found = call.option(i, "deadline");
    if (found.is === "yes") return { bounded: "yes", by: "call", why: "a deadline is given" };
    const given = call.arg(i);
    const origin = given ? call.origin(given) : undefined;
    // A callback and the metadata have none; anything else that cannot be read might.
    if (found.is === "unknown" && origin?.k !== "fn" && origin?.k !== "lib") isUnknown = true;
  }
  return isUnknown
    ? { bounded: "unknown", by: "call", why: "the options of the call cannot be read here" }
    : { bounded: "no", by: "default", why: "grpc-js waits without end by default" };
}

const METHODS = new Set(["close", "getChannel", "waitForReady", "makeUnaryRequest"]);

const request = (name: string): Member | undefined =>
  METHODS.has(name) || !/^[a-z]/i.test(name)
    ? undefined
    : {
        call: {
          meaning: (call) =>
            // A stream takes no message first, or is read for as long as it lasts.
            call.argCount === 0
              ? undefined
              : {
                  kind: "request",
                  client: "grpc-js",
                  method: "POST",
                  promise: "no",
                  limit: limitOf(call),
                  option: "deadline: Date.now() + {ms}",
                },
        },
      };

export default defineLibrary({
  name: "grpc",
  packages: ["@grpc/grpc-js"],
  exports: {
    loadPackageDefinition: { call: { returns: "Package" } },
    Metadata: { construct: { returns: "Metadata" } },
    default: { type: "Module" },
  },
  types: {
    Module: {
      members: {
        loadPackageDefinition: { call: { returns: "Package" } },
        Metadata: { construct: { returns: "Metadata" } },
      },
    },
    // `proto.shop.Prices`: packages down to a service.
    Package: { other: { type: "Package", construct: { returns: "ServiceClient" } } },
    ServiceClient: { other: request },
    Metadata: { members: { set: { call: {} }, add: { call: {} } } },
  },
});
