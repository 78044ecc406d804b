/** The last handlers of a process, `process.on("uncaughtException", …)` and its siblings, and whether they end it. */
import { type FileSummary, type PlacedFunction, pathKind, type RuleContext, type Value } from "../../engine/index.ts";
import { all, derived } from "./derived.ts";

export type LastEvent = "uncaughtException" | "unhandledRejection" | "SIGTERM";

export interface LastHandler {
  readonly file: FileSummary;
  /** The call that registers it. */
  readonly c: number;
  readonly event: LastEvent;
  /** A function of the project, or `record` for a logger's method handed over as it is. */
  readonly handler: PlacedFunction | "record" | undefined;
  /** Whether the process ends by it. */
  readonly ends: "yes" | "no" | "unknown";
}

const EVENTS = new Set(["uncaughtException", "unhandledRejection", "SIGTERM"]);
/** What may end a process under a name of its own. */
const ENDS =
  /exit|quit|kill|abort|shut|stop|clos|terminat|\bdie\b|crash|panic|restart|clean|destroy|halt|teardown|bail|graceful|handle|dispatch|emit|notifyAnd/i;
const MAX_DEPTH = 3;

/** The last handlers that a file registers; undefined where there is none. */
export function lastHandlersIn(file: FileSummary, context: RuleContext): readonly LastHandler[] | undefined {
  if (pathKind(file.path) !== undefined) return undefined;
  const found = file.calls.flatMap(({ callee, args }, c): LastHandler[] => {
    if (callee.k !== "get" || !/^(on|once|addListener|prependListener)$/.test(callee.name)) return [];
    const [event, handler] = args;
    if (!isProcess(callee.of, file) || event?.k !== "lit" || !handler || !EVENTS.has(String(event.v))) return [];
    const placed = handlerOf(handler, file, context);
    const ends = placed === undefined ? "unknown" : endsIt(placed, context, 0);
    return [{ file, c, event: String(event.v) as LastEvent, handler: placed, ends }];
  });
  return found.length > 0 ? found : undefined;
}

/** `process`, free or imported. */
export function isProcess(value: Value, file: FileSummary): boolean {
  if (value.k === "global") return value.name === "process";
  if (value.k !== "ref") return false;
  const { from } = file.bindings[value.b]!;
  return from !== undefined && /^(node:)?process$/.test(file.imports[from.import]!.specifier);
}

function handlerOf(value: Value, file: FileSummary, context: RuleContext): LastHandler["handler"] {
  if (value.k === "get" && value.of.k === "global" && value.of.name === "console") return "record";
  const found = context.program.origin(value, file);
  return found.k === "fn" ? { file: found.file, f: found.f } : undefined;
}

/** `no` where nothing in a handler, followed through the project, ends the process or may by its name. */
function endsIt(handler: PlacedFunction | "record", context: RuleContext, depth: number): LastHandler["ends"] {
  if (handler === "record") return "no";
  const { file, f } = handler;
  const inside = (fn: number): boolean => {
    for (let it = fn; it > 0; it = file.functions[it]!.parent) if (it === f) return true;
    return false;
  };
  if (file.throws.some((it) => inside(it.fn))) return "yes";
  if (
    file.assignments.some(
      (it) => inside(it.fn) && it.target.k === "get" && it.target.name === "exitCode" && isProcess(it.target.of, file),
    )
  )
    return "yes";
  let answer: "no" | "unknown" = "no";
  for (let c = 0; c < file.calls.length; c++) {
    const call = file.calls[c]!;
    if (!inside(call.fn)) continue;
    const { callee } = call;
    const name = callee.k === "get" || callee.k === "global" ? callee.name : bindingName(callee, file);
    if (callee.k === "get" && isProcess(callee.of, file)) {
      if (/^(exit|abort|kill|emit|reallyExit)$/.test(name)) return "yes";
      continue;
    }
    const target = context.program.callee(file, c);
    if (target.k === "fn" && depth < MAX_DEPTH) {
      if (target.file === file && target.f === f) continue;
      const inner = endsIt({ file: target.file, f: target.f }, context, depth + 1);
      if (inner === "yes") return "yes";
      // What calls a function that it was given, such as `once(close)`, does what that one does.
      if (inner === "unknown" || ENDS.test(name)) answer = "unknown";
      continue;
    }
    if (ENDS.test(name)) answer = "unknown";
  }
  return answer;
}

const bindingName = (value: Value, file: FileSummary): string =>
  value.k === "ref" ? file.bindings[value.b]!.name : "";

/**
 * Whether a process outlives a rejection that nobody handles: a handler of its own that only records it, or Sentry's,
 * which warns and goes on (@sentry/node 7 to 9, `mode: "warn"`).
 */
export function outlivesRejections(path: string, context: RuleContext): boolean {
  const isHere = (it: string): boolean => context.depend(it, path);
  const handlers = derived(context.everywhere(lastHandlersIn), all).filter(
    (it) => it.event === "unhandledRejection" && isHere(it.file.path),
  );
  if (handlers.some((it) => it.ends === "yes")) return false;
  return handlers.some((it) => it.ends === "no") || context.everywhere(startsSentry).some((it) => isHere(it.path));
}

/** A file that speaks to Sentry's SDK for servers, and its version. */
export function startsSentry(
  file: FileSummary,
  context: RuleContext,
): { readonly path: string; readonly version: string } | undefined {
  if (pathKind(file.path) !== undefined || context.side(file) === "browser") return undefined;
  const found = file.imports.find(
    (it) => !it.typeOnly && /^@sentry\/(?!browser|react|vue|svelte|types|utils|core|cli)/.test(it.specifier),
  );
  return found && { path: file.path, version: context.program.version(file.path, found.specifier) ?? "" };
}
