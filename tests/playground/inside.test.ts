/** Inside the cell: what is typed is traced, arrows move the step, four networks learn, and it is still there after a reload. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { createRuntime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/cells";
import { Laboratory, type Learned } from "../../examples/playground/src/inside/laboratory.js";
import { launch, open } from "./page.js";

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "inside-"));
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What is kept for offline use is none of these tests' business. */
const NO_CACHE = { serviceWorkers: "block" } as const;
const CELLS = ["RNN", "LSTM", "GRU", "minGRU"];
const maps = (page: Page) => page.getByRole("group", { name: /^Heat maps/ });
const numbersOf = (page: Page, cell: string) =>
  page.getByRole("article", { name: cell, exact: true }).locator(".equations dd").allTextContents();
const said = (page: Page, text: string) => page.getByText(text, { exact: true }).waitFor();

/** Types a sequence, and waits for its trace. */
async function type(page: Page, text: string, steps: number): Promise<void> {
  await page.getByRole("textbox").fill(text);
  await page.waitForFunction((max) => document.querySelector<HTMLInputElement>("[aria-label=Step]")?.max === max, String(steps));
}

/** Of a cell, in percent. */
async function accuracy(page: Page, cell: string): Promise<number> {
  return Number.parseInt(
    await page
      .getByRole("row", { name: cell, exact: false })
      .and(page.locator(`:has(th:text-is("${cell}"))`))
      .locator("td")
      .last()
      .innerText(),
    10,
  );
}

