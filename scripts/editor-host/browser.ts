/// <reference lib="dom" />
/** A browser without a window that looks at the editor host, and the few gestures that tests and pictures need. */
import { spawnSync } from "node:child_process";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";

/** @throws where no Chromium is installed, saying so. */
export async function launchBrowser(): Promise<Browser> {
  const names = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"].filter(
    (it) => it !== undefined,
  );
  const found = names.find((it) => spawnSync(it, ["--version"], { stdio: "ignore" }).status === 0);
  if (found === undefined) throw new Error("No Chromium was found: install it, or name it in CHROMIUM.");
  const executablePath = found.includes("/") ? found : spawnSync("which", [found], { encoding: "utf8" }).stdout.trim();
  return await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Opens a folder in the editor and waits until its files are listed. */
export async function openFolder(page: Page, address: string, folder: string): Promise<void> {
  await page.goto(`${address}/?folder=${encodeURIComponent(folder)}`);
  await page.waitForSelector(".explorer-folders-view .monaco-list-row", { timeout: 60_000 });
}

/** Opens a file by its name, as a person does with Ctrl+P, at a line if one is given, and waits for its text. */
export async function openFile(page: Page, name: string, line?: number): Promise<void> {
  await page.keyboard.press("Control+P");
  const input = page.locator(".quick-input-widget:visible input[type=text]");
  await input.waitFor({ timeout: 60_000 });
  await input.fill(line === undefined ? name : `${name}:${line}`);
  const base = name.slice(name.lastIndexOf("/") + 1);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: base }).first().click({ timeout: 30_000 });
  await page.locator(`.tab.active[data-resource-name="${base}"]`).waitFor({ timeout: 30_000 });
  await page.waitForSelector(".editor-instance .view-line");
}

/** Rests the mouse on the first place where `text` stands in the editor, and waits for the hover. */
export async function hoverOn(page: Page, text: string): Promise<void> {
  await hoverAt(page, await placeOf(page, text));
}

export async function hoverAt(page: Page, at: { readonly x: number; readonly y: number }): Promise<void> {
  // An editor that is just being drawn anew forgets where the mouse rests: it is moved there again.
  for (let left = 5; ; left--) {
    await page.mouse.move(at.x - 3, at.y);
    await page.mouse.move(at.x, at.y);
    const shown = page.waitForSelector(".monaco-editor .monaco-hover:not(.hidden) .hover-row", { timeout: 10_000 });
    if (left === 0) return void (await shown);
    if (await shown.catch(() => undefined)) return;
    await page.mouse.move(at.x, at.y + 150);
  }
}

/**
 * Puts the cursor where `place` says and opens the list of fixes, until `text` is among them. A lens that arrives moves the
 * lines down under the mouse, and a list that is open is not filled anew when a finding comes: so both are done again.
 * @throws with what the list showed instead.
 */
export async function openFixes(
  page: Page,
  place: () => Promise<{ x: number; y: number }>,
  text: string,
): Promise<Locator> {
  const rows = page.locator(".action-widget .monaco-list-row");
  const fix = rows.filter({ hasText: text }).first();
  const seen: string[] = [];
  for (let left = 5; left > 0; left--) {
    const at = await place();
    await page.mouse.click(at.x, at.y);
    await page.keyboard.press("Control+.");
    const isShown = await fix.waitFor({ timeout: 8_000 }).then(
      () => true,
      () => false,
    );
    if (isShown) return fix;
    seen.push((await rows.allTextContents()).join(" | ") || "no list");
    await page.keyboard.press("Escape");
  }
  throw new Error(`No fix "${text}" was offered; the list showed:\n${seen.join("\n")}`);
}

/** The middle of the first place where `text` stands in the editor, in pixels. @throws where it is not on the screen. */
export async function placeOf(page: Page, text: string): Promise<{ readonly x: number; readonly y: number }> {
  const box = await page.evaluate((wanted) => {
    const lines = document.querySelector(".editor-instance .view-lines");
    if (!lines) return undefined;
    const walker = document.createTreeWalker(lines, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const start = (node.textContent ?? "").indexOf(wanted);
      if (start < 0) continue;
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, start + wanted.length);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    }
    return undefined;
  }, text);
  if (!box) throw new Error(`"${text}" is not on the screen.`);
  return box;
}
