import {
  type CallView,
  defineLibrary,
  isSet,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";
import { DISPATCHER_MS } from "../_shared/dispatcher.ts";

/** `maxRetries` is 2 (src/util/prepare-retries.ts, ai 4.3 to 7.0), after pauses of 2 s and 4 s. */
const RETRIES = 2;

/** No limit of its own: its providers send through the global fetch. `timeout` since 6; it may say parts of the whole. */
function limitOf(call: CallView): Limit {
  const why = { no: "neither an abortSignal nor a timeout is given", defaultMs: DISPATCHER_MS };
  const signal = limitFrom(call, call.option(0, "abortSignal"), "call", why);
  if (signal.bounded !== "no") return signal;
  const timeout = call.option(0, "timeout");
  const set = isSet(call.program, timeout);
  if (set === "no") return signal;
  const ms = timeout.is === "yes" ? call.number(timeout.at) : undefined;
  return { bounded: set, by: "call", why: "a timeout is given", ...(ms === undefined ? {} : { ms }) };
}

const request = (stream: boolean): Member => ({
  call: {
    meaning: (call): RequestMeaning => {
      const retries = call.option(0, "maxRetries");
      const n = retries.is === "yes" ? call.number(retries.at) : undefined;
      const site = call.optionSite(0);
      return {
        kind: "request",
        client: "AI SDK",
        limit: limitOf(call),
        attempts: (n ?? RETRIES) + 1,
        option: "abortSignal: AbortSignal.timeout({ms})",
        // A stream runs as long as there is text, and tells of its errors in it.
        ...(stream ? { stream, promise: "no" as const } : {}),
        ...(site ? { site } : {}),
        ...(site && retries.is === "no" ? { once: { option: "maxRetries: 0", site } } : {}),
      };
    },
  },
});

const AWAITED = [
  "generateText",
  "generateObject",
  "embed",
  "embedMany",
  "rerank",
  "generateImage",
  "generateSpeech",
  "generateVideo",
  "transcribe",
];

export default defineLibrary({
  name: "ai",
  packages: ["ai"],
  exports: {
    ...Object.fromEntries(
      AWAITED.flatMap((it) => [it, `experimental_${it}`]).map((it): [string, Member] => [it, request(false)]),
    ),
    streamText: request(true),
    streamObject: request(true),
  },
  types: {},
});
