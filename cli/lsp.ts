/** `lsp`: the language server in this process; it ends when its client does. */
import type { ExitCode, Host } from "./host.ts";

export async function lsp(host: Host): Promise<ExitCode> {
  host.signal.addEventListener("abort", () => process.exit(0), { once: true });
  const isSource = import.meta.url.endsWith(".ts");
  // By address: the command line knows nothing of the server but where it lies.
  await import(new URL(isSource ? "../server/main.ts" : "./server.js", import.meta.url).href);
  return 0;
}
