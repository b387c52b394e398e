import { describe, expect, it } from "vitest";
import {
  loadHeads,
  loadLstm,
  loadNotebook,
  loadOptim,
  loadRnn,
  loadStacked,
  loadTraining,
  type OptimizerOptionsGolden,
} from "../golden/load.js";
import * as printed from "../golden/notebook-printed.js";
import { expectClose as compareClose, expectBits, expectGradient, inner } from "../helpers/compare.js";
import { centralDifference } from "./finite.js";
import { columnSums, matmul, matmulTransposedA, matmulTransposedB, transpose } from "./gemm.js";
import {
  crossEntropy,
  denseBackward,
  denseForward,
  embeddingBackward,
  embeddingForward,
  softmaxRows,
  softmaxRowsBackward,
} from "./heads.js";
import { lstmBackward, lstmForward } from "./lstm.js";
import { adamState, adamStep, clipGradNorm, sgdState, sgdStep } from "./optim.js";
import { rnnBackward, rnnForward } from "./rnn.js";

const TOLERANCE = 1e-10;

function expectClose(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  compareClose(name, actual, expected, TOLERANCE);
}

const label = ({ T, N, I, H }: { T: number; N: number; I: number; H: number }) => `T=${T} N=${N} I=${I} H=${H}`;
const weightsOf = (g: { weight_ih: number[]; weight_hh: number[]; bias_ih: number[]; bias_hh: number[] }) => ({
  wih: g.weight_ih,
  whh: g.weight_hh,
  bih: g.bias_ih,
  bhh: g.bias_hh,
});
const layerWeights = (parameters: Record<string, number[]>, layer: number) => ({
  wih: parameters[`weight_ih_l${layer}`],
  whh: parameters[`weight_hh_l${layer}`],
  bih: parameters[`bias_ih_l${layer}`],
  bhh: parameters[`bias_hh_l${layer}`],
});

describe("products", () => {
  const a = [1, 2, 3, 4, 5, 6]; // [2,3]
  const b = [7, 8, 9, 10, 11, 12]; // [3,2]

  it("multiplies by hand-computed numbers, in all three forms", () => {
    const expected = [58, 64, 139, 154];
    expect([...matmul(a, [2, 3], b, [3, 2])]).toEqual(expected);
    expect([...matmulTransposedB(a, [2, 3], transpose(b, [3, 2]), [2, 3])]).toEqual(expected);
    expect([...matmulTransposedA(transpose(a, [2, 3]), [3, 2], b, [3, 2])]).toEqual(expected);
    expect([...columnSums(a, [2, 3])]).toEqual([5, 7, 9]);
  });

  it("refuses shapes that do not fit", () => {
    expect(() => matmul(a, [2, 3], b, [2, 3])).toThrow("inner dimensions: 3 against 2");
    expect(() => matmul(a, [3, 3], b, [3, 2])).toThrow("a: expected 9 numbers, got 6");
  });
});

