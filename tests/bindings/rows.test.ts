/** A prediction has a row for every step or one for every sample, whatever the numbers of a batch happen to be. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  Dense,
  Dropout,
  evaluate,
  Frame,
  fit,
  GRU,
  LastStep,
  Model,
  type ModelForwardOptions,
  MSELoss,
  predict,
  type Runtime,
  type Sample,
  SGD,
  type Tensor,
} from "../../bindings/index.js";
import { permute, reshape } from "../../bindings/ops.js";
import { operatorRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ dtype: "f64", seed: 7 });
});
afterEach(() => expect(rt.bytesInUse).toBe(0));
afterAll(() => rt.dispose());

type Kind = "samples" | "steps";

/** [N, width, 2] of every sample, or two numbers of every step. `calls` counts its passes. */
class Forecast extends Model<{ gru: GRU; drop: Dropout; last: LastStep; head: Dense }> {
  calls = 0;

  constructor(
    rt: Runtime,
    readonly of: Kind,
    batchFirst = false,
    readonly width = 2,
    p = 0.5,
  ) {
    super(rt, {
      gru: new GRU(rt, { inputSize: 1, hiddenSize: 3, batchFirst }),
      drop: new Dropout(rt, { p }),
      last: new LastStep(rt),
      head: new Dense(rt, { inputSize: 3, outputSize: of === "steps" ? 2 : 2 * width }),
    });
  }

  override forward(x: Tensor, { lengths }: ModelForwardOptions = {}): Tensor {
    this.calls++;
    const { gru, drop, last, head } = this.layers;
    const { output } = gru.forward(x, { lengths });
    if (this.of === "steps") return head.forward(drop.forward(output));
    const flat = head.forward(drop.forward(last.forward(output, { lengths })));
    return reshape(flat, [flat.shape[0] as number, this.width, 2]);
  }
}

function samples({ of, width }: Forecast, steps: readonly number[]): Sample[] {
  return steps.map((T, i) => ({
    x: Float64Array.from({ length: T }, (_, t) => Math.sin(i + t)),
    y: Float64Array.from({ length: 2 * (of === "steps" ? T : width) }, (_, d) => Math.cos(i - d)),
  }));
}

/** As many samples as steps, as many steps as the second axis has, and neither. */
const STEPS: Record<string, number[]> = {
  "all alike": [2, 2, 2, 2],
  "four of four": [4, 4, 4, 4],
  ragged: [4, 2, 3, 1, 4, 3],
  "the shortest first": [1, 2, 2, 1],
};

describe.each<Kind>(["samples", "steps"])("one for all %s", (of) => {
  describe.each([false, true])("batchFirst: %s", (batchFirst) => {
    test.each(Object.keys(STEPS))("whatever the batch's size: %s", async (name) => {
      const steps = STEPS[name] as number[];
      for (const width of [2, 4]) {
        using model = new Forecast(rt, of, batchFirst, width);
        using loss = new MSELoss(rt);
        const data = samples(model, steps);
        const alone = await predict(model, data, { batchSize: 1 });
        const { loss: exact } = await evaluate(model, { data, loss, batchSize: 1 });
        expect(alone.map(({ shape }) => shape)).toEqual(steps.map((T) => [of === "steps" ? T : width, 2]));
        for (let batchSize = 1; batchSize <= steps.length; batchSize++) {
          expect(await predict(model, data, { batchSize })).toEqual(alone);
          const measured = await evaluate(model, { data, loss, batchSize });
          expect(measured.loss).toBeCloseTo(exact, 14);
        }
      }
    });
  });
});

const begin = () => {
  rt.generator.state = [1, 2, 3, 4];
};
const weights = (model: Model) => model.parameters().flatMap((parameter) => [...parameter.toArray()]);

test("fit learns the samples' own numbers in a batch of as many samples as steps", async () => {
  using loss = new MSELoss(rt);
  const learned = async (batchSize: number) => {
    begin();
    using model = new Forecast(rt, "samples", false, 2, 0);
    using optimizer = new SGD(model.parameters(), { lr: 0.5 });
    const data = samples(model, [2, 2]);
    await fit(model, { data, loss, optimizer, epochs: 300, batchSize, seed: 1 });
    return (await evaluate(model, { data, loss, batchSize: 1 })).loss;
  };
  expect(await learned(2)).toBeLessThan(0.01); // what scrambled targets would leave is a good deal of their variance
});

test("looking costs one pass of one sample; it draws nothing", async () => {
  using loss = new MSELoss(rt);
  const steps = [4, 4, 4, 4];
  const fitted = async (batchSize: number) => {
    begin();
    using model = new Forecast(rt, "steps");
    using optimizer = new SGD(model.parameters(), { lr: 0.1 });
    await fit(model, { data: samples(model, steps), loss, optimizer, batchSize, shuffle: false, epochs: 2 });
    return { calls: model.calls, weights: weights(model) };
  };
  const { calls, weights: all } = await fitted(4);
  expect(calls).toBe(3);
  expect((await fitted(2)).calls).toBe(4);

  begin();
  using model = new Forecast(rt, "steps");
  using optimizer = new SGD(model.parameters(), { lr: 0.1 });
  using frame = new Frame(rt);
  const data = samples(model, steps) as unknown as { x: Float64Array; y: Float64Array }[];
  using x = rt.tensor(
    Float64Array.from({ length: 16 }, (_, i) => data[i % 4]?.x[Math.floor(i / 4)] as number),
    [4, 4, 1],
  );
  using y = rt.tensor(
    Float64Array.from({ length: 32 }, (_, i) => data[Math.floor(i / 2) % 4]?.y[2 * Math.floor(i / 8) + (i % 2)] as number),
    [4, 4, 2],
  );
  for (let epoch = 0; epoch < 2; epoch++) {
    frame.backward(frame.record(() => loss.forward(model.forward(x), y)));
    optimizer.step();
    optimizer.zeroGrad();
  }
  expect(weights(model)).toEqual(all);
});

test("a model that fails alone says what it would have said", async () => {
  using model = new Forecast(rt, "steps");
  const own = {
    runtime: rt,
    namedParameters: () => model.namedParameters(),
    train() {},
    eval() {},
    forward: (x: Tensor) => permute(x, [1, 0]),
  };
  await expect(predict(own, samples(model, [3, 3, 3]))).rejects.toThrow(ArgumentError);
});
