/** Weights in int8 at their ends: numbers at the edge of f32, layers of other kinds, and files that somebody has been at. */
import { afterAll, expect, test } from "vitest";
import { Dense, FormatError, GRU, type LoadedArray, LSTM, loadSafetensors, Sequential, saveSafetensors } from "../../bindings/index.js";
import { loadInt8, loadQuantized, quantize, saveQuantized } from "../../bindings/int8.js";
import { testRuntime } from "../helpers/runtime.js";

const rt = await testRuntime({ seed: 7 });
await loadInt8(rt);
afterAll(() => rt.dispose());

const GREATEST = 3.4028234663852886e38;

test("the greatest numbers of f32 stay finite, and are the same when they are rounded again", async () => {
  const dense = new Dense(rt, { inputSize: 3, outputSize: 2, bias: false });
  const [weight] = dense.parameters();
  weight?.set([GREATEST, 1, -GREATEST / 2, 1, 2, 3]);
  const { layers } = await quantize(dense);
  expect(layers[0]?.weightError).toBeLessThan(0.005);
  const rounded = weight?.toArray() as Float32Array;
  expect((rounded[0] as number) / GREATEST).toBeCloseTo(1, 4);
  expect((rounded[2] as number) / GREATEST).toBeCloseTo(-64 / 127, 4);
  await quantize(dense);
  expect(weight?.toArray()).toEqual(rounded);
  expect(dense.forward(rt.tensor([0, 0, 1], [1, 3])).at(0)).toBe(rounded[2]);
  dense.dispose();
});

test("where quantize fails, weights that were bf16 are bf16 again", async () => {
  const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 5, weights: "bf16" });
  const x = rt.tensor([0.37, -0.2, 0.9], [1, 1, 3]);
  const before = lstm.forward(x).output.toArray();
  let runs = 0;
  const calibration = () => {
    if (++runs === 3) throw new Error("no data");
    return lstm.forward(x).output;
  };
  await expect(quantize(lstm, { calibration })).rejects.toThrow("no data");
  expect(lstm.forward(x).output.toArray()).toEqual(before);
  lstm.dispose();
});

test("a file whose scales are no F32, or whose layers are of f64, is refused, and leaves nothing", async () => {
  const model = new Sequential(rt, {
    gru: new GRU(rt, { inputSize: 3, hiddenSize: 5 }),
    head: new Dense(rt, { inputSize: 5, outputSize: 2 }),
  });
  await quantize(model);
  const { tensors, metadata } = loadSafetensors(saveQuantized(model));
  model.dispose();
  const used = rt.bytesInUse;
  const refused = async (changed: Record<string, Pick<LoadedArray, "shape" | "data">>, text: Record<string, string>) => {
    const error = await loadQuantized(rt, saveSafetensors({ ...tensors, ...changed }, { ...metadata, ...text })).catch((error) => error);
    expect(error).toBeInstanceOf(FormatError);
    expect(rt.bytesInUse).toBe(used);
    return error.message as string;
  };
  for (const [type, data] of Object.entries({ i32: Int32Array.of(1, 2), f64: Float64Array.of(1, 1e300) }))
    expect(await refused({ "head.weight.scale": { shape: [2], data } }, {})).toBe(
      `head.weight: expected I8 [R, K] in −127 … 127 and head.weight.scale F32 [R], got i32 [2, 5] and ${type} [2]`,
    );
  const f64 = metadata["wasm-rnn.model"]?.replaceAll("f32", "f64") as string;
  expect(await refused({}, { "wasm-rnn.model": f64 })).toBe("gru: expected a layer of f32 for int8, got f64");
});
