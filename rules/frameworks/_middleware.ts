/** What runs before the routes of a router: middleware and hooks, of the router itself and of all that serve it. */
import type { Placed, PlacedFunction } from "../../engine/index.ts";
import type { Mounts, Router } from "./_routers.ts";

export interface SaidBefore {
  readonly router: Router;
  /** Under which of the router's paths it runs. */
  readonly prefix: string;
  readonly functions: readonly PlacedFunction[];
  /** The call that says so. */
  readonly at: Placed;
}

export interface Befores {
  readonly add: (before: SaidBefore) => void;
  /** What runs before a route of a router that is registered by the call `at`, outermost first. */
  readonly of: (router: Router, at: Placed, route: string) => readonly PlacedFunction[];
}

const MAX_BEFORES = 40;
const MAX_DEPTH = 12;

/** `hasOrder`: what is registered later runs later, and not before what is already there. */
export function createBefores(mounts: Mounts, hasOrder: boolean): Befores {
  const said: SaidBefore[] = [];
  let byRouter: ReadonlyMap<string, readonly SaidBefore[]> | undefined;
  return {
    add: (it) => {
      said.push(it);
      byRouter = undefined;
    },
    of: (router, at, route) => {
      if (said.length === 0) return [];
      byRouter ??= index(mounts, said);
      const found: PlacedFunction[] = [];
      const seen = new Set<string>();
      const walk = (it: Router, site: Placed | undefined, depth: number): void => {
        if (seen.has(it.key) || depth > MAX_DEPTH) return;
        seen.add(it.key);
        for (const above of mounts.above(it)) walk(above.parent, above.at, depth + 1);
        for (const before of byRouter!.get(it.key) ?? []) {
          if (hasOrder && site && isLater(before.at, site)) continue;
          if (!isUnder(mounts, before, route)) continue;
          for (const fn of before.functions)
            if (found.length < MAX_BEFORES && !found.some((one) => one.file === fn.file && one.f === fn.f))
              found.push(fn);
        }
      };
      walk(router, at, 0);
      return found;
    },
  };
}

/** By the key of the router; what a function adds to a router that it was handed runs for the router itself. */
function index(mounts: Mounts, said: readonly SaidBefore[]): ReadonlyMap<string, readonly SaidBefore[]> {
  const found = new Map<string, SaidBefore[]>();
  const add = (it: SaidBefore, depth: number): void => {
    const known = found.get(it.router.key);
    if (known?.some((one) => one.functions === it.functions && one.prefix === it.prefix)) return;
    if (known) known.push(it);
    else found.set(it.router.key, [it]);
    if (it.router.kind !== "param" || depth > 4) return;
    for (const above of mounts.above(it.router))
      if (above.prefix === "" && above.at) add({ ...it, router: above.parent, at: above.at }, depth + 1);
  };
  for (const it of said) add(it, 0);
  return found;
}

function isLater(it: Placed, than: Placed): boolean {
  return it.file === than.file && it.file.calls[it.c]!.at[0] > than.file.calls[than.c]!.at[0];
}

/** Whether a route lies under the path of what runs before; a parameter or a rest stands for any segment. */
function isUnder(mounts: Mounts, before: SaidBefore, route: string): boolean {
  const own = before.prefix.replace(/\/?\(?\*\w*\)?$/, "");
  if (own === "" || own === "/") return true;
  const parts = route.split("/").filter(Boolean);
  return mounts.prefixes(before.router).some((outer) => {
    const wanted = `${outer}/${own}`.split("/").filter(Boolean);
    return (
      wanted.length <= parts.length &&
      wanted.every((it, i) => it === parts[i] || it.startsWith(":") || it === "*" || it.includes("*"))
    );
  });
}
