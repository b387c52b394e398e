import { describe, expect, it } from "vitest";
import {
  Adam,
  AdamW,
  CrossEntropyLoss,
  clipGradNorm,
  Dense,
  Embedding,
  type FloatType,
  LSTM,
  type Optimizer,
  type Parameter,
  RNN,
  SGD,
  Softmax,
  type Tensor,
} from "../../bindings/index.js";
import { loadHeads, loadLstm, loadOptim, loadRnn, loadStacked, type OptimGolden, type OptimizerOptionsGolden } from "../golden/load.js";
import { expectClose } from "../helpers/compare.js";
import { DTYPES, gradientsOf, setParameters, singleLayer, tensorOf, testRuntime, tokensOf } from "../helpers/runtime.js";

const TOLERANCE: Record<FloatType, number> = { f32: 1e-4, f64: 1e-10 };

const label = ({ T, N, I, H }: { T: number; N: number; I: number; H: number }) => `T=${T} N=${N} I=${I} H=${H}`;

/** What the single-layer and the two-layer goldens have in common. */
interface Case {
  readonly T: number;
  readonly N: number;
  readonly I: number;
  readonly H: number;
  readonly x: number[];
  readonly h0: number[];
  readonly dOutput: number[];
  readonly dHn: number[];
  readonly output: number[];
  readonly hn: number[];
  readonly dx: number[];
  readonly dh0: number[];
  readonly parameters: Record<string, number[]>;
  readonly gradients: Record<string, number[]>;
  readonly cell?: { readonly c0: number[]; readonly dCn: number[]; readonly cn: number[]; readonly dc0: number[] };
}

type Single = ReturnType<typeof loadRnn>[number];

function gradients(g: Single): Record<string, number[]> {
  return { weight_ih_l0: g.dweight_ih, weight_hh_l0: g.dweight_hh, bias_ih_l0: g.dbias_ih, bias_hh_l0: g.dbias_hh };
}

const stacked = loadStacked();
const RNNS: [string, Case][] = [
  ...loadRnn().map((g): [string, Case] => [label(g), { ...g, parameters: singleLayer(g), gradients: gradients(g) }]),
  ["two layers", stacked.rnn],
];
const LSTMS: [string, Case][] = [
  ...loadLstm().map((g): [string, Case] => [label(g), { ...g, parameters: singleLayer(g), gradients: gradients(g), cell: g }]),
  ["two layers", { ...stacked.lstm, cell: stacked.lstm }],
];

async function checkSequence(kind: "RNN" | "LSTM", dtype: FloatType, g: Case): Promise<void> {
  const rt = await testRuntime({ dtype });
  const { T, N, I, H } = g;
  const L = g.h0.length / (N * H);
  const options = { inputSize: I, hiddenSize: H, numLayers: L };
  const layer = kind === "RNN" ? new RNN(rt, options) : new LSTM(rt, options);
  setParameters(layer, g.parameters);
  const close = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
    expectClose(name, actual, expected, TOLERANCE[dtype]);
  const part = (h: number[], c: number[] | undefined) => {
    const state = { h: rt.tensor(h, [L, N, H]) };
    return c ? { ...state, c: rt.tensor(c, [L, N, H]) } : state;
  };
  const { output, state } = layer.forward(rt.tensor(g.x, [T, N, I]), { state: part(g.h0, g.cell?.c0) as never });
  expect(output.shape).toEqual([T, N, H]);
  close("output", output.data, g.output);
  close("hn", state.h.data, g.hn);
  const { dX, dState } = layer.backward(rt.tensor(g.dOutput, [T, N, H]), part(g.dHn, g.cell?.dCn) as never);
  expect(dX.shape).toEqual([T, N, I]);
  close("dx", dX.data, g.dx);
  close("dh0", dState.h.data, g.dh0);
  expect(Object.keys(state)).toEqual(kind === "RNN" ? ["h"] : ["h", "c"]);
  if (g.cell) {
    close("cn", (state as Record<string, Tensor>).c.data, g.cell.cn);
    close("dc0", (dState as Record<string, Tensor>).c.data, g.cell.dc0);
  }
  const grads = gradientsOf(layer);
  expect(Object.keys(grads)).toEqual(Object.keys(g.gradients));
  for (const [name, expected] of Object.entries(g.gradients)) close(name, grads[name], expected);
  rt.dispose();
}

