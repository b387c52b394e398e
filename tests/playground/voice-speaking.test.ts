/** The tab Voice: whether somebody is speaking, by Silero's published network, on real speech. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime } from "wasm-rnn";
import { History } from "../../examples/playground/src/voice/history.js";
import { detectorIn } from "../../examples/playground/src/voice/speaking/detector.js";
import { SpeakingEar, STEP_NUMBERS, type Stretch } from "../../examples/playground/src/voice/speaking/ear.js";
import { isSpeaking, shown } from "../../examples/playground/src/voice/speaking/shown.js";
import { clock } from "../../examples/vad/clock.js";
import { CHUNK, Detector, RATE } from "../../examples/vad/detector.js";
import { Listener } from "../../examples/vad/listen.js";
import { modelBytes } from "../../examples/vad/models.js";
import type { Segment } from "../../examples/vad/segments.js";
import { launch } from "./page.js";
import { openTrained, scrollsSideways, seriousFaults } from "./trained.js";
import { choose, stepsTold, watchMicrophone } from "./voice-page.js";
import { FIRST, SECOND, spokenTwice, waveOf } from "./voice-sound.js";

const BOUND = 1e-4;
const FILE = "silero-vad.onnx";

const folder = mkdtempSync(join(tmpdir(), "speaking-"));
const model = modelBytes("v6");
const samples = spokenTwice();
const wave = waveOf(samples);
let browser: Browser;
/** What the example's detector says of the samples, in Node. */
let expected: { readonly probabilities: number[]; readonly segments: Segment[] };

