/** What is asked through a client: the calls of a workspace by the creation of the client they go through. */
import type { FileSummary, MeantCall, Placed, RuleContext } from "../../engine/index.ts";

interface Through extends MeantCall {
  readonly via: Placed;
}

/** Requests and commands of caches anywhere that go through the client created by a call. */
export function callsThrough(creation: Placed, context: RuleContext): readonly MeantCall[] {
  return context
    .everywhere(callsIn)
    .flat()
    .filter((it) => it.via.file === creation.file && it.via.c === creation.c);
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
