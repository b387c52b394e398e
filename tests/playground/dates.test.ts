/** The tab Attention: dates, which the network learns to write in the page. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { createRuntime, Generator } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { type Learned, Learner } from "../../examples/playground/src/attention/dates/learner.js";
import { lettersOf, SOURCE_TOKENS, shown, targetOf, tokensOf } from "../../examples/playground/src/attention/dates/letters.js";
import { draw } from "../../examples/playground/src/attention/dates/writings.js";
import { launch, open } from "./page.js";
import { scrollsSideways, seriousFaults } from "./trained.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** A whole lesson, on a slow machine that does other things too. */
const LESSON_MS = 120_000;

async function learn(page: Page): Promise<number> {
  await page.getByRole("button", { name: /^Learn( again)?$/ }).click();
  await page.getByText("It learns.").waitFor();
  const status = page.getByRole("status").filter({ hasText: "It has learned" });
  await status.waitFor({ timeout: LESSON_MS });
  return Number.parseInt((await status.textContent())?.match(/\d+/)?.[0] ?? "", 10);
}

describe("dates that are made up", () => {
  it("are days that there are, and say the same in both writings", () => {
    const random = new Generator(1);
    for (let i = 0; i < 2000; i++) {
      const { text, iso } = draw(random);
      expect(iso).toMatch(/^(19|20)\d\d-\d\d-\d\d$/);
      expect(new Date(`${iso}T00:00:00Z`).toISOString().slice(0, 10)).toBe(iso);
      expect(text).toContain(iso.slice(0, 4));
      expect(text).toMatch(new RegExp(`\\b${Number(iso.slice(8))}(st|nd|rd|th)?\\b`));
    }
  });

  it("have the endings of English, and the day of the week", () => {
    const random = new Generator(2);
    const texts = Array.from({ length: 4000 }, () => draw(random));
    const endings = new Set(texts.flatMap(({ text }) => text.match(/\b\d{1,2}(st|nd|rd|th)\b/)?.[0] ?? []));
    expect([...endings].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))).toEqual([
      ...["1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th", "12th", "13th", "14th", "15th", "16th"],
      ...["17th", "18th", "19th", "20th", "21st", "22nd", "23rd", "24th", "25th", "26th", "27th", "28th", "29th", "30th", "31st"],
    ]);
    const dated = texts.find(({ text }) => /^[A-Z][a-z]+day, /.test(text)) as { text: string; iso: string };
    const name = new Date(`${dated.iso}T00:00:00Z`).toLocaleDateString("en", { weekday: "long", timeZone: "UTC" });
    expect(dated.text.startsWith(name)).toBe(true);
  });

  it("are tokens for every letter, whatever is typed", () => {
    const tokens = tokensOf("14 MÄRZ 2021 😀");
    expect(tokens).toHaveLength([..."14 MÄRZ 2021 😀"].length + 1);
    expect(Math.max(...tokens)).toBeLessThan(SOURCE_TOKENS);
    expect(lettersOf(targetOf("2021-03-14"))).toBe("2021-03-14");
    expect(shown("1 Mai")).toEqual(["1", "␣", "M", "a", "i", "(end)"]);
  });
});

test("lesson after lesson it takes the same memory, and one that is gone on with comes to the same bits", async () => {
  using rt = await createRuntime({ seed: 1 });
  await loadOperators(rt);
  const learner = new Learner(rt);
  const rounds = async (from: Learned | undefined, last: number) => {
    let newest: Learned | undefined;
    await learner.learn(from, (learned) => {
      newest = structuredClone(learned);
      if (learned.report.done === last) learner.stop();
    });
    return newest as Learned;
  };
  const first = await rounds(undefined, 1);
  const second = await rounds(first, 2);
  const third = await rounds(first, 3);
  expect(second).not.toEqual(third);
  expect(await rounds(second, 3)).toEqual(third);
  const bytes: number[] = [];
  for (let lesson = 0; lesson < 6; lesson++) {
    await rounds(undefined, 1);
    await learner.write("7 May 1999");
    bytes.push(rt.bytesInUse);
  }
  expect(new Set(bytes).size).toBe(1);
});

