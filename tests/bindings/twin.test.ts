import fc from "fast-check";
import { afterAll, describe, it } from "vitest";
import { expectClose, expectSum } from "../helpers/compare.js";
import { DTYPES, gradientsOf, testRuntime } from "../helpers/runtime.js";
import { backward, example, forward, type Shape, shapes } from "../helpers/sequence.js";
import { lstmBackward, lstmForward } from "../reference/lstm.js";
import { rnnBackward, rnnForward } from "../reference/rnn.js";

/*
 * The library against the naive twin. f64 agrees within 1e-12 of the norm. f32 is held to 1e-4, the distance that rounding covers over a
 * dozen steps. Row counts 1 … 13 meet every way in which rows are cut into tiles.
 */

const TOLERANCE = { f32: 1e-4, f64: 1e-12 };
const KINDS = (["RNN", "LSTM"] as const).flatMap((kind) => DTYPES.map((dtype) => [kind, dtype] as const));

describe.each(KINDS)("%s in %s and its naive twin", async (kind, dtype) => {
  const rt = await testRuntime();
  afterAll(() => rt.dispose());
  const close = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
    expectClose(name, actual, expected, TOLERANCE[dtype]);

  const closeSum = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
    expectSum(name, actual, expected, TOLERANCE[dtype]);

  function compare(shape: Shape): void {
    const { T, N, I, H, L } = shape;
    const { layer, x, begin, dOutput, dEnd } = example(rt, shape);
    const tape = layer.tape();
    const seen = forward(layer, [T, N], x, begin, tape);
    const back = backward(layer, [T, N], dOutput, dEnd, tape);
    const grads = gradientsOf(layer);

    const S = N * H;
    const slice = (data: ArrayLike<number>, l: number) => Array.from(data).slice(l * S, (l + 1) * S);
    const dims = (l: number) => ({ T, N, I: l === 0 ? I : H, H });
    const values = Object.fromEntries(layer.parameters().map((p) => [p.name, p.toArray()]));
    const weights = (l: number) => ({
      wih: values[`weight_ih_l${l}`],
      whh: values[`weight_hh_l${l}`],
      bih: values[`bias_ih_l${l}`],
      bhh: values[`bias_hh_l${l}`],
    });

    const tapes: ReturnType<typeof lstmForward>[] = [];
    let below: ArrayLike<number> = x;
    for (let l = 0; l < L; l++) {
      const h = slice(begin.h, l);
      const recorded =
        kind === "RNN"
          ? (rnnForward(dims(l), below, h, weights(l)) as (typeof tapes)[number])
          : lstmForward(dims(l), below, h, slice(begin.c, l), weights(l));
      tapes.push(recorded);
      below = recorded.a.subarray(S);
      close(`h of layer ${l}`, slice(seen.state.h, l), recorded.a.subarray(T * S));
      if (kind === "LSTM") close(`c of layer ${l}`, slice(seen.state.c, l), recorded.c.subarray(T * S));
    }
    close("output", seen.output, below);

    let above: ArrayLike<number> = dOutput;
    for (let l = L - 1; l >= 0; l--) {
      const dh = slice(dEnd.h, l);
      const g =
        kind === "RNN"
          ? { ...rnnBackward(dims(l), tapes[l], above, dh), dc0: null }
          : lstmBackward(dims(l), tapes[l], above, dh, slice(dEnd.c, l));
      closeSum(`dh0 of layer ${l}`, slice(back.dState.h, l), g.da0);
      if (g.dc0) closeSum(`dc0 of layer ${l}`, slice(back.dState.c, l), g.dc0);
      closeSum(`weight_ih_l${l}`, grads[`weight_ih_l${l}`], g.dwih);
      closeSum(`weight_hh_l${l}`, grads[`weight_hh_l${l}`], g.dwhh);
      closeSum(`bias_ih_l${l}`, grads[`bias_ih_l${l}`], g.db);
      closeSum(`bias_hh_l${l}`, grads[`bias_hh_l${l}`], g.db);
      above = g.dx;
    }
    closeSum("dX", back.dX, above);
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
