import { describe, expect, it } from "vitest";
import type { NdArray, Notebook } from "../../bindings/notebook.js";
import * as printed from "../golden/notebook-printed.js";
import { inner } from "../helpers/compare.js";
import { drawn, entry, replaced, testNotebook } from "../helpers/notebook.js";
import { centralDifference } from "../reference/finite.js";

/*
 * The notebook's rnn_cell_backward computes dWaa = dtanh·da_prevᵀ. The derivative is dtanh·a_prevᵀ:
 *
 *   dtanh = (1 − a_next²) ∘ da_next        the slope before the product with Waa       (1)
 *   what the notebook prints: dtanh·da_prevᵀ, with da_prev = Waaᵀ·dtanh                (2)
 *   what differentiation gives: dtanh·a_prevᵀ                                          (3)
 */

/** Entry [1][2] of Waa, in a flat (5, 5). */
const ENTRY = 7;

/** left·rightᵀ of (n_a, m) arrays, the entry [1][2] alone. */
const outer = (left: NdArray, right: NdArray) => inner(entry(left, 1), entry(right, 2));

/** (1) */
function dtanhOf(nb: Notebook, aNext: NdArray, da: NdArray): NdArray {
  return nb.array(
    aNext.shape,
    aNext.data.map((a, i) => (1 - a * a) * da.data[i]),
  );
}

const expectRelative = (actual: number, expected: number, tolerance: number) =>
  expect(Math.abs(actual / expected - 1)).toBeLessThanOrEqual(tolerance);

describe("the erratum: the notebook's dWaa", async () => {
  const nb = await testNotebook();

  it("of a cell: 1.047… is dtanh·da_prevᵀ, the derivative is 1.15034506…", () => {
    const p = printed.rnnCellBackward;
    const { xt, aPrev, daNext, ...parameters } = drawn(nb, p.draws);
    const { aNext, cache } = nb.rnnCellForward(xt, aPrev, parameters);
    const gradients = nb.rnnCellBackward(daNext, cache);
    const dtanh = dtanhOf(nb, aNext, daNext);
    expectRelative(outer(dtanh, gradients.daPrev), p.dWaa1_2, 1e-13); // (2)
    const [derivative] = entry(gradients.dWaa, 1, 2);
    expectRelative(derivative, outer(dtanh, aPrev), 1e-13); // (3)
    expect(String(derivative)).toMatch(/^1\.15034506/);
    expect(Math.abs(derivative - p.dWaa1_2)).toBeGreaterThan(0.1);

    const loss = ([w]: Float64Array) => {
      const moved = { ...parameters, Waa: replaced(nb, parameters.Waa, ENTRY, w) };
      return inner(nb.rnnCellForward(xt, aPrev, moved).aNext.data, daNext.data);
    };
    const difference = centralDifference(loss, [parameters.Waa.data[ENTRY]]);
    expect(difference.noise[0]).toBeLessThan(1e-8);
    expect(Math.abs(derivative - difference.gradient[0])).toBeLessThanOrEqual(4 * difference.noise[0]);
  });

  it("through time: 5.608… is the sum of dtanh·da_prevᵀ, the derivative is 2.30333312…", () => {
    const p = printed.rnnBackward;
    const { x, a0, da, ...parameters } = drawn(nb, p.draws);
    const { caches } = nb.rnnForward(x, a0, parameters);
    let carried = nb.array([5, 10], new Float64Array(50));
    let mistaken = 0;
    let right = 0;
    for (let t = 3; t >= 0; t--) {
      const [aNext, aPrev] = caches[0][t];
      const reaching = nb.array(
        [5, 10],
        carried.data.map((c, i) => c + da.data[i * 4 + t]),
      );
      const dtanh = dtanhOf(nb, aNext, reaching);
      carried = nb.rnnCellBackward(reaching, caches[0][t]).daPrev;
      mistaken += outer(dtanh, carried); // (2)
      right += outer(dtanh, aPrev); // (3)
    }
    expectRelative(mistaken, p.dWaa1_2, 1e-13);
    const [derivative] = entry(nb.rnnBackward(da, caches).dWaa, 1, 2);
    expectRelative(derivative, right, 1e-12);
    expect(String(derivative)).toMatch(/^2\.30333312/);

    const loss = ([w]: Float64Array) =>
      inner(nb.rnnForward(x, a0, { ...parameters, Waa: replaced(nb, parameters.Waa, ENTRY, w) }).a.data, da.data);
    const difference = centralDifference(loss, [parameters.Waa.data[ENTRY]]);
    expect(difference.noise[0]).toBeLessThan(1e-7);
    expect(Math.abs(derivative - difference.gradient[0])).toBeLessThanOrEqual(4 * difference.noise[0]);
  });
});