/** Norms at the first step, as the chart's text tells them: "RNN 3.8 · 10⁻⁸". */
async function firstNorms(page: Page): Promise<number[]> {
  const told = (await page.getByRole("img", { name: /^Norm of the gradient/ }).getAttribute("aria-label")) ?? "";
  return CELLS.map((cell) => {
    const [, digits, exponent = "0"] = new RegExp(`\\b${cell} ([\\d.]+)(?: · 10(\\S+?))?[,.]`).exec(told) ?? [];
    return Number(digits) * 10 ** Number(exponent.replace(/./g, (sign) => (sign === "⁻" ? "-" : String("⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(sign)))));
  });
}

test("a lesson that is gone on with comes to the same bits, in the same memory ten times in a row", async () => {
  using rt = await createRuntime({ seed: 1 });
  await loadOperators(rt);
  const laboratory = new Laboratory(rt);
  const rounds = async (from: number | Learned, last: number) => {
    let newest: Learned | undefined;
    await laboratory.train("letters", from, (learned) => {
      newest = structuredClone(learned);
      if (learned.report.done === last) laboratory.stop();
    });
    return newest as Learned;
  };
  const whole = await rounds(2, 3);
  const bytes = rt.bytesInUse;
  const part = await rounds(2, 1);
  expect(part.learners).not.toEqual(whole.learners);
  expect(await rounds(part, 3)).toEqual(whole);
  for (let n = 0; n < 8; n++) await rounds(3 + n, 1);
  expect(rt.bytesInUse).toBe(bytes);
});

describe("inside the cell", () => {
  it("shows the numbers of the step, by range, arrow keys and pointer", async () => {
    await using opened = await open(browser, "inside", NO_CACHE);
    const { page, complaints } = opened;
    await type(page, "Beyond", 6);
    const [first] = await numbersOf(page, "RNN");
    expect(first).toMatch(/^tanh\(−?\d\.\d{3} \+ 0\.000 \+ \(?−?\d\.\d{3}\)?\) = −?0\.\d{3}$/); // a⟨0⟩ is zero
    const [, x, b, a] = (/^tanh\((\S+) \+ 0\.000 \+ \(?(\S+?)\)?\) = (\S+)$/.exec(first!) ?? []).map((text) =>
      Number(text.replace("−", "-")),
    );
    expect(Math.abs(Math.tanh(x! + b!) - a!)).toBeLessThan(2e-3);
    await maps(page).focus();
    await page.keyboard.press("ArrowRight");
    await said(page, "Step 2 of 6, reads e");
    const [second] = await numbersOf(page, "RNN");
    expect(second).not.toBe(first);
    await page.keyboard.press("ArrowDown");
    await said(page, "Unit 2 of 16");
    expect((await numbersOf(page, "RNN"))[0]).not.toBe(second);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowLeft");
    await said(page, "Step 1 of 6, reads B");
    expect((await numbersOf(page, "RNN"))[0]).toBe(first);
    await page.getByLabel("Step", { exact: true }).press("End");
    await said(page, "Step 6 of 6, reads d");
    const canvas = page.getByRole("img", { name: /^GRU: update gate/ });
    const box = (await canvas.boundingBox())!;
    await canvas.hover({ position: { x: (box.width * 3.5) / 6, y: (box.height * 8.5) / 16 } });
    await said(page, "Step 4 of 6, reads o");
    await said(page, "Unit 9 of 16");
    expect((await numbersOf(page, "LSTM")).length).toBe(7);
    expect(complaints).toEqual([]);
  });

  it("reads numbers and a file of them, and says in plain words what it cannot read", async () => {
    await using opened = await open(browser, "inside", NO_CACHE);
    const { page, complaints } = opened;
    await page.getByRole("radio", { name: "Numbers" }).check();
    await type(page, "3 1 4 1 5", 5);
    await page.getByRole("textbox").fill("3 1 four");
    await said(page, "“four” is not a number.");
    const [table, words] = [join(folder, "table.csv"), join(folder, "words.csv")];
    writeFileSync(table, "day,warm,wet\nmon,21.5,0\ntue,19,3\nwed,18,8\n");
    writeFileSync(words, "day,word\nmon,fine\n");
    await page.locator("input[type=file]").setInputFiles(table);
    await said(page, "Step 1 of 3, reads 21.5");
    expect(await page.getByRole("textbox").inputValue()).toBe("21.5, 19, 18");
    await page.getByRole("combobox", { name: "Column" }).selectOption("wet");
    await said(page, "Step 1 of 3, reads 0");
    await page.locator("input[type=file]").setInputFiles(words);
    await page.getByRole("alert").filter({ hasText: "No column of this file is all numbers" }).waitFor();
    await page.reload();
    await said(page, "Step 1 of 3, reads 0");
    expect(complaints).toEqual([]);
  });

  it("trains all four while one types, and keeps what they have learned", async () => {
    await using opened = await open(browser, "inside", NO_CACHE);
    const { page, complaints } = opened;
    await type(page, "C all the little ships", 22);
    expect(await page.locator(".gradients polyline").count()).toBe(4);
    const fresh = await firstNorms(page);
    expect(Math.max(...fresh)).toBeLessThan(1e-4);
    expect(Math.min(...fresh)).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Train all four" }).click();
    await page.getByRole("progressbar", { name: "Training" }).waitFor();
    await page
      .getByText("100%")
      .or(page.getByText(/^\d\d %$/))
      .first()
      .waitFor();
    await page.getByRole("link", { name: "Speed" }).click(); // what is left or reloaded in the middle is gone on with
    await page.getByRole("link", { name: "Inside the cell" }).click();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.waitForFunction(() => Number(document.querySelector<HTMLProgressElement>("main progress")?.value) >= 4);
    await page.reload();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.waitForFunction(() => Number(document.querySelector<HTMLProgressElement>("main progress")?.value) >= 5);
    await type(page, "C all the little ships go", 25); // it is traced between two slices
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await page.getByRole("progressbar", { name: "Training" }).waitFor({ state: "detached" });
    expect(await page.getByRole("button", { name: "Resume" }).count()).toBe(0);
    for (const cell of ["LSTM", "GRU", "minGRU"]) expect(await accuracy(page, cell), cell).toBeGreaterThan(90);
    expect(await page.getByText(/^At the end it says “C”, .*: right\.$/).count()).toBeGreaterThanOrEqual(3);
    const trained = await firstNorms(page);
    expect(trained[2]! / fresh[2]!).toBeGreaterThan(100);
    await page.reload();
    await said(page, "Step 1 of 25, reads C");
    expect(await page.getByRole("radio", { name: "trained" }).isChecked()).toBe(true);
    expect(await firstNorms(page)).toEqual(trained);
    await page.getByRole("radio", { name: "fresh" }).check();
    await page.waitForFunction(() =>
      /says “.”, [1-5]\d % sure/.test(document.querySelector("[aria-label=GRU] .answer")?.textContent ?? ""),
    );
    expect(complaints).toEqual([]);
  });

  it("can be used by all, in both schemes and on a phone", async () => {
    await using opened = await open(browser, "inside", { viewport: { width: 375, height: 800 }, reducedMotion: "reduce", ...NO_CACHE });
    const { page, complaints } = opened;
    await page.getByText("All 16 units at this step").first().click();
    await page.getByRole("table").filter({ hasText: "unit" }).waitFor();
    await page.waitForFunction(() => document.documentElement.scrollWidth === 375); // charts follow the width a moment later
    await page.addScriptTag({ path: "examples/playground/node_modules/axe-core/axe.min.js" });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const serious = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string }[] }> } };
        return (await axe.run()).violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id }) => id);
      });
      expect(serious, colorScheme).toEqual([]);
    }
    expect(complaints).toEqual([]);
  });
});