describe("rnn", () => {
  it.each(loadRnn().map((g) => [label(g), g] as const))("agrees with PyTorch at %s", (_, g) => {
    const tape = rnnForward(g, g.x, g.h0, weightsOf(g));
    const state = g.N * g.H;
    expectClose("output", tape.a.subarray(state), g.output);
    expectClose("hn", tape.a.subarray(g.T * state), g.hn);
    const grads = rnnBackward(g, tape, g.dOutput, g.dHn);
    expectClose("dx", grads.dx, g.dx);
    expectClose("dh0", grads.da0, g.dh0);
    expectClose("dweight_ih", grads.dwih, g.dweight_ih);
    expectClose("dweight_hh", grads.dwhh, g.dweight_hh);
    expectClose("dbias_ih", grads.db, g.dbias_ih);
    expectClose("dbias_hh", grads.db, g.dbias_hh);
  });

  it("has the gradients that central differences see", () => {
    const g = loadRnn()[4];
    const weights = weightsOf(g);
    const loss = (x: ArrayLike<number>, a0: ArrayLike<number>, w: Parameters<typeof rnnForward>[3]) => {
      const { a } = rnnForward(g, x, a0, w);
      return inner(a.subarray(g.N * g.H), g.dOutput) + inner(a.subarray(g.T * g.N * g.H), g.dHn);
    };
    const grads = rnnBackward(g, rnnForward(g, g.x, g.h0, weights), g.dOutput, g.dHn);
    expectGradient("dx", grads.dx, (x) => loss(x, g.h0, weights), g.x);
    expectGradient("da0", grads.da0, (a0) => loss(g.x, a0, weights), g.h0);
    expectGradient("dwih", grads.dwih, (wih) => loss(g.x, g.h0, { ...weights, wih }), weights.wih);
    expectGradient("dwhh", grads.dwhh, (whh) => loss(g.x, g.h0, { ...weights, whh }), weights.whh);
    expectGradient("db by bih", grads.db, (bih) => loss(g.x, g.h0, { ...weights, bih }), weights.bih);
    expectGradient("db by bhh", grads.db, (bhh) => loss(g.x, g.h0, { ...weights, bhh }), weights.bhh);
  });

  it("takes null for zeros", () => {
    const g = loadRnn()[5];
    const zeros = new Float64Array(g.N * g.H);
    const noBias = new Float64Array(g.H);
    const short = rnnForward(g, g.x, null, { ...weightsOf(g), bih: null, bhh: null });
    const long = rnnForward(g, g.x, zeros, { ...weightsOf(g), bih: noBias, bhh: noBias });
    expect(short.a).toEqual(long.a);
    expect(rnnBackward(g, short, g.dOutput, null)).toEqual(rnnBackward(g, long, g.dOutput, zeros));
  });
});

describe("lstm", () => {
  it.each(loadLstm().map((g) => [label(g), g] as const))("agrees with PyTorch at %s", (_, g) => {
    const tape = lstmForward(g, g.x, g.h0, g.c0, weightsOf(g));
    const state = g.N * g.H;
    expectClose("output", tape.a.subarray(state), g.output);
    expectClose("hn", tape.a.subarray(g.T * state), g.hn);
    expectClose("cn", tape.c.subarray(g.T * state), g.cn);
    const grads = lstmBackward(g, tape, g.dOutput, g.dHn, g.dCn);
    expectClose("dx", grads.dx, g.dx);
    expectClose("dh0", grads.da0, g.dh0);
    expectClose("dc0", grads.dc0, g.dc0);
    expectClose("dweight_ih", grads.dwih, g.dweight_ih);
    expectClose("dweight_hh", grads.dwhh, g.dweight_hh);
    expectClose("dbias_ih", grads.db, g.dbias_ih);
    expectClose("dbias_hh", grads.db, g.dbias_hh);
  });

  it("has the gradients that central differences see", () => {
    const g = loadLstm()[4];
    const weights = weightsOf(g);
    const loss = (x: ArrayLike<number>, a0: ArrayLike<number>, c0: ArrayLike<number>, w: Parameters<typeof lstmForward>[4]) => {
      const { a, c } = lstmForward(g, x, a0, c0, w);
      const end = g.T * g.N * g.H;
      return inner(a.subarray(g.N * g.H), g.dOutput) + inner(a.subarray(end), g.dHn) + inner(c.subarray(end), g.dCn);
    };
    const grads = lstmBackward(g, lstmForward(g, g.x, g.h0, g.c0, weights), g.dOutput, g.dHn, g.dCn);
    expectGradient("dx", grads.dx, (x) => loss(x, g.h0, g.c0, weights), g.x);
    expectGradient("da0", grads.da0, (a0) => loss(g.x, a0, g.c0, weights), g.h0);
    expectGradient("dc0", grads.dc0, (c0) => loss(g.x, g.h0, c0, weights), g.c0);
    expectGradient("dwih", grads.dwih, (wih) => loss(g.x, g.h0, g.c0, { ...weights, wih }), weights.wih);
    expectGradient("dwhh", grads.dwhh, (whh) => loss(g.x, g.h0, g.c0, { ...weights, whh }), weights.whh);
    expectGradient("db by bih", grads.db, (bih) => loss(g.x, g.h0, g.c0, { ...weights, bih }), weights.bih);
    expectGradient("db by bhh", grads.db, (bhh) => loss(g.x, g.h0, g.c0, { ...weights, bhh }), weights.bhh);
  });

  it("takes null for zeros", () => {
    const g = loadLstm()[5];
    const zeros = new Float64Array(g.N * g.H);
    const noBias = new Float64Array(4 * g.H);
    const short = lstmForward(g, g.x, null, null, { ...weightsOf(g), bih: null, bhh: null });
    const long = lstmForward(g, g.x, zeros, zeros, { ...weightsOf(g), bih: noBias, bhh: noBias });
    expect([short.a, short.c]).toEqual([long.a, long.c]);
    expect(lstmBackward(g, short, g.dOutput, null, null)).toEqual(lstmBackward(g, long, g.dOutput, zeros, zeros));
  });
});

