/** The tab "Text": a training that is paused and gone on with after a reload, its file in Node, what is refused, memory, free tasks. */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, generate, loadModel, loadSafetensors, type Sequential } from "../../bindings/index.js";
import { type Traced, tasksBetween } from "../browser/trace.js";
import { launch, open } from "./page.js";
import { CYCLE } from "./text-cycle.js";
import { seriousFaults } from "./trained.js";

const FOX = "The quick brown fox jumps over the lazy dog.\n".repeat(60);
/** The entropy of its letters is 4.4 bits; who knows the sentence needs next to none but at the beginning of each piece. */
const LEARNED = 1;
const WRITTEN = 400;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const alert = (page: Page, text: RegExp) => page.getByRole("alert").filter({ hasText: text });

async function paste(page: Page, text: string): Promise<void> {
  await page.getByText("different ones").waitFor(); // the book is there
  const field = page.getByLabel(/^Your text/);
  if (!(await field.isVisible())) await page.getByText("Paste a text").click();
  await field.fill(text);
  await button(page, "Use this text").click();
}

async function dropOn(page: Page, what: string, name: string, bytes: Uint8Array): Promise<void> {
  const input = page.locator(`input[type=file][aria-label="Choose ${what}"]`);
  await input.setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) });
}

async function train(page: Page, units: string, steps: string): Promise<void> {
  await page.getByLabel("Units").selectOption(units);
  await page.getByLabel("Learns for").selectOption(steps);
  await button(page, "Train").click();
}

/** @returns the step at which it is paused */
async function pause(page: Page): Promise<number> {
  await button(page, "Pause").click();
  return pausedAt(page);
}

async function pausedAt(page: Page): Promise<number> {
  const text = await page.getByText(/^Paused at step/).textContent();
  return Number(text?.match(/step ([\d,]+)/)?.[1]?.replace(",", ""));
}

const curve = (page: Page) => page.getByRole("img", { name: /^Bits per character/ }).getAttribute("aria-label");
const fact = (page: Page, name: string) => page.locator(`dt:text-is("${name}") + dd`);

/** @returns what it wrote after the prompt, always the likeliest */
async function writeGreedily(page: Page, prompt: string): Promise<string> {
  await page.getByLabel("Begins with").fill(prompt);
  await page.getByLabel(/^Temperature/).fill("0");
  await button(page, "Write").click();
  await page.getByText(`Written: ${WRITTEN} characters.`).waitFor();
  const all = (await page.getByRole("region", { name: "What it wrote" }).textContent()) ?? "";
  expect(all.slice(0, prompt.length)).toBe(prompt);
  return all.slice(prompt.length);
}

