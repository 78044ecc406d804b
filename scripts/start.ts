/**
 * `npm start`: builds the extension, starts the example recipe site with its traffic and its Prometheus, and opens it in an
 * editor with live error budgets: desktop VS Code where there is one, else the editor host, whose address it prints.
 *
 *   npm start -- --host    the editor host even where there is a desktop VS Code
 *   npm start -- --check   looks at the live budget in a browser without a window, says it, and stops
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { root } from "./build.ts";
import { launchBrowser, openFile, openFolder } from "./editor-host/browser.ts";
import { startHost } from "./editor-host/host.ts";
import { installEditorHost } from "./editor-host/install.ts";
import { packageExtension } from "./package.ts";

const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, host: { type: "boolean", default: false } },
});
const example = path.join(root, "examples/recipes");

interface ExampleAddresses {
  readonly url?: string;
  readonly metrics?: string;
  readonly prometheus?: string;
}

const stops: (() => Promise<void> | void)[] = [];
let stopping: Promise<void> | undefined;
const stopAll = (): Promise<void> =>
  (stopping ??= (async () => {
    for (const stop of stops.reverse()) await Promise.resolve(stop()).catch(() => undefined);
  })());
// More than once: Ctrl-C reaches this process from the terminal and from the one that started it, and what is half stopped
// would stay behind.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void stopAll().then(() => process.exit(0)));

try {
  console.error("Building the extension …");
  const vsix = await packageExtension();
  console.error("Starting the recipe site, its readers and its Prometheus …");
  const addresses = await startExample();
  const settings = {
    ...(addresses.prometheus
      ? { "sloLens.telemetry.prometheus.url": addresses.prometheus }
      : addresses.metrics
        ? { "sloLens.telemetry.scrape.url": addresses.metrics }
        : {}),
    "sloLens.telemetry.refreshSeconds": 15,
  };
  console.error(
    `The site answers on ${addresses.url ?? "?"}${addresses.prometheus ? `, Prometheus on ${addresses.prometheus}` : ""}.`,
  );
  const desktop = values.host || values.check ? undefined : findDesktop();
  if (desktop) openDesktop(desktop, vsix);
  else {
    const starting = startHost({
      folder: installEditorHost(root),
      extensions: [vsix],
      settings: { ...settings, "workbench.colorTheme": "Default Dark Modern" },
      ...(values.check ? {} : { port: 4600 }),
    });
    // Before it answers, so that Ctrl-C in between stops it too.
    stops.push(async () => (await starting).stop());
    const host = await starting;
    const address = `${host.address}/?folder=${encodeURIComponent(example)}`;
    console.log(
      `\nOpen ${address}\n\nThen open src/recipe-store.ts and src/routes/recipes.ts. Ctrl-C stops everything.`,
    );
    if (values.check) {
      console.log(`npm start works: "${await firstLens(host.address)}"`);
      await stopAll();
      process.exit(0);
    }
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await stopAll();
  process.exit(1);
}

/** The example says its addresses on one line of JSON when it is ready. */
async function startExample(): Promise<ExampleAddresses> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path.join(example, "start.ts")], {
    cwd: example,
    stdio: ["ignore", "pipe", "inherit"],
  });
  stops.push(() => ended(child));
  const lines = createInterface({ input: child.stdout });
  return await new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      try {
        resolve(JSON.parse(line) as ExampleAddresses);
      } catch {
        console.error(line);
      }
    });
    child.once("exit", (code) => reject(new Error(`The recipe site ended with ${code} before it was ready.`)));
  });
}

/** What the extension writes above the list's handler once it has live numbers. @throws when it does not within 90 s. */
async function firstLens(address: string): Promise<string> {
  const browser = await launchBrowser();
  stops.push(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await openFolder(page, address, example);
  await openFile(page, "src/routes/recipes.ts");
  const lens = page.locator(".codelens-decoration", { hasText: /SLO 99 % · .*(left|spent)/ }).first();
  await lens.waitFor({ timeout: 90_000 });
  return (await lens.textContent()) ?? "";
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const done = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await done;
}

/** A desktop VS Code that can open a window. */
function findDesktop(): string | undefined {
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return undefined;
  return ["code", "codium", "code-insiders"].find((it) => !spawnSync(it, ["--version"], { stdio: "ignore" }).error);
}

/** The address is the example's own in `slo-lens.yaml`, so no setting of the user is touched. */
function openDesktop(command: string, vsix: string): void {
  for (const args of [
    ["--install-extension", vsix, "--force"],
    ["--new-window", example, path.join(example, "src/recipe-store.ts")],
  ])
    if (spawnSync(command, args, { stdio: "inherit" }).status !== 0)
      throw new Error(`"${command} ${args[0]}" failed. To open the example in a browser instead: npm start -- --host`);
  console.log("\nThe example is open in VS Code. Ctrl-C stops the site.");
}
