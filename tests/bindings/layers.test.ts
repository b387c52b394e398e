import { afterAll, describe, expect, it } from "vitest";
import { Adam, Dense, Embedding, Generator, LSTM, RNN, SGD, ShapeError } from "../../bindings/index.js";
import { draws, expectBits, expectClose } from "../helpers/compare.js";
import { DTYPES, gradientsOf, parameterOf, testRuntime, tokensOf } from "../helpers/runtime.js";

const rt = await testRuntime({ dtype: "f64" });
afterAll(() => rt.dispose());

const shapesOf = (layer: LSTM | Dense | Embedding) => layer.parameters().map(({ name, shape }) => [name, ...shape]);

describe("parameters()", () => {
  it("has PyTorch's names, shapes and order", () => {
    expect(shapesOf(new LSTM(rt, { inputSize: 3, hiddenSize: 5, numLayers: 2 }))).toEqual([
      ["weight_ih_l0", 20, 3],
      ["weight_hh_l0", 20, 5],
      ["bias_ih_l0", 20],
      ["bias_hh_l0", 20],
      ["weight_ih_l1", 20, 5],
      ["weight_hh_l1", 20, 5],
      ["bias_ih_l1", 20],
      ["bias_hh_l1", 20],
    ]);
    const rnn = new RNN(rt, { inputSize: 3, hiddenSize: 5, numLayers: 2, bias: false });
    expect(rnn.parameters().map(({ name, shape }) => [name, ...shape])).toEqual([
      ["weight_ih_l0", 5, 3],
      ["weight_hh_l0", 5, 5],
      ["weight_ih_l1", 5, 5],
      ["weight_hh_l1", 5, 5],
    ]);
    expect(shapesOf(new Dense(rt, { inputSize: 3, outputSize: 2 }))).toEqual([
      ["weight", 2, 3],
      ["bias", 2],
    ]);
    expect(shapesOf(new Dense(rt, { inputSize: 3, outputSize: 2, bias: false }))).toEqual([["weight", 2, 3]]);
    expect(shapesOf(new Embedding(rt, { numEmbeddings: 7, embeddingDim: 4 }))).toEqual([["weight", 7, 4]]);
  });

  it("without biases computes what zero biases compute", () => {
    for (const Layer of [RNN, LSTM]) {
      const options = { inputSize: 3, hiddenSize: 9, numLayers: 2 };
      const [bare, zero] = [new Layer(rt, { ...options, bias: false }), new Layer(rt, options)];
      for (const parameter of zero.parameters())
        parameter.set(
          parameter.name.startsWith("bias") ? new Float64Array(parameter.shape[0]) : parameterOf(bare, parameter.name).toArray(),
        );
      const [x, d] = [rt.tensor(draws(1)(24), [4, 2, 3]), rt.tensor(draws(2)(72), [4, 2, 9])];
      expectBits("output", bare.forward(x).output.toArray(), zero.forward(x).output.data);
      expectBits("dX", bare.backward(d).dX.toArray(), zero.backward(d).dX.data);
      for (const parameter of bare.parameters()) expectBits(parameter.name, parameter.grad, parameterOf(zero, parameter.name).grad);
    }
  });

  it("are drawn from ±1/√H, ±1/√I and the standard normal distribution", () => {
    const uniform = (values: ArrayLike<number>, bound: number) => {
      const list = Array.from(values);
      expect(Math.max(...list.map(Math.abs))).toBeLessThanOrEqual(bound);
      expect(Math.max(...list)).toBeGreaterThan(0.95 * bound);
      expect(Math.min(...list)).toBeLessThan(-0.95 * bound);
      expect(Math.abs(list.reduce((a, b) => a + b, 0) / list.length)).toBeLessThan(0.1 * bound);
    };
    for (const layer of [new LSTM(rt, { inputSize: 50, hiddenSize: 64 }), new RNN(rt, { inputSize: 50, hiddenSize: 256, numLayers: 2 })])
      for (const parameter of layer.parameters()) uniform(parameter.toArray(), 1 / Math.sqrt(layer.hiddenSize));
    for (const parameter of new Dense(rt, { inputSize: 25, outputSize: 300 }).parameters()) uniform(parameter.toArray(), 0.2);
    const [weight] = new Embedding(rt, { numEmbeddings: 100, embeddingDim: 100 }).parameters();
    const values = Array.from(weight.toArray());
    expect(Math.abs(values.reduce((a, b) => a + b, 0) / 1e4)).toBeLessThan(0.05);
    expect(Math.abs(values.reduce((a, b) => a + b * b, 0) / 1e4 - 1)).toBeLessThan(0.06);
    expect(values.filter((v) => Math.abs(v) < 1).length / 1e4).toBeCloseTo(0.6827, 1);
  });

  it("are the same from the same seed, and others from another", async () => {
    const weights = async (seed: number | undefined, generator?: Generator) => {
      const own = await testRuntime({ seed });
      const layers = [
        new LSTM(own, { inputSize: 3, hiddenSize: 5, generator }),
        new Embedding(own, { numEmbeddings: 7, embeddingDim: 4, generator }),
        new Dense(own, { inputSize: 3, outputSize: 2, generator }),
      ];
      return layers.flatMap((layer) => layer.parameters().flatMap((parameter) => [...parameter.toArray()]));
    };
    expectBits("seed 0 by default", await weights(undefined), await weights(0));
    expectBits("seed 7", await weights(7), await weights(7));
    expectBits("a generator of the layer's own", await weights(7), await weights(8, new Generator(7)));
    expect(await weights(7)).not.toEqual(await weights(8));
  });
});

