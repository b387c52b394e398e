/** The frame: tabs, the address, what is missing, no network. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, open } from "./page.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const TABS = ["Inside the cell", "Text", "Signals", "Attention", "Voice", "Your model", "Speed"];

describe("the frame", () => {
  it("has its tabs, one of them open, and says which in the title", async () => {
    await using opened = await open(browser, "speed");
    const { page, complaints } = opened;
    expect(await page.getByRole("navigation").getByRole("link").allTextContents()).toEqual(TABS);
    await page.getByRole("link", { name: "Text", exact: true }).click();
    await page.waitForFunction(() => document.title === "Text · wasm-rnn");
    expect(page.url()).toMatch(/#text$/);
    expect(complaints).toEqual([]);
  });

  it("says so where there is no SIMD", async () => {
    await using opened = await open(browser, "nothing");
    const { page } = opened;
    await page.addInitScript(() => {
      WebAssembly.validate = () => false;
    });
    await page.reload();
    await page.getByRole("alert").filter({ hasText: "no SIMD" }).waitFor();
  });

  it("works without a network once it was loaded", async () => {
    await using opened = await open(browser, "inside");
    const { page, context } = opened;
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await context.setOffline(true);
    for (const tab of TABS) {
      await page.getByRole("link", { name: tab, exact: true }).click();
      await page.waitForFunction((title) => document.title.startsWith(title), tab);
      await page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'));
      expect(await page.getByText("could not be loaded").allTextContents()).toEqual([]);
    }
    const [deeper, asked] = ["deeper/page", "./?from=elsewhere#text"].map((path) => new URL(path, page.url()).href) as [string, string];
    await page.goto(asked);
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await expect(page.goto(deeper)).rejects.toThrow("ERR_INTERNET_DISCONNECTED"); // a page without its files would be empty
  });
});
