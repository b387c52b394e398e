/** A tab of the page in a real Chromium. What the page complains of fails the test that looks at it. */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { inject, onTestFailed } from "vitest";
import { CHROMIUM } from "../browser/chromium.js";

export interface Opened extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors that nobody caught, and what was written to the console as an error. */
  readonly complaints: string[];
}

export function launch(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ ...CHROMIUM, args: [...CHROMIUM.args, ...args] });
}

export async function open(browser: Browser, tab: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto(`${inject("playground")}/index.html#${tab}`);
  let last = "";
  onTestFailed(() => console.error(`The page said at its end:\n${last}`));
  const close = async () => {
    last = await page.innerText("body", { timeout: 1000 }).catch(String);
    await context.close();
  };
  return { page, context, complaints, [Symbol.asyncDispose]: close };
}