describe("the tab", () => {
  it("learns them, shows where it looked, and knows it all after a reload", { timeout: 2 * LESSON_MS }, async () => {
    await using opened = await open(browser, "attention");
    const { page, complaints } = opened;
    await page.getByText("It has learned nothing yet").waitFor();
    expect(await learn(page)).toBeGreaterThanOrEqual(95);
    await page.getByLabel("A date, as you would write it").fill("Friday, 17 July 2026");
    const written = page.locator(".iso");
    await written.filter({ hasText: "2026-07-17" }).waitFor();
    const table = page.getByRole("table");
    expect((await table.getByRole("columnheader").allTextContents()).join("")).toBe("Friday,␣17␣July␣2026(end)");
    expect((await table.getByRole("rowheader").allTextContents()).join("")).toBe("2026-07-17");
    const day = table.locator("tbody tr").nth(9); // the last digit: what was read in its place
    const shares = await day.locator("td").evaluateAll((all) => all.map(({ textContent }) => Number.parseInt(textContent ?? "", 10)));
    expect(shares.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(95);
    const place = shares.indexOf(Math.max(...shares)); // an encoder of both directions knows a letter beside it, too
    expect(Math.abs(place - ("Friday, 17".length - 1))).toBeLessThanOrEqual(1);
    await day.hover();
    await page.getByText(/For 7 it looked at . \d+ %/).waitFor();
    await page.reload();
    await written.filter({ hasText: "2026-07-17" }).waitFor();
    await page.getByText(/of 200 dates that it has never seen/).waitFor();
    expect(complaints).toEqual([]);
  });

  it("can be stopped, learns again, and goes on where it was left, by another tab or by a reload", { timeout: 2 * LESSON_MS }, async () => {
    await using opened = await open(browser, "attention");
    const { page, complaints } = opened;
    await page.getByRole("button", { name: "Learn" }).click();
    await page.getByText(/of 200 dates that it has never seen/).waitFor({ timeout: LESSON_MS });
    await page.getByRole("button", { name: "Stop" }).press("Enter");
    await page.locator("button:focus", { hasText: "Resume" }).waitFor(); // for who has no mouse: Stop is gone
    await page.getByRole("button", { name: "Learn again" }).click({ timeout: LESSON_MS });
    const bar = (least: number) =>
      page.waitForFunction((least) => Number(document.querySelector<HTMLProgressElement>("main progress")?.value) >= least, least);
    await bar(1);
    await page.getByRole("link", { name: "Speed" }).click();
    await page.getByRole("link", { name: "Attention" }).click();
    await page.getByRole("button", { name: "Resume" }).click();
    await bar(2);
    await page.reload();
    await page.getByRole("button", { name: "Resume" }).click();
    await bar(3);
    expect(complaints).toEqual([]);
  });

  it("takes whatever is typed", async () => {
    await using opened = await open(browser, "attention");
    const { page, complaints } = opened;
    const field = page.getByLabel("A date, as you would write it");
    for (const text of ["😀", "x".repeat(40), "…/&%$§", "١٤ مارس"]) {
      await field.fill(text);
      await page
        .getByRole("table")
        .getByRole("columnheader")
        .nth([...text].length)
        .waitFor();
    }
    await field.fill("");
    await page.getByRole("table").waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  });

  it("is usable by all, narrow too, in both schemes", async () => {
    await using opened = await open(browser, "attention", { viewport: { width: 375, height: 800 } });
    const { page } = opened;
    await page.getByRole("table").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await seriousFaults(page), colorScheme).toEqual([]);
    }
    expect(await scrollsSideways(page)).toBe(false);
  });
});
