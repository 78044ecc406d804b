/**
 * Looks like a desktop VS Code to `@vscode/test-electron`: takes the same switches, opens the editor host in a browser
 * without a window, and ends with the code that the tests ended with.
 *
 *   code.ts [folder] --extensionDevelopmentPath=DIR --extensionTestsPath=FILE
 *           [--with-extension=FILE.vsix]... [--locale=ja]
 *
 * Variables given to the tests reach them, since the extension host inherits ours. Ends with 124 after five minutes.
 */
import { realpathSync } from "node:fs";
import path from "node:path";
import { format } from "node:util";
import { root } from "../build.ts";
import { launchBrowser } from "./browser.ts";
import { startHost } from "./host.ts";
import { installEditorHost } from "./install.ts";

const LIMIT = 300_000;
/** What the workbench says about services that are not there; none of it is about an extension. */
const NOISE =
  /connection token|Creating a socket|reconnection-grace|open-vsx|AccountPolicyGate|AgentHost|Service Worker|builtin extensions cache|authentication provider|DefaultAccount|chat-stt|Creation of workbench contribution/;

const given = process.argv.slice(2);
const all = (name: string): string[] =>
  given.filter((it) => it.startsWith(`--${name}=`)).map((it) => it.slice(name.length + 3));
const folder = given.find((it) => !it.startsWith("-"));
const [tests] = all("extensionTestsPath");
const [locale] = all("locale");
if (!folder || !tests) {
  console.error("A folder and --extensionTestsPath are needed.");
  process.exit(2);
}

const host = await startHost({
  folder: installEditorHost(root),
  extensions: all("with-extension"),
  forTests: true,
  ...(locale ? { locale } : {}),
});
const browser = await launchBrowser().catch(async (error: unknown) => {
  await host.stop();
  throw error;
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void leave(143));
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
const ended = new Promise<number>((resolve) => {
  void page.exposeFunction("codeAutomationExit", resolve);
  setTimeout(() => resolve(124), LIMIT).unref();
});
await page.exposeFunction("codeAutomationLog", (_type: string, args: unknown[]) => {
  const line = format(...args);
  if (!NOISE.test(line)) console.log(line);
});
const remote = (file: string): string => `vscode-remote://${host.authority}${path.resolve(file)}`;
const payload = [
  ...all("extensionDevelopmentPath").map((it) => ["extensionDevelopmentPath", remote(it)]),
  ["extensionTestsPath", remote(tests)],
  ["skipWelcome", "true"],
];
const query = new URLSearchParams({ folder: realpathSync(folder), payload: JSON.stringify(payload) });
await page.goto(`${host.address}/?${query}`);
await leave(await ended);

async function leave(code: number): Promise<void> {
  await browser.close().catch(() => undefined);
  await host.stop();
  process.exit(code);
}
