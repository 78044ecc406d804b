/** Whether a value is truthy, three-valued, and which writes of a name can have happened. */
import type { Binding, FileSummary, Value } from "../model.ts";
import type { Env, Origin, Scoped, Truth } from "../origin.ts";

import type { Program } from "../program.ts";

/** What is written to a name, without the writes in branches that are certainly not taken. */
export function liveWrites(
  program: Program,
  binding: Binding,
  file: FileSummary,
  env: Env | undefined,
  depth: number,
): {
  readonly live: readonly Value[];
  readonly certain: boolean;
  readonly param?: (Origin & { k: "param" }) | undefined;
} {
  const live: Value[] = [];
  let certain = true;
  let param: (Origin & { k: "param" }) | undefined;
  binding.writes?.forEach((value, i) => {
    let taken: Truth = { is: "yes" };
    for (let b = binding.writesIn?.[i] ?? -1; b >= 0; b = file.branches[b]!.parent ?? -1) {
      const branch = file.branches[b]!;
      const at = spanOf(value);
      const inElse = branch.elseAt && at && branch.elseAt[0] <= at[0] && at[1] <= branch.elseAt[1];
      const test = program.truth({ value: branch.test, file, env }, depth + 1);
      const here: Truth = inElse ? negated(test) : test;
      taken = both(taken, here);
    }
    if (taken.is === "no") return;
    live.push(value);
    if (taken.is === "unknown") {
      certain = false;
      param ??= taken.param;
    }
  });
  return { live, certain, param };
}

export function readTruth(program: Program, of: Scoped, depth: number): Truth {
  const { value, file, env } = of;
  const inner = (it: Value): Truth => program.truth({ value: it, file, env }, depth + 1);
  switch (value.k) {
    case "lit":
      return { is: value.v ? "yes" : "no" };
    case "obj":
    case "arr":
    case "fn":
    case "class":
      return { is: "yes" };
    case "either": {
      if (value.op === "&&") return both(inner(value.a), inner(value.b));
      const a = inner(value.a);
      if (value.op === "?:") {
        const test: Truth = value.test ? inner(value.test) : { is: "unknown" };
        if (test.is === "yes") return a;
        const b = inner(value.b);
        if (test.is === "no") return b;
        return a.is === b.is ? a : { is: "unknown", param: test.param ?? a.param ?? b.param };
      }
      if (a.is === "yes") return a;
      const b = inner(value.b);
      if (b.is === "yes") return b;
      if (a.is === "no") return b;
      return { is: "unknown", param: a.param ?? b.param };
    }
    case "op":
      if (value.op === "!" && value.args[0]) return negated(inner(value.args[0]));
      return truthOfOrigin(program, of);
    case "ref": {
      const binding = file.bindings[value.b];
      if (!binding || binding.kind === "param" || binding.from || binding.kind === "item")
        return truthOfOrigin(program, of);
      if (!binding.writes?.length) return binding.value ? inner(binding.value) : truthOfOrigin(program, of);
      const { live, certain, param } = liveWrites(program, binding, file, env, depth + 1);
      const initial = binding.value ? inner(binding.value) : ({ is: "no" } as Truth);
      if (live.length === 0) return initial;
      const written = live.map(inner);
      if (written.every((it) => it.is === "yes") && (certain || initial.is === "yes")) return { is: "yes" };
      if (written.every((it) => it.is === "no") && initial.is === "no") return { is: "no" };
      return { is: "unknown", param: param ?? written.find((it) => it.param)?.param ?? initial.param };
    }
    case "get": {
      const found = program.property({ value: value.of, file, env }, value.name, depth + 1);
      if (found.is === "yes") return program.truth(found.at, depth + 1);
      if (found.is === "no") {
        // Absent from an object that is plainly there; of anything else we only know that nobody wrote it down.
        const base = program.origin(value.of, file, env);
        const isPlain = (it: Origin): boolean =>
          it.k === "obj" ||
          it.k === "lit" ||
          it.k === "unknown" ||
          it.k === "param" ||
          (it.k === "any" && it.of.every(isPlain));
        return isPlain(base) ? { is: "no" } : truthOfOrigin(program, of);
      }
      const base = inner(value.of);
      if (base.is === "no") return base;
      const own = truthOfOrigin(program, of);
      const through =
        found.param && found.param.path.length < 4
          ? { ...found.param, path: [...found.param.path, value.name] }
          : found.param;
      if (own.is === "unknown") return { is: "unknown", param: own.param ?? through ?? base.param };
      return own;
    }
    case "call":
      return file.calls[value.c]?.kind === "new" ? { is: "yes" } : truthOfOrigin(program, of);
    case "this":
    case "super":
      return { is: "yes" };
    default:
      return truthOfOrigin(program, of);
  }
}

function truthOfOrigin(program: Program, of: Scoped): Truth {
  const found = program.at(of);
  if (found.k === "lit") return { is: found.v ? "yes" : "no" };
  if (found.k === "param") return { is: "unknown", param: found };
  if (found.k === "any") {
    const each = found.of.map(
      (it): Truth =>
        it.k === "lit"
          ? { is: it.v ? "yes" : "no" }
          : it.k === "param"
            ? { is: "unknown", param: it }
            : { is: "unknown" },
    );
    return each.every((it) => it.is === each[0]!.is)
      ? each[0]!
      : { is: "unknown", param: each.find((it) => it.param)?.param };
  }
  if (/^(unknown|ext|global|type|shape|signature)$/.test(found.k)) return { is: "unknown" };
  return { is: "yes" };
}

function negated(it: Truth): Truth {
  return it.is === "unknown" ? it : { is: it.is === "yes" ? "no" : "yes" };
}

function both(a: Truth, b: Truth): Truth {
  if (a.is === "no" || b.is === "no") return { is: "no" };
  if (a.is === "yes") return b;
  return a.is === "unknown" && b.is === "unknown" && !a.param ? b : a;
}

/** Where a value was written, for those that keep it. */
function spanOf(value: Value): readonly [number, number] | undefined {
  return "at" in value ? (value.at as readonly [number, number] | undefined) : undefined;
}
