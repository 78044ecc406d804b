/** The way in and out: what goes wrong of ours is told once and answered with nothing, and after the end nothing is sent. */
import { type CancellationToken, type Connection, LSPErrorCodes, ResponseError } from "vscode-languageserver";
import { letMessagesIn } from "./turns.ts";

export interface Door {
  /** The client said goodbye. */
  readonly isClosed: boolean;
  readonly close: () => void;
  readonly log: (message: string) => void;
  /** Runs what a message or an event asks for; what it throws is logged. */
  readonly guard: (name: string, run: () => void) => void;
  /** For requests: messages in, token checked, and whatever goes wrong of ours is the empty answer. */
  readonly read: <P, R>(
    name: string,
    empty: R,
    run: (params: P, token: CancellationToken) => R | Promise<R>,
  ) => (params: P, token?: CancellationToken) => Promise<R | ResponseError<void>>;
}

/** More different failures than this are not told. */
const MAX_LOGGED = 500;

/** @param isOn false where every request is answered with nothing */
export function createDoor(connection: Connection, isOn: () => boolean): Door {
  const logged = new Set<string>();
  let isClosed = false;
  const log = (message: string): void => {
    // The same failure at every keystroke is told once.
    if (isClosed || logged.has(message) || logged.size > MAX_LOGGED) return;
    logged.add(message);
    connection.console.error(message);
  };
  return {
    get isClosed() {
      return isClosed;
    },
    close: () => {
      isClosed = true;
    },
    log,
    guard: (name, run) => {
      try {
        run();
      } catch (error) {
        log(`${name}: ${textOf(error)}`);
      }
    },
    read: (name, empty, run) => async (params, given) => {
      // A request without parameters brings its token first.
      const token = given ?? (params as CancellationToken);
      await letMessagesIn();
      if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
      if (!isOn()) return empty;
      try {
        return await run(params, token);
      } catch (error) {
        log(`${name}: ${textOf(error)}`);
        return empty;
      }
    },
  };
}

export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
