/** The tab "Speed": a run, a run that is stopped, the line to copy. Figures are positive: it knows no machine's speed. */
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserName } from "../../examples/playground/src/speed/browser.js";
import { roofOf, usesOf } from "../../examples/playground/src/speed/roof.js";
import { launch, open } from "./page.js";

const AXE = fileURLToPath(new URL("../../examples/playground/node_modules/axe-core/axe.min.js", import.meta.url));

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const status = (page: Page, text: RegExp) => page.getByRole("status").filter({ hasText: text });

async function startShort(page: Page): Promise<void> {
  await page.getByLabel("How long").selectOption({ index: 0 });
  await button(page, "Run").click();
}

/** Serious and critical violations. */
async function violations(page: Page): Promise<unknown[]> {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(
    `axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === "serious" || impact === "critical"))`,
  );
}

/** "1,234.5" of each figure in the table: a row for each case; in it minimum and median of each build, and the ratio. */
async function tableFigures(page: Page): Promise<number[][]> {
  const rows = await page.getByRole("table").locator("tbody tr").all();
  const texts = await Promise.all(rows.map((row) => row.locator("strong, small, td:last-child").allTextContents()));
  return texts.map((row) => row.map((text) => Number(text.replace(/[,×]/g, ""))));
}

describe("the tab Speed", () => {
  it("measures every case in both builds, keeps it over a reload, and gives it as a line", async () => {
    await using opened = await open(browser, "speed", { permissions: ["clipboard-read", "clipboard-write"] });
    const { page, complaints } = opened;
    await button(page, "Run").waitFor();
    const cases = await page
      .getByRole("listitem")
      .filter({ has: page.locator("strong") })
      .count();
    expect(cases).toBe(8);
    await startShort(page);
    await page.getByRole("progressbar").waitFor();
    await status(page, /^Measured\. The figures stay here/).waitFor();

    const figures = await tableFigures(page);
    expect(figures.length).toBe(cases);
    for (const [baseline, baselineMedian, relaxed, relaxedMedian, ratio] of figures as [number, number, number, number, number][]) {
      expect(baseline).toBeGreaterThan(0);
      expect(relaxed).toBeGreaterThan(0);
      expect(baselineMedian).toBeGreaterThanOrEqual(baseline);
      expect(relaxedMedian).toBeGreaterThanOrEqual(relaxed);
      expect(Math.abs(ratio / (baseline / relaxed) - 1)).toBeLessThan(0.02); // both are rounded
    }
    const shares = await page.locator(".speed-bar > :last-child").allTextContents();
    expect(shares.length).toBe(2 * cases);
    expect(shares.filter((text) => text.endsWith(" 100 %")).length).toBeGreaterThan(0); // a product of matrices is the ceiling

    const roof = page.getByRole("img", { name: /^The roofline: at most [\d.]+ GFLOP\/s/ });
    expect(await roof.locator("circle").count()).toBe(2 * cases);
    const box = (await roof.boundingBox()) as { x: number; y: number; width: number; height: number };
    for (const circle of await roof.locator("circle").all()) {
      const { x, y } = (await circle.boundingBox()) as { x: number; y: number };
      expect(x).toBeGreaterThan(box.x);
      expect(x).toBeLessThan(box.x + box.width);
      expect(y).toBeGreaterThan(box.y);
      expect(y).toBeLessThan(box.y + box.height);
    }

    await button(page, "Copy the line").click();
    await status(page, /^Copied/).waitFor();
    const line = await page.evaluate(() => navigator.clipboard.readText());
    expect(line).toMatch(
      /^wasm-rnn \d+\.\d+\.\d+, Chrome \d+ on Linux, \d{4}-\d\d-\d\d, one thread, µs: minimum \(median\) of baseline \| relaxed: /,
    );
    const cells = await page.getByRole("table").locator("td strong, td small").allTextContents();
    expect(line.match(/[\d.,]+ \([\d.,]+\)/g)?.flatMap((pair) => pair.replace(")", "").split(" ("))).toEqual(
      cells.map((text) => text.replaceAll(",", "")),
    );
    expect(line).toMatch(/; ceiling [\d.]+ GFLOP\/s$/);

    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 375, height: 800 });
    await page.waitForFunction(() => document.documentElement.scrollWidth === 375); // charts follow the width a moment later
    await page.reload();
    await page.getByText(/^Measured on /).waitFor();
    expect(await page.getByLabel("All of it in a line").inputValue()).toBe(line);
    expect(complaints).toEqual([]);
  });

  it("stops when it is told to, and can be started again", async () => {
    await using opened = await open(browser, "speed");
    const { page, complaints } = opened;
    const workers: string[] = [];
    page.on("worker", (worker) => {
      if (!worker.url().includes("speed.worker")) return; // other tabs have their own
      workers.push("started");
      worker.on("close", () => workers.push("ended"));
    });
    await button(page, "Run").click();
    await expect.poll(() => workers, { timeout: 30_000 }).toEqual(["started"]);
    await button(page, "Stop").click();
    await status(page, /^Stopped/).waitFor();
    await expect.poll(() => workers, { timeout: 30_000 }).toEqual(["started", "ended"]);
    expect(await page.getByRole("table").count()).toBe(0);
    await button(page, "Run").click();
    await expect.poll(() => workers, { timeout: 30_000 }).toHaveLength(3); // one that ends before it is seen would not be told of
    await page.getByRole("link", { name: "Text", exact: true }).click(); // leaving stops it, too
    await expect.poll(() => workers, { timeout: 30_000 }).toEqual(["started", "ended", "started", "ended"]);
    expect(complaints).toEqual([]);
  });

  it("says what was wrong where the worker cannot be loaded", async () => {
    await using opened = await open(browser, "speed", { serviceWorkers: "block" });
    const { page } = opened;
    await page.route(/speed\.worker/, (route) => route.abort());
    await startShort(page);
    await page.getByRole("alert").filter({ hasText: "could not be loaded" }).waitFor();
    await button(page, "Run").waitFor();
  });
});

it("counts how often a weight is used once it has been read", () => {
  expect(usesOf({ kind: "step", T: 1, N: 1, H: 64 })).toBe(1);
  expect(usesOf({ kind: "product", M: 24, K: 64, N: 64 })).toBe(24);
  expect(usesOf({ kind: "product", M: 256, K: 64, N: 64 })).toBeCloseTo(256 / 11, 10);
  expect(usesOf({ kind: "forward", T: 100, N: 1, H: 128 })).toBeCloseTo(200 / 105, 10); // half of it is one product over all steps
  expect(roofOf([], ["baseline"])).toBeUndefined();
});

it("names browsers as people do", () => {
  const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
  expect(browserName(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`)).toBe(
    "Edge 141 on Windows",
  );
  expect(browserName("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("Firefox 140 on Linux");
  expect(browserName(`Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/141.0.0.0 Mobile Safari/537.36`)).toBe("Chrome 141 on Android");
  const safari = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5";
  expect(browserName(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${safari} Safari/605.1.15`)).toBe("Safari 18.5 on macOS");
  expect(browserName(`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${safari} Mobile/15E148 Safari/604.1`)).toBe(
    "Safari 18.5 on iOS",
  );
  expect(browserName("something else")).toBe("a browser");
});
