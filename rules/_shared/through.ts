/** What is asked through a client: the calls of a workspace by the creation of the client they go through. */
import { callKey, type FileSummary, type MeantCall, type Placed, type RuleContext } from "../../engine/index.ts";
import { derived } from "./derived.ts";

interface Through extends MeantCall {
  /** The creation: found again under it while its file is typed in. */
  readonly via: string;
}

/** Requests and commands of caches anywhere that go through the client created by a call. */
export function callsThrough(creation: Placed, context: RuleContext): readonly MeantCall[] {
  return derived(context.everywhere(callsIn), byCreation).get(callKey(creation.file, creation.c)) ?? [];
}

function byCreation(calls: readonly (readonly Through[])[]): ReadonlyMap<string, readonly MeantCall[]> {
  const found = new Map<string, Through[]>();
  for (const it of calls.flat()) {
    const list = found.get(it.via);
    if (list) list.push(it);
    else found.set(it.via, [it]);
  }
  return found;
}

function callsIn(file: FileSummary, context: RuleContext): readonly Through[] | undefined {
  const keys = new Map<object, string>();
  const keyOf = ({ file, c }: Placed): string => {
    const call = file.calls[c]!;
    let key = keys.get(call);
    if (key === undefined) keys.set(call, (key = callKey(file, c)));
    return key;
  };
  const found = context.meant(file).flatMap(({ view, meaning }): Through[] => {
    if (meaning.kind !== "request" && (meaning.kind !== "query" || meaning.engine !== "redis")) return [];
    let root = view.recv;
    while (root && !root.via && root.recv) root = root.recv;
    return root?.via ? [{ view, meaning, via: keyOf(root.via) }] : [];
  });
  return found.length > 0 ? found : undefined;
}
