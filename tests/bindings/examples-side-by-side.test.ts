/** Networks that learn side by side, each in a worker: what comes of them, and what becomes of the others when one fails or all are stopped. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadSafetensors } from "wasm-rnn";
import { checkpointsOf } from "../../examples/shared/saving.js";
import { learnSideBySide, seedsOf } from "../../examples/shared/side-by-side.js";
import { ensureBuild } from "../../scripts/ensure-build.js";

const folder = mkdtempSync(join(tmpdir(), "side-by-side-"));
const MODULE = pathToFileURL(join(folder, "learner.mjs"));
/** A network that is taught nothing of interest, and may fail. */
writeFileSync(
  MODULE,
  `export default ({ rt, library: { Dense, MSELoss, Sequential, SGD } }, { fails = false, epochs }) => {
    const model = new Sequential(rt, { dense: new Dense(rt, { inputSize: 1, outputSize: 1 }) });
    const data = [{ x: Float32Array.of(1), y: Float32Array.of(fails ? NaN : 2) }];
    return { model, data, loss: new MSELoss(rt), optimizer: new SGD(model.parameters(), { lr: 0.1 }), epochs, batchSize: 1 };
  };`,
);
beforeAll(() => ensureBuild(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seeds = seedsOf(1);
const placesOf = (name: string, resume = false) => checkpointsOf({ save: join(folder, name), resume }, "a run");
const learners = (name: string, options: readonly object[], resume = false) =>
  placesOf(name, resume).map((checkpoint, i) => ({ seed: seeds[i] as number, checkpoint, options: options[i] }));
const weightOf = (file: Uint8Array) => loadSafetensors(file).tensors["dense.weight"]?.data[0];
const TOGETHER = { signal: new AbortController().signal, resume: false, stepsBetweenCheckpoints: 100, callbacks: {} };

it("two begin otherwise, and each gives its file; the first is reported", async () => {
  const epochs: number[] = [];
  const callbacks = { onEpoch: ({ epoch }: { epoch: number }) => void epochs.push(epoch) };
  const both = [{ epochs: 2 }, { epochs: 3 }];
  const [first, second] = await learnSideBySide(MODULE, learners("two", both), { ...TOGETHER, callbacks });
  expect(epochs).toEqual([1, 2]);
  expect(weightOf(first as Uint8Array)).not.toBe(weightOf(second as Uint8Array));
  expect(seeds).toEqual([1, 1 + 2 ** 31]);
});

it("where one fails the other ends too, and the failure is told", async () => {
  const both = [{ epochs: 1_000_000_000 }, { epochs: 2, fails: true }];
  await expect(learnSideBySide(MODULE, learners("failing", both), TOGETHER)).rejects.toThrow(/finite|NaN/);
});

it("stopped, both keep a checkpoint to go on from", async () => {
  const stop = new AbortController();
  const haveBegun = () => placesOf("stopped").every(({ file }) => existsSync(file)); // the second may be slow to start
  const callbacks = { onEpoch: () => void (haveBegun() && stop.abort()) };
  const forever = [{ epochs: 1_000_000_000 }, { epochs: 1_000_000_000 }];
  await expect(learnSideBySide(MODULE, learners("stopped", forever), { ...TOGETHER, signal: stop.signal, callbacks })).rejects.toThrow(
    /abort/i,
  );
  for (const { file } of placesOf("stopped")) expect(existsSync(file)).toBe(true);
  const short = [{ epochs: 1 }, { epochs: 1 }]; // both are beyond: what is resumed is over at once
  const resumed = await learnSideBySide(MODULE, learners("stopped", short, true), { ...TOGETHER, resume: true });
  expect(resumed.map(weightOf).every(Number.isFinite)).toBe(true);
});

it("one checkpoint is enough to go on: the other begins anew", () => {
  const [first, second] = placesOf("stopped");
  rmSync(second.file);
  expect(placesOf("stopped", true).map(({ file }) => file)).toEqual([first.file, second.file]);
  rmSync(first.file);
  expect(() => placesOf("stopped", true)).toThrow(/there is no checkpoint/);
});