describe("the tab Text", () => {
  it("learns a pasted text, pauses, goes on after a reload, and writes the same in Node", async () => {
    await using opened = await open(browser, "text");
    const { page, complaints } = opened;
    await paste(page, FOX);
    await page.getByText("2,700 characters, 30 different ones").waitFor();
    await train(page, "64", "500");
    await page.getByText("after 100 steps", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Speed", exact: true }).click(); // leaving pauses it
    await page.getByRole("link", { name: "Text", exact: true }).click();
    const before = await pausedAt(page);
    expect(before).toBeGreaterThanOrEqual(100);
    await button(page, "Resume").click();
    await page.getByText("The network learns …").waitFor();
    const step = await pause(page);
    await page.waitForFunction(() => document.activeElement?.textContent === "Resume"); // the focus does not go with what was pressed
    expect(step).toBeGreaterThan(before);
    expect(step).toBeLessThan(500);
    const learned = await curve(page);
    expect(learned).toMatch(new RegExp(`from step 0 to ${step}: held out from [45]\\.\\d\\d to `));
    expect(Number.parseFloat((await fact(page, "Held out").textContent()) ?? "")).toBeLessThan(LEARNED);

    await page.reload();
    expect(await pausedAt(page)).toBe(step);
    expect(await curve(page)).toBe(learned);
    await page.getByText("2,700 characters, 30 different ones").waitFor();
    await page.evaluate(watchSteps);
    await button(page, "Resume").click();
    await page.getByText("Done: 500 steps.").waitFor();
    const steps = await page.evaluate<number[]>("steps");
    expect(steps.length).toBeGreaterThan(1);
    expect(Math.min(...steps)).toBe(step);
    expect(await curve(page)).toMatch(/from step 0 to 500: held out from [45]\.\d\d to 0\.\d\d$/);

    const prompt = "The quick";
    const written = await writeGreedily(page, prompt);
    expect(written.length).toBe(WRITTEN);
    expect(`${prompt}${written}`).toContain(FOX.slice(0, 90));
    const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Save the network").click()]);
    expect(download.suggestedFilename()).toBe("pasted-text-lstm-64.safetensors");
    const bytes = readFileSync(await download.path());
    expect(await continued(bytes, prompt)).toBe(written);

    await dropOn(page, "a saved network", "mine.safetensors", bytes);
    await page.getByText("mine.safetensors writes: LSTM of 64 units.").waitFor();
    await page.reload();
    await page.getByText("mine.safetensors writes: LSTM of 64 units.").waitFor();
    expect(await page.getByLabel("Begins with").inputValue()).toBe(prompt);
    expect(await page.getByLabel(/^Temperature/).inputValue()).toBe("0");
    expect(await writeGreedily(page, prompt)).toBe(written);
    await page.evaluate(dropHalf, [...bytes.subarray(0, bytes.length / 2)]);
    await alert(page, /^half\.safetensors cannot be used\. It is damaged, or no \.safetensors file of a network\.$/).waitFor();
    await page.getByText("mine.safetensors writes: LSTM of 64 units.").waitFor();

    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await seriousFaults(page), colorScheme).toEqual([]);
    }
    await page.setViewportSize({ width: 375, height: 800 });
    await page.waitForFunction(() => document.documentElement.scrollWidth === 375); // charts follow the width a moment later
    expect(complaints).toEqual([]);
  });

  it("refuses what is no text, in plain words, and keeps the one that it has", async () => {
    await using opened = await open(browser, "text");
    const { page, complaints } = opened;
    await paste(page, " \n ");
    await alert(page, /^This text cannot be used\. There is no text in it\.$/).waitFor();
    await paste(page, "Too short.");
    await alert(page, /It has 10 characters only\. 500 are needed at least/).waitFor();
    await dropOn(
      page,
      "a text file",
      "picture.png",
      Uint8Array.from({ length: 4000 }, (_, i) => (i * 37) % 256),
    );
    await alert(page, /This is no plain text/).waitFor();
    await dropOn(page, "a text file", "empty.txt", new Uint8Array());
    await alert(page, /The file is empty/).waitFor();
    await page.getByText("Moby Dick: its first 300,000 characters").waitFor();
    await dropOn(page, "a text file", "fox.txt", new TextEncoder().encode(FOX));
    await page.getByText("fox.txt: 2,700 characters, 30 different ones").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.evaluate(pasteIn, FOX.repeat(20)); // too long for the field: taken at once
    await page.getByText("Pasted text: 54,000 characters").waitFor();
    await dropOn(page, "a text file", "long.txt", new TextEncoder().encode("All work and no play. ".repeat(100_000)));
    await page.getByText("It is longer; only its first 2,000,000 characters are taken.").waitFor();
    expect(complaints).toEqual([]);
  });

  it("gives back all memory: ten trainings take no more than one", async () => {
    await using opened = await open(browser, "text");
    const { page, context, complaints } = opened;
    const devtools = await context.newCDPSession(page);
    const inPage = async () => {
      await devtools.send("HeapProfiler.collectGarbage");
      const { usedSize, backingStorageSize = 0 } = (await devtools.send("Runtime.getHeapUsage")) as Usage;
      return { objects: usedSize / 1e6, arrays: backingStorageSize / 1e6 };
    };
    await paste(page, FOX);
    await page.getByText("2,700 characters").waitFor();
    await page.getByLabel("Units").selectOption("64");
    await page.evaluate(CYCLE);
    const trainings: { begun: number; after: number; objects: number; arrays: number }[] = [];
    for (let n = 0; n < 10; n++) {
      await page.getByLabel("Cell").selectOption(n % 2 ? "LSTM" : "GRU");
      const inWorker = await page.evaluate<{ begun: number; after: number }>("cycle()");
      trainings.push({ ...inWorker, ...(await inPage()) });
    }
    const of = (name: keyof (typeof trainings)[number]) => trainings.map((training) => training[name]);
    console.log(
      `bytes in the worker: ${of("after").join(" ")}; MB of objects in the page: ${of("objects").map((size) => size.toFixed(2))}`,
    );
    expect(Math.min(...of("begun"))).toBeGreaterThan(4 * 3 * 64 * (32 + 64)); // the weights of a GRU
    expect(of("after")).toEqual(trainings.map(() => 0));
    const [first] = trainings as [(typeof trainings)[number]];
    const grown = (name: "arrays" | "objects") => async () => (await inPage())[name] - first[name]; // what leaks is never collected
    await expect.poll(grown("arrays"), { timeout: 20_000 }).toBeLessThan(0.2); // a checkpoint has 0.3 MB and more
    await expect.poll(grown("objects"), { timeout: 20_000 }).toBeLessThan(2); // code that the engine optimises, which levels off
    expect(complaints).toEqual([]);
  });

  // By the processor's clock, which other programs do not move much; yet they take caches and the like: one of three goes is enough.
  it("leaves the page free: no task takes 50 ms while 128 units learn the book", { retry: 2 }, async () => {
    await using opened = await open(browser, "text");
    const { page } = opened;
    await page.getByText("different ones").waitFor();
    await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
    await page.evaluate(() => performance.mark("begin"));
    await train(page, "128", "2000");
    await page.getByRole("img", { name: /from step 0 to 100:/ }).waitFor();
    await page.evaluate(() => performance.mark("end"));
    await page.evaluate(() => {
      for (const start = performance.now(); performance.now() - start < 600; );
    });
    await page.evaluate(() => performance.mark("control"));
    await pause(page);
    const trace: Traced[] = JSON.parse((await browser.stopTracing()).toString()).traceEvents;
    const tasks = tasksBetween(trace, "begin", "end");
    console.log(`${tasks.length} tasks, the longest ${Math.max(...tasks).toFixed(1)} ms of the processor`);
    expect(tasks.length).toBeGreaterThan(50);
    expect(tasks.filter((task) => task > 50)).toEqual([]);
    expect(Math.max(...tasksBetween(trace, "end", "control"))).toBeGreaterThan(50); // such a task would be seen
  });
});

