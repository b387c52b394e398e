/** Files of Keras, loaded: what their models compute, and what is refused. */

import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  FormatError,
  Frame,
  gradcheck,
  loadModel,
  type Model,
  predict,
  type Runtime,
  Sequential,
  ShapeError,
} from "../../bindings/index.js";
import { KerasModel, kerasClasses, loadKeras } from "../../bindings/keras.js";
import { expectRefusal, expectRejection } from "../helpers/refusal.js";
import { operatorRuntime } from "../helpers/runtime.js";

interface Case {
  readonly name: string;
  /** Deflated, in base64. */
  readonly file: string;
  readonly x: number[];
  readonly shape: number[];
  readonly tokens: boolean;
  readonly output: number[];
  readonly outputShape: number[];
}

const golden = JSON.parse(readFileSync(new URL("../golden/keras-files.json", import.meta.url), "utf8")) as {
  cases: Case[];
  weightsAlone: string;
};
const bytesOf = (file: string) => new Uint8Array(inflateSync(Buffer.from(file, "base64")));
const TOLERANCE = 2e-6;

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

function outputOf(model: Model, { x, shape, tokens }: Case): { shape: number[]; data: number[] } {
  const tensor = rt.tensor(tokens ? Int32Array.from(x) : x, shape);
  const frame = new Frame(rt);
  const output = frame.run(() => model.forward(tensor)) as { shape: readonly number[]; toArray(): ArrayLike<number> };
  const done = { shape: [...output.shape], data: Array.from(output.toArray()) };
  frame.dispose();
  tensor.dispose();
  return done;
}

describe("models", () => {
  test.each(golden.cases.map((each): [string, Case] => [each.name, each]))("%s", async (_, each) => {
    const before = rt.bytesInUse;
    const model = await loadKeras(rt, bytesOf(each.file));
    if (model instanceof KerasModel) {
      const { plan } = model;
      const last = plan.shapes?.[plan.outputs[0]?.[1] ?? ""];
      expect(last?.map((size, axis) => size ?? each.outputShape[axis])).toEqual(each.outputShape);
    }
    const got = outputOf(model, each);
    expect(got.shape).toEqual(each.outputShape);
    for (const [k, value] of got.data.entries())
      expect(Math.abs(value - (each.output[k] as number)), `element ${k}: ${value}, expected ${each.output[k]}`).toBeLessThan(TOLERANCE);
    const again = loadModel(rt, model.save(), { classes: kerasClasses });
    expect(outputOf(again, each)).toEqual(got);
    again.dispose();
    model.dispose();
    expect(rt.bytesInUse).toBe(before);
  });

  test("layers of ours one after another are a Sequential, others a KerasModel", async () => {
    const kinds = [];
    for (const { file } of golden.cases) {
      const model = await loadKeras<Model>(rt, bytesOf(file));
      kinds.push(model instanceof Sequential ? Sequential : model instanceof KerasModel ? KerasModel : undefined);
      model.dispose();
    }
    expect(kinds).toEqual([Sequential, KerasModel, KerasModel, KerasModel, KerasModel, KerasModel, Sequential]);
  });
});

describe("use", () => {
  const [chain, graph, , branches] = golden.cases as [Case, Case, Case, Case];

  test.each([
    ["a Sequential", chain, 3],
    ["a KerasModel", graph, 0],
  ])("%s heeds lengths: a sequence in a padded batch is as it is alone", async (_, { file }, features) => {
    const model = await loadKeras(rt, bytesOf(file));
    const samples = [4, 2, 3].map((steps, n) =>
      features
        ? Float32Array.from({ length: steps * features }, (_, k) => Math.sin(n + k))
        : Int32Array.from({ length: steps }, (_, k) => (n + 2 * k) % 7),
    );
    const options = features ? { features } : {};
    const together = await predict(model, samples, options);
    for (const [n, sample] of samples.entries()) expect(together[n]).toEqual((await predict(model, [sample], options))[0]);
    model.dispose();
  });

  test("a Sequential streams what forward gives", async () => {
    const model = await loadKeras<Sequential>(rt, bytesOf(golden.cases.at(-1)?.file as string));
    const last = Object.entries(model.layers).filter(([name]) => name !== "gru/last");
    const steps = new Sequential(rt, Object.fromEntries(last)); // without the last step alone
    const stream = steps.stream();
    const x = Float32Array.from({ length: 4 * 3 }, (_, k) => Math.cos(k));
    for (let t = 0; t < 4; t++) {
      stream.input.set(x.subarray(3 * t, 3 * t + 3));
      stream.step();
    }
    const tensor = rt.tensor(x, [1, 4, 3]);
    expect(Array.from(stream.output)).toEqual(Array.from(model.forward(tensor).toArray()));
    for (const each of [stream, tensor, model]) each.dispose();
  });

  test("a KerasModel is trained further: its gradients are those of differences", async () => {
    const f64 = await operatorRuntime({ dtype: "f64" });
    const model = await loadKeras(f64, bytesOf(branches.file));
    const { passed, error, worst } = gradcheck(model, f64.tensor(branches.x, branches.shape));
    expect(passed, `${error} at ${worst.name}[${worst.index}]`).toBe(true);
    model.dispose();
    f64.dispose();
  });

  test("what masks tokens refuses what is none", async () => {
    const masked = golden.cases.find(({ name }) => name.includes("masked tokens")) as Case;
    using model = await loadKeras(rt, bytesOf(masked.file));
    for (const shape of [
      [3, 4],
      [2, 3, 2, 1],
    ]) {
      expect(() => outputOf(model, { ...masked, tokens: false, shape })).toThrow(ShapeError);
      expect(() => outputOf(model, { ...masked, tokens: false, shape })).toThrow("expected [N, T] of tokens in i32, or [N, T, F]");
    }
    expect(() => outputOf(model, { ...masked, shape: [12] })).toThrow(ShapeError);
  });

  test("what reads the padding refuses lengths, by the layer's name", async () => {
    const model = (await loadKeras(rt, bytesOf((golden.cases[2] as Case).file))) as Model; // simple_rnn goes backwards
    const x = rt.tensor(new Float32Array(2 * 4 * 3), [2, 4, 3]);
    const frame = new Frame(rt);
    expectRefusal(() => frame.run(() => model.forward(x, { lengths: [4, 2] })), ArgumentError, "lengths", "simple_rnn");
    for (const each of [frame, x, model]) each.dispose();
  });
});

describe("what is refused", () => {
  test("weights alone: with what to do", () =>
    expectRejection(
      loadKeras(rt, bytesOf(golden.weightsAlone)),
      FormatError,
      "h5: expected a whole model",
      "weights alone",
      "model.save(path)",
    ));

  test("another file, by its name", () =>
    expectRejection(
      loadKeras(rt, Uint8Array.from([0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0, 0, 0])),
      FormatError,
      "a .keras archive or an HDF5 file",
      "GGUF",
    ));
});
