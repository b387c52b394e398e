/** A tab whose models are put beside the page by the test, and what axe finds in it. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type Opened, open } from "./page.js";

const AXE = fileURLToPath(new URL("../../examples/playground/node_modules/axe-core/axe.min.js", import.meta.url));

/** @param models all that there are: bytes by the file's name */
export async function openTrained(
  browser: Browser,
  tab: string,
  models: Readonly<Record<string, Uint8Array>>,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const opened = await open(browser, "speed", { serviceWorkers: "block", ...options }); // it would answer in the test's place
  await opened.context.route("**/models/*", (route) => {
    const file = basename(new URL(route.request().url()).pathname);
    if (file === "index.json") return route.fulfill({ json: Object.keys(models) });
    const model = models[file];
    return model ? route.fulfill({ body: Buffer.from(model), contentType: "application/octet-stream" }) : route.fulfill({ status: 404 });
  });
  await opened.page.evaluate((hash) => {
    location.hash = hash;
  }, tab);
  return opened;
}

/** What is serious or critical, by rule, with where it is. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(async () => {
    interface Axe {
      run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
    }
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

/** Whether the page is wider than its window. */
export function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
