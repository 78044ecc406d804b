/// <reference lib="dom" />
/**
 * What is seen in the window: marks, lens, hover with its chart, fixes, status. With UPDATE_PICTURES=1 it also looks at the
 * light theme and at Japanese, and writes docs/pictures.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { hoverAt, hoverOn, launchBrowser, openFile, openFixes, openFolder } from "../../scripts/editor-host/browser.ts";
import { startHost } from "../../scripts/editor-host/host.ts";
import { installEditorHost } from "../../scripts/editor-host/install.ts";
import { packageExtension } from "../../scripts/package.ts";
import { exampleFolder } from "./workspace.ts";

const root = path.join(import.meta.dirname, "../..");
const pictures = path.join(root, "docs/pictures");
const isUpdating = process.env.UPDATE_PICTURES === "1";
const home = mkdtempSync(path.join(tmpdir(), "slo-lens-window-test-"));
let vsix = "";

before(async () => {
  vsix = await packageExtension(path.join(home, "slo-lens.vsix"));
});

after(() => rmSync(home, { recursive: true, force: true }));

const looks = [
  { name: "dark", theme: "Default Dark Modern", locale: "en", fix: "stop counting at 1,001" },
  { name: "light", theme: "Default Light Modern", locale: "en", fix: "stop counting at 1,001" },
  { name: "japanese", theme: "Default Light Modern", locale: "ja", fix: "1,001" },
] as const;

for (const look of looks)
  test(`the window, ${look.name}`, {
    skip: look.name !== "dark" && !isUpdating && "only for pictures",
    timeout: 170_000,
  }, async (t) => {
    const { folder, remove } = exampleFolder();
    t.after(remove);
    const host = await startHost({
      folder: installEditorHost(root),
      extensions: [vsix],
      locale: look.locale,
      settings: {
        "workbench.colorTheme": look.theme,
        "editor.fontSize": 13,
        "editor.hover.delay": 100,
        "editor.hover.height": 420,
        "breadcrumbs.enabled": false,
      },
    });
    t.after(host.stop);
    const browser = await launchBrowser();
    t.after(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1120, height: 640 } });
    await openFolder(page, host.address, folder);

    await openFile(page, "src/routes/recipes.ts");
    const lens = page.locator(".codelens-decoration", { hasText: "6.2" }).first();
    await lens.waitFor({ timeout: 30_000 });
    assert.match((await lens.textContent()) ?? "", /SLO 99 ?%/);
    await hoverOn(page, "listRecipes");
    const chart = page.locator(".monaco-hover img").first();
    await chart.waitFor();
    const size = await chart.evaluate((it: HTMLImageElement) => ({ width: it.naturalWidth, isDone: it.complete }));
    assert.ok(size.width > 100, "the chart is not drawn");
    await picture(page, `budget-${look.name}`);
    await page.keyboard.press("Escape");

    await openFile(page, "src/recipe-store.ts", 31);
    await page.waitForSelector(".squiggly-warning", { timeout: 30_000 });
    // A word of SQL has a colour of its own within the string.
    await page
      .locator(".view-line span", { hasText: /^SELECT$/ })
      .last()
      .waitFor();
    await hoverAt(page, await markPlace(page));
    await picture(page, `finding-${look.name}`);
    await page.keyboard.press("Escape");
    await page.mouse.move(1000, 600);

    await page.locator("#status\\.languageStatus").hover();
    await page
      .locator(".hover-language-status, .monaco-hover", { hasText: "SLO Lens" })
      .first()
      .waitFor({ timeout: 60_000 });
    await page.mouse.move(600, 600);

    const fix = await openFixes(page, () => markPlace(page), look.fix);
    await picture(page, `fixes-${look.name}`);
    await fix.click();
    await page.waitForFunction(() => !document.querySelector(".squiggly-warning"), null, { timeout: 30_000 });
  });

/** The first thing that is marked. */
async function markPlace(page: Page): Promise<{ readonly x: number; readonly y: number }> {
  const box = await page.locator(".squiggly-warning").first().boundingBox();
  assert.ok(box);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function picture(page: Page, name: string): Promise<void> {
  if (!isUpdating) return;
  mkdirSync(pictures, { recursive: true });
  // The mouse rests while the hover fades in; a picture taken earlier would show it half.
  await page
    .waitForFunction(() => document.getAnimations().every((it) => it.playState !== "running"), null, {
      timeout: 10_000,
    })
    .catch(() => undefined);
  await page.screenshot({ path: path.join(pictures, `${name}.png`), animations: "disabled", caret: "hide" });
}
