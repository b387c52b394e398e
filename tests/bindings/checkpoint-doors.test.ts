/** A checkpoint of another run, or with one thing wrong, is refused before anything changes. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  CosineAnnealingLR,
  CrossEntropyLoss,
  Dense,
  DTypeError,
  type FitOptions,
  FormatError,
  fit,
  type HasRate,
  LinearLR,
  OneCycleLR,
  ReduceLROnPlateau,
  type Runtime,
  Sequential,
  SequentialLR,
  SGD,
  StepLR,
  type WasmRnnError,
} from "../../bindings/index.js";
import { brokenVariants } from "../helpers/broken-checkpoints.js";
import { checkpointOf, contentOf, type Making, packed, partsOf, runOf, sequences, stateOf } from "../helpers/resumable.js";
import { testRuntime } from "../helpers/runtime.js";
import { Trying } from "../helpers/try-resume.js";

let rt: Runtime;
let good: Uint8Array;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
  good = await checkpointOf(rt);
});
afterEach(() => {
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});

/** Resuming ends with this error, and nothing that it would set is another. */
async function refused(resume: Uint8Array, type: new (...args: never[]) => WasmRnnError, text: string, making: Making = {}, options = {}) {
  const parts = partsOf(rt, { seed: 77, ...making });
  const before = stateOf(parts);
  const error = await fit(parts.model, { ...runOf(parts), ...options, resume }).catch((caught) => caught);
  expect(String(error)).toContain(text);
  expect(error).toBeInstanceOf(type);
  expect(stateOf(parts)).toEqual(before);
  parts.dispose();
}

test("the good one resumes, to the bits of the run that went on", async () => {
  const whole = partsOf(rt);
  const history = await fit(whole.model, runOf(whole));
  const resumed = partsOf(rt, { seed: 77 });
  const again = await fit(resumed.model, { ...runOf(resumed), resume: good });
  expect(again.epochs).toEqual(history.epochs);
  expect(again.resumedFrom).toEqual({ step: 19, build: rt.build });
  expect(stateOf(resumed)).toEqual(stateOf(whole));
  for (const parts of [whole, resumed]) parts.dispose();
});

describe("element types", () => {
  test.each([
    ["f32", "f64"],
    ["f64", "f32"],
  ] as const)("a checkpoint of %s does not resume in %s", async (then, now) => {
    const bytes = await checkpointOf(rt, { dtype: then });
    const message = `embedding.weight: expected ${now}, as the model's, got ${then} in the checkpoint`;
    await refused(bytes, DTypeError, message, { dtype: now });
  });

  test.each(["model.head.weight", "best.head.weight", "optimizer.m.0"])("integers are no %s", async (name) => {
    const { tensors, details } = contentOf(good);
    const { shape, data } = tensors[name] as (typeof tensors)[string];
    const text = name.startsWith("optimizer")
      ? "state.tensors.m.0"
      : "head.weight: expected f32, as the model's, got i32 in the checkpoint";
    await refused(packed({ ...tensors, [name]: { shape, data: Int32Array.from(data) } }, details), DTypeError, text);
  });
});

describe("schedules", () => {
  const makings: Record<string, (optimizer: HasRate) => NonNullable<FitOptions["schedule"]>> = {
    StepLR: (optimizer) => new StepLR(optimizer, { stepSize: 2, gamma: 0.5 }),
    "StepLR of another step": (optimizer) => new StepLR(optimizer, { stepSize: 3, gamma: 0.5 }),
    cosine: (optimizer) => new CosineAnnealingLR(optimizer, { tMax: 9 }),
    linear: (optimizer) => new LinearLR(optimizer, { startFactor: 0.5, totalIters: 5 }),
    OneCycleLR: (optimizer) => new OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 40 }),
    plateau: (optimizer) => new ReduceLROnPlateau(optimizer),
    sequential: (optimizer) =>
      new SequentialLR(optimizer, [new StepLR(optimizer, { stepSize: 2, gamma: 0.5 }), new CosineAnnealingLR(optimizer, { tMax: 9 })], {
        milestones: [3],
      }),
  };
  const names = Object.keys(makings);
  test.each(names)("a checkpoint of %s under every other kind, and under none", async (then) => {
    const bytes = await checkpointOf(rt, { schedule: makings[then] as (typeof makings)[string] });
    for (const now of names) {
      if (now !== then) await refused(bytes, ArgumentError, "state", { schedule: makings[now] as (typeof makings)[string] });
    }
    await refused(bytes, ArgumentError, "schedule: expected one, as in the checkpoint, got none", { schedule: "none" });
  });

  test("one where there was none", async () => {
    await refused(await checkpointOf(rt, { schedule: "none" }), ArgumentError, "schedule: expected none, as in the checkpoint, got one");
  });

  test("someone else's that refuses only as it loads: the optimizer is as it was", async () => {
    const stubborn = () => ({
      step() {},
      state: () => ({}),
      load() {
        throw new ArgumentError("stubborn", "nothing", "something");
      },
    });
    await refused(await checkpointOf(rt, { schedule: stubborn }), ArgumentError, "stubborn", { schedule: stubborn });
  });
});

