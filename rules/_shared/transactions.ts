/** Transactions given as a callback, and the calls that run inside. */
import type {
  Acquisition,
  CallView,
  FileSummary,
  LibOrigin,
  MeantCall,
  Placed,
  RuleContext,
} from "../../engine/index.ts";
import { callsWithin } from "./calls.ts";

export interface TransactionBlock {
  readonly call: MeantCall;
  /** Library of the transaction. */
  readonly library: string;
  /** The callback. */
  readonly f: number;
}

/** `client.transaction(async (tx) => { … })` in a file, by whatever name the library gives it. */
export function transactionBlocks(file: FileSummary, context: RuleContext): TransactionBlock[] {
  return context.meant(file).flatMap((it) => {
    if (it.meaning.kind !== "other" || it.meaning.what !== "transaction") return [];
    const callback = it.view.call.args.find((arg) => arg.k === "fn");
    const library = it.view.recv?.library.name;
    return callback?.k === "fn" && library ? [{ call: it, library, f: callback.f }] : [];
  });
}

/** Calls written inside the callback, its own closures included. */
export function callsInside(file: FileSummary, block: TransactionBlock): Placed[] {
  return callsWithin(file, block.f).map((c) => ({ file, c }));
}

export const TRANSACTION_TYPES: ReadonlySet<string> = new Set(["TransactionClient", "Transaction", "EntityManager"]);

/** The type at the root of what a query was made on: a transaction's handle wherever one is on the way, else the client. */
export function rootType(recv: LibOrigin | undefined): string | undefined {
  let it = recv;
  for (let i = 0; it && i < 30; i++) {
    if (TRANSACTION_TYPES.has(it.type) || !it.recv) return it.type;
    it = it.recv;
  }
  return it?.type;
}

/** A transaction without a function around it has to be ended by hand. */
export function unmanaged(call: CallView, client: string): Acquisition | undefined {
  for (let i = 0; i < call.argCount; i++) {
    const given = call.arg(i);
    if (!given || given.value.k === "fn" || call.origin(given).k === "fn" || call.origin(given).k === "param")
      return undefined;
  }
  return { client, what: "transaction", release: ["commit", "rollback"] };
}
