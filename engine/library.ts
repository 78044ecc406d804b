/**
 * What a library's calls mean, as data. A library file declares the types one meets at its surface (a client, a pool, a
 * query builder), which exports give them, and what calling their members means. The engine finds the receiver's type
 * wherever it was created; rules judge only the meanings and know no library by name.
 */
import type { CallView } from "./call-view.ts";
import type { Answer, FileSummary, Span, Value } from "./model.ts";
import type { Placed, Scoped } from "./origin.ts";

export interface Library {
  /** Shown to people: "axios", "node-postgres". */
  readonly name: string;
  /** Import specifiers; `pg/*` stands for every subpath. Node's own modules are written `node:http`. */
  readonly packages: readonly string[];
  readonly exports: Readonly<Record<string, Member>>;
  /**
   * Exports so named that a module which is not there gives them to nobody else: what the library's generator writes into
   * the project, where it is ignored by git and lies wherever the project wants it (`src/generated/prisma/client`).
   */
  readonly generated?: readonly string[];
  /** Names free in every module, such as `fetch`. */
  readonly globals?: Readonly<Record<string, Member>>;
  /** Named after the TypeScript type where there is one, so that annotations resolve to them. */
  readonly types: Readonly<Record<string, LibraryType>>;
  /** Names that projects add to in everybody's namespace, with the types they mean: `Express.Request`. */
  readonly globalTypes?: Readonly<Record<string, string>>;
  /** What a file puts under tokens for others to ask for, as it is written: nothing is evaluated for it. */
  readonly provisions?: (file: FileSummary) => Iterable<Provision>;
  /** Annotations that mean another of our types, and function types with the types of their parameters. */
  readonly typeNames?: Readonly<Record<string, string | { readonly params: readonly (string | undefined)[] }>>;
}

/** Something that is put under a token: `container.register("db", { useValue: pool })`. */
export interface Provision {
  readonly token: Value;
  readonly value: Value;
  /** What is handed out: the value itself, an instance of that class, what that function returns, what lies under that token. */
  readonly as: "value" | "instance" | "result" | "alias";
  /** The call that puts it there, where it has to be one of the library's. */
  readonly by?: number;
}

export interface LibraryType {
  /** Looked up after its own members; `package:Type` for another library's. */
  readonly like?: string;
  readonly members?: Readonly<Record<string, Member>>;
  /** Any member not named: Prisma's models, Redis' commands. */
  readonly other?: Member | ((name: string) => Member | undefined);
  /**
   * Members are those of what a call further up the builder chain took as its first type argument, as tRPC's context of
   * `initTRPC.context<Context>()`: the name of that method, `new` for the constructor.
   */
  readonly typedBy?: string;
  /** The member of that type argument which holds them: `Variables` of Hono's `new Hono<Env>()`. */
  readonly typedIn?: string;
  /** Methods that give every value of this type a member, `decorate("db", pool)`: looked up last. */
  readonly grownBy?: readonly string[];
  /** Members of what it was made of that hold its own: `schema.statics.byMail = …` of the model that has the schema. */
  readonly grownOn?: readonly string[];
  /** What is assigned to a member of one value of this type is there on the others: `req.db = pool` in a middleware. */
  readonly grows?: boolean;
  /** Members that are named nowhere else are tokens (`gives` of calls): awilix' cradle, a context's variables. */
  readonly gives?: boolean;
  /** What a module that is loaded by a computed name and given one of these hands back: a model of Sequelize. */
  readonly makes?: string;
  /** The value can itself be called or constructed. */
  readonly call?: CallMeaning;
  readonly construct?: CallMeaning;
}

export interface Member {
  /** The member is a value of this type (`Type` of the same library or `package:Type`). */
  readonly type?: string;
  readonly call?: CallMeaning;
  readonly construct?: CallMeaning;
}

export interface CallMeaning {
  /** Type of the result; `this` for a builder that returns itself; an array type is `Type[]`. Promises are transparent. */
  readonly returns?: string | ((call: CallView) => string | undefined);
  /** Types of the parameters of functions given as arguments: `{ 0: ["Transaction"] }`. */
  readonly callbacks?: Readonly<Record<number, readonly (string | undefined)[]>>;
  /** The result has to be given back; undefined where it is not (a callback does it, a transaction is managed). */
  readonly acquires?: (call: CallView) => Acquisition | undefined;
  /** What the call does, several things perhaps; undefined where it does nothing a rule could care for. */
  readonly meaning?: (call: CallView) => Meaning | readonly Meaning[] | undefined;
  /** The result is of the type that the receiver's creation took as its first type argument: `new AsyncLocalStorage<Store>()`. */
  readonly typed?: boolean;
  /** The result, or what a decorator stands on, is what was put under this token. */
  readonly gives?: (call: CallView) => Scoped | undefined;
  /** The result is one of the functions given (a wrapper such as `asyncHandler`, `fp`, `promisify`). */
  readonly wraps?: number;
}

