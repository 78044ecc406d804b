/** What is asked through a client: the calls of a workspace by the creation of the client they go through. */
import type { CallSummary, FileSummary, MeantCall, Placed, RuleContext } from "../../engine/index.ts";
import { derived } from "./derived.ts";

interface Through extends MeantCall {
  readonly via: Placed;
}

/** Requests and commands of caches anywhere that go through the client created by a call. */
export function callsThrough(creation: Placed, context: RuleContext): readonly MeantCall[] {
  return derived(context.everywhere(callsIn), byCreation).get(creation.file.calls[creation.c]!) ?? [];
}

function byCreation(calls: readonly (readonly Through[])[]): ReadonlyMap<CallSummary, readonly MeantCall[]> {
  const found = new Map<CallSummary, Through[]>();
  for (const it of calls.flat()) {
    const key = it.via.file.calls[it.via.c]!;
    const list = found.get(key);
    if (list) list.push(it);
    else found.set(key, [it]);
  }
  return found;
}

function callsIn(file: FileSummary, context: RuleContext): readonly Through[] | undefined {
  const found = context.meant(file).flatMap(({ view, meaning }): Through[] => {
    if (meaning.kind !== "request" && (meaning.kind !== "query" || meaning.engine !== "redis")) return [];
    let root = view.recv;
    while (root && !root.via && root.recv) root = root.recv;
    return root?.via ? [{ view, meaning, via: root.via }] : [];
  });
  return found.length > 0 ? found : undefined;
}
