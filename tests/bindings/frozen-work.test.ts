/** What a frozen layer spares: the kernels that run, and what they are asked for. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Adam,
  CrossEntropyLoss,
  Dense,
  Dropout,
  Embedding,
  Frame,
  fit,
  GRU,
  type Layer,
  LayerNorm,
  LSTM,
  RNN,
  type Runtime,
  Sequential,
} from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { recorded } from "../helpers/recorded.js";
import { gradientsOf, testRuntime, tokensOf } from "../helpers/runtime.js";

let rt: Runtime;
let work: string[];
beforeEach(async () => {
  rt = await testRuntime({ seed: 5 });
  work = [];
  listen();
});
afterEach(() => rt.dispose());

/** Notes every kernel of a backward pass: "denseBackward dx dw", or without what it is not asked for. */
function listen(): void {
  const own = rt.kernels.bind(rt);
  const { offsets } = rt.sequence;
  const asked = (name: string, argument: unknown) => {
    const word = (field: "dx" | "dWx") => (rt.view("i32", argument as number, rt.sequence.size / 4) as Int32Array)[offsets[field] / 4];
    const of = typeof argument === "number" ? { dx: word("dx"), dw: word("dWx") } : (argument as { dx?: number; dw?: number });
    work.push([name, of.dx && "dx", of.dw && "dw"].filter(Boolean).join(" "));
  };
  const noting = (kernels: object) =>
    Object.fromEntries(
      Object.entries(kernels as Record<string, (argument: never) => unknown>).map(([name, kernel]) => [
        name,
        (argument: never) => {
          if (name.endsWith("Backward") && name !== "packBackward") asked(name, argument);
          return kernel(argument);
        },
      ]),
    );
  const all = { f32: noting(own("f32")), f64: noting(own("f64")), bf16: noting(own("bf16")) };
  Object.defineProperty(rt, "kernels", { value: (storage: keyof typeof all) => all[storage] });
}

const [T, N, V, E, H] = [5, 3, 7, 4, 6];

/** Embedding, two recurrent layers, a norm and a head. */
function parts() {
  return {
    embedding: new Embedding(rt, { numEmbeddings: V, embeddingDim: E }),
    lstm: new LSTM(rt, { inputSize: E, hiddenSize: H, numLayers: 2, bidirectional: true }),
    drop: new Dropout(rt),
    gru: new GRU(rt, { inputSize: 2 * H, hiddenSize: H }),
    norm: new LayerNorm(rt, { normalizedShape: H }),
    head: new Dense(rt, { inputSize: H, outputSize: 2 }),
  };
}

const tokens = () =>
  tokensOf(
    rt,
    draws(1)(T * N).map((u) => Math.floor((Math.abs(u) * V) % V)),
    [T, N],
  );
const dOutput = () => rt.tensor(draws(2)(T * N * 2), [T, N, 2]);

/** The kernels of one backward pass. */
function backward(model: Sequential): string[] {
  work.length = 0;
  recorded((x) => model.forward(x), tokens(), dOutput(), { dX: false });
  return work.splice(0);
}

describe("nothing runs below the lowest layer that is trained, and it gives no dX", () => {
  const WHOLE = [
    ...["denseBackward dx dw", "layerNormBackward dx dw", "gruBackward dx dw"],
    ...["lstmBackward dx dw", "lstmBackward dx dw", "lstmBackward dx dw", "lstmBackward dx dw", "embeddingBackward dw"],
  ];
  test.each<[string, (keyof ReturnType<typeof parts>)[], string[]]>([
    ["none", [], WHOLE],
    ["the embedding", ["embedding"], [...WHOLE.slice(0, 5), "lstmBackward dw", "lstmBackward dw"]],
    ["embedding and LSTM", ["embedding", "lstm"], ["denseBackward dx dw", "layerNormBackward dx dw", "gruBackward dw"]],
    ["all but norm and head", ["embedding", "lstm", "gru"], ["denseBackward dx dw", "layerNormBackward dx dw"]],
    ["all but the head", ["embedding", "lstm", "gru", "norm"], ["denseBackward dw"]],
    [
      "all above the embedding",
      ["lstm", "gru", "norm", "head"],
      ["denseBackward dx", "layerNormBackward dx", "gruBackward dx", ...new Array(4).fill("lstmBackward dx"), "embeddingBackward dw"],
    ],
    ["norm and GRU, in the middle", ["norm", "gru"], ["denseBackward dx dw", "layerNormBackward dx", "gruBackward dx", ...WHOLE.slice(3)]],
  ])("frozen: %s", (_, frozen, expected) => {
    const layers = parts();
    for (const name of frozen) layers[name].freeze();
    expect(backward(new Sequential(rt, layers))).toEqual(expected);
  });

  test("frozen: all", () => {
    const model = new Sequential(rt, parts()).freeze();
    expect(() => backward(model)).toThrow(/^of: expected a result of this recording that leads to parameters that are trained/);
    expect(work).toEqual([]);
  });

  test("in models inside: dropout alone is no reason to go down", () => {
    const { embedding, lstm, drop, gru, norm, head } = parts();
    const body = new Sequential(rt, { drop, gru });
    const model = new Sequential(rt, { below: new Sequential(rt, { embedding, lstm }), body, top: new Sequential(rt, { norm, head }) });
    body.freeze();
    expect(backward(model)).toEqual([...WHOLE.slice(0, 2), "gruBackward dx", ...WHOLE.slice(3)]);
    embedding.freeze();
    lstm.freeze();
    drop.unfreeze(); // has nothing to learn
    expect(backward(model)).toEqual(["denseBackward dx dw", "layerNormBackward dx dw"]);
    norm.freeze();
    expect(backward(model)).toEqual(["denseBackward dw"]);
  });
});