/** Something that there are only so many of, and that has to be given back on every way out. */
export interface Acquisition {
  readonly client: string;
  readonly what: "connection" | "transaction" | "session";
  /** Methods of it that give it back. */
  readonly release: readonly string[];
  /** Giving it back is done when the method returns: there is nothing to wait for. */
  readonly isSync?: boolean;
}

// Meanings: what rules judge

/** A time limit, three-valued. `ms` only where it is a known number. */
export interface Limit {
  readonly bounded: Answer;
  readonly ms?: number;
  /** Milliseconds after which the library gives up by itself where nothing is given; absent where it never does. */
  readonly defaultMs?: number;
  /** Who decided. `default` is the library's own for the installed version. */
  readonly by: "call" | "instance" | "global" | "default" | "wrapper";
  /** Somebody has written that there shall be none: `timeout: 0`. */
  readonly isSwitchedOff?: boolean;
  /** In words, for messages: "axios 1.21 waits without end", "signal given". */
  readonly why: string;
  /** The parameter of a project function on which the answer depends: the duty passes to its callers. */
  readonly param?: ParamRef;
}

/** A parameter of a project function, or (`names`) a member of it. */
export interface ParamRef {
  readonly path: string;
  readonly f: number;
  readonly index: number;
  readonly names: readonly string[];
}

/** Where and how a limit can be written, for fixes: an option to add at `at` (an object literal) or a new argument. */
export interface OptionSite {
  readonly path: string;
  /** Object literal to extend. */
  readonly object?: Span;
  /** Whether that literal already has properties. */
  readonly empty?: boolean;
  /** No literal yet: insert a new argument at this offset (after the previous arguments). */
  readonly insertAt?: number;
  /** Number of arguments to fill with `undefined`/`{}` before. */
  readonly missing?: number;
}

export interface RequestMeaning {
  readonly kind: "request";
  /** "axios", "fetch" … */
  readonly client: string;
  readonly limit: Limit;
  readonly url?: Value;
  readonly method?: string;
  /** The text of the option that bounds it, with `{ms}`: `signal: AbortSignal.timeout({ms})`. */
  readonly option?: string;
  readonly site?: OptionSite;
  /** The creation of the client through which it is made, if that is where the limit belongs. */
  readonly instance?: Placed;
  /** Times it is tried at most, where the client tries again by itself. */
  readonly attempts?: number;
  /** A try that ran into the limit is not repeated: others that failed are. */
  readonly lastOnTimeout?: boolean;
  /** Kept open on purpose: SSE, watch, long poll. */
  readonly stream?: boolean;
  /** Done twice it costs twice (a charge, a transfer); `keyed`: a key lets the server see that it is the same one. */
  readonly effect?: {
    readonly of: "payment";
    readonly keyed: Answer;
    readonly option: string;
    readonly site?: OptionSite;
  };
  /** How its own tries are switched off for this call, as it would be written. */
  readonly once?: { readonly option: string; readonly site: OptionSite };
  /** It takes many items and succeeds although some of them failed: which ones only the answer says. */
  readonly batch?: BatchAnswer;
  /** It answers with one page of a list; the rest has to be asked for. */
  readonly page?: PageAnswer;
  /** What the call gives is a promise; it is where this is absent. */
  readonly promise?: Answer;
  /** Its answer comes without the body, which keeps the connection until it is read or given up. */
  readonly bodyHeld?: boolean;
}

export interface BatchAnswer {
  /** As named in the code: `SendMessageBatchCommand`. */
  readonly operation: string;
  /** Member of the answer that holds what failed. */
  readonly failed: string;
  readonly holds: "list" | "object" | "count" | "flag";
}

export interface PageAnswer {
  readonly operation: string;
  /** Members of the answer that hold the items: `Contents`, `data`; `data.files` for one inside of another. */
  readonly items: readonly string[];
  /** Names without which nobody gets at the rest: what the answer calls the next page, what asks for all. */
  readonly more: readonly string[];
  /** What one page holds where nothing is said, in no language: `1,000`, `1 MB`. */
  readonly holds?: string;
  /** The caller says how many are wanted. */
  readonly sized: Answer;
  /** Member of the answer that says whether there is more: `IsTruncated`. */
  readonly flag?: string;
  /** How all of them are asked for, as it would be written. */
  readonly all?: string;
  /** The call that gives all items instead of this one, as an expression. */
  readonly allText?: (text: string, args: string) => string;
}

