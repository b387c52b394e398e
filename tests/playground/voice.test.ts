/** The tab Voice: letters and digits, with a recogniser of two tones. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime } from "wasm-rnn";
import { lastSteps } from "../../examples/playground/src/voice/frame.js";
import { History, KEPT } from "../../examples/playground/src/voice/history.js";
import { curvesOf } from "../../examples/playground/src/voice/letters/curves.js";
import { type HeardStep, LettersEar, likeliest, STEP_NUMBERS } from "../../examples/playground/src/voice/letters/ear.js";
import { recogniserIn } from "../../examples/playground/src/voice/letters/recogniser.js";
import { listen } from "../../examples/speech/listen.js";
import { parseWave } from "../../examples/speech/wave.js";
import { launch, type Opened } from "./page.js";
import { openTrained, scrollsSideways, seriousFaults } from "./trained.js";
import { choose, watchMicrophone } from "./voice-page.js";
import { toneRecogniser, toneWave } from "./voice-small.js";

const folder = mkdtempSync(join(tmpdir(), "voice-"));
const spoken = join(folder, "spoken.wav");
let browser: Browser;
let model: Uint8Array;
beforeAll(async () => {
  writeFileSync(spoken, toneWave(["low", "high"], 48_000));
  [browser, model] = await Promise.all([
    launch(["--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${spoken}`]),
    toneRecogniser(),
  ]);
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

async function openTab(bytes: Uint8Array | undefined, options: BrowserContextOptions = {}): Promise<Opened> {
  const opened = await openTrained(browser, "voice", bytes ? { "speech.safetensors": bytes } : {}, options);
  await opened.page.getByLabel("Letters and digits").check();
  return opened;
}

describe("the ear", () => {
  it("hears what the example's listener hears, however the samples are cut", async () => {
    using rt = await createRuntime({ seed: 1 });
    const recogniser = recogniserIn(rt, model);
    if (!recogniser) throw new Error("no recogniser");
    const samples = parseWave(toneWave(["high", "low", "low"], 8000), "tones");
    const ear = new LettersEar(recogniser, 8000);
    const heard = [0, 1000, 1001, 9000].flatMap((from, i, all) => ear.push(samples.subarray(from, all[i + 1])).heard);
    heard.push(...ear.end().heard);
    expect(heard.map(({ symbol }) => symbol)).toEqual(["high", "low", "low"]);
    expect(heard.map(({ symbol, seconds }) => ({ symbol, seconds }))).toEqual(listen(recogniser, samples));
    expect(heard.map(({ step }) => step)).toEqual(heard.map(({ seconds }) => Math.round(seconds / 0.03) - 1));
  });

  it("tells the blank's share and the likeliest symbols of a step", () => {
    const [blank, first, p, second, , third] = likeliest([0, 1, Math.log(6), Math.log(2), -50]);
    expect([first, second, third]).toEqual([2, 1, 3]);
    expect(blank).toBeCloseTo(1 / (1 + Math.E + 6 + 2), 6);
    expect(p).toBeCloseTo(6 / (1 + Math.E + 6 + 2), 6);
    expect(likeliest([0, 0])).toEqual([0.5, 1, 0.5, 0, 0, 0, 0]);
  });
});

describe("what is drawn", () => {
  const step = (blank: number, label: number) => [blank, label, 1 - blank, 9, 0.01, 0, 0];
  const a = { symbol: "a", seconds: 0.06, step: 1 };
  const history = () => {
    const all = new History<HeardStep>(STEP_NUMBERS);
    all.push({ steps: Float32Array.from([...step(1, 1), ...step(0.25, 1), ...step(0.5, 2)]), heard: [a] });
    return all;
  };

  it("is a curve for the blank and for each symbol that is likely somewhere", () => {
    const curves = curvesOf(history(), 0, 3).map(({ label, probabilities }) => [label, [...probabilities]]);
    expect(curves).toEqual([
      [0, [1, 0.25, 0.5]],
      [1, [0, 0.75, 0]],
      [2, [0, 0, 0.5]],
    ]);
    expect(curvesOf(history(), 2, 3).map(({ label }) => label)).toEqual([0, 2]);
    expect(history().heard).toEqual([a]);
  });

  it("are the last steps, or a page of them that stays", () => {
    const of = (first: number, end: number) => ({ first, end });
    expect(lastSteps(of(0, 250), 100, false)).toEqual([150, 250]);
    expect(lastSteps(of(0, 250), 100, true)).toEqual([200, 250]);
    expect(lastSteps(of(0, 200), 100, true)).toEqual([100, 200]);
    expect(lastSteps(of(0, 30), 100, false)).toEqual([0, 30]);
  });

  it("is not kept for ever", () => {
    const all = history();
    for (let i = 0; i < 2 * KEPT; i += 1000) all.push({ steps: new Float32Array(1000 * 7), heard: [] });
    expect([all.first, all.end, all.heard]).toEqual([KEPT + 3, 2 * KEPT + 3, []]);
  });
});

describe("a file", () => {
  it("is recognised, with the times", async () => {
    await using opened = await openTab(model);
    const { page, complaints } = opened;
    await choose(page, "tones.wav", toneWave(["low", "high", "low"], 16_000));
    await page.getByRole("status").filter({ hasText: "3 symbols were recognised." }).waitFor();
    const log = page.getByRole("log");
    expect(await log.locator("strong").allTextContents()).toEqual(["low", "high", "low"]);
    const seconds = (await log.locator("small").allTextContents()).map(Number.parseFloat);
    for (const [i, second] of seconds.entries()) {
      expect(second).toBeGreaterThan(0.47 + 0.8 * i); // the step may begin before it
      expect(second).toBeLessThanOrEqual(0.8 + 0.8 * i);
    }
    expect(complaints).toEqual([]);
  });

  it("that is no sound is refused in plain words, and the next one is heard", async () => {
    await using opened = await openTab(model);
    const { page, complaints } = opened;
    await choose(page, "letter.wav", Buffer.from("RIFF, but no wave"));
    await page.getByRole("alert").filter({ hasText: "letter.wav is no sound that this browser can read." }).waitFor();
    await choose(page, "tones.wav", toneWave([], 8000));
    await page.getByRole("status").filter({ hasText: "Nothing was recognised." }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

describe("the microphone", () => {
  it("is heard while one speaks, drawn, and given back", async () => {
    await using opened = await openTab(model);
    const { page, context, complaints } = opened;
    await context.grantPermissions(["microphone"]);
    const live = await watchMicrophone(page);
    await page.getByRole("button", { name: "Listen to the microphone" }).click();
    await page.getByRole("status").filter({ hasText: "Listening" }).waitFor();
    const log = page.getByRole("log");
    await log.getByText("high", { exact: true }).first().waitFor();
    await log.getByText("low", { exact: true }).first().waitFor();
    expect(await live()).toEqual(["live"]);
    const drawn = () => page.locator("canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const before = await drawn();
    await expect.poll(drawn).not.toBe(before);
    await page.getByRole("button", { name: "Stop" }).click();
    await page
      .getByRole("status")
      .filter({ hasText: /symbols? (was|were) recognised/ })
      .waitFor();
    expect(await live()).toEqual(["ended"]);
    await page.getByRole("button", { name: "Listen to the microphone" }).click();
    await page.getByRole("status").filter({ hasText: "Listening" }).waitFor();
    await page.getByRole("link", { name: "Speed" }).click();
    await expect.poll(live).toEqual(["ended", "ended"]);
    expect(complaints).toEqual([]);
  });

  it("that may not be used is no harm: a file is heard all the same", async () => {
    await using opened = await openTab(model);
    const { page, complaints } = opened;
    await page.getByRole("button", { name: "Listen to the microphone" }).click();
    await page.getByRole("alert").filter({ hasText: "This page may not use the microphone." }).waitFor();
    await choose(page, "tones.wav", toneWave(["high"], 8000));
    await page.getByRole("status").filter({ hasText: "1 symbol was recognised." }).waitFor();
    expect(complaints).toEqual([]);
  });
});

describe("the tab", () => {
  it("is usable by all, narrow and dark, too", async () => {
    await using opened = await openTab(model, { viewport: { width: 375, height: 800 }, colorScheme: "dark" });
    const { page } = opened;
    await choose(page, "tones.wav", toneWave(["low", "high", "low"], 8000));
    await page.getByRole("status").filter({ hasText: "3 symbols were recognised." }).waitFor();
    await page.getByRole("slider", { name: "Look back" }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
  });

  it("says how a recogniser is made when there is none, or a broken one", async () => {
    await using none = await openTab(undefined);
    await using broken = await openTab(model.slice(0, -4));
    await none.page.getByText("npm run example speech").waitFor();
    await broken.page.getByRole("alert").filter({ hasText: "not one that this page can read" }).waitFor();
    expect(broken.complaints).toEqual([]);
  });
});