/** In the page, as text: the steps that the bar shows, from now on. */
const watchSteps = `
  globalThis.steps = [];
  new MutationObserver(() => {
    const bar = document.querySelector("main progress");
    if (bar) steps.push(bar.value);
  }).observe(document.querySelector("main"), { subtree: true, childList: true, attributes: true, characterData: true });`;

/** In the page: dropped with the mouse, as it were. */
function dropHalf(bytes: number[]): void {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([Uint8Array.from(bytes)], "half.safetensors"));
  const place = document.querySelector("input[type=file][aria-label='Choose a saved network']")?.parentElement;
  place?.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}

/** In the page: pasted into the field for texts. */
function pasteIn(text: string): void {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  document.querySelector("textarea")?.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}

/** The likeliest continuation by the file in Node, with the vocabulary that it brings along. */
async function continued(bytes: Uint8Array, prompt: string): Promise<string> {
  using rt = await createRuntime();
  const vocabulary: string[] = JSON.parse(loadSafetensors(bytes).metadata.vocabulary ?? "");
  const model = loadModel<Sequential>(rt, bytes);
  const tokens = [...prompt].map((character) => vocabulary.indexOf(character));
  return generate(model, tokens, { length: WRITTEN, temperature: 0 })
    .map((token) => vocabulary[token])
    .join("");
}

/** Of Chromium's heap, in bytes. */
interface Usage {
  readonly usedSize: number;
  /** Of typed arrays. */
  readonly backingStorageSize?: number;
}