test("another optimizer, another number of layers, other options", async () => {
  const model = new Sequential(rt, [new Dense(rt, { inputSize: 2, outputSize: 3 })]);
  const loss = new CrossEntropyLoss(rt);
  const sgd = new SGD(model.parameters(), { lr: 1 });
  const run = { data: sequences(30), loss, optimizer: sgd, batchSize: 4, resume: good };
  const before = model.parameters().map((parameter) => [...parameter.toArray()]);
  await expect(fit(model, run)).rejects.toThrow("schedule: expected one, as in the checkpoint, got none");
  await expect(fit(model, { ...run, schedule: new StepLR(sgd, { stepSize: 2 }) })).rejects.toThrow(FormatError);
  expect(model.parameters().map((parameter) => [...parameter.toArray()])).toEqual(before);
  for (const part of [model, loss, sgd]) part.dispose();
  await refused(good, ArgumentError, "batchSize: expected 4, as in the checkpoint, got 5", {}, { batchSize: 5 });
  await refused(good, ArgumentError, "shuffle: expected true, as in the checkpoint, got false", {}, { shuffle: false });
  await refused(good, ArgumentError, "bucketByLength: expected false", {}, { bucketByLength: true });
  await refused(good, ArgumentError, "accumulate: expected 1", {}, { accumulate: 2 });
  await refused(good, ArgumentError, "data: expected 30 samples, as in the checkpoint, got 31", {}, { data: sequences(31) });
});

test("metrics within an epoch that has not counted them", async () => {
  const parts = partsOf(rt);
  let bytes = new Uint8Array();
  const { metrics: _, ...run } = runOf(parts);
  const save = (now: Uint8Array) => {
    bytes = now.slice();
  };
  const controller = new AbortController();
  const callbacks = { onProgress: ({ step }: { step: number }) => step === 3 && controller.abort() };
  await fit(parts.model, { ...run, checkpoint: { save, every: 3 }, callbacks, signal: controller.signal }).catch(() => {});
  parts.dispose();
  await refused(bytes, ArgumentError, "metrics: expected none that count predictions");
  const fine = partsOf(rt);
  const { epochs } = await fit(fine.model, { ...runOf(fine), metrics: ["perplexity"], resume: bytes });
  expect(epochs[0]?.perplexity).toBe(Math.exp(epochs[0]?.loss as number));
  fine.dispose();
});

test("under another build's name it resumes, and says whose it was", async () => {
  const { tensors, details } = contentOf(good);
  const parts = partsOf(rt, { seed: 77 });
  const resume = packed(tensors, JSON.stringify({ ...JSON.parse(details), build: "another" }));
  expect((await fit(parts.model, { ...runOf(parts), resume })).resumedFrom).toEqual({ step: 19, build: "another" });
  parts.dispose();
});

test("a source that has become shorter than the batches done", async () => {
  const parts = partsOf(rt);
  let bytes = new Uint8Array();
  const save = (now: Uint8Array) => {
    bytes = now.slice();
  };
  const controller = new AbortController();
  const callbacks = { onProgress: ({ step }: { step: number }) => step === 5 && controller.abort() };
  const run = { ...runOf(parts), data: () => sequences(30), checkpoint: { save, every: 5 } };
  await fit(parts.model, { ...run, callbacks, signal: controller.signal }).catch(() => {});
  parts.dispose();
  const fresh = partsOf(rt);
  const again = fit(fresh.model, { ...runOf(fresh), data: () => sequences(16), resume: bytes });
  await expect(again).rejects.toThrow("data: expected 5 batches or more in epoch 1, as in the checkpoint, got 4");
  fresh.dispose();
});

test.each<[string, string, string]>([
  ["nothing", "null", "expected a run"],
  ["an empty object", "{}", "checkpoint: expected build, got a run without it"],
  ["no JSON", "{", "expected details in JSON, got text that does not parse"],
  ["a list", "[]", "expected"],
])("%s with a right sum", async (_, details, text) => {
  const { tensors } = contentOf(good);
  await refused(packed(tensors, details), FormatError, text);
});

test("one in twelve of the broken ones, the rest in tests/slow", async () => {
  const trying = new Trying(rt);
  const variants = brokenVariants(good);
  for (let i = 5; i < variants.length; i += 12) await trying.try(variants[i] as (typeof variants)[number]);
  expect(trying.refused).toBeGreaterThan(0.8 * (variants.length / 12));
  trying.dispose();
});

test("a wrong sum of any length makes a short message", async () => {
  const { tensors, metadata } = contentOf(good);
  const { saveSafetensors } = await import("../../bindings/index.js");
  await refused(saveSafetensors(tensors, { ...metadata, sha256: "f".repeat(15_000_000) }), FormatError, "expected the checksum ffff");
});
