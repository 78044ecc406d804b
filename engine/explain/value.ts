/** What something is, in a statement. */
import type { Origin } from "../origin.ts";
import { nameOf, placeIn } from "./places.ts";
import { MAX_WRITTEN, type Statement } from "./statements.ts";

const MAX_VALUE_DEPTH = 4;
export const MAX_ALTERNATIVES = 4;

export function explainValue(origin: Origin, depth = 0): Statement {
  if (depth > MAX_VALUE_DEPTH) return { key: "value.unknown", data: { why: "too many steps" } };
  const inner = (it: Origin): readonly Statement[] => [explainValue(it, depth + 1)];
  switch (origin.k) {
    case "unknown":
      return { key: "value.unknown", data: { why: origin.why } };
    case "lit":
      return { key: "value.literal", data: { text: (JSON.stringify(origin.v) ?? "undefined").slice(0, MAX_WRITTEN) } };
    case "fn": {
      const fn = origin.file.functions[origin.f];
      return fn
        ? { key: "value.function", data: { name: nameOf(origin) }, place: placeIn(origin.file, fn.nameAt) }
        : { key: "value.signature" };
    }
    case "class":
    case "instance": {
      const cls = origin.file.classes[origin.c];
      const is: Statement = cls
        ? { key: "value.class", data: { name: cls.name }, place: placeIn(origin.file, cls.nameAt) }
        : { key: "value.unknown", data: { why: "no such class" } };
      return origin.k === "class" ? is : { key: "value.instance", parts: { of: [is] } };
    }
    case "obj":
      return { key: "value.object", place: placeIn(origin.file, origin.value.at) };
    case "arr":
      return { key: "value.list", data: { count: origin.items.length } };
    case "arrayOf":
      return { key: "value.listOf", parts: { of: inner(origin.of) } };
    case "module":
      return { key: "value.module", place: placeIn(origin.file, [0, 0]) };
    case "library":
      return { key: "value.library", data: { library: origin.library.name } };
    case "lib": {
      const data = { library: origin.library.name, type: origin.type, member: origin.member ?? "" };
      const is: Statement = { key: origin.member ? "value.libraryMember" : "value.libraryValue", data };
      const made = origin.via && placeIn(origin.via.file, origin.via.file.calls[origin.via.c]!.nameAt);
      return made ? { key: "value.made", place: made, parts: { of: [is] } } : is;
    }
    case "method": {
      const data = { library: origin.library.name, name: origin.name };
      return origin.recv
        ? { key: "value.methodOf", data, parts: { of: inner(origin.recv) } }
        : { key: "value.method", data };
    }
    case "ext":
      return {
        key: "value.package",
        data: { name: origin.path === "*" ? "" : origin.path, specifier: origin.specifier },
      };
    case "global":
      return { key: "value.global", data: { name: origin.name } };
    case "param": {
      const fn = origin.file.functions[origin.f];
      const name = fn?.params[origin.index]?.name || `#${origin.index + 1}`;
      return {
        key: "value.parameter",
        data: { function: fn?.name ?? "?", name: [name, ...origin.path].join(".") },
        ...(fn ? { place: placeIn(origin.file, fn.nameAt) } : {}),
      };
    }
    case "type":
      return { key: "value.type", data: { name: origin.file.types[origin.t]?.name ?? "?" } };
    case "signature":
      return { key: "value.signature" };
    case "shape": {
      const names = origin.members.slice(0, 5).map((it) => it.name);
      return { key: "value.shape", data: { names: names.join(", ") } };
    }
    case "any":
      return {
        key: "value.any",
        parts: { of: origin.of.slice(0, MAX_ALTERNATIVES).map((it) => explainValue(it, depth + 1)) },
      };
  }
}