describe("two layers", () => {
  it("rnn agrees with PyTorch", () => {
    const g = loadStacked().rnn;
    const state = g.N * g.H;
    const upper = { ...g, I: g.H };
    const lowerTape = rnnForward(g, g.x, g.h0.slice(0, state), layerWeights(g.parameters, 0));
    const upperTape = rnnForward(upper, lowerTape.a.subarray(state), g.h0.slice(state), layerWeights(g.parameters, 1));
    expectClose("output", upperTape.a.subarray(state), g.output);
    expectClose("hn", [...lowerTape.a.subarray(g.T * state), ...upperTape.a.subarray(g.T * state)], g.hn);
    const second = rnnBackward(upper, upperTape, g.dOutput, g.dHn.slice(state));
    const first = rnnBackward(g, lowerTape, second.dx, g.dHn.slice(0, state));
    expectClose("dx", first.dx, g.dx);
    expectClose("dh0", [...first.da0, ...second.da0], g.dh0);
    for (const [layer, grads] of [first, second].entries()) {
      expectClose(`weight_ih_l${layer}`, grads.dwih, g.gradients[`weight_ih_l${layer}`]);
      expectClose(`weight_hh_l${layer}`, grads.dwhh, g.gradients[`weight_hh_l${layer}`]);
      expectClose(`bias_ih_l${layer}`, grads.db, g.gradients[`bias_ih_l${layer}`]);
      expectClose(`bias_hh_l${layer}`, grads.db, g.gradients[`bias_hh_l${layer}`]);
    }
  });

  it("lstm agrees with PyTorch", () => {
    const g = loadStacked().lstm;
    const state = g.N * g.H;
    const end = g.T * state;
    const upper = { ...g, I: g.H };
    const lowerTape = lstmForward(g, g.x, g.h0.slice(0, state), g.c0.slice(0, state), layerWeights(g.parameters, 0));
    const between = lowerTape.a.subarray(state);
    const upperTape = lstmForward(upper, between, g.h0.slice(state), g.c0.slice(state), layerWeights(g.parameters, 1));
    expectClose("output", upperTape.a.subarray(state), g.output);
    expectClose("hn", [...lowerTape.a.subarray(end), ...upperTape.a.subarray(end)], g.hn);
    expectClose("cn", [...lowerTape.c.subarray(end), ...upperTape.c.subarray(end)], g.cn);
    const second = lstmBackward(upper, upperTape, g.dOutput, g.dHn.slice(state), g.dCn.slice(state));
    const first = lstmBackward(g, lowerTape, second.dx, g.dHn.slice(0, state), g.dCn.slice(0, state));
    expectClose("dx", first.dx, g.dx);
    expectClose("dh0", [...first.da0, ...second.da0], g.dh0);
    expectClose("dc0", [...first.dc0, ...second.dc0], g.dc0);
    for (const [layer, grads] of [first, second].entries()) {
      expectClose(`weight_ih_l${layer}`, grads.dwih, g.gradients[`weight_ih_l${layer}`]);
      expectClose(`weight_hh_l${layer}`, grads.dwhh, g.gradients[`weight_hh_l${layer}`]);
      expectClose(`bias_ih_l${layer}`, grads.db, g.gradients[`bias_ih_l${layer}`]);
      expectClose(`bias_hh_l${layer}`, grads.db, g.gradients[`bias_hh_l${layer}`]);
    }
  });
});

