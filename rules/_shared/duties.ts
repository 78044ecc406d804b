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
const newDuties = () => new Map<object, readonly Duty[]>();

/** Requests in or below a function whose limit hangs on one of its parameters. */
export function dutiesOf(fn: PlacedFunction, context: RuleContext, depth = 0): readonly Duty[] {
  const memo = context.once(newDuties);
  const key = fn.file.functions[fn.f]!;
  const cached = memo.get(key);
  if (cached) return cached;
  memo.set(key, []);
  if (key.params.length === 0) return [];
  const found: Duty[] = [];
  for (const it of context.meant(fn.file)) {
    const { meaning } = it;
    if (meaning.kind === "request" && meaning.limit.bounded === "unknown" && isParamOf(meaning.limit.param, fn))
      found.push({ request: { ...it, meaning }, through: [] });
  }
  if (depth < MAX_STEPS) {
    callsInside(fn.file, fn.f).forEach((c) => {
      if (found.length >= MAX_DUTIES) return;
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

const inside = new WeakMap<FileSummary, ReadonlyMap<number, readonly number[]>>();

/** Calls in a function and in the functions written inside it. */
function callsInside(file: FileSummary, f: number): readonly number[] {
  let byFunction = inside.get(file);
  if (!byFunction) {
    const found = new Map<number, number[]>();
    file.calls.forEach((call, c) => {
      for (let it = call.fn; it > 0; it = file.functions[it]!.parent) {
        const calls = found.get(it);
        if (calls) calls.push(c);
        else found.set(it, [c]);
      }
    });
    byFunction = found;
    inside.set(file, byFunction);
  }
  return byFunction.get(f) ?? [];
}
