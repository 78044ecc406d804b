import type { Binding, Span, Value } from "../model.ts";
import { type Scope, UNDEFINED, type Walk } from "./walk.ts";

export function bind(w: Walk, name: string, kind: Binding["kind"], at: Span, more?: Partial<Binding>): number {
  const index = w.bindings.length;
  w.bindings.push({ name, kind, fn: w.fn, at, ...more });
  w.scope.names.set(name, index);
  return index;
}

export function lookup(w: Walk, name: string): number | undefined {
  for (let scope: Scope | undefined = w.scope; scope; scope = scope.parent) {
    const found = scope.names.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function reference(w: Walk, name: string): Value {
  const b = lookup(w, name);
  if (b !== undefined) return { k: "ref", b };
  return name === "undefined" ? UNDEFINED : { k: "global", name };
}

export function inScope<T>(w: Walk, body: () => T): T {
  const outer = w.scope;
  w.scope = { names: new Map(), parent: outer };
  try {
    return body();
  } finally {
    w.scope = outer;
  }
}
