/** Files of Keras, loaded: what their models compute, and what is refused. */

import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FormatError, Frame, loadModel, type Model, type Runtime, Sequential } from "../../bindings/index.js";
import { KerasModel, kerasClasses, loadKeras } from "../../bindings/keras.js";
import { expectRejection } from "../helpers/refusal.js";
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
    expect(kinds).toEqual([Sequential, KerasModel, KerasModel, KerasModel, KerasModel, Sequential]);
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