describe("heads", () => {
  const goldens = loadHeads();

  it.each(goldens.dense.map((g) => [`M=${g.M} I=${g.I} O=${g.O}, ${g.bias ? "bias" : "no bias"}`, g] as const))("dense, %s", (_, g) => {
    expectClose("y", denseForward(g, g.x, g.weight, g.bias), g.y);
    const grads = denseBackward(g, g.x, g.weight, g.dy);
    expectClose("dx", grads.dx, g.dx);
    expectClose("dweight", grads.dw, g.dweight);
    if (g.dbias !== null) expectClose("dbias", grads.db, g.dbias);
    expectGradient("dx", grads.dx, (x) => inner(denseForward(g, x, g.weight, g.bias), g.dy), g.x);
    expectGradient("dw", grads.dw, (w) => inner(denseForward(g, g.x, w, g.bias), g.dy), g.weight);
    if (g.bias !== null) expectGradient("db", grads.db, (b) => inner(denseForward(g, g.x, g.weight, b), g.dy), g.bias);
  });

  it.each(goldens.crossEntropy.map((g) => [g.name, g] as const))("cross-entropy, %s", (_, g) => {
    const { loss, dLogits } = crossEntropy(g, g.logits, g.targets);
    expectClose("loss", [loss], [g.loss]);
    expectClose("dLogits", dLogits, g.dLogits);
    if (g.name !== "far apart") expectGradient("dLogits", dLogits, (z) => crossEntropy(g, z, g.targets).loss, g.logits);
  });

  it.each(goldens.softmax.map((g) => [g.name, g] as const))("softmax, %s", (_, g) => {
    const p = softmaxRows(g, g.z);
    expectClose("p", p, g.p);
    const dz = softmaxRowsBackward(g, p, g.dp);
    expectClose("dz", dz, g.dz);
    if (g.name !== "far apart") expectGradient("dz", dz, (z) => inner(softmaxRows(g, z), g.dp), g.z);
  });

  it.each(goldens.embedding.map((g) => [`V=${g.V} E=${g.E}`, g] as const))("embedding, %s", (_, g) => {
    expectBits("y", embeddingForward(g, g.table, g.tokens), g.y);
    const dTable = embeddingBackward(g, g.tokens, g.dy);
    expectClose("dTable", dTable, g.dTable);
    expectGradient("dTable", dTable, (table) => inner(embeddingForward(g, table, g.tokens), g.dy), g.table);
  });

  it("refuses indices out of range", () => {
    expect(() => embeddingForward({ V: 2, E: 1 }, [1, 2], [0, 2])).toThrow("tokens[1] = 2");
    expect(() => crossEntropy({ M: 1, O: 2 }, [1, 2], [-1])).toThrow("targets[0] = -1");
  });
});

/** A function that applies one step of the optimizer a golden names. */
function optimizerOf(name: "sgd" | "adam" | "adamw", o: OptimizerOptionsGolden, params: Float64Array[]) {
  if (name === "sgd") {
    const state = sgdState();
    return (grads: ArrayLike<number>[]) => sgdStep(params, grads, state, { lr: o.lr, momentum: o.momentum, weightDecay: o.weight_decay });
  }
  const state = adamState(params);
  const options = { lr: o.lr, betas: o.betas, eps: o.eps, weightDecay: o.weight_decay, decoupled: name === "adamw" };
  return (grads: ArrayLike<number>[]) => adamStep(params, grads, state, options);
}

describe("optimizers", () => {
  const goldens = loadOptim();

  it.each(goldens.cases.map((g) => [`${g.optimizer} ${JSON.stringify(g.options)}`, g] as const))("%s agrees with PyTorch", (_, g) => {
    const params = goldens.initial.map((p) => Float64Array.from(p));
    const step = optimizerOf(g.optimizer, g.options, params);
    const seen: string[] = [];
    for (const [k, grads] of goldens.gradients.entries()) {
      step(grads);
      const after = Object.entries(g.after).find(([count]) => count === String(k + 1));
      if (after === undefined) continue;
      seen.push(after[0]);
      for (const [j, p] of params.entries()) expectClose(`tensor ${j} after ${k + 1}`, p, after[1][j]);
    }
    expect(seen).toEqual(["1", "2", "10", "50"]);
  });

  it.each(goldens.clip.map((g) => [g.name, g] as const))("clipping agrees with PyTorch, %s", (_, g) => {
    const grads = g.grads.map((values) => Float64Array.from(values));
    expectClose("norm", [clipGradNorm(grads, g.maxNorm)], [g.norm]);
    for (const [j, values] of grads.entries()) expectClose(`tensor ${j}`, values, g.clipped[j]);
  });
});

