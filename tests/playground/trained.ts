/** A tab whose model is put beside the page by the test, and what axe finds in it. */
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type Opened, open } from "./page.js";

const AXE = fileURLToPath(new URL("../../examples/playground/node_modules/axe-core/axe.min.js", import.meta.url));

/** @param model its bytes; undefined: there is none */
export async function openTrained(
  browser: Browser,
  tab: string,
  name: string,
  model: Uint8Array | undefined,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const opened = await open(browser, "speed", { serviceWorkers: "block", ...options }); // it would answer in the test's place
  await opened.context.route("**/models/index.json", (route) => route.fulfill({ json: model ? [name] : [] }));
  await opened.context.route(`**/models/${name}.safetensors`, (route) =>
    model ? route.fulfill({ body: Buffer.from(model), contentType: "application/octet-stream" }) : route.fulfill({ status: 404 }),
  );
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
