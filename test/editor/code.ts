/**
 * Stands in for a VS Code executable: takes the switches that `@vscode/test-electron` gives, opens the editor host in a
 * headless browser, and ends with the code that the extension tests end with.
 */
import { realpathSync } from "node:fs";
import path from "node:path";
import { format } from "node:util";
import { chromium } from "playwright-core";
import { startHost } from "../../scripts/editor-host/host.ts";
import { installEditorHost } from "../../scripts/editor-host/install.ts";

const root = path.join(import.meta.dirname, "../..");
const LIMIT_MS = 240_000;
const NOISE =
  /connection token|Creating a socket|reconnection-grace|open-vsx|AccountPolicyGate|AgentHost|Service Worker|builtin extensions cache|authentication provider|DefaultAccount|chat|Creation of workbench contribution|telemetry/i;

const args = process.argv.slice(2);
const option = (name: string): string[] =>
  args.filter((it) => it.startsWith(`--${name}=`)).map((it) => it.slice(name.length + 3));
const folder = args.find((it) => !it.startsWith("-"));
const [tests] = option("extensionTestsPath");
const [locale = "en"] = option("locale");
if (!tests || !folder) throw new Error("a folder and --extensionTestsPath are needed");

const settings = JSON.parse(process.env.EDITOR_SETTINGS ?? "{}") as Record<string, unknown>;
const host = await startHost({
  folder: installEditorHost(root),
  extensions: [path.join(root, ".cache/slo-lens.vsix")],
  forTests: true,
  settings,
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu"],
});
let code = 1;
try {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, locale })).newPage();
  const ended = new Promise<number>((resolve) => {
    void page.exposeFunction("codeAutomationExit", resolve);
    setTimeout(() => resolve(124), LIMIT_MS).unref();
  });
  await page.exposeFunction("codeAutomationLog", (type: string, parts: unknown[]) => {
    const text = format(...parts);
    if (!NOISE.test(text)) (type === "error" ? console.error : console.log)(text);
  });
  const remote = (file: string): string => `vscode-remote://${host.authority}${path.resolve(file)}`;
  const payload = [
    ...option("extensionDevelopmentPath").map((it) => ["extensionDevelopmentPath", remote(it)]),
    ["extensionTestsPath", remote(tests)],
    ["skipWelcome", "true"],
  ];
  if (locale !== "en")
    await page.addInitScript((language) => localStorage.setItem("vscode.nls.locale", language), locale);
  await page.goto(
    `${host.address}/?folder=${encodeURIComponent(realpathSync(folder))}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
  );
  code = await ended;
} finally {
  await browser.close().catch(() => undefined);
  await host.stop();
}
process.exit(code);
