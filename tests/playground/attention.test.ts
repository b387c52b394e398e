/** The tab Attention, with a translator that has learned three sentences by heart. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookedAt } from "../../examples/playground/src/attention/percent.js";
import { placed } from "../../examples/playground/src/attention/placed.js";
import { PAIRS, smallTranslator } from "./attention-small.js";
import { launch } from "./page.js";
import { openTrained, scrollsSideways, seriousFaults } from "./trained.js";

let browser: Browser;
let model: Uint8Array;
beforeAll(async () => {
  [browser, model] = await Promise.all([launch(), smallTranslator()]);
});
afterAll(() => browser.close());

async function openTab(bytes: Uint8Array | undefined, options = {}) {
  const opened = await openTrained(browser, "attention", bytes ? { "translate.safetensors": bytes } : {}, options);
  await opened.page.getByLabel("English to German").check();
  return opened;
}

describe("words", () => {
  it("stand where they stood in the text", () => {
    expect(placed("Öffnet den Dialog.", ["Öffnet", "den", "Dialog", "."])).toEqual([
      { before: "", word: "Öffnet" },
      { before: " ", word: "den" },
      { before: " ", word: "Dialog" },
      { before: "", word: "." },
    ]);
    expect(placed("the λ the", ["the", "\ufffd", "the"]).map(({ before }) => before)).toEqual(["", " ", " λ "]);
  });

  it("are told by their shares, the greatest first", () => {
    expect(lookedAt(["the", "dialog", "."], [0.051, 0.93, 0.019])).toBe("dialog 93 %, the 5 %");
    expect(lookedAt(["a", "b"], [0.04, 0.03])).toBe("a 4 %");
  });
});

describe("the tab", () => {
  it("translates what is typed, and shows where it looked", async () => {
    await using opened = await openTab(model);
    const { page, complaints } = opened;
    await page.getByLabel("English", { exact: true }).fill("Closes the window.");
    await page.getByRole("status").filter({ hasText: "Schließt das Fenster." }).waitFor();
    const table = page.getByRole("table");
    expect((await table.getByRole("columnheader").allTextContents()).filter(Boolean)).toEqual(["Closes", "the", "window", ".", "(end)"]);
    expect(await table.getByRole("rowheader").allTextContents()).toEqual(["Schließt", "das", "Fenster", "."]);
    const cells = await table
      .locator("td[title]")
      .evaluateAll((all) => all.map(({ textContent }) => Number.parseInt(textContent ?? "", 10)));
    expect(cells).toHaveLength(4 * 5);
    for (let row = 0; row < 4; row++) {
      const sum = cells.slice(5 * row, 5 * row + 5).reduce((a, b) => a + b);
      expect(sum).toBeGreaterThanOrEqual(97); // each is rounded
      expect(sum).toBeLessThanOrEqual(103);
    }
    const word = page.getByRole("button", { name: /^Fenster: looked at/ });
    await word.focus();
    const looked = (await word.getAttribute("aria-label"))?.replace("Fenster: looked at ", "");
    await page.getByText(`For Fenster it looked at ${looked}.`).waitFor();
    expect(await table.locator("tr.active").getByRole("rowheader").textContent()).toBe("Fenster");
    expect(complaints).toEqual([]);
  });

  it("draws what is said while it is being said", async () => {
    await using opened = await openTab(model);
    const { page } = opened;
    await page.evaluate(() => {
      const rows: number[] = [];
      Object.assign(globalThis, { rows });
      new MutationObserver(() => rows.push(document.querySelectorAll(".draft tbody tr").length)).observe(document.body, {
        childList: true,
        subtree: true,
      });
    });
    await page.getByLabel("English", { exact: true }).fill("Deletes all rows.");
    await page.getByRole("status").filter({ hasText: "Löscht alle Zeilen." }).waitFor();
    const rows = await page.evaluate(() => (globalThis as unknown as { rows: number[] }).rows);
    expect(rows).toContain(1);
    expect(rows).toContain(3);
  });

  it("has sentences to try, and knows the last one after a reload", async () => {
    await using opened = await openTab(model);
    const { page } = opened;
    await page.getByRole("button", { name: "Press Esc to close the window." }).click();
    await page.locator(".translation:not(.draft)").waitFor();
    await page.getByLabel("English", { exact: true }).fill(PAIRS[2]?.en as string);
    await page.getByRole("status").filter({ hasText: "Löscht alle Zeilen." }).waitFor();
    await page.reload();
    await page.getByRole("status").filter({ hasText: "Löscht alle Zeilen." }).waitFor();
    expect(await page.getByLabel("English", { exact: true }).inputValue()).toBe("Deletes all rows.");
  });

  it("says so in plain words when there is no word, or too much", async () => {
    await using opened = await openTab(model);
    const { page, complaints } = opened;
    await page.getByLabel("English", { exact: true }).fill("12 + 3");
    await page.getByText("Write a sentence in English.").waitFor();
    await page.getByLabel("English", { exact: true }).fill("Opens the dialog. ".repeat(20));
    await page.getByText("That is too long for it").waitFor();
    expect(complaints).toEqual([]);
  });

  it("is usable by all, narrow and dark, too", async () => {
    await using opened = await openTab(model, { viewport: { width: 375, height: 800 }, colorScheme: "dark" });
    const { page } = opened;
    await page.getByLabel("English", { exact: true }).fill("Opens the dialog.");
    await page.getByRole("status").filter({ hasText: "Öffnet den Dialog." }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
  });
});

describe("without a translator", () => {
  it("says how one is made", async () => {
    await using opened = await openTab(undefined);
    const { page, complaints } = opened;
    const alert = page.getByRole("alert");
    await alert.filter({ hasText: "The translator is not here yet" }).waitFor();
    expect(await alert.locator("code").allTextContents()).toEqual([
      "npm run example translate",
      "npm run examples:models",
      "npm run playground",
    ]);
    expect(complaints).toEqual([]);
  });

  it.each([
    ["no model at all", Buffer.from("no model at all")],
    ["half of one", () => model.slice(0, model.length / 2)],
  ])("says that the file cannot be read: %s", async (_, bytes) => {
    await using opened = await openTab(typeof bytes === "function" ? bytes() : bytes);
    const { page, complaints } = opened;
    await page.getByRole("alert").filter({ hasText: "not one that this page can read" }).waitFor();
    expect(complaints).toEqual([]);
  });
});