describe("training", () => {
  const g = loadTraining();

  it.each(g.runs.map((run) => [run.optimizer, run] as const))("follows PyTorch for 30 steps of %s", (_, run) => {
    const { V, E, H, T, N } = g;
    const names = Object.keys(g.initial) as (keyof typeof g.initial)[];
    const params = names.map((name) => Float64Array.from(g.initial[name]));
    const [table, wih, whh, bih, bhh, w, b] = params;
    const step = optimizerOf(run.optimizer, run.options, params);
    const dims = { T, N, I: E, H };
    const head = { M: T * N, I: H, O: V };
    for (let k = 0; k < g.steps; k++) {
      const x = embeddingForward({ V, E }, table, g.tokens[k]);
      const tape = lstmForward(dims, x, null, null, { wih, whh, bih, bhh });
      const output = tape.a.subarray(N * H);
      const { loss, dLogits } = crossEntropy(head, denseForward(head, output, w, b), g.targets[k]);
      const dense = denseBackward(head, output, w, dLogits);
      const lstm = lstmBackward(dims, tape, dense.dx, null, null);
      const dTable = embeddingBackward({ V, E }, g.tokens[k], lstm.dx);
      const grads = [dTable, lstm.dwih, lstm.dwhh, lstm.db, lstm.db.slice(), dense.dw, dense.db];
      const norm = clipGradNorm(grads, g.maxNorm);
      step(grads);
      expectClose(`loss of step ${k}`, [loss], [run.losses[k]]);
      expectClose(`norm of step ${k}`, [norm], [run.gradNorms[k]]);
    }
    for (const [j, name] of names.entries()) expectClose(name, params[j], run.final[name]);
  });
});