beforeAll(async () => {
  const spoken = join(folder, "spoken.wav");
  writeFileSync(spoken, wave);
  browser = await launch(["--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${spoken}`]);
  using rt = await createRuntime();
  const detector = await Detector.of(rt, model, "state");
  const probabilities = Array.from({ length: samples.length / CHUNK }, (_, i) =>
    detector.probability(samples.subarray(i * CHUNK, (i + 1) * CHUNK)),
  );
  detector.reset();
  const listener = new Listener(detector);
  expected = { probabilities, segments: [...listener.push(samples), ...listener.end()].flatMap(({ segment }) => segment ?? []) };
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

const openTab = (options: BrowserContextOptions = {}) => openTrained(browser, "voice", { [FILE]: model }, options);

function farthest(probabilities: readonly number[]): number {
  expect(probabilities).toHaveLength(expected.probabilities.length);
  return Math.max(...probabilities.map((probability, i) => Math.abs(probability - (expected.probabilities[i] as number))));
}

describe("the samples", () => {
  it("are spoken where they should be, and nowhere else", () => {
    expect(expected.segments.map(({ start }) => start)).toEqual([FIRST, SECOND].map((second) => expect.closeTo(second, 0)));
    expect(expected.segments).toHaveLength(2);
  });
});

describe("the ear", () => {
  const hear = (ear: SpeakingEar, sound: Float32Array, cuts: readonly number[]) => {
    const history = new History<Stretch>(STEP_NUMBERS);
    for (const [i, from] of cuts.entries()) history.push(ear.push(sound.subarray(from, cuts[i + 1])));
    history.push(ear.end());
    return history;
  };
  const numbers = (history: History<Stretch>, n: number) => Array.from({ length: history.end }, (_, step) => history.at(step)[n] as number);

  it("hears what the example's detector hears, however the samples are cut, one sound after the other", async () => {
    using rt = await createRuntime();
    const detector = await detectorIn(rt, model);
    if (!detector) throw new Error("no detector");
    const bytes = rt.memory.bytesInUse;
    for (const cuts of [[0], [0, 1, 700, 2 * RATE, 40_001, 7 * RATE]]) {
      const history = hear(new SpeakingEar(detector, RATE), samples, cuts);
      expect(farthest(numbers(history, 0))).toBe(0);
      expect(history.heard.map(({ start, end }) => ({ start, end }))).toEqual(expected.segments);
      const speaks = numbers(history, 1);
      for (const { start, end } of history.heard)
        expect(speaks.slice(Math.ceil((start + 0.04) / 0.032), Math.floor(end / 0.032)).every(Boolean)).toBe(true);
      expect(speaks.filter(Boolean).length).toBeLessThan(0.6 * speaks.length);
      for (const took of numbers(history, 2)) expect(took).toBeGreaterThan(0);
    }
    expect(rt.memory.bytesInUse).toBe(bytes);
    detector.dispose();
  });

  it("hears another rate, a rest of a chunk, and speech that the end cuts off", async () => {
    using rt = await createRuntime();
    const detector = await detectorIn(rt, model);
    if (!detector) throw new Error("no detector");
    const twice = Float32Array.from({ length: 6 * RATE }, (_, i) => samples[i >> 1] as number);
    const slow = hear(new SpeakingEar(detector, 2 * RATE), twice, [0, 4801]);
    expect(slow.end).toBe(Math.ceil((3 * RATE) / CHUNK));
    expect(slow.heard.map(({ start, end }) => [start, end])).toEqual([[expect.closeTo(1, 0), expect.closeTo(3, 0)]]);
    const cut = hear(new SpeakingEar(detector, RATE), samples.subarray(0, 2 * RATE), [0]);
    expect([cut.end, cut.heard.length]).toEqual([Math.ceil((2 * RATE) / CHUNK), 1]);
    const whole = hear(new SpeakingEar(detector, RATE), samples.subarray(0, 60 * CHUNK), [0]);
    expect([whole.end, whole.heard.length]).toEqual([60, 1]);
  });
});

describe("what is drawn", () => {
  const told = (probability: number, speaks: number) => [probability, speaks, 50];
  const history = () => {
    const all = new History<Stretch>(STEP_NUMBERS);
    const steps = Float32Array.from([...told(0, 0), ...told(0.75, 1), ...told(0.25, 0), ...told(0.5, 1), ...told(0.625, 1)]);
    all.push({ steps, heard: [{ start: 0.032, end: 0.064, step: 1 }] });
    return all;
  };

  it("is the curve, the stretches that are over, and the one that goes on", () => {
    const { probabilities, stretches } = shown(history(), 1, 5);
    expect([...probabilities]).toEqual([0.75, 0.25, 0.5, 0.625]);
    expect(stretches).toEqual([
      { from: 1, to: 2, stretch: { start: 0.032, end: 0.064, step: 1 } },
      { from: 3, to: 5 },
    ]);
    expect(isSpeaking(history())).toBe(true);
    expect(shown(history(), 2, 3).stretches).toEqual([]);
    expect(shown(history(), 0, 0)).toEqual({ probabilities: new Float32Array(), stretches: [] });
  });

  it("is the last stretch once, where the sound ended with it", () => {
    const all = history();
    const last = { start: 0.096, end: 0.16, step: 4 };
    all.push({ steps: new Float32Array(), heard: [last] });
    expect(shown(all, 0, 5).stretches.map(({ stretch }) => stretch)).toEqual([...history().heard, last]);
  });
});

describe("the page", () => {
  it("finds the speech in a file, by the probabilities of Node", async () => {
    await using opened = await openTab();
    const { page, complaints } = opened;
    const steps = await stepsTold(page);
    await page.getByText("Silero VAD").waitFor();
    await choose(page, "spoken.wav", wave);
    await page.getByRole("status").filter({ hasText: "2 stretches of speech" }).waitFor();
    const log = page.getByRole("log", { name: "Speech" });
    const times = expected.segments.map(({ start, end }) => `${clock(start)} – ${clock(end)}`);
    expect(await log.locator("span").allTextContents()).toEqual(times);
    expect(farthest((await steps()).filter((_, i) => i % STEP_NUMBERS === 0))).toBeLessThan(BOUND);
    await page.getByText(/^It needs \d+ µs of each 32 ms: \d+\.\d % of the time\.$/).waitFor();
    await choose(page, "silence.wav", waveOf(samples.subarray(0, RATE)));
    await page.getByRole("status").filter({ hasText: "Nobody was speaking." }).waitFor();
    expect(await log.locator("p").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it("hears the microphone, draws it, and gives it back when one stops, listens for something else, or leaves", async () => {
    await using opened = await openTab();
    const { page, context, complaints } = opened;
    await context.grantPermissions(["microphone"]);
    const live = await watchMicrophone(page);
    const listen = async () => {
      await page.getByRole("button", { name: "Listen to the microphone" }).click();
      await page.getByRole("status").filter({ hasText: "Listening" }).waitFor();
    };
    await listen();
    await page.getByText("Nobody is speaking", { exact: true }).waitFor();
    const drawn = () => page.locator("canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const before = await drawn();
    await page.getByText("Somebody is speaking", { exact: true }).waitFor();
    expect(await drawn()).not.toBe(before);
    const log = page.getByRole("log", { name: "Speech" });
    await log.locator("small").first().waitFor();
    const [length] = (await log.locator("small").allTextContents()).map(Number.parseFloat);
    expect(length).toBeCloseTo(2, 0);
    await page.getByRole("button", { name: "Stop" }).click();
    await expect.poll(live).toEqual(["ended"]);
    await listen();
    await page.getByLabel("Letters and digits").check();
    await expect.poll(live).toEqual(["ended", "ended"]);
    await page.getByLabel("Is somebody speaking?").check();
    await listen();
    await expect.poll(() => page.workers().length).toBe(1);
    await page.getByRole("link", { name: "Speed" }).click();
    await expect.poll(live).toEqual(["ended", "ended", "ended"]);
    await expect.poll(() => page.workers().filter((worker) => worker.url().includes("speaking")).length).toBe(0);
    expect(complaints).toEqual([]);
  });

  it("says so where the microphone may not be used, a file is no sound, the network is damaged or not there", async () => {
    await using opened = await openTab();
    const { page, complaints } = opened;
    const alert = (text: string) => page.getByRole("alert").filter({ hasText: text }).waitFor();
    await page.getByRole("button", { name: "Listen to the microphone" }).click();
    await alert("This page may not use the microphone.");
    await choose(page, "letter.wav", Buffer.from("RIFF, but no wave"));
    await alert("letter.wav is no sound that this browser can read.");
    const enter = async (models: Readonly<Record<string, Uint8Array>>, text: string) => {
      await using other = await openTrained(browser, "voice", models);
      await other.page.getByRole("alert").filter({ hasText: text }).waitFor();
      expect(other.complaints).toEqual([]);
    };
    await enter({ [FILE]: model.slice(0, -1000) }, "not one that this page can read: it may be damaged");
    await enter({}, "The detector of speech is not here yet: this page was built without it.");
    expect(complaints).toEqual([]);
  });

  it("is usable by all, narrow, in light and dark, too", async () => {
    await using opened = await openTab({ viewport: { width: 375, height: 800 } });
    const { page } = opened;
    await choose(page, "spoken.wav", wave);
    await page.getByRole("slider", { name: "Look back" }).waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await seriousFaults(page)).toEqual([]);
    }
    expect(await scrollsSideways(page)).toBe(false);
  });
});
