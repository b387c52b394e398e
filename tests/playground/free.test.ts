/** While something learns the page is free: no task of its main thread takes 50 ms. The tab "Text" has a test of its own. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Traced, tasksBetween } from "../browser/trace.js";
import { launch, open } from "./page.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** What begins it, and where one sees it half-way. */
interface Lesson {
  begin(page: Page): Promise<void>;
  until(page: Page): Promise<unknown>;
}

const barAt = (share: number) => (page: Page) =>
  page.waitForFunction((share) => (document.querySelector<HTMLProgressElement>("main progress")?.position ?? 0) >= share, share);

const LESSONS: Readonly<Record<string, Lesson>> = {
  inside: { begin: (page) => page.getByRole("button", { name: "Train all four" }).click(), until: barAt(0.3) },
  signals: {
    async begin(page) {
      await page.getByLabel("Units").selectOption("64");
      await page.getByLabel("Passes at most").fill("8");
      await page.getByRole("button", { name: "Train" }).click();
    },
    until: (page) => page.getByRole("heading", { name: "4." }).waitFor(),
  },
  attention: { begin: (page) => page.getByRole("button", { name: "Learn" }).click(), until: barAt(0.2) },
};

// By the processor's clock, which other programs do not move much; yet they take caches and the like: one of three goes is enough.
it.each(Object.entries(LESSONS))("in %s", { retry: 2 }, async (tab, { begin, until }) => {
  await using opened = await open(browser, tab);
  const { page, complaints } = opened;
  await page.waitForFunction(() => document.querySelector("main button") && !document.querySelector('main [aria-busy="true"]'));
  await page.waitForTimeout(1000); // what the tab does when it is opened is over
  await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  await page.evaluate(() => performance.mark("begin"));
  await begin(page);
  await until(page);
  await page.evaluate(() => performance.mark("end"));
  const trace: Traced[] = JSON.parse((await browser.stopTracing()).toString()).traceEvents;
  const tasks = tasksBetween(trace, "begin", "end");
  console.log(`${tab}: ${tasks.length} tasks, the longest ${Math.max(...tasks).toFixed(1)} ms of the processor`);
  expect(tasks.length).toBeGreaterThan(20);
  expect(tasks.filter((task) => task > 50)).toEqual([]);
  expect(complaints).toEqual([]);
});
