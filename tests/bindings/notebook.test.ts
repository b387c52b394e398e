import { describe, expect, it } from "vitest";
import type { LstmCache, LstmParameters, NdArray, RnnCache } from "../../bindings/notebook.js";
import * as printed from "../golden/notebook-printed.js";
import { expectClose, expectGradient, greatest, inner, roundoff } from "../helpers/compare.js";
import { drawn, entry, testNotebook } from "../helpers/notebook.js";

type Rnn = Record<"Wax" | "Waa" | "Wya" | "ba" | "by", NdArray>;
const rnnParameters = ({ Wax, Waa, Wya, ba, by }: Rnn) => ({ Wax, Waa, Wya, ba, by });
const lstmParameters = ({ Wf, bf, Wi, bi, Wc, bc, Wo, bo, Wy, by }: LstmParameters) => ({ Wf, bf, Wi, bi, Wc, bc, Wo, bo, Wy, by });

/** Half a unit of the last digit printed. */
const PRINTED = 5e-9;

/** How close a printed number has to be met in f64 (all 8 decimals printed; the digits of a double but the last few) and in f32. */
const MANNERS = {
  f64: {
    array: (actual: number[], expected: readonly number[]) => expect(actual.map((v) => Number(v.toFixed(8)))).toEqual([...expected]),
    scalar: ([actual]: number[], expected: number) => expect(Math.abs(actual / expected - 1)).toBeLessThanOrEqual(1e-13),
  },
  f32: {
    array: (actual: number[], expected: readonly number[]) =>
      expectClose("array", actual, expected, 1e-5, PRINTED + roundoff("f32", greatest(expected))),
    scalar: ([actual]: number[], expected: number) => expect(Math.abs(actual / expected - 1)).toBeLessThanOrEqual(1e-5),
  },
};

describe.each(["f64", "f32"] as const)("the notebook's printed numbers in %s", async (dtype) => {
  const nb = await testNotebook(dtype);
  const { array, scalar } = MANNERS[dtype];

  it("rnn_cell_forward", () => {
    const p = printed.rnnCellForward;
    const d = drawn(nb, p.draws);
    const { aNext, ytPred, cache } = nb.rnnCellForward(d.xt, d.aPrev, rnnParameters(d));
    array(entry(aNext, 4), p.aNext4);
    expect(aNext.shape).toEqual(p.aNextShape);
    array(entry(ytPred, 1), p.ytPred1);
    expect(ytPred.shape).toEqual(p.ytPredShape);
    expect(cache).toEqual([aNext, d.aPrev, d.xt, rnnParameters(d)]);
  });

  it("rnn_forward", () => {
    const p = printed.rnnForward;
    const d = drawn(nb, p.draws);
    const { a, yPred, caches } = nb.rnnForward(d.x, d.a0, rnnParameters(d));
    array(entry(a, 4, 1), p.a4_1);
    expect(a.shape).toEqual(p.aShape);
    array(entry(yPred, 1, 3), p.yPred1_3);
    expect(yPred.shape).toEqual(p.yPredShape);
    array(entry(caches[1], 1, 3), p.caches1_1_3);
    expect(caches).toHaveLength(p.cachesLength);
    expect(caches[0]).toHaveLength(4);
    for (const [t, [aNext, aPrev, xt]] of caches[0].entries()) {
      expect(entry(aNext, 4, 1)[0]).toBe(entry(a, 4, 1, t)[0]);
      expect(entry(aPrev, 4, 1)[0]).toBe(t === 0 ? entry(d.a0, 4, 1)[0] : entry(a, 4, 1, t - 1)[0]);
      expect(entry(xt, 1, 3)[0]).toBe(entry(d.x, 1, 3, t)[0]);
    }
  });

  it("lstm_cell_forward", () => {
    const p = printed.lstmCellForward;
    const d = drawn(nb, p.draws);
    const { aNext, cNext, ytPred, cache } = nb.lstmCellForward(d.xt, d.aPrev, d.cPrev, lstmParameters(d));
    array(entry(aNext, 4), p.aNext4);
    expect(aNext.shape).toEqual(p.aNextShape);
    array(entry(cNext, 2), p.cNext2);
    expect(cNext.shape).toEqual(p.cNextShape);
    array(entry(ytPred, 1), p.yt1);
    expect(ytPred.shape).toEqual(p.ytShape);
    array(entry(cache[1], 3), p.cache1_3);
    expect(cache).toHaveLength(p.cacheLength);
  });

  it("lstm_forward", () => {
    const p = printed.lstmForward;
    const d = drawn(nb, p.draws);
    const { a, y, c, caches } = nb.lstmForward(d.x, d.a0, lstmParameters(d));
    scalar(entry(a, 4, 3, 6), p.a4_3_6);
    expect(a.shape).toEqual(p.aShape);
    scalar(entry(y, 1, 4, 3), p.y1_4_3);
    expect(y.shape).toEqual(p.yShape);
    array(entry(caches[1], 1, 1), p.caches1_1_1);
    scalar(entry(c, 1, 2, 1), p.c1_2_1);
    expect(caches).toHaveLength(p.cachesLength);
    expect(caches[0]).toHaveLength(7);
  });

  it("rnn_cell_backward", () => {
    const p = printed.rnnCellBackward;
    const d = drawn(nb, p.draws);
    const gradients = nb.rnnCellBackward(d.daNext, nb.rnnCellForward(d.xt, d.aPrev, rnnParameters(d)).cache);
    scalar(entry(gradients.dxt, 1, 2), p.dxt1_2);
    expect(gradients.dxt.shape).toEqual(p.dxtShape);
    scalar(entry(gradients.daPrev, 2, 3), p.daPrev2_3);
    expect(gradients.daPrev.shape).toEqual(p.daPrevShape);
    scalar(entry(gradients.dWax, 3, 1), p.dWax3_1);
    expect(gradients.dWax.shape).toEqual(p.dWaxShape);
    expect(gradients.dWaa.shape).toEqual(p.dWaaShape);
    array(entry(gradients.dba, 4), p.dba4);
    expect(gradients.dba.shape).toEqual(p.dbaShape);
  });

  it("rnn_backward", () => {
    const p = printed.rnnBackward;
    const d = drawn(nb, p.draws);
    const gradients = nb.rnnBackward(d.da, nb.rnnForward(d.x, d.a0, rnnParameters(d)).caches);
    array(entry(gradients.dx, 1, 2), p.dx1_2);
    expect(gradients.dx.shape).toEqual(p.dxShape);
    scalar(entry(gradients.da0, 2, 3), p.da0_2_3);
    expect(gradients.da0.shape).toEqual(p.da0Shape);
    scalar(entry(gradients.dWax, 3, 1), p.dWax3_1);
    expect(gradients.dWax.shape).toEqual(p.dWaxShape);
    expect(gradients.dWaa.shape).toEqual(p.dWaaShape);
    array(entry(gradients.dba, 4), p.dba4);
    expect(gradients.dba.shape).toEqual(p.dbaShape);
  });
});