describe.each(DTYPES)("a parameter in %s", (dtype) => {
  const make = () => new Dense(rt, { inputSize: 3, outputSize: 2, dtype });
  const x = rt.tensor([1, 2, 3], [1, 3], { dtype });
  const dOutput = rt.tensor([1, -1], [1, 2], { dtype });

  it("is read as a copy", () => {
    const dense = make();
    const [weight] = dense.parameters();
    const before = [...weight.toArray()];
    weight.toArray().fill(9);
    dense.forward(x);
    dense.backward(dOutput);
    weight.grad.fill(9);
    expect([...weight.toArray()]).toEqual(before);
    expect([...weight.grad]).toEqual([1, 2, 3, -1, -2, -3]);
    expect(weight.dtype).toBe(dtype);
    expect(Object.isFrozen(weight.shape)).toBe(true);
    expect(dense.parameters()[0]).toBe(weight);
  });

  it("is changed by set and update, and the layer and its streams follow", () => {
    const dense = make();
    const [weight, bias] = dense.parameters();
    const stream = dense.stream();
    stream.input.set([1, 2, 3]);
    const both = () => {
      stream.step();
      const y = [...dense.forward(x).data];
      expect([...stream.output]).toEqual(y);
      return y;
    };
    weight.set([1, 0, 0, 0, 1, 0]);
    bias.set([10, 20]);
    expect(both()).toEqual([11, 22]);
    weight.update((values) => {
      values[2] = 1;
    });
    expect(both()).toEqual([14, 22]);
    expect(() =>
      weight.update((values) => {
        values[0] = 0;
        throw new Error("half-way");
      }),
    ).toThrow("half-way");
    expect(both()).toEqual([13, 22]);
    expect(() => weight.set([1])).toThrow(ShapeError);
    expect(both()).toEqual([13, 22]);
    dense.forward(x);
    dense.backward(dOutput);
    new SGD([bias], { lr: 1 }).step();
    expect(both()).toEqual([12, 23]);
  });

  it("of a recurrent layer: every one of them reaches the output, forward and streamed", () => {
    for (const Layer of [RNN, LSTM]) {
      const layer = new Layer(rt, { inputSize: 3, hiddenSize: 5, numLayers: 2, dtype });
      using stream = layer.stream();
      const sequence = rt.tensor([1, 2, 3], [1, 1, 3], { dtype });
      const h = rt.tensor(draws(1)(10), [2, 1, 5], { dtype });
      const output = () => {
        stream.state = { h: h.toArray(), c: h.toArray() } as never;
        stream.input.set([1, 2, 3]);
        stream.step();
        const values: ArrayLike<number> = layer.forward(sequence, { state: { h, c: h } as never }).output.toArray();
        expectBits("stream", stream.output, values);
        return values;
      };
      let before = output();
      for (const parameter of layer.parameters()) {
        parameter.update((values) => {
          values[0] += 0.5;
        });
        const after = output();
        expect(after, parameter.name).not.toEqual(before);
        before = after;
      }
    }
  });
});

