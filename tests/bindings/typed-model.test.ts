/** A model of one's own in TypeScript, as docs/own-models.md quotes it: its layers keep their types, and so do those of what is loaded. */
import { expect, expectTypeOf, test } from "vitest";
import {
  createRuntime,
  Dense,
  GRU,
  LastStep,
  loadModel,
  Model,
  type ModelForwardOptions,
  predict,
  type Runtime,
  Sequential,
  type Tensor,
} from "../../bindings/index.js";

interface Sizes {
  readonly inputSize: number;
  readonly hiddenSize: number;
}

class Reader extends Model<{ gru: GRU; last: LastStep; head: Dense }> {
  constructor(rt: Runtime, sizes: Sizes) {
    const gru = new GRU(rt, sizes);
    super(rt, { gru, last: new LastStep(rt), head: new Dense(rt, { inputSize: sizes.hiddenSize, outputSize: 1 }) }, sizes);
  }
  override forward(x: Tensor, { lengths }: ModelForwardOptions = {}): Tensor {
    const { gru, last, head } = this.layers;
    return head.forward(last.forward(gru.forward(x, { lengths }).output, { lengths }));
  }
}

test("a model of one's own, and what loadModel makes of its file", async () => {
  const rt = await createRuntime({ seed: 1 });
  const model = new Reader(rt, { inputSize: 2, hiddenSize: 3 });
  expectTypeOf(model.layers.head).toEqualTypeOf<Dense>();
  const again = loadModel<Reader>(rt, model.save(), { classes: { Reader } });
  expectTypeOf(again.layers.gru).toEqualTypeOf<GRU>();
  const samples = [[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6]]]; // biome-ignore format: two sequences
  const [before, after] = [await predict(model, samples), await predict(again, samples)];
  expect(after.map(({ data }) => Array.from(data))).toEqual(before.map(({ data }) => Array.from(data)));
  rt.dispose();
});

test("of a Sequential, by the types of its layers", async () => {
  const rt = await createRuntime({ seed: 1 });
  const model = new Sequential(rt, {
    gru: new GRU(rt, { inputSize: 1, hiddenSize: 3 }),
    head: new Dense(rt, { inputSize: 3, outputSize: 1 }),
  });
  const again = loadModel<typeof model>(rt, model.save());
  expectTypeOf(again.layers.head).toEqualTypeOf<Dense>();
  expect(again.layers.gru.hiddenSize).toBe(3);
  rt.dispose();
});