describe("the notebook's caches", async () => {
  const nb = await testNotebook();
  const rebuilt = ({ shape, data }: NdArray) => nb.array(shape, Float64Array.from(data));
  const rebuiltAll = <P extends object>(p: P) => Object.fromEntries(Object.entries(p).map(([name, w]) => [name, rebuilt(w)])) as P;

  it("an LSTM's has a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt and the parameters", () => {
    const d = drawn(nb, printed.lstmCellForward.draws);
    const { aNext, cNext, cache } = nb.lstmCellForward(d.xt, d.aPrev, d.cPrev, lstmParameters(d));
    const [a, c, aPrev, cPrev, ft, it, cct, ot, xt, parameters] = cache;
    expect([a, c, aPrev, cPrev, xt, parameters]).toEqual([aNext, cNext, d.aPrev, d.cPrev, d.xt, lstmParameters(d)]);
    const gate = (W: NdArray, b: NdArray, f: (z: number) => number) =>
      Array.from({ length: 50 }, (_, i) => {
        const [row, n] = [Math.floor(i / 10), i % 10];
        const column = [...Array(5).keys()].map((j) => d.aPrev.data[j * 10 + n]);
        for (let j = 0; j < 3; j++) column.push(d.xt.data[j * 10 + n]);
        return f(inner(entry(W, row), column) + b.data[row]);
      });
    const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
    expectClose("ft", ft.data, gate(d.Wf, d.bf, sigmoid), 1e-14);
    expectClose("it", it.data, gate(d.Wi, d.bi, sigmoid), 1e-14);
    expectClose("cct", cct.data, gate(d.Wc, d.bc, Math.tanh), 1e-14);
    expectClose("ot", ot.data, gate(d.Wo, d.bo, sigmoid), 1e-14);
  });

  it("an LSTM's steps follow one another, and each is the cell's own", () => {
    const d = drawn(nb, printed.lstmForward.draws);
    const [list] = nb.lstmForward(d.x, d.a0, lstmParameters(d)).caches;
    let [a, c] = [d.a0, nb.array([5, 10], new Float64Array(50))];
    for (const cache of list) {
      const cell = nb.lstmCellForward(cache[8], a, c, lstmParameters(d));
      expect(cache).toEqual(cell.cache);
      [a, c] = [cell.aNext, cell.cNext];
    }
  });

  it("a backward works from caches rebuilt by hand", () => {
    const d = drawn(nb, printed.lstmCellForward.draws);
    const { cache } = nb.lstmCellForward(d.xt, d.aPrev, d.cPrev, lstmParameters(d));
    const copy = [...cache.slice(0, 9).map((a) => rebuilt(a as NdArray)), rebuiltAll(cache[9])] as LstmCache;
    expect(nb.lstmCellBackward(d.aPrev, d.cPrev, copy)).toEqual(nb.lstmCellBackward(d.aPrev, d.cPrev, cache));

    const r = drawn(nb, printed.rnnBackward.draws);
    const { caches } = nb.rnnForward(r.x, r.a0, rnnParameters(r));
    const list = caches[0].map(([aNext, aPrev, xt, p]): RnnCache => [rebuilt(aNext), rebuilt(aPrev), rebuilt(xt), rebuiltAll(p)]);
    expect(nb.rnnBackward(r.da, [list, rebuilt(r.x)])).toEqual(nb.rnnBackward(r.da, caches));
  });
});