describe("an optimizer", () => {
  const train = (layer: LSTM, optimizer: Adam | SGD, from: number, to: number) => {
    const x = rt.tensor(draws(1)(24), [4, 2, 3]);
    for (let k = from; k < to; k++) {
      optimizer.zeroGrad();
      layer.forward(x);
      layer.backward(rt.tensor(draws(k)(40), [4, 2, 5]));
      optimizer.step();
    }
  };
  const make = () => new LSTM(rt, { inputSize: 3, hiddenSize: 5, generator: new Generator(3) });

  it.each([
    ["Adam", (layer: LSTM) => new Adam(layer.parameters(), { lr: 0.1 })],
    ["SGD", (layer: LSTM) => new SGD(layer.parameters(), { lr: 0.1, momentum: 0.9 })],
  ] as const)("%s goes on to the same bits from its state", (_, optimizerOf) => {
    const whole = make();
    const steady = optimizerOf(whole);
    train(whole, steady, 0, 3);
    const stored = JSON.parse(
      JSON.stringify({
        parameters: whole.parameters().map((parameter) => [...parameter.toArray()]),
        ...steady.state(),
        tensors: Object.fromEntries(Object.entries(steady.state().tensors).map(([name, values]) => [name, [...values]])),
      }),
    );
    train(whole, steady, 3, 6);
    const resumed = make();
    const fresh = optimizerOf(resumed);
    for (const [i, parameter] of resumed.parameters().entries()) parameter.set(stored.parameters[i]);
    fresh.load(stored);
    expect(fresh.state().step).toBe(3);
    train(resumed, fresh, 3, 6);
    for (const [i, parameter] of resumed.parameters().entries())
      expectBits(parameter.name, parameter.toArray(), whole.parameters()[i].toArray());
  });

  it("changes the parameters it was given and no others, in whatever order", () => {
    const layer = make();
    const before = Object.fromEntries(layer.parameters().map((parameter) => [parameter.name, parameter.toArray()]));
    const chosen = [parameterOf(layer, "bias_hh_l0"), parameterOf(layer, "weight_hh_l0"), parameterOf(layer, "weight_ih_l0")];
    train(layer, new SGD(chosen, { lr: 0.5 }), 0, 1);
    const grads = gradientsOf(layer);
    for (const { name, toArray } of layer.parameters()) {
      const moved = Array.from(before[name], (value, i) => (name === "bias_ih_l0" ? value : value - 0.5 * grads[name][i]));
      expectClose(name, toArray(), moved, 1e-15);
    }
  });

  it("follows its learning rate, and with 0 changes nothing", () => {
    const layer = make();
    const optimizer = new SGD(layer.parameters(), { lr: 0 });
    const before = layer.parameters()[0].toArray();
    train(layer, optimizer, 0, 1);
    expectBits("lr 0", layer.parameters()[0].toArray(), before);
    optimizer.lr = 1;
    optimizer.step();
    expectClose(
      "lr 1",
      layer.parameters()[0].toArray(),
      before.map((v, i) => v - layer.parameters()[0].grad[i]),
      1e-15,
    );
  });
});

it("Embedding gives the rows of its tokens, of whatever shape", () => {
  const layer = new Embedding(rt, { numEmbeddings: 3, embeddingDim: 2 });
  layer.parameters()[0].set([0, 1, 10, 11, 20, 21]);
  const y = layer.forward(tokensOf(rt, [2, 0, 1, 2], [2, 1, 2]));
  expect(y.shape).toEqual([2, 1, 2, 2]);
  expect([...y.data]).toEqual([20, 21, 0, 1, 10, 11, 20, 21]);
});
