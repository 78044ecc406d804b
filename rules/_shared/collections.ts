/** How many elements a collection may have, as far as the code says. */
import type { CallView, FileSummary, Origin, RuleContext, Scoped, Value } from "../../engine/index.ts";

/** As many as somebody writes down by hand. */
const MAX_SMALL = 20;

/** Whether the number of elements follows the data: no literal, no constant, no chunk, no slice. */
export function isLargeCollection(of: Scoped, context: RuleContext, depth = 0): boolean {
  if (depth > 8) return true;
  const { value, file } = of;
  const inner = (it: Value): boolean => isLargeCollection({ ...of, value: it }, context, depth + 1);
  switch (value.k) {
    case "arr":
      return value.open && value.items.some((it) => it.k === "op" && it.op === "spread" && inner(it.args[0]!));
    case "obj":
    case "lit":
      return false;
    case "either":
      return inner(value.a) || (value.op !== "&&" && inner(value.b));
    case "call": {
      const call = file.calls[value.c]!;
      const name =
        call.callee.k === "get"
          ? call.callee.name
          : call.callee.k === "ref"
            ? (file.bindings[call.callee.b]?.name ?? "")
            : "";
      if (/^(slice|splice)$/.test(name) && call.args.length > 0) return false;
      if (/chunk|batch|partition|take|sample|range|times|paginate/i.test(name)) return false;
      if (
        call.callee.k === "get" &&
        call.callee.of.k === "global" &&
        call.callee.of.name === "Object" &&
        call.args[0]
      ) {
        // The keys of a table are mostly few: kinds, environments, groups. Nothing here says that they grow.
        return false;
      }
      if (
        call.callee.k === "get" &&
        /^(filter|map|flatMap|sort|reverse|concat|flat|values|keys|entries|toSorted|toReversed)$/.test(call.callee.name)
      )
        return inner(call.callee.of);
      if (call.callee.k === "get" && call.callee.of.k === "global" && call.callee.of.name === "Array" && call.args[0])
        return inner(call.args[0]);
      if (call.kind === "new" && call.args[0]) return inner(call.args[0]);
      // A query that was capped gives no more than the cap.
      for (const it of context.program.meanings({ file, c: value.c }))
        if (it.kind === "query" && it.action === "list" && it.capped === "yes")
          return !isSmallCap(context.program.view({ file, c: value.c }));
      return true;
    }
    case "ref": {
      const binding = file.bindings[value.b];
      if (!binding) return true;
      if (isConstantName(binding.name)) return false;
      if (binding.from) return isLargeOrigin(context.program.origin(value, file));
      if (/^(chunk|batch|slice|part|page|group)$/i.test(binding.name)) return false;
      if (binding.kind === "item") {
        // An element of `chunk(all, 100)` is a list of a hundred at most.
        const of = binding.value?.k === "call" ? file.calls[binding.value.c]!.callee : undefined;
        const maker = of?.k === "get" ? of.name : of?.k === "ref" ? (file.bindings[of.b]?.name ?? "") : "";
        return !/chunk|batch|partition|paginate/i.test(maker);
      }
      if (binding.value && binding.kind !== "param")
        return inner(binding.value) || (binding.writes ?? []).some(inner) || isFilled(file, value.b);
      return true;
    }
    case "get": {
      if (value.name === "length" || isConstantName(value.name)) return false;
      const found = context.program.origin(value, file);
      return isLargeOrigin(found);
    }
    default:
      return true;
  }
}

/** `AVAILABLE_REGIONS`: written down by hand, wherever that is. */
function isConstantName(name: string): boolean {
  return /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(name);
}

/** `const ids = []; … ids.push(x)`: a literal that grows later. */
function isFilled(file: FileSummary, b: number): boolean {
  return file.calls.some(
    (it) =>
      it.callee.k === "get" &&
      (it.callee.name === "push" || it.callee.name === "add" || it.callee.name === "unshift") &&
      it.callee.of.k === "ref" &&
      it.callee.of.b === b &&
      it.loop !== undefined,
  );
}

function isLargeOrigin(of: Origin): boolean {
  if (of.k === "arr") return of.open || of.items.length > MAX_SMALL;
  return !(of.k === "obj" || of.k === "lit" || of.k === "module");
}

function isSmallCap(view: CallView): boolean {
  for (const name of ["take", "limit"]) {
    const found = view.option(0, name);
    const n = found.is === "yes" ? view.number(found.at) : undefined;
    if (n !== undefined) return n <= 100;
  }
  return true;
}

/** An expression as people would name it in a sentence. */
export function writtenName(value: Value, file: FileSummary, depth = 0): string {
  if (depth > 4) return "…";
  if (value.k === "ref") return file.bindings[value.b]?.name ?? "…";
  if (value.k === "get") return `${writtenName(value.of, file, depth + 1)}.${value.name}`;
  if (value.k === "this") return "this";
  if (value.k === "global") return value.name;
  if (value.k === "either") return writtenName(value.a, file, depth + 1);
  if (value.k === "arr" && value.items.length === 1) return writtenName(value.items[0]!, file, depth + 1);
  if (value.k === "call") {
    const { callee, args } = file.calls[value.c]!;
    const of = /^(Object|Array|Set|Map)\b/.test(writtenName(callee, file, depth + 1)) ? args[0] : undefined;
    return `${writtenName(callee, file, depth + 1)}(${of ? writtenName(of, file, depth + 1) : ""})`;
  }
  return "…";
}