describe.each(DTYPES)("PyTorch's numbers in %s", (dtype) => {
  const close = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
    expectClose(name, actual, expected, TOLERANCE[dtype]);

  it.each(RNNS)("RNN, %s", async (_, g) => checkSequence("RNN", dtype, g));
  it.each(LSTMS)("LSTM, %s", async (_, g) => checkSequence("LSTM", dtype, g));

  it.each(loadHeads().dense)("Dense, M=$M I=$I O=$O", async (g) => {
    const rt = await testRuntime({ dtype });
    const layer = new Dense(rt, { inputSize: g.I, outputSize: g.O, bias: g.bias !== null });
    setParameters(layer, g.bias === null ? { weight: g.weight } : { weight: g.weight, bias: g.bias });
    close("y", layer.forward(rt.tensor(g.x, [g.M, g.I])).data, g.y);
    close("dx", layer.backward(rt.tensor(g.dy, [g.M, g.O])).data, g.dx);
    const grads = gradientsOf(layer);
    close("dweight", grads.weight, g.dweight);
    if (g.dbias !== null) close("dbias", grads.bias, g.dbias);
    rt.dispose();
  });

  it.each(loadHeads().crossEntropy)("cross-entropy, $name", async (g) => {
    const rt = await testRuntime({ dtype });
    const { loss, dLogits } = new CrossEntropyLoss(rt).forward(rt.tensor(g.logits, [g.M, g.O]), tokensOf(rt, g.targets));
    close("loss", [loss], [g.loss]);
    close("dLogits", dLogits.data, g.dLogits);
    rt.dispose();
  });

  it.each(loadHeads().softmax)("softmax, $name", async (g) => {
    const rt = await testRuntime({ dtype });
    const softmax = new Softmax(rt);
    close("p", softmax.forward(rt.tensor(g.z, [g.M, g.O])).data, g.p);
    close("dz", softmax.backward(rt.tensor(g.dp, [g.M, g.O])).data, g.dz);
    rt.dispose();
  });

  it.each(loadHeads().embedding)("embedding, V=$V E=$E", async (g) => {
    const rt = await testRuntime({ dtype });
    const layer = new Embedding(rt, { numEmbeddings: g.V, embeddingDim: g.E });
    setParameters(layer, { weight: g.table });
    expectClose("y", layer.forward(tokensOf(rt, g.tokens)).data, g.y, 0); // a copy
    layer.backward(rt.tensor(g.dy, [g.tokens.length, g.E]));
    close("dTable", gradientsOf(layer).weight, g.dTable);
    rt.dispose();
  });
});

const optim = loadOptim();

/** Layers whose only parameter is a golden tensor and whose gradient can be given: every row of an embedding once. */
async function tables(dtype: FloatType, tensors: readonly number[][]) {
  const rt = await testRuntime({ dtype });
  const layers = tensors.map((values, j) => {
    const [V, E] = optim.shapes[j].length === 1 ? [1, optim.shapes[j][0]] : optim.shapes[j];
    const layer = new Embedding(rt, { numEmbeddings: V, embeddingDim: E });
    setParameters(layer, { weight: values });
    layer.forward(tokensOf(rt, [...Array(V).keys()]));
    return { layer, V, E, weight: layer.parameters()[0] };
  });
  const give = (grads: readonly number[][]) => {
    for (const [j, { layer, V, E }] of layers.entries()) {
      layer.zeroGrad();
      layer.forward(tokensOf(rt, [...Array(V).keys()]));
      layer.backward(tensorOf(rt, dtype, grads[j], [V, E]));
    }
  };
  return { rt, weights: layers.map(({ weight }) => weight), give };
}

function optimizer(g: OptimGolden["cases"][number], parameters: Parameter[]): Optimizer {
  const { lr, momentum, betas, eps, weight_decay: weightDecay }: OptimizerOptionsGolden = g.options;
  if (g.optimizer === "sgd") return new SGD(parameters, { lr, momentum, weightDecay });
  return new (g.optimizer === "adamw" ? AdamW : Adam)(parameters, { lr, betas, eps, weightDecay });
}

describe.each(DTYPES)("PyTorch's optimizers in %s", (dtype) => {
  it.each(optim.cases)("$optimizer $options", async (g) => {
    const { rt, weights, give } = await tables(dtype, optim.initial);
    const chosen = optimizer(g, weights);
    const seen: string[] = [];
    for (const [k, grads] of optim.gradients.entries()) {
      give(grads);
      chosen.step();
      const after = Object.entries(g.after).find(([count]) => count === String(k + 1));
      if (!after) continue;
      seen.push(after[0]);
      for (const [j, weight] of weights.entries())
        expectClose(`tensor ${j} after ${k + 1}`, weight.toArray(), after[1][j], TOLERANCE[dtype]);
    }
    expect(seen).toEqual(["1", "2", "10", "50"]);
    rt.dispose();
  });

  it.each(optim.clip)("clipGradNorm, $name", async (g) => {
    const { rt, weights, give } = await tables(dtype, g.grads);
    give(g.grads);
    expectClose("norm", [clipGradNorm(weights, g.maxNorm)], [g.norm], TOLERANCE[dtype]);
    for (const [j, weight] of weights.entries()) expectClose(`tensor ${j}`, weight.grad, g.clipped[j], TOLERANCE[dtype]);
    rt.dispose();
  });

  it("holds some of every optimizer that there is", () => {
    const decaying = optim.cases.filter((g) => g.options.weight_decay !== undefined);
    expect(optim.cases.map((g) => g.optimizer)).toEqual(["sgd", "sgd", "sgd", "adam", "adam", "adamw"]);
    expect(decaying.map((g) => g.optimizer)).toEqual(["sgd", "adam", "adamw"]);
  });
});
