import {
  type CallView,
  defineLibrary,
  type FileSummary,
  type Gather,
  isSet,
  type Limit,
  limitFrom,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";

/** An axios instance made from what `HttpModule.register` was given; bare it is axios' default, which never gives up. */
const NEVER = { no: "axios waits without end by default" };

const CONFIG_INDEX: Readonly<Record<string, number>> = {
  get: 1,
  delete: 1,
  head: 1,
  post: 2,
  put: 2,
  patch: 2,
  postForm: 2,
  putForm: 2,
  patchForm: 2,
  request: 0,
};

interface Registration {
  readonly file: FileSummary;
  /** Of the module's file, with a slash at its end. */
  readonly folder: string;
  readonly isBare: boolean;
}

/** `HttpModule.register({ … })` and `registerAsync(…)` of a file. */
const registrations: Gather<Registration> = (program, file, add) => {
  if (!file.imports.some((it) => it.specifier === "@nestjs/axios")) return;
  file.calls.forEach((call, c) => {
    if (call.callee.k !== "get" || !/^register(Async)?$/.test(call.callee.name)) return;
    const of = call.callee.of;
    if (of.k !== "ref" || file.bindings[of.b]!.from?.name !== "HttpModule") return;
    const isPlain = call.callee.name === "register";
    const timeout = isPlain ? isSet(program, program.view({ file, c }).option(0, "timeout")) : "unknown";
    add("", { file, folder: file.path.slice(0, file.path.lastIndexOf("/") + 1), isBare: timeout === "no" });
  });
};

/** The registrations next to a file, or as near above it as there are any: which of several is its own is not told. */
function registeredFor({ file, program }: CallView): Limit {
  const all = program.gathered.under(registrations, "");
  const no: Limit = { bounded: "no", by: "default", why: NEVER.no };
  if (all.length === 0) return no;
  for (let at = file.path; at !== ""; ) {
    const end = at.lastIndexOf("/", at.length - 2);
    at = at.slice(0, end + 1);
    const near = all.filter((it) => it.folder.startsWith(at));
    if (near.length > 0)
      return near.every((it) => it.isBare)
        ? no
        : { bounded: "unknown", by: "instance", why: "a module registers it with a limit of its own" };
  }
  return no;
}

function request(call: CallView, index: number, method: string | undefined, isStream: boolean): RequestMeaning {
  for (const name of ["timeout", "signal"]) {
    const own = call.option(index, name);
    if (own.is !== "no") return meaning(call, index, method, isStream, limitFrom(call, own, "call", NEVER));
  }
  // `.pipe(timeout(5_000))`, and whatever else is done to the stream.
  const piped = isStream && call.after().find((it) => it.name === "pipe");
  if (piped) {
    const operators = piped.view.call.args.map((it) => {
      const callee = it.k === "call" ? piped.view.file.calls[it.c]!.callee : undefined;
      return callee?.k === "ref" ? piped.view.file.bindings[callee.b]!.name : callee?.k === "get" ? callee.name : "";
    });
    if (operators.some((it) => /timeout|takeUntil/i.test(it)))
      return meaning(call, index, method, isStream, { bounded: "yes", by: "call", why: "the stream is cut off" });
  }
  return meaning(call, index, method, isStream, registeredFor(call));
}

function meaning(
  call: CallView,
  index: number,
  method: string | undefined,
  isStream: boolean,
  limit: Limit,
): RequestMeaning {
  const site = call.optionSite(index);
  const url = index > 0 ? call.arg(0) : undefined;
  return {
    kind: "request",
    client: "HttpService",
    limit,
    option: "timeout: {ms}",
    // An observable sends nothing until somebody subscribes.
    ...(isStream ? { promise: "no" as const } : {}),
    ...(method ? { method } : {}),
    ...(url ? { url: url.value } : {}),
    ...(site ? { site } : {}),
  };
}

const members = (isStream: boolean): Record<string, Member> =>
  Object.fromEntries(
    Object.entries(CONFIG_INDEX).map(([name, index]) => [
      name,
      {
        call: {
          meaning: (call: CallView) =>
            request(call, index, name === "request" ? undefined : name.replace("Form", "").toUpperCase(), isStream),
        },
      },
    ]),
  );

export default defineLibrary({
  name: "nest-axios",
  packages: ["@nestjs/axios"],
  exports: { HttpService: { construct: { returns: "HttpService" } }, HttpModule: { type: "HttpModule" } },
  types: {
    HttpService: { members: { ...members(true), axiosRef: { type: "AxiosRef" } } },
    AxiosRef: { members: members(false) },
    HttpModule: { members: { register: { call: {} }, registerAsync: { call: {} } } },
  },
});