test("∂L/∂x that is asked for is true, though every layer is frozen", () => {
  const layers = () => {
    const rnn = new RNN(rt, { inputSize: 3, hiddenSize: H });
    const head = new Dense(rt, { inputSize: H, outputSize: 2 });
    for (const [i, parameter] of [...rnn.parameters(), ...head.parameters()].entries())
      parameter.set(draws(30 + i)(parameter.toArray().length));
    return new Sequential(rt, { rnn, head });
  };
  const [free, frozen] = [layers(), layers().freeze()];
  const x = rt.tensor(draws(3)(T * N * 3), [T, N, 3]);
  const gradient = (model: Sequential) => recorded((x) => model.forward(x), x, dOutput()).dX as Float32Array;
  const expected = gradient(free);
  expect(expected.some((value) => value !== 0)).toBe(true);
  work.length = 0;
  expectBits("dX", gradient(frozen), expected);
  expect(work).toEqual(["denseBackward dx", "rnnBackward dx"]);
});

test("the gradients of what is trained have the same bits", () => {
  const layers = parts();
  const model = new Sequential(rt, layers).eval(); // without dropout
  backward(model);
  const whole = { gru: gradientsOf(layers.gru), head: gradientsOf(layers.head) };
  model.zeroGrad();
  layers.embedding.freeze();
  layers.lstm.freeze();
  layers.norm.freeze();
  backward(model);
  for (const name of ["gru", "head"] as const)
    for (const [parameter, gradient] of Object.entries(gradientsOf(layers[name]))) expectBits(parameter, gradient, whole[name][parameter]);
});

test("unfrozen between forward and backward, a layer learns of that forward", () => {
  const layers = parts();
  const model = new Sequential(rt, layers).eval();
  backward(model);
  const whole = gradientsOf(layers.embedding);
  model.zeroGrad();
  layers.embedding.freeze();
  using frame = new Frame(rt);
  const y = frame.record(() => model.forward(tokens()));
  layers.embedding.unfreeze();
  frame.backward(y, { gradient: dOutput() });
  for (const [name, gradient] of Object.entries(gradientsOf(layers.embedding))) expectBits(name, gradient, whole[name]);
});

test("fit spares it too, from the epoch on in which layers are frozen", async () => {
  const layers = parts();
  const model = new Sequential(rt, layers);
  const perEpoch: string[][] = [];
  const onEpoch = ({ epoch }: { epoch: number }) => {
    perEpoch.push(work.splice(0));
    const bottom: Layer[] = [layers.embedding, layers.lstm, layers.gru];
    if (epoch === 1) for (const layer of bottom) layer.freeze();
    if (epoch === 2) layers.gru.unfreeze();
  };
  const data = [{ x: Int32Array.of(1, 2, 3), y: [0, 1, 0] }];
  await fit(model, {
    ...{ data, loss: new CrossEntropyLoss(rt), optimizer: new Adam(model.parameters()), epochs: 3 },
    callbacks: { onEpoch },
  });
  expect(perEpoch.map(({ length }) => length)).toEqual([8, 2, 3]);
  expect(perEpoch[1]).toEqual(["denseBackward dx dw", "layerNormBackward dx dw"]);
  expect(perEpoch[2]).toEqual(["denseBackward dx dw", "layerNormBackward dx dw", "gruBackward dw"]);
});

test("a frozen layer takes memory for dX and the turned weights alone", () => {
  const dense = new Dense(rt, { inputSize: 32, outputSize: 32 }).freeze();
  const x = rt.zeros([40, 8, 32]);
  dense.forward(x);
  const before = rt.bytesInUse;
  dense.backward(x);
  expect(rt.bytesInUse - before).toBe(4 * (40 * 8 * 32 + 32 * 32));
});
