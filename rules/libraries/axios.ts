import {
  type CallView,
  defineLibrary,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";

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

function limitOf(call: CallView, index: number): { limit: Limit; atInstance: boolean } {
  for (const name of ["timeout", "signal"]) {
    const own = call.option(index, name);
    if (own.is === "no") continue;
    const limit = limitFrom(call, own, "call", NEVER);
    if (limit.bounded !== "no" || name === "timeout") return { limit, atInstance: false };
  }
  const created = call.recv?.via;
  if (call.assigned("defaults.timeout"))
    return { limit: { bounded: "yes", by: "global", why: "defaults.timeout is assigned" }, atInstance: false };
  if (!created)
    return {
      limit:
        call.recv?.type === "AxiosInstance"
          ? { bounded: "unknown", by: "instance", why: "where the instance is made is not seen" }
          : { bounded: "no", by: "default", why: NEVER.no },
      atInstance: false,
    };
  const creation = call.program.view(created, call.env);
  const limit = limitFrom(creation, creation.option(0, "timeout"), "instance", NEVER);
  return { limit, atInstance: limit.bounded === "no" };
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
              limit: limitFrom(call, call.option(0, "timeout"), "instance", NEVER),
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
