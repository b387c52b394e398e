import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { expectClose, expectSum, greatest, roundoff } from "../helpers/compare.js";
import { DTYPES, gradientsOf, operatorRuntime, valuesOf } from "../helpers/runtime.js";
import { backward, example, forward, RECURRENT_KINDS, type Shape, shapes } from "../helpers/sequence.js";
import { stackBackward, stackForward } from "../reference/stack.js";

/*
 * The library against the naive twin. f64 agrees within 1e-12 of each element and of the norm. f32 is held to 1e-4, the distance that
 * rounding covers over a dozen steps. Row counts 1 … 13 meet every way in which rows are cut into tiles.
 */

const TOLERANCE = { f32: 1e-4, f64: 1e-12 };
const KINDS = RECURRENT_KINDS.flatMap((kind) => DTYPES.map((dtype) => [kind, dtype] as const));

describe.each(KINDS)("%s in %s and its naive twin", async (kind, dtype) => {
  const rt = await operatorRuntime();
  afterAll(() => rt.dispose());
  const close = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
    expectClose(name, actual, expected, TOLERANCE[dtype], roundoff(dtype, greatest(expected)));

  const closeSum = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
    expectSum(name, actual, expected, TOLERANCE[dtype], dtype);

  function compare(shape: Shape): void {
    const { T, N, I, H, L } = shape;
    const { layer, x, begin, dOutput, dEnd } = example(rt, shape);
    const seen = forward(layer, [T, N], x, begin);
    const back = backward(layer, [T, N], dOutput, dEnd);
    const grads = gradientsOf(layer);

    const stack = { kind, T, N, I, H, layers: L, parameters: valuesOf(layer) };
    const twin = stackForward(stack, x, begin);
    const twinBack = stackBackward(stack, twin, dOutput, dEnd);
    close("output", seen.output, twin.output);
    expect(Object.keys(seen.state)).toEqual(Object.keys(twin.state));
    for (let l = 0; l < L; l++) {
      const slice = (data: ArrayLike<number>) => Array.from(data).slice(l * N * H, (l + 1) * N * H);
      for (const [part, values] of Object.entries(twin.state)) close(`${part} of layer ${l}`, slice(seen.state[part]), slice(values));
      for (const [part, values] of Object.entries(twinBack.dState))
        closeSum(`d${part}0 of layer ${l}`, slice(back.dState[part]), slice(values));
    }
    expect(Object.keys(grads).sort()).toEqual(Object.keys(twinBack.gradients).sort());
    for (const [name, values] of Object.entries(twinBack.gradients)) closeSum(name, grads[name], values);
    closeSum("dX", back.dX, twinBack.dX);
    seen.input.dispose();
    layer.dispose();
  }

  it("agree on random shapes", () => fc.assert(fc.property(shapes(kind, dtype), compare), { numRuns: 60 }));

  it.each(Array.from({ length: 13 }, (_, n) => n + 1))("agree on %i rows", (N) => {
    for (const H of [4, 8, 33, 37]) compare({ kind, dtype, T: 3, N, I: 5, H, L: 1, seed: N * H });
  });

  it("agree on a sequence whose input product is taken in several pieces", () =>
    compare({ kind, dtype, T: 300, N: 7, I: 3, H: 33, L: 1, seed: 1 }));
});
