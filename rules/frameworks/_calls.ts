/** The calls that some framework may ask about, by name: one pass over the workspace for all of them. */
import { type FileSummary, type Placed, type Program, packageOf, type Value } from "../../engine/index.ts";
import { isTestFile } from "./_values.ts";

export const HTTP_METHODS = new Set([
  "get",
  "post",
  "put",
  "patch",
  "delete",
  "head",
  "options",
  "all",
  "del",
  "any",
  "search",
]);

/** Members that register something on an object we may not know the type of. */
const MEMBERS = new Set([
  ...HTTP_METHODS,
  ..."use addHook route register mount basePath openapi prefix group resource resources ws guard link trace addHttpMethod setGlobalPrefix enableVersioning".split(
    " ",
  ),
  ..."http cloudEvent event deleteRequest timer storageQueue storageBlob serviceBusQueue serviceBusTopic eventHub eventGrid cosmosDB warmup generic opts addService service apply useGlobalGuards useGlobalInterceptors useGlobalPipes define every process consume run subscribe schedule scheduleJob createFunction command action listen on once addListener emit emitAsync now every add addBulk send sendToQueue publish forRoutes decorate handler addJob work createServer create defineJob emitAsync addMethod addRoutes addEventSource addTarget addEventNotification addSubscription trigger triggerAndWait batchTrigger batchTriggerAndWait".split(
    " ",
  ),
]);
/** Those of them that say something without an argument. */
const BARE = new Set(["enableVersioning"]);
/** Classes and functions that take work. */
const NAMES = new Set(
  "http cloudEvent setInterval Worker Queue CronJob Cron AsyncTask EventEmitter Consumer Command Server schedule scheduleJob createFunction task schemaTask job defineTask eventHandler defineEventHandler defineCachedEventHandler defineLazyEventHandler createApp createRouter serve createServer routeHandler server command defineCommand InversifyExpressServer".split(
    " ",
  ),
);

export interface CallIndex {
  /** `x.name(…)` with at least one argument (but for `BARE` ones), by name. */
  readonly members: ReadonlyMap<string, readonly Placed[]>;
  /** `x[key](…)`. */
  readonly computed: readonly Placed[];
  /** `new Name(…)` and `name(…)`, by the name it is imported under. */
  readonly named: ReadonlyMap<string, readonly Placed[]>;
  /** Calls on modules named at run time: `require(join(dir, file))(app)`. */
  readonly loaded: readonly Placed[];
  /** Packages that anything outside tests imports. */
  readonly packages: ReadonlySet<string>;
}

const known = new WeakMap<Program, CallIndex>();

export function callIndex(program: Program): CallIndex {
  const before = known.get(program);
  if (before) return before;
  const members = new Map<string, Placed[]>();
  const named = new Map<string, Placed[]>();
  const computed: Placed[] = [];
  const packages = new Set<string>();
  const loaded: Placed[] = [];
  const add = (map: Map<string, Placed[]>, name: string, at: Placed): void => {
    const list = map.get(name);
    if (list) list.push(at);
    else map.set(name, [at]);
  };
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    for (const it of file.imports) if (!it.specifier.startsWith(".")) packages.add(packageOf(it.specifier));
    file.calls.forEach((call, c) => {
      const { callee } = call;
      if (call.args.length > 0 && isComputedLoad(callee.k === "get" ? callee.of : callee, file))
        loaded.push({ file, c });
      if (callee.k === "at") {
        if (call.kind === "call" && call.args.length > 0) computed.push({ file, c });
      } else if (callee.k === "get") {
        if (call.kind === "call" && MEMBERS.has(callee.name) && (call.args.length > 0 || BARE.has(callee.name)))
          add(members, callee.name, { file, c });
        if (NAMES.has(callee.name)) add(named, callee.name, { file, c });
      } else if (callee.k === "ref" || callee.k === "global") {
        for (const name of call.kind === "new" ? classNames(callee, file) : [importedName(callee, file)])
          if (name !== undefined && NAMES.has(name)) add(named, name, { file, c });
      }
    });
  }
  const made: CallIndex = { members, computed, named, loaded, packages };
  known.set(program, made);
  return made;
}

/** `const WorkerClass = isPro ? WorkerPro : Worker`: the names of all it may be. */
function classNames(callee: Value, file: FileSummary): readonly (string | undefined)[] {
  const binding = callee.k === "ref" ? file.bindings[callee.b] : undefined;
  const made = binding?.kind === "const" ? binding.value : undefined;
  return made?.k === "either" ? [importedName(made.a, file), importedName(made.b, file)] : [importedName(callee, file)];
}

/** `require(name)` and `import(name)` whose module is only known at run time. */
export function isComputedLoad(value: Value, file: FileSummary): boolean {
  if (value.k === "op") return value.op === "import-computed";
  if (value.k === "call") {
    const { callee, args } = file.calls[value.c]!;
    return callee.k === "global" && callee.name === "require" && args.length === 1;
  }
  if (value.k !== "ref") return false;
  const binding = file.bindings[value.b];
  return (
    binding?.kind === "const" &&
    binding.value !== undefined &&
    binding.value.k !== "ref" &&
    isComputedLoad(binding.value, file)
  );
}

/** The name a callee was imported under, or its own. */
export function importedName(callee: Value, file: FileSummary): string | undefined {
  if (callee.k === "global") return callee.name;
  if (callee.k === "get") return callee.name;
  if (callee.k !== "ref") return undefined;
  const binding = file.bindings[callee.b];
  const from = binding?.from?.name;
  return from !== undefined && from !== "default" && from !== "*" && from !== "=" ? from : binding?.name;
}

/** Links of a builder's chain, two steps each. */
const MAX_CHAIN = 40;

/** The package a callee comes from: of its import, or of the import its receiver stands for. */
export function importedFrom(program: Program, value: Value, file: FileSummary, depth = 0): string | undefined {
  if (depth > MAX_CHAIN) return undefined;
  if (value.k === "get") return importedFrom(program, value.of, file, depth + 1);
  if (value.k === "call") return importedFrom(program, file.calls[value.c]!.callee, file, depth + 1);
  if (value.k === "either")
    return importedFrom(program, value.a, file, depth + 1) ?? importedFrom(program, value.b, file, depth + 1);
  if (value.k === "op" && (value.op === "require" || value.op === "import"))
    return specifierOf(file, (value.args[0] as { v: number }).v);
  if (value.k !== "ref") return undefined;
  const binding = file.bindings[value.b];
  if (!binding) return undefined;
  if (binding.from) {
    const specifier = file.imports[binding.from.import]?.specifier;
    const written = program.written(value, file);
    if (written) return importedFrom(program, written.value, written.file, depth + 1);
    return specifier !== undefined ? packageOf(specifier) : undefined;
  }
  return binding.value && binding.kind !== "param" ? importedFrom(program, binding.value, file, depth + 1) : undefined;
}

function specifierOf(file: FileSummary, index: number): string | undefined {
  const specifier = file.imports[index]?.specifier;
  return specifier !== undefined ? packageOf(specifier) : undefined;
}
