/** What a model inside a model keeps beside its parameters is kept like its parameters. */
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  Adam,
  ArgumentError,
  Dense,
  evaluate,
  fit,
  GRU,
  gradcheck,
  LastStep,
  Model,
  MSELoss,
  type Runtime,
  type Sample,
  Sequential,
  type Tensor,
} from "../../bindings/index.js";
import { recorded } from "../helpers/recorded.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 3 });
});
afterEach(() => {
  rt.dispose();
});

/** Reads on where the last batch ended. */
class Carrying extends Model<{ gru: GRU }> {
  readonly h: Tensor;

  constructor(dtype: "f32" | "f64" = "f32") {
    super(rt, { gru: new GRU(rt, { inputSize: 1, hiddenSize: 3, dtype }) });
    this.h = rt.zeros([1, 2, 3], { dtype });
  }

  override namedBuffers(): [string, Tensor][] {
    return [...super.namedBuffers(), ["h", this.h]];
  }

  forward(x: Tensor): Tensor {
    const { output, state } = this.layers.gru.forward(x, { state: { h: this.h } });
    this.h.set(state.h.toArray());
    return output;
  }
}

const modelOf = () => {
  const inner = new Carrying();
  const body = new Sequential(rt, { inner, last: new LastStep(rt) });
  return { inner, model: new Sequential(rt, { body, head: new Dense(rt, { inputSize: 3, outputSize: 1 }) }) };
};
const data = (epoch: number): Sample[] =>
  Array.from({ length: 8 }, (_, n) => ({ x: [0, 1, 2].map((t) => Math.sin(epoch + n + t)), y: Math.sin(epoch + n + 3) }));

test("their names are full, as those of the parameters", () => {
  const { inner, model } = modelOf();
  expect(model.namedBuffers()).toEqual([["body.inner.h", inner.h]]);
  expect(new Sequential(rt, [new Dense(rt, { inputSize: 1, outputSize: 1 })]).namedBuffers()).toEqual([]);
});

test("a resumed run gets them back, and ends with the same bits", async () => {
  const weights = modelOf().model.save();
  const run = async (more: { save?: (bytes: Uint8Array) => void; resume?: Uint8Array }) => {
    const { inner, model } = modelOf();
    model.load(weights);
    const { save, ...rest } = more;
    const checkpoint = save && { checkpoint: { every: 3, save } };
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    await fit(model, { data, loss: new MSELoss(rt), optimizer, epochs: 2, batchSize: 2, ...checkpoint, ...rest });
    return [...model.parameters().flatMap((parameter) => [...parameter.toArray()]), ...inner.h.toArray()];
  };
  const saved: Uint8Array[] = [];
  const whole = await run({ save: (bytes) => void saved.push(bytes.slice()) });
  expect(saved.length).toBe(3); // after steps 3 and 6 of 8, and at the end
  for (const resume of saved) expect(await run({ resume })).toEqual(whole);
});

test("evaluate leaves them as they were", async () => {
  const { inner, model } = modelOf();
  inner.h.set([1, 2, 3, 4, 5, 6]);
  await evaluate(model, { data, loss: new MSELoss(rt), batchSize: 2 });
  expect([...inner.h.toArray()]).toEqual([1, 2, 3, 4, 5, 6]);
});

test("gradcheck begins every forward with them, and leaves them as they were", () => {
  const inner = new Carrying("f64");
  const before = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6];
  inner.h.set(before);
  const x = rt.tensor([1, -1, 0.5, 2, -0.5, 0.25], [3, 2, 1], { dtype: "f64" });
  for (const model of [inner, new Sequential(rt, { inner })]) {
    expect(gradcheck(model, x)).toMatchObject({ passed: true });
    expect([...inner.h.toArray()]).toEqual(before);
  }
});

test("a model in a Sequential in a Sequential gets the gradient of this pass, not of the one before", () => {
  const dtype = "f64";
  const [inner, head] = [new Carrying(dtype), new Dense(rt, { inputSize: 3, outputSize: 2, dtype })];
  const [alone, nested] = [new Sequential(rt, [inner, head]), new Sequential(rt, [new Sequential(rt, [inner]), head])];
  const x = rt.tensor([1, -1, 0.5, 2, -0.5, 0.25], [3, 2, 1], { dtype });
  const dOutputs = [1, -2].map((factor) =>
    rt.tensor(
      Array.from({ length: 12 }, (_, i) => factor * Math.cos(i)),
      [3, 2, 2],
      { dtype },
    ),
  );
  const gradientsOf = (model: Sequential, dOutput: Tensor) => {
    inner.h.set(new Float64Array(6));
    model.zeroGrad();
    const { dX = [] } = recorded((x) => model.forward(x), x, dOutput);
    return [...dX, ...model.parameters().flatMap((parameter) => [...parameter.grad])];
  };
  for (const dOutput of dOutputs) {
    const gradients = gradientsOf(nested, dOutput);
    expect(gradients).toEqual(gradientsOf(alone, dOutput));
    expect(gradients.every((value) => value !== 0)).toBe(true);
  }
  expect(gradcheck(nested, x)).toMatchObject({ passed: true });
});

test.each([
  ["an array", () => [["h", [1, 2]]], /namedBuffers\[0\]: expected a name/],
  ["no list", () => ({}), /namedBuffers: expected \[name/],
  ["no pairs", () => ["h"], /namedBuffers\[0\]: expected a name/],
  [
    "one name twice",
    (h: Tensor) => [
      ["h", h],
      ["h", h],
    ],
    /namedBuffers: expected a name for each alone, got two by the name h/,
  ],
] as [string, (h: Tensor) => unknown, RegExp][])("%s is refused before anything changes", async (_, buffers, message) => {
  const model = new Carrying();
  model.namedBuffers = () => buffers(model.h) as [string, Tensor][];
  const [loss, optimizer] = [new MSELoss(rt), new Adam(model.parameters())];
  const samples = (epoch: number) => data(epoch).map(({ x }) => ({ x, y: Array.from({ length: 9 }, () => 0) }));
  const before = model.parameters().map((parameter) => [...parameter.toArray()]);
  for (const work of [
    () => fit(model, { data: samples, loss, optimizer, batchSize: 2 }),
    () => evaluate(model, { data: samples, loss, batchSize: 2 }),
  ]) {
    const error = await work().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toMatch(message);
  }
  expect(model.parameters().map((parameter) => [...parameter.toArray()])).toEqual(before);
});
