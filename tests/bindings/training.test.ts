import { describe, expect, it } from "vitest";
import { Adam, CrossEntropyLoss, clipGradNorm, Dense, Embedding, type FloatType, LSTM, SGD } from "../../bindings/index.js";
import { loadTraining, type TrainingGolden } from "../golden/load.js";
import { expectClose, greatest } from "../helpers/compare.js";
import { DTYPES, setParameters, testRuntime, tokensOf } from "../helpers/runtime.js";

const g = loadTraining();
/** f32 drifts over 30 steps (measured, greatest: loss 2.0e-5, norm 1.7e-4, weights 1.9e-5; f64: 4.7e-14, 5.7e-13, 6.1e-14). */
const TOLERANCE: Record<FloatType, { loss: number; weights: number; drift: number }> = {
  f32: { loss: 1e-4, weights: 1e-3, drift: 1e-4 },
  f64: { loss: 1e-8, weights: 1e-7, drift: 1e-12 },
};

async function network(dtype: FloatType) {
  const rt = await testRuntime({ dtype });
  const embedding = new Embedding(rt, { numEmbeddings: g.V, embeddingDim: g.E });
  const lstm = new LSTM(rt, { inputSize: g.E, hiddenSize: g.H });
  const linear = new Dense(rt, { inputSize: g.H, outputSize: g.V });
  const loss = new CrossEntropyLoss(rt);
  setParameters(embedding, { weight: g.initial["embedding.weight"] });
  setParameters(lstm, {
    weight_ih_l0: g.initial["lstm.weight_ih_l0"],
    weight_hh_l0: g.initial["lstm.weight_hh_l0"],
    bias_ih_l0: g.initial["lstm.bias_ih_l0"],
    bias_hh_l0: g.initial["lstm.bias_hh_l0"],
  });
  setParameters(linear, { weight: g.initial["linear.weight"], bias: g.initial["linear.bias"] });
  return { rt, embedding, lstm, linear, loss };
}

function checkFinal(
  layers: Awaited<ReturnType<typeof network>>,
  final: TrainingGolden["initial"],
  tolerance: (typeof TOLERANCE)[FloatType],
): void {
  const names: (keyof TrainingGolden["initial"])[] = [];
  for (const prefix of ["embedding", "lstm", "linear"] as const) {
    for (const parameter of layers[prefix].parameters()) {
      const name = `${prefix}.${parameter.name}` as keyof TrainingGolden["initial"];
      names.push(name);
      // A small weight has drifted as far as its neighbours: the steps that made it were of their size.
      expectClose(name, parameter.toArray(), final[name], tolerance.weights, tolerance.drift * greatest(final[name]));
    }
  }
  expect(names.sort()).toEqual(Object.keys(final).sort());
}

describe.each(DTYPES)("training in %s", (dtype) => {
  it.each(g.runs)("follows PyTorch step by step: $optimizer", async (run) => {
    const layers = await network(dtype);
    const { rt, embedding, lstm, linear, loss } = layers;
    const parameters = [...embedding.parameters(), ...lstm.parameters(), ...linear.parameters()];
    const { lr, momentum, betas, eps } = run.options;
    const optimizer = run.optimizer === "sgd" ? new SGD(parameters, { lr, momentum }) : new Adam(parameters, { lr, betas, eps });
    const tolerance = TOLERANCE[dtype];
    let clipped = 0;
    for (let step = 0; step < g.steps; step++) {
      using tokens = tokensOf(rt, g.tokens[step], [g.T, g.N]);
      using targets = tokensOf(rt, g.targets[step], [g.T, g.N]);
      const logits = linear.forward(lstm.forward(embedding.forward(tokens)).output);
      const result = loss.forward(logits, targets);
      optimizer.zeroGrad();
      embedding.backward(lstm.backward(linear.backward(result.dLogits)).dX);
      const norm = clipGradNorm(parameters, g.maxNorm);
      optimizer.step();
      if (norm > g.maxNorm) clipped++;
      expectClose(`loss of step ${step}`, [result.loss], [run.losses[step]], tolerance.loss);
      expectClose(`norm of step ${step}`, [norm], [run.gradNorms[step]], 10 * tolerance.loss);
    }
    checkFinal(layers, run.final, tolerance);
    expect(clipped).toBeGreaterThan(0);
    expect(clipped).toBeLessThan(g.steps);
    rt.dispose();
  });
});
