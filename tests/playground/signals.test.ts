/** Signals: a table learned in a real Chromium, measured, kept, and used in Node. */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, Generator, loadModel, loadSafetensors, loadScaler, type Prediction, predict } from "../../bindings/index.js";
import { launch, open } from "./page.js";
import { seriousFaults } from "./trained.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** A sine of period 20 and amplitude 3 under noise of deviation 0.3. */
function noisySine(rows: number): number[] {
  const random = new Generator(7);
  return Array.from({ length: rows }, (_, t) => 10 + 3 * Math.sin((2 * Math.PI * t) / 20) + 0.3 * random.normal());
}

function csvOf(values: readonly number[]): string {
  return ["t,value", ...values.map((value, t) => `${t},${value}`)].join("\n");
}

/** Once the table that comes along is open. */
async function drop(page: Page, name: string, content: string | Uint8Array): Promise<void> {
  await page.getByRole("heading", { name: "2." }).waitFor();
  await page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(content) });
}

/** MAE and RMSE by the name of the forecast, as the page shows them. */
async function errorsOf(page: Page): Promise<Record<string, number[]>> {
  const rows = page.getByRole("table", { name: /^Errors/ }).locator("tbody tr");
  const cells = await rows.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
  return Object.fromEntries(cells.map(([name = "", ...figures]) => [name, figures.map(Number)]));
}

async function train(page: Page, passes: number): Promise<void> {
  await page.getByLabel("Units").selectOption("16");
  await page.getByLabel("Passes at most").fill(String(passes));
  await page.getByRole("button", { name: "Train" }).click();
  await page.getByRole("heading", { name: "4." }).waitFor();
}

async function fileOf(page: Page, button: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  return readFileSync(await download.path());
}