describe("the notebook", () => {
  const { randn } = loadNotebook();

  /** The notebook's arrays, by name, as consecutive slices of one stream. */
  function draw<K extends string>(draws: Readonly<Record<K, readonly number[]>>): Record<K, number[]> {
    let used = 0;
    const arrays: Partial<Record<K, number[]>> = {};
    for (const name of Object.keys(draws) as K[]) {
      const size = draws[name].reduce((a, b) => a * b, 1);
      arrays[name] = randn.slice(used, used + size);
      used += size;
    }
    expect(used).toBeLessThanOrEqual(randn.length);
    return arrays as Record<K, number[]>;
  }

  /** [features, samples, steps] -> [steps, samples, features] */
  function timeMajor(values: ArrayLike<number>, [F, m, T]: readonly number[]): Float64Array {
    const out = new Float64Array(values.length);
    for (let f = 0; f < F; f++)
      for (let n = 0; n < m; n++) for (let t = 0; t < T; t++) out[(t * m + n) * F + f] = values[(f * m + n) * T + t];
    return out;
  }

  /** Row [f, n, all steps] or, for one step, [f, all samples] of a time-major array. */
  const steps = (a: ArrayLike<number>, m: number, F: number, f: number, n: number) =>
    Array.from({ length: a.length / (m * F) }, (_, t) => a[(t * m + n) * F + f]);
  const samples = (a: ArrayLike<number>, F: number, f: number) => Array.from({ length: a.length / F }, (_, n) => a[n * F + f]);

  /** Arrays agree in the 8 decimals printed. */
  function expectPrinted(actual: ArrayLike<number>, expected: readonly number[]): void {
    expect(Array.from(actual, (v) => Number(v.toFixed(8)))).toEqual([...expected]);
  }

  const expectScalar = (actual: number, expected: number) => expect(Math.abs(actual / expected - 1)).toBeLessThanOrEqual(1e-13);

  type Rnn = Record<"Wax" | "Waa" | "ba", number[]>;
  const rnnWeights = (d: Rnn) => ({ wih: d.Wax, whh: d.Waa, bih: d.ba, bhh: null });
  const predict = (a: ArrayLike<number>, M: number, w: number[], b: number[]) =>
    softmaxRows({ M, O: 2 }, denseForward({ M, I: 5, O: 2 }, a, w, b));

  it("rnn_cell_forward", () => {
    const d = draw(printed.rnnCellForward.draws);
    const { a } = rnnForward({ T: 1, N: 10, I: 3, H: 5 }, transpose(d.xt, [3, 10]), transpose(d.aPrev, [5, 10]), rnnWeights(d));
    expectPrinted(samples(a.subarray(50), 5, 4), printed.rnnCellForward.aNext4);
    expectPrinted(samples(predict(a.subarray(50), 10, d.Wya, d.by), 2, 1), printed.rnnCellForward.ytPred1);
  });

  it("rnn_forward", () => {
    const d = draw(printed.rnnForward.draws);
    const x = timeMajor(d.x, [3, 10, 4]);
    const { a } = rnnForward({ T: 4, N: 10, I: 3, H: 5 }, x, transpose(d.a0, [5, 10]), rnnWeights(d));
    expectPrinted(steps(a.subarray(50), 10, 5, 4, 1), printed.rnnForward.a4_1);
    expectPrinted(steps(predict(a.subarray(50), 40, d.Wya, d.by), 10, 2, 1, 3), printed.rnnForward.yPred1_3);
    expectPrinted(steps(x, 10, 3, 1, 3), printed.rnnForward.caches1_1_3);
  });

  /** The notebook's W acts on [a; x]: split into PyTorch's two matrices, gates i f g o. */
  type Lstm = Record<"Wf" | "bf" | "Wi" | "bi" | "Wo" | "bo" | "Wc" | "bc", number[]>;
  function lstmWeights(d: Lstm) {
    const rows = [d.Wi, d.Wf, d.Wc, d.Wo].flatMap((w) => Array.from({ length: 5 }, (_, h) => w.slice(h * 8, h * 8 + 8)));
    return {
      wih: rows.flatMap((row) => row.slice(5)),
      whh: rows.flatMap((row) => row.slice(0, 5)),
      bih: [d.bi, d.bf, d.bc, d.bo].flat(),
      bhh: null,
    };
  }

  it("lstm_cell_forward", () => {
    const d = draw(printed.lstmCellForward.draws);
    const dims = { T: 1, N: 10, I: 3, H: 5 };
    const { a, c } = lstmForward(dims, transpose(d.xt, [3, 10]), transpose(d.aPrev, [5, 10]), transpose(d.cPrev, [5, 10]), lstmWeights(d));
    expectPrinted(samples(a.subarray(50), 5, 4), printed.lstmCellForward.aNext4);
    expectPrinted(samples(c.subarray(50), 5, 2), printed.lstmCellForward.cNext2);
    expectPrinted(samples(c.subarray(50), 5, 3), printed.lstmCellForward.cache1_3);
    expectPrinted(samples(predict(a.subarray(50), 10, d.Wy, d.by), 2, 1), printed.lstmCellForward.yt1);
  });

  it("lstm_forward", () => {
    const d = draw(printed.lstmForward.draws);
    const x = timeMajor(d.x, [3, 10, 7]);
    const { a, c } = lstmForward({ T: 7, N: 10, I: 3, H: 5 }, x, transpose(d.a0, [5, 10]), null, lstmWeights(d));
    expectScalar(steps(a.subarray(50), 10, 5, 4, 3)[6], printed.lstmForward.a4_3_6);
    expectScalar(steps(predict(a.subarray(50), 70, d.Wy, d.by), 10, 2, 1, 4)[3], printed.lstmForward.y1_4_3);
    expectPrinted(steps(x, 10, 3, 1, 1), printed.lstmForward.caches1_1_1);
    expectScalar(steps(c.subarray(50), 10, 5, 1, 2)[1], printed.lstmForward.c1_2_1);
  });

  /** Entry [1][2] of Σt dtanh⟨t⟩·da⟨t−1⟩ᵀ, what the notebook calls dWaa; every step is a backward of its own, so its pieces are in sight. */
  function mistakenEntry(a: Float64Array, d: Rnn, dOutput: Float64Array): number {
    const dims = { T: 1, N: 10, I: 3, H: 5 };
    let sum = 0;
    let carried: Float64Array | null = null;
    for (let t = a.length / 50 - 2; t >= 0; t--) {
      const tape = { x: new Float64Array(30), a: a.slice(t * 50, t * 50 + 100), weights: rnnWeights(d) };
      const dNext = dOutput.slice(t * 50, t * 50 + 50);
      if (carried !== null) for (let j = 0; j < 50; j++) dNext[j] += carried[j];
      const { da0 } = rnnBackward(dims, tape, dNext, null);
      for (let n = 0; n < 10; n++) sum += (1 - tape.a[50 + n * 5 + 1] ** 2) * dNext[n * 5 + 1] * da0[n * 5 + 2];
      carried = da0;
    }
    return sum;
  }

  /** Central differences by Waa[1][2] alone. */
  function slopeOfWaa(dims: Parameters<typeof rnnForward>[0], x: Float64Array, a0: Float64Array, d: Rnn, dOutput: Float64Array): number {
    const loss = ([value]: Float64Array) => {
      const Waa = d.Waa.with(7, value);
      return inner(rnnForward(dims, x, a0, rnnWeights({ ...d, Waa })).a.subarray(50), dOutput);
    };
    return centralDifference(loss, [d.Waa[7]]).gradient[0];
  }

  it("rnn_cell_backward, and the derivative where it errs", () => {
    const p = printed.rnnCellBackward;
    const d = draw(p.draws);
    const dims = { T: 1, N: 10, I: 3, H: 5 };
    const [x, a0, dA] = [transpose(d.xt, [3, 10]), transpose(d.aPrev, [5, 10]), transpose(d.daNext, [5, 10])];
    const tape = rnnForward(dims, x, a0, rnnWeights(d));
    const grads = rnnBackward(dims, tape, dA, null);
    expectScalar(grads.dx[2 * 3 + 1], p.dxt1_2);
    expectScalar(grads.da0[3 * 5 + 2], p.daPrev2_3);
    expectScalar(grads.dwih[3 * 3 + 1], p.dWax3_1);
    expectPrinted([grads.db[4]], p.dba4);
    expectScalar(mistakenEntry(tape.a, d, dA), p.dWaa1_2);
    expect(grads.dwhh[1 * 5 + 2]).toBeCloseTo(1.15034506, 7);
    expect(slopeOfWaa(dims, x, a0, d, dA)).toBeCloseTo(grads.dwhh[1 * 5 + 2], 8);
  });

  it("rnn_backward, and the derivative where it errs", () => {
    const p = printed.rnnBackward;
    const d = draw(p.draws);
    const dims = { T: 4, N: 10, I: 3, H: 5 };
    const [x, a0, dA] = [timeMajor(d.x, [3, 10, 4]), transpose(d.a0, [5, 10]), timeMajor(d.da, [5, 10, 4])];
    const tape = rnnForward(dims, x, a0, rnnWeights(d));
    const grads = rnnBackward(dims, tape, dA, null);
    expectPrinted(steps(grads.dx, 10, 3, 1, 2), p.dx1_2);
    expectScalar(grads.da0[3 * 5 + 2], p.da0_2_3);
    expectScalar(grads.dwih[3 * 3 + 1], p.dWax3_1);
    expectPrinted([grads.db[4]], p.dba4);
    expectScalar(mistakenEntry(tape.a, d, dA), p.dWaa1_2);
    expect(grads.dwhh[1 * 5 + 2]).toBeCloseTo(2.30333312, 7);
    expect(slopeOfWaa(dims, x, a0, d, dA)).toBeCloseTo(grads.dwhh[1 * 5 + 2], 8);
  });
});

describe("central differences", () => {
  it("find a known gradient within the noise they state", () => {
    const at = [0.3, -2, 40];
    const { gradient, noise } = centralDifference(([a, b, c]) => Math.sin(a) * b * b + Math.log(c), at);
    const exact = [Math.cos(0.3) * 4, Math.sin(0.3) * -4, 1 / 40];
    for (let i = 0; i < 3; i++) {
      expect(Math.abs(gradient[i] - exact[i])).toBeLessThanOrEqual(2 * noise[i]);
      expect(noise[i]).toBeLessThan(1e-8);
    }
  });

  it("state more noise when the step is poor", () => {
    const cube = ([x]: Float64Array) => x ** 3;
    expect(centralDifference(cube, [1], 1e-2).noise[0]).toBeGreaterThan(5e-5); // truncation: h² = 1e-4
    expect(centralDifference(cube, [1], 1e-12).noise[0]).toBeGreaterThan(1e-4); // rounding: ε/h
  });
});
