/** Files mangled and edited in the real language server, with everything asked of it that an editor asks. */
import type { Diagnostic, Position } from "vscode-languageserver-protocol";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { TestClient } from "../../test/lsp/client.ts";
import { edit, mangle, type Random } from "./mutate.ts";
import type { Watch } from "./watch.ts";

/** Edits of one file before it is closed. */
const EDITS = 8;

/** Opens a file, mangled but for every fourth time, edits it, and asks after each edit. */
export async function typeWildly(
  client: TestClient,
  file: string,
  original: string,
  random: Random,
  name: string,
  watch: Watch,
): Promise<void> {
  client.open(file, random() < 0.25 ? original : mangle(original, random));
  for (let n = 0; n < EDITS; n++) {
    const text = client.text(file);
    const document = TextDocument.create("", "", 0, text);
    const step = `${name}, edit ${n}`;
    if (n > 0) {
      const change = edit(text, random);
      client.type(file, { start: document.positionAt(change.from), end: document.positionAt(change.to) }, change.text);
    }
    const diagnostics = await asked(`${step}, diagnostics`, () => client.diagnostics(file));
    for (const it of diagnostics ?? []) check(it, step);
    const position = document.positionAt(Math.floor(random() * text.length));
    const at = { textDocument: { uri: client.uri(file) }, position };
    switch (Math.floor(random() * 5)) {
      case 0:
        await asked(`${step}, hover`, () => client.connection.sendRequest("textDocument/hover", at));
        break;
      case 1:
        await asked(`${step}, lenses`, () => client.connection.sendRequest("textDocument/codeLens", at));
        break;
      case 2:
        await asked(`${step}, actions`, () =>
          client.actions(file, diagnostics?.[0]?.range ?? { start: position, end: position }, diagnostics ?? []),
        );
        break;
      case 3:
        await asked(`${step}, definition`, () => client.connection.sendRequest("textDocument/definition", at));
        break;
    }
  }
  client.close(file);
  for (const it of client.logs.splice(0)) watch.wrong(`${name}: ${it}`);

  async function asked<T>(what: string, ask: () => Promise<T>): Promise<T | undefined> {
    const start = performance.now();
    try {
      return await ask();
    } catch (error) {
      watch.wrong(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
      return undefined;
    } finally {
      watch.took(what, performance.now() - start);
    }
  }

  function check({ range, message }: Diagnostic, step: string): void {
    const lines = TextDocument.create("", "", 0, client.text(file)).lineCount;
    const isBefore = (a: Position, b: Position): boolean =>
      a.line < b.line || (a.line === b.line && a.character <= b.character);
    if (!isBefore(range.start, range.end) || range.end.line >= lines)
      watch.wrong(`${step}: a range outside of the text: ${JSON.stringify(range)}`);
    if (/undefined|NaN|\[object/.test(String(message)))
      watch.wrong(`${step}: a message with a hole: ${String(message)}`);
  }
}