describe("the tab Signals", () => {
  it("learns a noisy sine better than the naive forecasts, and the model says the same in Node", async () => {
    await using opened = await open(browser, "signals");
    const { page, complaints } = opened;
    const values = noisySine(600);
    await drop(page, "sine.csv", csvOf(values));
    await page.getByText("sine.csv: 600 rows; 2 columns of numbers among 2.").waitFor();
    expect(await page.getByLabel("Column to forecast").inputValue()).toBe("value");
    await train(page, 30);

    const errors = await errorsOf(page);
    const rmse = (name: string) => errors[name]?.[1] ?? Number.NaN;
    expect(Object.keys(errors)).toEqual(["GRU of 16 units", "as the last value", "as one season (20 rows) before"]);
    expect(rmse("GRU of 16 units")).toBeLessThan(0.5 * rmse("as the last value"));
    expect(rmse("GRU of 16 units")).toBeLessThan(0.9 * rmse("as one season (20 rows) before")); // noise alone leaves 0.71
    const percent = Math.round(100 * (1 - rmse("GRU of 16 units") / rmse("as one season (20 rows) before")));
    await page.getByText(`The network wins: the network’s RMSE is ${percent} % lower than that of the best naive forecast`).waitFor();
    const status = await page.getByText(/whose loss on the part that is watched is/).textContent();
    expect(Number(/is ([\d.]+)\.$/.exec(status ?? "")?.[1])).toBeLessThan(0.05); // that of the mean is 1, that of the noise 0.02

    const lines = (await fileOf(page, "Download the forecasts")).toString().trim().split("\n");
    expect(lines[0]).toBe("row,truth,GRU of 16 units,as the last value,as one season (20 rows) before");
    expect(lines).toHaveLength(1 + 90 + 1); // the last 15 %, and the row after
    const bytes = await fileOf(page, "Download the model");
    expect(loadSafetensors(bytes).metadata).toMatchObject({ columns: '["value"]', target: "value", length: "14", ahead: "1" });
    using rt = await createRuntime();
    const scaler = loadScaler(bytes, "scaler");
    const seen = [values.slice(-15, -1), values.slice(-14)].map((window) => scaler.transform(window));
    const forecasts = (await predict(loadModel(rt, bytes), seen, { targetScaler: scaler })) as Prediction[];
    const [ofLast, ofNext] = lines.slice(-2).map((line) => line.split(","));
    expect(ofLast?.[0]).toBe("600");
    expect(Math.abs((forecasts[0]?.data[0] ?? Number.NaN) - Number(ofLast?.[2]))).toBeLessThan(1e-5);
    expect(ofNext?.slice(0, 2)).toEqual(["601", ""]);
    expect(Math.abs((forecasts[1]?.data[0] ?? Number.NaN) - Number(ofNext?.[2]))).toBeLessThan(1e-5);

    await page.reload();
    await page.getByText(status as string).waitFor();
    expect(await errorsOf(page)).toEqual(errors);
    expect(await fileOf(page, "Download the model")).toEqual(bytes);
    await drop(page, "other.csv", csvOf(values.map((value) => value + 1)));
    await page.getByText("other.csv: 600 rows").waitFor();
    await page.getByRole("heading", { name: "4." }).waitFor({ state: "detached" }); // what was learned of another table
    expect(complaints).toEqual([]);
  });

  it("goes on where it was left, by another tab or by a reload, to the same bits", async () => {
    const csv = csvOf(noisySine(600));
    const begin = async (page: Page) => {
      await drop(page, "sine.csv", csv);
      await page.getByText("sine.csv: 600 rows").waitFor();
      await page.getByLabel("Units").selectOption("32");
      await page.getByLabel("Passes at most").fill("20");
      await page.getByRole("button", { name: "Train" }).click();
    };
    const passes = (page: Page, least: number) =>
      page.waitForFunction((least) => Number(/^It was left after (\d+)/m.exec(document.body.innerText)?.[1]) >= least, least);
    await using whole = await open(browser, "signals");
    await begin(whole.page);
    await whole.page.getByRole("heading", { name: "4." }).waitFor();

    await using opened = await open(browser, "signals");
    const { page, complaints } = opened;
    await begin(page);
    await page.getByRole("img", { name: "The loss of each pass" }).waitFor();
    await page.getByRole("link", { name: "Speed" }).click();
    await page.getByRole("link", { name: "Signals" }).click();
    await passes(page, 1);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("The network learns …").waitFor();
    await page.waitForTimeout(500);
    await page.reload();
    await passes(page, 2);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("heading", { name: "4." }).waitFor();
    expect(await errorsOf(page)).toEqual(await errorsOf(whole.page));
    expect(await fileOf(page, "Download the model")).toEqual(await fileOf(whole.page, "Download the model"));
    expect(await page.getByRole("button", { name: "Resume" }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it("opens with the weather of Seattle, trains on temp_max, stops when told, and has no barriers", async () => {
    await using opened = await open(browser, "signals", { viewport: { width: 375, height: 800 } });
    const { page, complaints } = opened;
    await page
      .getByText("seattle-weather.csv: 1,461 rows, one a day, from 2012-01-01 to 2015-12-31; 4 columns of numbers among 6.")
      .waitFor();
    await page.getByLabel("Column to forecast").selectOption("wind");
    await page.getByLabel("Column to forecast").selectOption("temp_max");
    await train(page, 3);
    const { "GRU of 16 units": network, ...naive } = await errorsOf(page);
    expect(Object.keys(naive)).toEqual(["as the last value", "as one season (365 days) before"]);
    expect(naive["as the last value"]?.[1]).toBeCloseTo(2.951, 3); // by hand, of the last 220 days
    expect(network?.[1]).toBeLessThan(4);
    await page.getByText(/^After the last row: 2016-01-01: \d/).waitFor();
    await page.waitForFunction(() => document.documentElement.scrollWidth === 375); // charts follow the width a moment later
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.mouse.move(0, 0);
      expect(await seriousFaults(page), colorScheme).toEqual([]);
    }

    await page.getByLabel("Passes at most").fill("500");
    await page.getByLabel("Units").selectOption("64");
    await page.getByLabel("Looks back").selectOption("56 days");
    await page.getByRole("button", { name: "Train" }).click();
    await page.getByRole("img", { name: "The loss of each pass" }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText(/^Stopped/).waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("The network learns …").waitFor();
    expect(complaints).toEqual([]);
  });

  it("says in plain words what is wrong with a file, and keeps the table that was open", async () => {
    await using opened = await open(browser, "signals");
    const { page, complaints } = opened;
    const problem = page.getByRole("alert");
    const wrong: [string, string | Uint8Array, RegExp][] = [
      ["nothing.csv", "", /The file is empty\.$/],
      ["header.csv", "a,b\n", /There are no rows below the header\.$/],
      ["words.csv", "name,town\nAnn,Rome\nBen,Oslo\n", /No column has numbers in it: there is nothing to forecast\.$/],
      ["image.csv", Uint8Array.of(137, 80, 78, 71, 0, 0, 1, 2), /This is no text: a CSV file is needed/],
      ["sheet.csv", Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), /save the sheet as CSV/],
    ];
    for (const [name, content, words] of wrong) {
      await drop(page, name, content);
      await problem.filter({ hasText: words }).waitFor();
    }
    await page.getByLabel("Column to forecast").selectOption("temp_min");

    await drop(page, "short.csv", csvOf(noisySine(40)));
    await problem.filter({ hasText: "40 rows are too few for 14 steps of the past: 50 or more are needed." }).waitFor();
    expect(await page.getByRole("button", { name: "Train" }).isDisabled()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it("says what it did about odd headers, gaps, commas and the order, and keeps table and choice over a reload", async () => {
    await using opened = await open(browser, "signals");
    const { page, complaints } = opened;
    const rows = noisySine(200).map((value, i) => {
      const date = new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10);
      const text = String(value).replace(".", ",");
      return `${date};${i < 2 ? "" : text};${i % 50 === 25 ? "n/a" : text};x`;
    });
    await drop(page, "odd.csv", ["day;load;load;", ...rows.reverse(), "2020-12-31;1"].join("\n"));
    await page.getByText("odd.csv: 201 rows, one a day, from 2020-01-01 to 2020-12-31; 2 columns of numbers among 4.").waitFor();
    const notes = await page.getByRole("listitem").allTextContents();
    expect(notes).toEqual(
      expect.arrayContaining([
        "1 column had the name of another one: a number was put behind it.",
        "1 row with more or fewer fields than the header: what is missing there is a gap.",
        "The rows were not in the order of time: they are sorted by date.",
        "The dates are not evenly spaced (1 jump): each row is taken as one step all the same.",
        "2 rows left out at the beginning, where a chosen column has no value yet.",
      ]),
    );
    expect(notes.some((note) => note.startsWith("5 rows with a gap in a chosen column: the value before it is taken."))).toBe(true);
    await page.getByLabel("Column to forecast").selectOption("load (2)");
    await page.getByLabel("Looks back").selectOption("7 days");
    await page.reload();
    await page.getByText("odd.csv: 201 rows").waitFor();
    expect(await page.getByLabel("Column to forecast").inputValue()).toBe("load (2)");
    expect(await page.getByLabel("Looks back").inputValue()).toBe("7");
    await page.getByRole("button", { name: "Use the weather of Seattle" }).click();
    await page.getByText("seattle-weather.csv: 1,461 rows").waitFor();
    await page.reload();
    await page.getByText("seattle-weather.csv: 1,461 rows").waitFor();
    expect(complaints).toEqual([]);
  });
});
