import {
  type CallView,
  defineLibrary,
  type Held,
  type Holder,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";
import { setsInside } from "../_shared/hooks.ts";

/** `timeout: 0` is the default of axios 0.x and 1.x (lib/defaults/index.js): measured, 1.21 was still waiting after 660 s. */
const NEVER = { no: "axios waits without end by default" };

/** Where the request config stands, by method; -1 for methods that are called with the config alone. */
const CONFIG_INDEX: Readonly<Record<string, number>> = {
  get: 1,
  delete: 1,
  head: 1,
  options: 1,
  post: 2,
  put: 2,
  patch: 2,
  postForm: 2,
  putForm: 2,
  patchForm: 2,
  request: 0,
};

/** A limit or a signal among the options; what is switched off (`timeout: 0`) is none, and neither is a missing one. */
function among(call: CallView, index: number, by: Limit["by"]): Limit {
  const [timeout, signal] = ["timeout", "signal"].map((it) => limitFrom(call, call.option(index, it), by, NEVER));
  return timeout!.bounded !== "no" ? timeout! : signal!.bounded !== "no" ? signal! : timeout!;
}

const held = ({ holds }: Pick<Held, "holds">, why: string): Limit => ({ bounded: holds, by: "global", why });

/**
 * What is set for all calls of the client that `call` is made through: its own defaults and interceptors, and those of
 * axios, which a client made of it later takes over (lib/axios.js merges `defaults` into what `create` is given).
 */
function setForAll(call: CallView, of: Holder, isInstance: boolean): Limit | undefined {
  const own = call.assigned("defaults.timeout", of);
  if (own) return held(own, "defaults.timeout is assigned");
  for (const it of call.called("interceptors.request.use", of))
    if (setsInside(call.program, it, /^(timeout|signal)$/)) return held(it, "an interceptor sets a limit");
  return isInstance && call.assigned("defaults.timeout", "module")
    ? { bounded: "unknown", by: "global", why: "it depends on what is done first" }
    : undefined;
}

/** Of a client where it is created. */
function ofInstance(call: CallView): Limit {
  const own = among(call, 0, "instance");
  return own.bounded === "no" ? (setForAll(call, "result", true) ?? own) : own;
}

function limitOf(call: CallView, index: number): { limit: Limit; atInstance: boolean } {
  const own = among(call, index, "call");
  const isOff = own.by === "call" && own.bounded === "no";
  if (own.bounded !== "no" || isOff) return { limit: own, atInstance: false };
  const created = call.recv?.via;
  const all = setForAll(call, "receiver", created !== undefined);
  if (!created) {
    const isMadeElsewhere = call.recv?.type === "AxiosInstance";
    const open: Limit = { bounded: "unknown", by: "instance", why: "where the instance is made is not seen" };
    return { limit: all ?? (isMadeElsewhere ? open : own), atInstance: false };
  }
  const creation = among(call.program.view(created, call.env), 0, "instance");
  if (creation.bounded !== "no") return { limit: creation, atInstance: false };
  return all ? { limit: all, atInstance: false } : { limit: creation, atInstance: true };
}

function request(call: CallView, index: number, method: string | undefined): RequestMeaning {
  const { limit, atInstance } = limitOf(call, index);
  const created = call.recv?.via;
  const site = atInstance && created ? call.program.view(created).optionSite(0) : call.optionSite(index);
  const url = index === 0 ? call.option(0, "url") : undefined;
  const target = url?.is === "yes" ? url.at.value : index > 0 ? call.arg(0)?.value : undefined;
  return {
    kind: "request",
    client: "axios",
    limit,
    option: "timeout: {ms}",
    ...(method ? { method } : {}),
    ...(target ? { url: target } : {}),
    ...(site ? { site } : {}),
    ...(atInstance && created ? { instance: created } : {}),
  };
}

const members: Record<string, Member> = Object.fromEntries(
  Object.entries(CONFIG_INDEX).map(([name, index]) => [
    name,
    {
      call: {
        returns: "AxiosResponse",
        meaning: (call: CallView) =>
          request(call, index, name === "request" ? undefined : name.replace("Form", "").toUpperCase()),
      },
    },
  ]),
);

/** `axios(config)` and `axios(url, config)`. */
const direct = (call: CallView): RequestMeaning =>
  request(
    call,
    call.call.args[0]?.k === "obj" ||
      (call.argCount === 1 && call.text(call.arg(0)) === undefined && call.call.args[0]?.k !== "tpl")
      ? 0
      : 1,
    undefined,
  );

export default defineLibrary({
  name: "axios",
  packages: ["axios"],
  exports: {
    default: { type: "AxiosStatic", call: { returns: "AxiosResponse", meaning: direct } },
    Axios: { construct: { returns: "AxiosInstance" } },
  },
  types: {
    AxiosStatic: {
      like: "AxiosInstance",
      members: {
        create: {
          call: {
            returns: "AxiosInstance",
            meaning: (call) => ({
              kind: "client",
              client: "axios",
              of: "http",
              limit: ofInstance(call),
              option: "timeout: {ms}",
              sharesConnections: true,
            }),
          },
        },
      },
    },
    AxiosInstance: { members, call: { returns: "AxiosResponse", meaning: direct } },
    AxiosResponse: {},
  },
  typeNames: { Axios: "AxiosInstance" },
});