export interface ClientMeaning {
  readonly kind: "client";
  readonly client: string;
  readonly of: "http" | "database" | "cache" | "queue" | "cloud" | "mail" | "other";
  /** For http and cloud: of every request made through it. For databases: of connecting and waiting for a connection. */
  readonly limit: Limit;
  /** For databases: of a statement once connected. */
  readonly statementLimit?: Limit;
  readonly option?: string;
  readonly site?: OptionSite;
  /** Its connections are those of its module or of the process: making another one opens none. */
  readonly sharesConnections?: boolean;
  /** Emits `error` and kills the process where nobody listens. */
  readonly needsErrorListener?: boolean;
  /** What is asked while the server is away waits for it without end: the option that says so. */
  readonly endless?: string;
  /** Total attempts of one call, where known. */
  readonly attempts?: number;
  /** A tool on the command line reads files that make such a client: one that nothing else loads is there for it alone. */
  readonly readByTools?: boolean;
  /** Options of its creation that bring the schema into line with the code as it connects, where that can cost data. */
  readonly changesSchema?: readonly string[];
}

export interface Filter {
  /** `no`: the whole table. `yes`: some condition always applies. */
  readonly given: Answer;
  /** Columns compared for equality with one value; undefined where it cannot be told. */
  readonly equals?: readonly string[];
  /** The ones among `equals` whose value stands in the code: `status: "OPEN"`. */
  readonly fixed?: readonly string[];
  /** Columns compared with a list of values. */
  readonly inLists?: readonly string[];
  /** Other columns restricted (ranges, contains …). */
  readonly others?: readonly string[];
  /** Relations that tie the rows to one owner: `members.teamId` of `{ members: { some: { teamId } } }`. */
  readonly owners?: readonly string[];
}

export interface QueryMeaning {
  readonly kind: "query";
  readonly client: string;
  readonly engine: "sql" | "mongo" | "document" | "redis" | "search" | "other";
  readonly action:
    | "count"
    | "list"
    | "list-and-count"
    | "one"
    | "exists"
    | "aggregate"
    | "create"
    | "create-many"
    | "update"
    | "delete"
    | "truncate"
    | "upsert"
    | "raw"
    | "transaction"
    | "command";
  /** Update and delete of many rows by a filter (not one row by key). */
  readonly many?: boolean;
  /** Table, model or collection as named in code. */
  readonly table?: string;
  readonly filter: Filter;
  /** Rows a list returns, or rows a count looks at, are capped. */
  readonly capped: Answer;
  /** Grouped counts are reports, not totals. */
  readonly grouped?: boolean;
  /** The cap that was written and does nothing (`count({ limit })` of Sequelize). */
  readonly deadCap?: string;
  /** How rows counted or listed can be capped: an option to write, with `{n}`. */
  readonly cap?: { readonly option: string; readonly site: OptionSite };
  /** The same for written SQL: the edits that put the limit into a sub-select. */
  readonly capEdits?: readonly { readonly path: string; readonly at: Span; readonly text: string }[];
  /** Runs inside this transaction handle, outside any (`no`), or cannot be told. */
  readonly inTransaction?: Answer;
  /** Lazy until awaited: not awaited means not sent. */
  readonly lazy?: boolean;
  /** The call says all of the statement, on the client itself: no builder under a name that others change and run. */
  readonly isWhole?: boolean;
  /** What the call gives is a promise; it is where this is absent. */
  readonly promise?: Answer;
  /** Batched by the library (Prisma findUnique in one tick, DataLoader). */
  readonly batched?: boolean;
  /** SQL text of which the facts were read. */
  readonly sql?: Value;
  /** Relations counted per row of a list (Prisma `_count`). */
  readonly relationCounts?: readonly string[];
  /** Relations that a list reads beside its rows, by name (Mongoose `populate`). */
  readonly populates?: readonly string[];
  /** The new values of an update, an object of columns. */
  readonly sets?: Scoped;
  /** The row that is written back as the code has changed it: `user` of `user.save()`. */
  readonly saves?: Scoped;
  /** How the library has the database compute a value, as it would be written: `{ increment: n }`. */
  readonly atomic?: string;
  /** The filter, where a value in it that is `undefined` falls away instead of matching nothing. */
  readonly leavesOut?: {
    readonly filter: Scoped;
    /** Words of the library's configuration with which somebody decided otherwise, or only with which it is so. */
    readonly unless?: string;
    readonly onlyIf?: string;
  };
}

