/** Frames: one lifetime for results, and recordings that give the gradients. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  Adam,
  ArgumentError,
  CrossEntropyLoss,
  Dense,
  DisposedError,
  Dropout,
  DTypeError,
  Embedding,
  Frame,
  Generator,
  GRU,
  LayerNorm,
  LSTM,
  MaxPool,
  MSELoss,
  ParameterTensor,
  type Runtime,
  ShapeError,
  Softmax,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import { detach, reshape, tanh } from "../../bindings/ops.js";
import { DTYPES, gradientsOf, operatorRuntime, testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ dtype: "f64", seed: 3 });
});
afterAll(() => rt.dispose());

const numbers = (shape: readonly number[], seed = 1, dtype: "f32" | "f64" = "f64"): Tensor => {
  const generator = new Generator(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return rt.tensor(
    Array.from({ length: size }, () => generator.normal()),
    shape,
    { dtype },
  );
};

describe.each(DTYPES)("a chain in a recording has the bits of the passes by hand, in %s", (dtype) => {
  test("LSTM, LayerNorm, Dropout, GRU, MaxPool, Dense, Softmax", () => {
    const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 5, numLayers: 2, bidirectional: true, dropout: 0.3, dtype });
    const norm = new LayerNorm(rt, { normalizedShape: 10, dtype });
    const dropout = new Dropout(rt, { p: 0.4, dtype });
    const gru = new GRU(rt, { inputSize: 10, hiddenSize: 4, dtype });
    const pool = new MaxPool(rt, { dtype });
    const dense = new Dense(rt, { inputSize: 4, outputSize: 3, dtype });
    const softmax = new Softmax(rt, { dtype });
    const x = numbers([7, 2, 3], 2, dtype);
    const d = numbers([2, 3], 3, dtype);
    const lengths = [7, 4];
    const forward = () => {
      const a = lstm.forward(x, { lengths }).output;
      const b = gru.forward(dropout.forward(norm.forward(a)), { lengths }).output;
      return softmax.forward(dense.forward(pool.forward(b, { lengths })));
    };
    const layers = [lstm, norm, gru, dense];
    const state = rt.generator.state;
    const byHand = forward().toArray();
    const dA = dropout.backward(gru.backward(pool.backward(dense.backward(softmax.backward(d)))).dX);
    const dX = lstm.backward(norm.backward(dA)).dX.toArray();
    const gradients = layers.map(gradientsOf);
    for (const layer of layers) layer.zeroGrad();

    rt.generator.state = state;
    const frame = new Frame(rt);
    const y = frame.record(forward);
    expect(y.toArray()).toEqual(byHand);
    frame.backward(y, { gradient: d, inputs: [x] });
    expect(frame.gradient(x).toArray()).toEqual(dX);
    expect(layers.map(gradientsOf)).toEqual(gradients);
    rt.generator.state = state;
    expect(frame.run(forward).toArray()).toEqual(byHand);
    for (const owner of [...layers, dropout, pool, softmax, frame, x, d]) owner.dispose();
  });
});

test("a backward that is refused takes no memory, however often, and the recording is there as before", () => {
  using dense = new Dense(rt, { inputSize: 40, outputSize: 40 });
  using gone = new Dense(rt, { inputSize: 40, outputSize: 40 });
  using frame = new Frame(rt);
  using x = numbers([30, 40]);
  using d = numbers([30, 40], 4);
  const y = frame.record(() => dense.forward(gone.forward(x)));
  const values = gone.parameters()[0]?.toArray() as Float64Array;
  gone.parameters()[0]?.set(values);
  const refuse = () => expect(() => frame.backward(y, { gradient: d, inputs: [x] })).toThrow(StaleError);
  refuse(); // the upper layer has its gradients and packed weights now
  const before = rt.bytesInUse;
  for (let i = 0; i < 3; i++) {
    refuse();
    expect(rt.bytesInUse).toBe(before);
    expect(dense.parameters()[0]?.grad.every((value) => value === 0)).toBe(true);
  }
  expect(y.toArray().every(Number.isFinite)).toBe(true);
});

describe("what is used more than once", () => {
  test("a layer twice in one recording: its gradients add up, and each call has its own tape", () => {
    using dense = new Dense(rt, { inputSize: 2, outputSize: 2 });
    using frame = new Frame(rt);
    using x = numbers([3, 2]);
    using d = numbers([3, 2], 4);
    const first = dense.forward(x).clone();
    dense.forward(first);
    const dFirst = dense.backward(d).clone();
    dense.forward(x);
    const dX = dense.backward(dFirst).toArray();
    const expected = gradientsOf(dense);
    dense.zeroGrad();
    const y = frame.record(() => dense.forward(dense.forward(x)));
    frame.backward(y, { gradient: d, inputs: [x] });
    expect(frame.gradient(x).toArray()).toEqual(dX);
    expect(gradientsOf(dense)).toEqual(expected);
    for (const owner of [first, dFirst]) owner.dispose();
  });

  test("a tensor that two layers read gets both gradients", () => {
    using a = new Dense(rt, { inputSize: 2, outputSize: 3 });
    using b = new Dense(rt, { inputSize: 2, outputSize: 3 });
    using mse = new MSELoss(rt, { reduction: "sum" });
    using frame = new Frame(rt);
    using x = numbers([4, 2]);
    using target = numbers([4, 3], 7);
    const one = (layer: Dense) => {
      const loss = frame.record(() => mse.forward(layer.forward(x), target));
      frame.backward(loss, { inputs: [x] });
      return frame.gradient(x).toArray();
    };
    const [first, second] = [one(a), one(b)];
    const losses = frame.record(() => [mse.forward(a.forward(x), target), mse.forward(b.forward(x), target)]);
    frame.backward(losses, { inputs: [x] });
    const both = frame.gradient(x).toArray();
    for (const [i, value] of both.entries()) expect(value).toBeCloseTo((first[i] as number) + (second[i] as number), 14);
  });

  test("the state of a layer carried from call to call: the gradient of a sequence cut in two is that of the whole", () => {
    using lstm = new LSTM(rt, { inputSize: 2, hiddenSize: 3 });
    using frame = new Frame(rt);
    using x = numbers([6, 2, 2]);
    using d = numbers([1, 2, 3], 9);
    const whole = frame.record(() => lstm.forward(x).state.h);
    frame.backward(whole, { gradient: d });
    const expected = gradientsOf(lstm);
    lstm.zeroGrad();
    using head = rt.tensor(x.toArray().slice(0, 12), [3, 2, 2]);
    using tail = rt.tensor(x.toArray().slice(12), [3, 2, 2]);
    const h = frame.record(() => lstm.forward(tail, { state: lstm.forward(head).state }).state.h);
    frame.backward(h, { gradient: d });
    for (const [name, values] of Object.entries(gradientsOf(lstm)))
      for (const [i, value] of Array.from(values).entries()) expect(value).toBeCloseTo((expected[name] as number[])[i] as number, 13);
  });

  test("a parameter of one's own, used three times, adds up where it is kept", () => {
    using w = new ParameterTensor(rt, [2]);
    using frame = new Frame(rt);
    w.parameter.set([0.3, -0.5]);
    const step = () => {
      const y = frame.record(() => tanh(tanh(tanh(w))));
      using d = rt.tensor([1, 1], [2]);
      frame.backward(y, { gradient: d });
      return w.parameter.grad;
    };
    const once = step();
    const twice = step();
    for (const i of [0, 1]) expect(twice[i]).toBe(2 * (once[i] as number));
  });
});

describe("memory", () => {
  test("after the first runs nothing is taken, whatever the shapes up to the largest; all of it comes back", async () => {
    const own = await testRuntime({ dtype: "f64" });
    const lstm = new LSTM(own, { inputSize: 3, hiddenSize: 8, numLayers: 2 });
    const head = new Dense(own, { inputSize: 8, outputSize: 4 });
    const loss = new CrossEntropyLoss(own);
    const frame = new Frame(own);
    const train = (T: number, N: number) => {
      const x = own.zeros([T, N, 3]);
      const y = own.zeros([T, N], { dtype: "i32" });
      frame.backward(frame.record(() => loss.forward(head.forward(lstm.forward(x).output), y)));
      x.dispose();
      y.dispose();
    };
    for (let i = 0; i < 2; i++) train(20, 5);
    const held = own.bytesInUse;
    for (const [T, N] of [
      [1, 1],
      [20, 5],
      [3, 4],
      [19, 5],
      [20, 1],
      [20, 5],
    ] as const)
      train(T, N);
    expect(own.bytesInUse).toBe(held);
    for (const owner of [lstm, head, loss, frame]) owner.dispose();
    expect(own.bytesInUse).toBe(0);
    own.dispose();
  });

  test("the same shapes again lie at the same addresses", () => {
    using dense = new Dense(rt, { inputSize: 2, outputSize: 3 });
    using frame = new Frame(rt);
    using x = numbers([4, 2]);
    const run = () => frame.run(() => dense.forward(dense.forward(x).shape ? x : x).pointer());
    run();
    expect(run()).toBe(run());
  });

  test("a failure of memory in backward changes no gradient", async () => {
    const own = await testRuntime({ dtype: "f64", maximumMemory: 3 * 65536 });
    const [a, b] = [0, 1].map(() => new Dense(own, { inputSize: 16, outputSize: 16 })) as [Dense, Dense];
    const frame = new Frame(own);
    const x = own.zeros([64, 16]);
    x.set(Array.from({ length: x.size }, Math.sin));
    const y = frame.record(() => b.forward(a.forward(b.forward(a.forward(x)))));
    const d = own.zeros(y.shape);
    const filler: Tensor[] = [];
    try {
      for (;;) filler.push(own.zeros([64]));
    } catch {}
    expect(() => frame.backward(y, { gradient: d, inputs: [x] })).toThrow(/memory/);
    for (const layer of [a, b]) for (const { grad } of layer.parameters()) expect(grad.every((value) => value === 0)).toBe(true);
    own.dispose();
  });
});

describe("refusals", () => {
  const dense = () => new Dense(rt, { inputSize: 2, outputSize: 2 });

  test("a result after the next run, and after dispose", () => {
    using layer = dense();
    const frame = new Frame(rt);
    using x = numbers([1, 2]);
    const y = frame.run(() => layer.forward(x));
    const kept = y.clone();
    const z = frame.record(() => layer.forward(x));
    expect(() => y.toArray()).toThrow(StaleError);
    expect(kept.toArray()).toEqual(z.toArray());
    expect(() => frame.record(() => layer.forward(y))).toThrow(StaleError);
    const last = frame.run(() => layer.forward(x));
    frame.dispose();
    expect(() => last.toArray()).toThrow(DisposedError);
    expect(() => frame.run(() => 0)).toThrow(DisposedError);
    kept.dispose();
  });

  test("one inside of another, a promise, no function", async () => {
    using frame = new Frame(rt);
    using other = new Frame(rt);
    expect(() => frame.run(() => other.record(() => 0))).toThrow(/other run or recording/);
    expect(() => frame.record(() => frame.run(() => 0))).toThrow(ArgumentError);
    expect(() => frame.run(() => frame.backward(numbers([1])))).toThrow(ArgumentError);
    expect(() => frame.record(async () => 0)).toThrow(/promise/);
    expect(() => frame.run(0 as never)).toThrow(/work: expected a function/);
    expect(() => new Frame({} as never)).toThrow(ArgumentError);
    expect(frame.run(() => 7)).toBe(7); // and none of it is left under way
  });

  test("parameters or data that changed between recording and backward", () => {
    using layer = dense();
    using frame = new Frame(rt);
    using x = numbers([2, 2]);
    using d = numbers([2, 2], 5);
    const y = () => frame.record(() => layer.forward(x));
    const gradients = () => layer.parameters().map(({ grad }) => grad);
    const zero = gradients();
    for (const change of [
      () => layer.parameters()[0]?.update((w) => void w.fill(9, 0, 1)),
      () => x.set([1, 2, 3, 4]),
      () => void x.data.fill(5, 0, 1),
    ]) {
      const result = y();
      change();
      expect(() => frame.backward(result, { gradient: d })).toThrow(StaleError);
      expect(gradients()).toEqual(zero);
    }
    const optimizer = new Adam(layer.parameters());
    const result = y();
    optimizer.step();
    expect(() => frame.backward(result, { gradient: d })).toThrow(StaleError);
    optimizer.dispose();
  });

  test("an operator's input that changed; a view's base", () => {
    using frame = new Frame(rt);
    using x = numbers([2, 2]);
    using w = new ParameterTensor(rt, [2]);
    using d = numbers([2], 5);
    const y = frame.record(() => tanh(w));
    w.parameter.set([1, 2]); // tanh goes over its output
    frame.backward(y, { gradient: d });
    const view = frame.run(() => reshape(x, [4]));
    x.set([1, 2, 3, 4]);
    expect(view.toArray()).toEqual(Float64Array.of(1, 2, 3, 4));
    view.set([4, 3, 2, 1]);
    expect(x.toArray()).toEqual(Float64Array.of(4, 3, 2, 1));
  });

  test("backward without a recording, twice, from another frame, from what leads nowhere, of the wrong shape", () => {
    using layer = dense();
    using frame = new Frame(rt);
    using other = new Frame(rt);
    using x = numbers([2, 2]);
    using d = numbers([2, 2], 5);
    using small = numbers([2], 5);
    const y = frame.record(() => layer.forward(x));
    expect(() => frame.backward(y)).toThrow(ShapeError);
    expect(() => frame.backward(y, { gradient: small })).toThrow(ShapeError);
    expect(() => frame.backward(x, { gradient: d })).toThrow(/of this frame/);
    expect(() => other.backward(y, { gradient: d })).toThrow(ArgumentError);
    expect(() => frame.backward(y, { gradient: d, inputs: [null as never] })).toThrow(ArgumentError);
    expect(() => frame.gradient(x)).toThrow(StaleError);
    expect(() => frame.backward([], { gradient: d, inputs: [x] })).toThrow(/at least one/); // and y may still be gone over
    frame.backward(y, { gradient: d, inputs: [x] });
    expect(() => frame.backward(y, { gradient: d })).toThrow(StaleError);
    expect(() => frame.gradient(d)).toThrow(ArgumentError);
    const loose = frame.record(() => detach(layer.forward(x)));
    expect(() => frame.backward(loose, { gradient: d })).toThrow(/leads to parameters/);
    layer.freeze();
    expect(() =>
      frame.backward(
        frame.record(() => layer.forward(x)),
        { gradient: d },
      ),
    ).toThrow(ArgumentError);
    layer.unfreeze();
    using tokens = rt.tensor(Int32Array.of(1), [1]);
    const z = frame.record(() => layer.forward(x));
    expect(() => frame.backward(z, { gradient: d, inputs: [tokens] })).toThrow(DTypeError);
    expect(() => frame.backward({} as never)).toThrow(ArgumentError);
  });

  test("operators outside of a frame, and without their kernels", async () => {
    using x = numbers([2]);
    expect(() => tanh(x)).toThrow(/inside of frame/);
    const bare = await testRuntime();
    using frame = new Frame(bare);
    expect(() => frame.run(() => tanh(bare.zeros([1])))).toThrow(/loadOperators/);
    bare.dispose();
  });

  test("a frame that its own work disposes of keeps no memory; a runtime that it disposes of neither", async () => {
    const own = await testRuntime({ dtype: "f64" });
    const layer = new Dense(own, { inputSize: 2, outputSize: 2 });
    const frame = new Frame(own);
    const x = own.zeros([3, 2]);
    const y = frame.run(() => {
      frame.dispose();
      return layer.forward(x);
    });
    expect(() => y.toArray()).toThrow(DisposedError);
    for (const owner of [layer, x]) owner.dispose();
    expect(own.bytesInUse).toBe(0);
    expect(() => new Frame(own).run(() => own.dispose())).not.toThrow();
  });

  test("work that throws leaves nothing under way", () => {
    using layer = dense();
    using frame = new Frame(rt);
    using x = numbers([2, 2]);
    let inside: Tensor | undefined;
    const fail = () => {
      inside = layer.forward(x);
      throw new RangeError("mine");
    };
    expect(() => frame.record(fail)).toThrow(RangeError);
    expect(() => inside?.toArray()).toThrow(StaleError);
    expect(rt.scope).toBeNull();
    expect(() => frame.backward(inside as Tensor)).toThrow(StaleError);
  });
});

test("a frozen layer below is not gone over; a loss of weight other than 1 scales", () => {
  using embedding = new Embedding(rt, { numEmbeddings: 4, embeddingDim: 3 });
  using head = new Dense(rt, { inputSize: 3, outputSize: 4 });
  using loss = new CrossEntropyLoss(rt);
  using frame = new Frame(rt);
  using tokens = rt.tensor(Int32Array.of(0, 1, 3), [3]);
  embedding.freeze();
  const result = frame.record(() => loss.forward(head.forward(embedding.forward(tokens)), tokens));
  expect(result.tensor?.toArray()[0]).toBe(result.loss);
  frame.backward(result);
  expect(embedding.parameters()[0]?.grad.every((value) => value === 0)).toBe(true);
  const once = head.parameters().map(({ grad }) => grad);
  head.zeroGrad();
  const again = frame.record(() => loss.forward(head.forward(embedding.forward(tokens)), tokens));
  using half = rt.tensor([0.5], [1]);
  frame.backward(again.tensor as Tensor, { gradient: half });
  for (const [i, { grad }] of head.parameters().entries()) expect(grad).toEqual(once[i]?.map((value) => value / 2));
});
