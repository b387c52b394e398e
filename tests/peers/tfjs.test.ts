/** Models of TensorFlow.js, loaded here: what they compute there is the oracle. */
import "@tensorflow/tfjs-core/dist/base_side_effects.js"; // of the copy that the next line reaches
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js"; // the layers call them
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FormatError, loadModel, type Model, predict, type Runtime, Sequential } from "../../bindings/index.js";
import { KerasModel, kerasClasses, loadTFJS } from "../../bindings/keras.js";
import { draws } from "../helpers/compare.js";
import { expectRejection } from "../helpers/refusal.js";
import { operatorRuntime } from "../helpers/runtime.js";

const [N, T, I, H] = [3, 5, 4, 6];
const TOLERANCE = 4e-6;

let rt: Runtime;
beforeAll(async () => {
  await tf.setBackend("cpu");
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

/** Weights that are no symmetric draws: a swapped gate, a forgotten bias or a transposed kernel shows. Variances are positive. */
function fill(model: layers.LayersModel): void {
  const draw = draws(7);
  const values = model.getWeights().map((weight) =>
    tf.tensor(
      Float32Array.from(draw(weight.size), (v) => v * 0.5 + 0.05),
      weight.shape,
    ),
  );
  const variances = model.weights.map(({ originalName }) => /variance/.test(originalName));
  model.setWeights(values.map((value, i) => (variances[i] ? tf.add(tf.square(value), 0.5) : value)));
}

async function artifactsOf(model: layers.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  return saved as tf.io.ModelArtifacts;
}

/** As model.json has it, with the weights of one shard. */
async function fileOf(model: layers.LayersModel): Promise<{ json: string; bytes: Uint8Array }> {
  const { modelTopology, weightSpecs, weightData } = await artifactsOf(model);
  const weightsManifest = [{ paths: ["group1-shard1of1.bin"], weights: weightSpecs }];
  return {
    json: JSON.stringify({ format: "layers-model", modelTopology, weightsManifest }),
    bytes: new Uint8Array(weightData as ArrayBuffer),
  };
}

type Inputs = Record<string, { shape: number[]; values: number[]; tokens?: boolean }>;

function inputsOf(model: layers.LayersModel, tokens: boolean): Inputs {
  const draw = draws(11);
  return Object.fromEntries(
    model.inputs.map(({ name, shape }) => {
      const full = shape.map((size, d) => size ?? (d === 0 ? N : T));
      const size = full.reduce((a, b) => a * b, 1);
      const values = tokens ? Array.from(draw(size), (v) => Math.floor(Math.abs(v) * 8) % 8) : Array.from(draw(size));
      return [name, { shape: full, values, tokens }];
    }),
  );
}

async function expectSame(make: () => layers.LayersModel, { tokens = false, kind = undefined as unknown } = {}): Promise<void> {
  const theirs = make();
  fill(theirs);
  const { json, bytes } = await fileOf(theirs);
  const before = rt.bytesInUse;
  const ours = (await loadTFJS(rt, json, bytes)) as unknown as Model;
  if (kind) expect(ours).toBeInstanceOf(kind);
  const inputs = Object.values(inputsOf(theirs, tokens));
  const said = theirs.predict(inputs.map(({ shape, values }) => tf.tensor(values, shape, tokens ? "int32" : "float32")));
  const wanted = (Array.isArray(said) ? said : [said]).map((tensor) => ({ shape: tensor.shape, data: Array.from(tensor.dataSync()) }));
  const got = await ourOutputs(ours, inputs);
  expect(got.map(({ shape }) => shape)).toEqual(wanted.map(({ shape }) => shape));
  got.forEach(({ data }, i) => {
    expect(data.some((value) => Math.abs(value) > 0.01)).toBe(true);
    data.forEach((value, k) => {
      const expected = wanted[i]?.data[k] as number;
      expect(Math.abs(value - expected), `output ${i}, element ${k}: ${value}, expected ${expected}`).toBeLessThan(
        TOLERANCE * Math.max(1, Math.abs(expected)),
      );
    });
  });
  const again = loadModel(rt, ours.save(), { classes: kerasClasses });
  expect(await ourOutputs(again, inputs)).toEqual(got);
  again.dispose();
  ours.dispose();
  expect(rt.bytesInUse).toBe(before);
}

async function ourOutputs(model: Model, inputs: Inputs[string][]): Promise<{ shape: number[]; data: number[] }[]> {
  const { Frame } = await import("../../bindings/index.js");
  const tensors = inputs.map(({ shape, values, tokens }) => rt.tensor(tokens ? Int32Array.from(values) : values, shape));
  const names = model instanceof KerasModel ? model.inputs : ["x"];
  const frame = new Frame(rt);
  const x = tensors.length === 1 ? tensors[0] : Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
  const done = frame.run(() => model.forward(x as never));
  const outputs = (("toArray" in done ? [done] : Object.values(done)) as { shape: readonly number[]; toArray(): ArrayLike<number> }[]).map(
    (tensor) => ({
      shape: [...tensor.shape],
      data: Array.from(tensor.toArray()),
    }),
  );
  frame.dispose();
  for (const tensor of tensors) tensor.dispose();
  return outputs;
}

const sequential = (...list: layers.layers.Layer[]) => layers.sequential({ layers: list });
const input = { inputShape: [T, I] };

describe("recurrent layers", () => {
  const makers = {
    LSTM: (args: object) => layers.layers.lstm({ units: H, ...args } as never),
    GRU: (args: object) => layers.layers.gru({ units: H, ...args } as never),
    SimpleRNN: (args: object) => layers.layers.simpleRNN({ units: H, ...args } as never),
  };
  const variants: Record<string, object> = {
    "as they come": {},
    "all steps": { returnSequences: true },
    "with a sigmoid": { recurrentActivation: "sigmoid" },
    "without a bias": { useBias: false },
    backwards: { goBackwards: true, returnSequences: true },
    "relu and hard sigmoid": { activation: "relu" },
    "linear and softsign": { activation: "linear", recurrentActivation: "softsign" },
    "elu and softplus": { activation: "elu", recurrentActivation: "softplus" },
  };
  for (const [name, make] of Object.entries(makers))
    for (const [variant, args] of Object.entries(variants))
      test(`${name} ${variant}`, () => expectSame(() => sequential(make({ ...input, ...args }))));

  for (const [name, make] of Object.entries(makers))
    for (const mergeMode of ["concat", "sum", "mul", "ave"] as const)
      test.each([true, false])(`Bidirectional ${name}, ${mergeMode}, all steps: %s`, (returnSequences) =>
        expectSame(() =>
          sequential(layers.layers.bidirectional({ layer: make({ returnSequences }) as never, mergeMode, ...input } as never)),
        ));

  test("a chain of ours is a Sequential, which has streams", async () => {
    const recurrentActivation = "sigmoid";
    const make = () =>
      sequential(
        layers.layers.lstm({ units: H, ...input, recurrentActivation, returnSequences: true }),
        layers.layers.gru({ units: 3, recurrentActivation }),
        layers.layers.dense({ units: 2, activation: "softmax" }),
      );
    await expectSame(make, { kind: Sequential });
  });
});

describe("other layers", () => {
  const L = layers.layers;
  const lstm = () => L.lstm({ units: H, returnSequences: true, recurrentActivation: "sigmoid", ...input });
  const after =
    (...list: layers.layers.Layer[]) =>
    () =>
      sequential(lstm(), ...list);
  const activation = (name: string) => L.activation({ activation: name as never });
  const cases: Record<string, () => layers.LayersModel> = {
    dense: after(L.dense({ units: 3, useBias: false })),
    "time distributed": after(L.timeDistributed({ layer: L.dense({ units: 3, activation: "relu" }) })),
    "layer normalisation": after(L.layerNormalization()),
    "layer normalisation without center": after(L.layerNormalization({ center: false, epsilon: 0.01 })),
    "batch normalisation": after(L.batchNormalization()),
    "batch normalisation without center and scale": after(L.batchNormalization({ center: false, scale: false })),
    dropout: after(L.dropout({ rate: 0.4 })),
    "spatial dropout": after(L.spatialDropout1d({ rate: 0.4 })),
    flatten: after(L.flatten(), L.dense({ units: 2 })),
    reshape: after(L.reshape({ targetShape: [H, T] }), L.dense({ units: 2 })),
    permute: after(L.permute({ dims: [2, 1] }), L.dense({ units: 2 })),
    "repeat vector": () => sequential(L.simpleRNN({ units: H, ...input }), L.repeatVector({ n: 3 }), L.gru({ units: 2 })),
    "global average": after(L.globalAveragePooling1d()),
    "global max": after(L.globalMaxPooling1d({})),
    "max pooling": after(L.maxPooling1d({ poolSize: 2 })),
    "average pooling": after(L.averagePooling1d({ poolSize: 3, strides: 1 })),
    convolution: () => sequential(L.conv1d({ filters: 3, kernelSize: 2, activation: "relu", ...input }), L.lstm({ units: 2 })),
    "convolution, same": () => sequential(L.conv1d({ filters: 3, kernelSize: 4, padding: "same", strides: 2, ...input })),
    "convolution, dilated": () => sequential(L.conv1d({ filters: 3, kernelSize: 2, dilationRate: 2, useBias: false, ...input })),
    "leaky relu": after(L.leakyReLU({ alpha: 0.2 })),
    elu: after(L.elu()),
    relu: after(L.reLU()),
    softmax: after(L.softmax({ axis: -1 })),
    ...Object.fromEntries(
      [
        "tanh",
        "sigmoid",
        "relu",
        "linear",
        "hardSigmoid",
        "softmax",
        "elu",
        "selu",
        "softplus",
        "softsign",
        "swish",
        "gelu",
        "gelu_new",
        "relu6",
        "mish",
      ].map((name) => [`activation ${name}`, after(activation(name))]),
    ),
  };
  test.each(Object.entries(cases))("%s", (_, make) => expectSame(make));

  test("an embedding", () =>
    expectSame(() => sequential(L.embedding({ inputDim: 8, outputDim: 3, inputLength: T }), L.gru({ units: H }), L.dense({ units: 2 })), {
      tokens: true,
    }));

  test("an embedding, pooled: no layer says how batches lie", () =>
    expectSame(() => sequential(L.embedding({ inputDim: 8, outputDim: 3, inputLength: T }), L.globalAveragePooling1d()), { tokens: true }));

  test("a graph with branches, several inputs and outputs, and a layer that is called twice", () =>
    expectSame(() => {
      const [a, b] = [layers.input({ shape: [T, I], name: "a" }), layers.input({ shape: [T, I], name: "b" })];
      const shared = L.lstm({ units: H, returnSequences: true });
      const [x, y] = [shared.apply(a), shared.apply(b)] as layers.SymbolicTensor[];
      const joined = L.concatenate().apply([x, y] as layers.SymbolicTensor[]) as layers.SymbolicTensor;
      const sum = L.add().apply([x, L.multiply().apply([x, y] as never)] as never) as layers.SymbolicTensor;
      const steps = L.concatenate({ axis: 1 }).apply([sum, L.average().apply([x, y] as never)] as never) as layers.SymbolicTensor;
      const outputs = [
        L.dense({ units: 2, activation: "softmax" }).apply(joined),
        L.gru({ units: 3 }).apply(steps),
        L.maximum().apply([x, y] as never),
        L.minimum().apply([x, y] as never),
      ];
      return layers.model({ inputs: [a, b], outputs: outputs as layers.SymbolicTensor[] });
    }));
});

describe("masks", () => {
  const L = layers.layers;
  /** Padding before, behind and in the middle, and none. */
  const tokens = [
    [0, 0, 3, 1, 5],
    [2, 7, 0, 0, 0],
    [1, 0, 4, 0, 6],
    [1, 2, 3, 4, 5],
  ];

  async function expectMasked(theirs: layers.LayersModel, values: number[][], shape: number[], integers: boolean) {
    fill(theirs);
    const { json, bytes } = await fileOf(theirs);
    const ours = (await loadTFJS(rt, json, bytes)) as unknown as Model;
    const x = { shape, values: values.flat(), tokens: integers };
    const wanted = Array.from((theirs.predict(tf.tensor(x.values, shape, integers ? "int32" : "float32")) as tf.Tensor).dataSync());
    const [got] = await ourOutputs(ours, [x]);
    for (const [k, value] of (got?.data ?? []).entries())
      expect(Math.abs(value - (wanted[k] as number)), `element ${k}`).toBeLessThan(TOLERANCE);
    expect(got?.data.length).toBe(wanted.length);
    ours.dispose();
  }

  test("of tokens, through two layers", () =>
    expectMasked(
      sequential(
        L.embedding({ inputDim: 8, outputDim: 3, maskZero: true, inputLength: T }),
        L.lstm({ units: H, returnSequences: true }),
        L.dense({ units: 4, activation: "tanh" }),
        L.gru({ units: 3, recurrentActivation: "sigmoid" }),
      ),
      tokens,
      [4, T],
      true,
    ));

  test("of steps by their value", () => {
    const draw = draws(3);
    const steps = tokens.map((row) => row.flatMap((token) => (token === 0 ? [0.1, 0.1] : Array.from(draw(2)))));
    return expectMasked(sequential(L.masking({ maskValue: 0.1, inputShape: [T, 2] }), L.simpleRNN({ units: H })), steps, [4, T, 2], false);
  });

  test("that reach what shows masked steps are refused, by the layer's name", async () => {
    const list = [
      L.embedding({ inputDim: 8, outputDim: 3, maskZero: true, inputLength: T, name: "table" }),
      L.lstm({ units: H, returnSequences: true, name: "steps" }),
    ];
    const { json, bytes } = await fileOf(sequential(...list));
    await expectRejection(loadTFJS(rt, json, bytes), FormatError, 'steps (LSTM): is an output with masked steps, of "table"');
  });
});

describe("what a file holds", () => {
  const make = () =>
    sequential(
      layers.layers.bidirectional({ layer: layers.layers.lstm({ units: H }), mergeMode: "concat", ...input } as never),
      layers.layers.dense({ units: 2 }),
    );

  test("shards come by their paths, one behind the other", async () => {
    const theirs = make();
    const { json, bytes } = await fileOf(theirs);
    const model = JSON.parse(json);
    model.weightsManifest[0].paths = ["a.bin", "deeper/b.bin"];
    const asked: string[] = [];
    const ours = await loadTFJS(rt, model, async (path) => {
      asked.push(path);
      return path === "a.bin" ? bytes.subarray(0, 100) : bytes.subarray(100);
    });
    expect(asked).toEqual(["a.bin", "deeper/b.bin"]);
    const [{ data }] = await predict(ours, [new Float32Array(T * I).fill(0.5)], { features: I });
    const [said] = [theirs.predict(tf.fill([1, T, I], 0.5))].flat() as tf.Tensor[];
    for (const [k, value] of Array.from(said?.dataSync() ?? []).entries()) expect(data[k]).toBeCloseTo(value, 5);
    ours.dispose();
    theirs.dispose();
  });

  test("a state from another layer is refused, not passed over", async () => {
    const [a, h] = [layers.input({ shape: [T, I] }), layers.input({ shape: [H] })];
    const steps = layers.layers.simpleRNN({ units: H, name: "steps" }).apply([a, h]) as layers.SymbolicTensor;
    const { json, bytes } = await fileOf(layers.model({ inputs: [a, h], outputs: steps }));
    await expectRejection(loadTFJS(rt, json, bytes), FormatError, "steps (SimpleRNN): expected one input, got 2");
  });

  test("all that is not supported is listed at once, by layer", async () => {
    const theirs = sequential(
      layers.layers.lstm({ units: H, returnSequences: true, activation: "selu", name: "first", ...input }),
      layers.layers.gaussianNoise({ stddev: 1, name: "noise" }),
      layers.layers.lstm({ units: H, recurrentActivation: "softmax", name: "second" }),
    );
    const { json, bytes } = await fileOf(theirs);
    const before = rt.bytesInUse;
    const texts = [
      "got 3 that are not",
      "first (LSTM): activations hard_sigmoid,selu,selu",
      "noise (GaussianNoise)",
      "second (LSTM): activations softmax,tanh,tanh",
    ];
    await expectRejection(loadTFJS(rt, json, bytes), FormatError, ...texts);
    expect(rt.bytesInUse).toBe(before);
    theirs.dispose();
  });
});