/** Anything else a rule may look for; `what` is a stable word, `data` plain. */
export interface OtherMeaning {
  readonly kind: "other";
  readonly what: string;
  readonly client: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Work that holds the event loop until it is done: nothing else of the process is served meanwhile. */
export interface BlockingMeaning {
  readonly kind: "blocking";
  readonly client: string;
  /** As called: `readFileSync`. */
  readonly name: string;
  readonly on: "file" | "computation" | "process";
  /** What it took where it was measured: milliseconds, of what amount of work (in no language: `1 MB`, `cost 10`). */
  readonly measured?: { readonly ms: number; readonly of: string; readonly with: string };
  /** The sibling that does not hold it. */
  readonly instead?: AsyncForm;
}

/** How the asynchronous form of a member is written. */
export interface AsyncForm {
  /** Name of the function where it is imported by name. */
  readonly name: string;
  /** Module to import that name from; the one that the synchronous form comes from where absent. */
  readonly module?: string;
  /** Path on the module object, `promises.readFile`; `name` where absent. */
  readonly path?: string;
  /** Takes a callback: has to go through `util.promisify`. */
  readonly promisify?: boolean;
  /** It computes on the event loop as well, in pieces: what does it on other threads, as it would be named in a text. */
  readonly onLoop?: { readonly pauses: string; readonly better: readonly string[] };
}

/** Another program is started; `limit` is how long it may run. */
export interface SpawnMeaning {
  readonly kind: "spawn";
  readonly client: string;
  readonly limit: Limit;
  /** `yes` where the result comes when the program has ended (`exec`, `execa`), `unknown` for a handle (`spawn`). */
  readonly waits: Answer;
  /** Text of the options that bound it, with `{ms}`. */
  readonly option?: string;
  readonly site?: OptionSite;
}

/** A series is written, or a span named: every distinct value of a label is a series of its own. */
export interface MetricMeaning {
  readonly kind: "metric";
  readonly client: string;
  readonly of: "labels" | "span-name";
  /** Label names (`""` where unknown) and what they are given. */
  readonly labels: readonly { readonly name: string; readonly value: Scoped }[];
  /** Series that the library keeps of one metric; all later ones are counted as one, without their labels. */
  readonly keeps?: number;
}

/** A function runs again and again, whether or not the run before has ended (`overlaps`). */
export interface ScheduleMeaning {
  readonly kind: "schedule";
  readonly client: string;
  /** Milliseconds between two starts, where known. */
  readonly everyMs?: number;
  /** What runs; absent for a decorator, which stands on it. */
  readonly handler?: Scoped;
  readonly overlaps: Answer;
  /** How the library keeps runs apart, as it would be written; with the place for it. */
  readonly option?: string;
  readonly site?: OptionSite;
}

/** A message is answered to its broker: done with, to be delivered again, or given up (to a dead-letter queue if there is one). */
export interface SettleMeaning {
  readonly kind: "settle";
  readonly client: string;
  readonly as: "done" | "again" | "given-up" | "unknown";
  /** The argument that decides is not written: the library's default does. */
  readonly byDefault?: boolean;
  /** How the call would be written to give the message up: an edit of its arguments. */
  readonly giveUp?: { readonly at: Span; readonly text: string };
}

/** A function receives messages one after the other. */
export interface ConsumeMeaning {
  readonly kind: "consume";
  readonly client: string;
  readonly handler?: Scoped;
  /** The broker forgets a message as soon as it is sent. */
  readonly forgets: Answer;
  /** What a handler that throws brings about. */
  readonly onThrow: "again" | "unknown";
  /** How many messages are delivered ahead of their answers has no limit unless this member of the receiver is called. */
  readonly limitedBy?: string;
}

/** Work, or whatever goes through a client, is tried again when it fails. */
export interface RetryMeaning {
  readonly kind: "retry";
  readonly client: string;
  /** Tries in all, the first one included; `Infinity` where there is no end, absent where it cannot be read. */
  readonly attempts?: number;
  /** What lies between two tries. */
  readonly pause: "none" | "constant" | "growing" | "unknown";
  /** Whether pauses differ by chance, so that a fleet does not come back at once. */
  readonly jitter: Answer;
  /** The function that is tried again. */
  readonly work?: Scoped;
  /** The creation of the client of which every request is tried again. */
  readonly instance?: Placed;
  /** Requests that change something are tried again as well. */
  readonly writes?: Answer;
  /** A growing pause, and chance, as they would be written. */
  readonly pauseOption?: string;
  readonly jitterOption?: string;
  readonly site?: OptionSite;
}

/** Work goes through something that bounds how much of it runs at once, or how long it may take. */
export interface LimiterMeaning {
  readonly kind: "limiter";
  readonly client: string;
  /** What runs: a function, or the promise of what runs already. */
  readonly work?: Scoped;
  /** What the function is run for each element of: `pMap(users, send)`. */
  readonly over?: Scoped;
  /** Whether only so many run at the same time; absent where that is none of its business. */
  readonly atOnce?: Answer;
  /** How long it may take; absent likewise. */
  readonly limit?: Limit;
  /** The bound of how many, as it would be written. */
  readonly option?: string;
  readonly site?: OptionSite;
}

/** A job is put into a queue; what it says of itself is looked up at the call, then at the queue's creation. */
export interface JobMeaning {
  readonly kind: "job";
  readonly client: string;
  /** Times it is tried, where known. */
  readonly attempts?: number;
  readonly attemptsGiven: Answer;
  readonly backoffGiven: Answer;
  /** Finished jobs are taken out of the store at some time. */
  readonly removed: Answer;
  readonly queue?: Placed;
  readonly queueName?: string;
  /** Where the queue's defaults would be written, and how. */
  readonly site?: OptionSite;
  readonly option?: string;
}

/** Values are kept in memory under keys. */
export interface CacheMeaning {
  readonly kind: "cache";
  readonly client: string;
  /** Whether entries are given up: by number, by size or by age. */
  readonly bounded: Answer;
  readonly why: string;
  readonly option?: string;
  readonly site?: OptionSite;
}

export type Meaning =
  | RequestMeaning
  | ClientMeaning
  | QueryMeaning
  | BlockingMeaning
  | SpawnMeaning
  | MetricMeaning
  | ScheduleMeaning
  | CacheMeaning
  | RetryMeaning
  | LimiterMeaning
  | JobMeaning
  | SettleMeaning
  | ConsumeMeaning
  | OtherMeaning;

/** Declares a library; the identity function, there for its types. */
export function defineLibrary(library: Library): Library {
  return library;
}

/** Finds libraries by import specifier and types by qualified name (`axios:AxiosInstance`). */
export interface LibrarySet {
  readonly bySpecifier: (specifier: string) => Library | undefined;
  /** The library whose generator writes an export of this name, for modules that are not there. */
  readonly generating: (name: string) => Library | undefined;
  readonly global: (name: string) => { readonly library: Library; readonly member: Member } | undefined;
  readonly type: (qualified: string) => { readonly library: Library; readonly type: LibraryType } | undefined;
  readonly all: readonly Library[];
}

/** Node's modules are one thing with and without their scheme. */
const NODE_MODULES = new Set(
  "assert async_hooks buffer child_process cluster console crypto dgram diagnostics_channel dns domain events fs fs/promises http http2 https inspector module net os path perf_hooks process punycode querystring readline readline/promises repl stream stream/promises string_decoder sys timers timers/promises tls trace_events tty url util v8 vm wasi worker_threads zlib".split(
    " ",
  ),
);

/** `http` and `node:http` to `node:http`; anything else unchanged. */
export function canonicalSpecifier(specifier: string): string {
  return NODE_MODULES.has(specifier) ? `node:${specifier}` : specifier;
}

/** `@scope/name/sub` to `@scope/name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]!;
}

/** Indexes libraries; the first to claim a specifier or a global wins. */
export function librarySet(libraries: readonly Library[]): LibrarySet {
  const exact = new Map<string, Library>();
  const whole = new Map<string, Library>();
  const globals = new Map<string, { library: Library; member: Member }>();
  const types = new Map<string, { library: Library; type: LibraryType }>();
  const generated = new Map<string, Library>();
  for (const library of libraries) {
    for (const it of library.packages) {
      const [map, key] = it.endsWith("/*") ? [whole, it.slice(0, -2)] : [exact, it];
      if (!map.has(key)) map.set(key, library);
    }
    for (const it of library.generated ?? []) generated.set(it, library);
    for (const [name, member] of Object.entries(library.globals ?? {}))
      if (!globals.has(name)) globals.set(name, { library, member });
    for (const [name, type] of Object.entries(library.types)) types.set(`${library.name}:${name}`, { library, type });
  }
  return {
    bySpecifier: (specifier) => {
      const canonical = canonicalSpecifier(specifier);
      return exact.get(canonical) ?? (whole.size > 0 ? whole.get(packageOf(canonical)) : undefined);
    },
    generating: (name) => generated.get(name),
    global: (name) => globals.get(name),
    type: (qualified) => types.get(qualified),
    all: libraries,
  };
}