describe("the LSTM's backward, which the notebook leaves out", async () => {
  const nb = await testNotebook();
  const names = ["Wf", "bf", "Wi", "bi", "Wc", "bc", "Wo", "bo"] as const;
  const draws = {
    ...printed.lstmForward.draws,
    x: [3, 4, 3],
    a0: [5, 4],
    cPrev: [5, 4],
    daNext: [5, 4, 3],
    dcNext: [5, 4],
  } as const;
  const shaped = (like: NdArray, data: Float64Array) => nb.array(like.shape, data);

  it("of a cell agrees with central differences", () => {
    const d = drawn(nb, { ...draws, x: [3, 4], daNext: [5, 4] });
    const loss = (x: NdArray, a: NdArray, c: NdArray, p: LstmParameters) => {
      const { aNext, cNext } = nb.lstmCellForward(x, a, c, p);
      return inner(aNext.data, d.daNext.data) + inner(cNext.data, d.dcNext.data);
    };
    const p = lstmParameters(d);
    const g = nb.lstmCellBackward(d.daNext, d.dcNext, nb.lstmCellForward(d.x, d.a0, d.cPrev, p).cache);
    expectGradient("dxt", g.dxt.data, (x) => loss(shaped(d.x, x), d.a0, d.cPrev, p), d.x.data);
    expectGradient("daPrev", g.daPrev.data, (a) => loss(d.x, shaped(d.a0, a), d.cPrev, p), d.a0.data);
    expectGradient("dcPrev", g.dcPrev.data, (c) => loss(d.x, d.a0, shaped(d.cPrev, c), p), d.cPrev.data);
    for (const name of names) {
      const gradient = g[`d${name}`];
      expect(gradient.shape).toEqual(p[name].shape);
      expectGradient(name, gradient.data, (w) => loss(d.x, d.a0, d.cPrev, { ...p, [name]: shaped(p[name], w) }), p[name].data);
    }
  });

  it("through time agrees with central differences", () => {
    const d = drawn(nb, draws);
    const loss = (x: NdArray, a: NdArray, p: LstmParameters) => inner(nb.lstmForward(x, a, p).a.data, d.daNext.data);
    const p = lstmParameters(d);
    const g = nb.lstmBackward(d.daNext, nb.lstmForward(d.x, d.a0, p).caches);
    expect([g.dx.shape, g.da0.shape]).toEqual([d.x.shape, d.a0.shape]);
    expectGradient("dx", g.dx.data, (x) => loss(shaped(d.x, x), d.a0, p), d.x.data);
    expectGradient("da0", g.da0.data, (a) => loss(d.x, shaped(d.a0, a), p), d.a0.data);
    for (const name of names)
      expectGradient(name, g[`d${name}`].data, (w) => loss(d.x, d.a0, { ...p, [name]: shaped(p[name], w) }), p[name].data);
  });
});

describe("the notebook's helpers", async () => {
  const nb = await testNotebook();
  it("sigmoid and softmax over the first axis", () => {
    const x = nb.array([3, 2], [1, -2, 0, 30, -800, 900]);
    const sigmoid = [1 / (1 + Math.exp(-1)), 1 / (1 + Math.exp(2)), 0.5, 1 / (1 + Math.exp(-30)), 0, 1];
    expectClose("sigmoid", nb.sigmoid(x).data, sigmoid, 1e-15, 0);
    expectClose("softmax", nb.softmax(x).data, [Math.E / (Math.E + 1), 0, 1 / (Math.E + 1), 0, 0, 1], 1e-15, 0);
    expect(nb.softmax(x).shape).toEqual([3, 2]);
  });
});
