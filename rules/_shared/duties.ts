/**
 * A project function that leaves a request's time limit to its callers, and what each caller makes of that duty.
 */
import type {
  FileSummary,
  MeantCall,
  Placed,
  PlacedFunction,
  RequestMeaning,
  RuleContext,
} from "../../engine/index.ts";

export interface Duty {
  /** The request deep inside. */
  readonly request: MeantCall & { readonly meaning: RequestMeaning };
  /** Calls from the function's own body down to the function that makes the request; empty where it makes it itself. */
  readonly through: readonly Placed[];
}

const MAX_STEPS = 3;
const MAX_DUTIES = 8;
const known = new WeakMap<RuleContext, Map<object, readonly Duty[]>>();

/** Requests in or below a function whose limit hangs on one of its parameters. */
export function dutiesOf(fn: PlacedFunction, context: RuleContext, depth = 0): readonly Duty[] {
  let memo = known.get(context);
  if (!memo) known.set(context, (memo = new Map()));
  const key = fn.file.functions[fn.f]!;
  const cached = memo.get(key);
  if (cached) return cached;
  memo.set(key, []);
  const found: Duty[] = [];
  for (const it of context.meant(fn.file)) {
    const { meaning } = it;
    if (meaning.kind === "request" && meaning.limit.bounded === "unknown" && isParamOf(meaning.limit.param, fn))
      found.push({ request: { ...it, meaning }, through: [] });
  }
  if (depth < MAX_STEPS && key.params.length > 0) {
    fn.file.calls.forEach((call, c) => {
      if (!isInside(fn.file, call.fn, fn.f) || found.length >= MAX_DUTIES) return;
      const callee = context.program.callee(fn.file, c);
      if (callee.k !== "fn" || (callee.file === fn.file && callee.f === fn.f)) return;
      for (const duty of dutiesOf({ file: callee.file, f: callee.f }, context, depth + 1)) {
        const limit = limitAt({ file: fn.file, c }, duty, context);
        if (limit?.bounded === "unknown" && isParamOf(limit.param, fn))
          found.push({ request: duty.request, through: [{ file: fn.file, c }, ...duty.through] });
      }
    });
  }
  memo.set(key, found);
  return found;
}

/** The limit of a duty's request when its function is called here. */
export function limitAt(at: Placed, duty: Duty, context: RuleContext): RequestMeaning["limit"] | undefined {
  const { program } = context;
  let env: ReturnType<typeof program.enter>;
  for (const step of [at, ...duty.through]) {
    const callee = program.callee(step.file, step.c, env);
    if (callee.k !== "fn") return undefined;
    env = program.enter(callee, step.file.calls[step.c]!, step.file, env);
    if (!env) return undefined;
  }
  const { file, c } = duty.request.view;
  for (const it of program.meaningsUnder({ file, c }, env)) if (it.kind === "request") return it.limit;
  return undefined;
}

function isParamOf(param: RequestMeaning["limit"]["param"], fn: PlacedFunction): boolean {
  return param !== undefined && param.path === fn.file.path && param.f === fn.f;
}

function isInside(file: FileSummary, f: number, outer: number): boolean {
  for (let it = f; it > 0; it = file.functions[it]!.parent) if (it === outer) return true;
  return false;
}
