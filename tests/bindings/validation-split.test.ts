/** The end of the data, held out. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ArgumentError, evaluate, type FitOptions, fit, type Runtime } from "../../bindings/index.js";
import { type Parts, partsOf, runOf, sequences, stateOf } from "../helpers/resumable.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
let parts: Parts;
beforeEach(async () => {
  rt = await testRuntime({ seed: 1 });
  parts = partsOf(rt);
});
afterEach(() => {
  parts.dispose();
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

/** Without a validation of its own. */
function runWithout(of: Parts, options: Partial<FitOptions>): FitOptions {
  const { validation: _, ...run } = runOf(of);
  return { ...run, ...options };
}

test("the last part in the order that was given: the run is that of two arrays", async () => {
  const data = sequences(30);
  const split = await fit(parts.model, runWithout(parts, { data, validationSplit: 0.2, shuffle: true, seed: 5 }));
  const other = partsOf(rt);
  const whole = await fit(other.model, runWithout(other, { data: data.slice(0, 24), validation: data.slice(24), shuffle: true, seed: 5 }));
  expect(split).toEqual(whole);
  expect(stateOf(parts)).toEqual(stateOf(other));
  const { loss } = await evaluate(other.model, { data: data.slice(24), loss: other.loss, batchSize: 4 });
  expect(whole.epochs.map(({ validation }) => validation?.loss)).toContain(loss); // of the best epoch
  other.dispose();
});

test.each([
  [0.2, 10, 2],
  [0.7, 10, 7],
  [0.1, 30, 3],
  [0.25, 10, 3],
  [0.5, 3, 2],
])("%d of %d are %d", async (validationSplit, count, held) => {
  let total: number | undefined;
  const onProgress = ({ total: now }: { total: number | undefined }) => {
    total = now;
  };
  await fit(parts.model, runWithout(parts, { data: sequences(count), validationSplit, epochs: 1, callbacks: { onProgress } }));
  expect(total).toBe(count - held);
});

test("a sample that is wrong is named by its place in the data", async () => {
  const data = [...sequences(9), { x: Int32Array.of(77), y: [0] }];
  await expect(fit(parts.model, runWithout(parts, { data, validationSplit: 0.3 }))).rejects.toThrow("x[0] of sample 9: expected");
});

describe("refused", () => {
  test.each<[Partial<FitOptions>, string]>([
    [{ validationSplit: 0.2, validation: sequences(3) }, "validationSplit: expected none beside validation, got 0.2"],
    [{ validationSplit: 0.2, data: () => sequences(3), shuffle: false }, "validationSplit: expected none, data being no array, got 0.2"],
    [{ validationSplit: 0 }, "validationSplit: expected a share between 0 and 1, got 0"],
    [{ validationSplit: 1 }, "expected a share between 0 and 1, got 1"],
    [{ validationSplit: Number.NaN }, "expected a share between 0 and 1, got NaN"],
    [{ validationSplit: "0.2" as never }, 'expected a share between 0 and 1, got "0.2"'],
    [
      { validationSplit: 0.01 },
      "validationSplit: expected a share that leaves samples to learn from, and some to validate, got 0.01 of 30",
    ],
    [{ validationSplit: 0.99 }, "got 0.99 of 30"],
  ])("%j", async (options, message) => {
    const before = stateOf(parts);
    const error = await fit(parts.model, runWithout(parts, options)).catch((caught) => caught);
    expect(error).toBeInstanceOf(ArgumentError);
    expect(String(error)).toContain(message);
    expect(stateOf(parts)).toEqual(before);
  });
});

test("a run goes on with the same share alone, to the same bits", async () => {
  const saved: Uint8Array[] = [];
  const checkpoint = { every: 1, save: (bytes: Uint8Array) => void saved.push(bytes.slice()) };
  const history = await fit(parts.model, runWithout(parts, { validationSplit: 0.2, checkpoint }));
  const resume = saved[8] as Uint8Array;
  const other = partsOf(rt, { seed: 77 });
  const before = stateOf(other);
  for (const [options, got] of [
    [{}, "0"],
    [{ validationSplit: 0.3 }, "0.3"],
    [{ validation: sequences(6) }, "0"],
  ] as const) {
    await expect(fit(other.model, runWithout(other, { ...options, resume }))).rejects.toThrow(
      `validationSplit: expected 0.2, as in the checkpoint, got ${got}`,
    );
  }
  expect(stateOf(other)).toEqual(before);
  const again = await fit(other.model, runWithout(other, { validationSplit: 0.2, resume }));
  expect(again.epochs).toEqual(history.epochs);
  expect(stateOf(other)).toEqual(stateOf(parts));
  other.dispose();
});
