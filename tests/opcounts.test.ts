/**
 * What the hottest loops consist of: lost inlining, a lost fold or a spilled constant shows here, where noisy timings hide it.
 * Products: one k of the loop is R splats of A, the vectors of B's row, and a multiply-add each (mul and add in the baseline).
 * Cells and Adam: one vector, by the numbered lines of the formula; an instruction more is a failure.
 */

import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { describe, expect, test } from "vitest";
import { allOperations, innermostLoops, namedFunctions } from "../scripts/named-build.js";

const NOTHING_ELSE = { stores: 0, calls: 0, branches: 2 }; // the test of the loop, the jump back

describe.each(["baseline", "relaxed"] as const)("%s", (build) => {
  const madd = build === "relaxed" ? 1 : 2;

  async function loops(name: string) {
    const text = (await namedFunctions(build)).get(`assembly/${name}`);
    if (text === undefined) throw new Error(`no function ${name}: inlined elsewhere?`);
    return innermostLoops(text);
  }

  /** Without those that store what a last panel has, lane by lane. */
  const productLoops = async (name: string) => (await loops(name)).filter((loop) => loop.splats > 0);

  test.each([
    ["tiles/tile4<f32,f32>", 4],
    ["tiles/tile4<f64,f64>", 4],
    ["tiles/tile6<f32,f32>", 6],
    ["tiles/tile6<f64,f64>", 6],
    ["tiles/tile4k<f32>", 4], // products over rows: weight gradients
  ])(
    "%s",
    async (name, rows) => {
      expect(await productLoops(name)).toEqual([{ vector: 2 * rows * madd, loads: 2, splats: rows, ...NOTHING_ELSE }]);
    },
    120_000,
  );

  test.each([
    ["f32", 4, 0], // weights as they are: two loads a panel's row
    ["u16", 2, 2], // as bf16: one, and a shift
  ] as const)(
    "tile2x2<f32,%s>, two rows: inlined into gemm",
    async (weights, loads, shifts) => {
      const want = { vector: 8 * madd + shifts, loads, splats: 2, ...NOTHING_ELSE };
      expect(await productLoops(`gemm/gemm<f32,${weights}>`)).toEqual([want]);
    },
    120_000,
  );

  test.each([
    ["f32", 8, 0],
    ["u16", 4, 4],
  ] as const)(
    "tile1x4<f32,%s>, one row: over x, then over a; a plain product has no x",
    async (weights, loads, shifts) => {
      const one = { vector: 8 * madd + shifts, loads, splats: 1, ...NOTHING_ELSE };
      expect(await loops(`row_tiles/tile1x4<f32,${weights}>`)).toEqual([one, one]);
    },
    120_000,
  );

  // tanh in f32: or, pmax, n, 2z, r², the shift, 1 − s, 1 + s, the quotient, the sign (2); 9 multiply-adds: t, r, 1 + 2 of the odd and
  // the even polynomial, 2 that join them, 2 in (6), which share the baseline's product q·s. f64: 3 + 3 more coefficients, and the two
  // operations that bring in ln 2's low part. sigmoid: pmin, pmax, n, r², the shift, 3s, the sum, the quotient; t, r in two, the rest alike.
  const TANH = { f32: 11 + 9 * madd - (madd - 1), f64: 13 + 15 * madd - (madd - 1) };
  const SIGMOID = { f32: 8 + 9 * madd, f64: 8 + 15 * madd };
  const FLUSH = 3; // abs, lt, andnot

  /** What so many partial loads and stores come to: whole, or for each number of lanes; one of the ways is taken. */
  function parts(type: "f32" | "f64", loads: number, stores: number) {
    if (type === "f64") return { loads: 2 * loads, stores: 2 * stores, branches: 3 * loads + 2 * stores };
    return { loads: 4 * loads, stores: 4 * stores, branches: 6 * loads + 4 * stores };
  }

  /** A cell's half block: one vector of units. `whole`: loads and stores that are no part of a vector. */
  async function expectHalf(
    name: string,
    type: "f32" | "f64",
    vector: number,
    part: readonly [loads: number, stores: number],
    whole: readonly [loads: number, stores: number],
    { splats, ifs = 0 }: { splats: readonly [f32: number, f64: number]; ifs?: number },
  ) {
    const text = (await namedFunctions(build)).get(`assembly/cells/${name}<${type}>`);
    if (text === undefined) throw new Error(`no function ${name}: inlined elsewhere?`);
    const { loads, stores, branches } = parts(type, ...part);
    expect(allOperations(text)).toEqual({
      vector,
      loads: loads + whole[0],
      splats: splats[type === "f32" ? 0 : 1],
      stores: stores + whole[1],
      calls: 0,
      branches: branches + ifs,
    });
  }

  describe.each(["f32", "f64"] as const)("%s", (type) => {
    const tanh = TANH[type];
    const sigmoid = SIGMOID[type];
    const wide = type === "f64";

    test("RNN forward: two vectors, tanh or relu", async () => {
      const { stores, branches } = parts(type, 0, 2);
      const splats = wide ? 36 : 22; // constants
      const loop = { vector: 2 * (tanh + 1), loads: 2, splats, stores, calls: 0, branches: branches + 4 };
      expect(await loops(`cells/rnn/rnnCellForward<${type}>`)).toEqual([loop]);
    });

    test("RNN backward: two vectors, da + dOutput, then (1 − a²)·d flushed, or d where a is not 0, flushed", async () => {
      const { loads, branches } = parts(type, 2 * 3, 0); // a, da, dOutput
      const vector = 2 * (1 + (3 + FLUSH) + (2 + FLUSH));
      expect(await loops(`cells/rnn/rnnCellBackward<${type}>`)).toEqual([
        { vector, loads, splats: 6, stores: 4, calls: 0, branches: branches + 6 },
      ]);
    });

    // (2) three sigmoids and a tanh, (3) three operations, (4) a tanh and a product.
    test("LSTM forward", () => expectHalf("lstm/forwardHalf", type, 3 * sigmoid + 2 * tanh + 4, [1, 2], [4, 4], { splats: [28, 42] }));

    // da + dOutput, tanh c, (5) five operations, (6) to (9) four each and a flush, (10) a product and a flush.
    test("LSTM backward", () => {
      const vector = 1 + tanh + 5 + 4 * (4 + FLUSH) + (1 + FLUSH);
      return expectHalf("lstm/backwardHalf", type, vector, [9, 0], [0, 5], { splats: [17, 24], ifs: 1 });
    });

    // (1) two sigmoids, (2) a sum, a product, a tanh, (4) three operations.
    test("GRU forward, reset after", () =>
      expectHalf("gru/forwardHalf", type, 2 * sigmoid + tanh + 2 + 3, [1, 1], [4, 3], { splats: [17, 24] }));

    // (1) and m of (3).
    test("GRU gates, reset before", () => expectHalf("gru/gatesHalf", type, 2 * sigmoid + 1, [1, 1], [2, 2], { splats: [25, 37] }));

    // n of (3), and (4).
    test("GRU state, reset before", () => expectHalf("gru/stateHalf", type, tanh + 3, [1, 1], [2, 1], { splats: [11, 18] }));

    // da + dOutput, (6) five operations, (5) five, (9) a product; reset after (7): a product, and four for dzr. Each flushed.
    test("GRU backward", () => {
      const vector = 1 + (5 + FLUSH) + (5 + FLUSH) + (1 + FLUSH) + (1 + FLUSH) + (4 + FLUSH);
      return expectHalf("gru/backwardHalf", type, vector, [7, 0], [0, 5], { splats: [6, 6], ifs: 2 });
    });

    // (8) four operations and a flush, (9) a product and a sum.
    test("GRU reset backward, reset before", () => expectHalf("gru/resetHalf", type, 4 + FLUSH + 2, [3, 0], [1, 2], { splats: [2, 2] }));

    // g(v), where it is asked for: a sigmoid, a sum, a comparison, a choice. The state: a difference, a product, a multiply-add.
    const candidate = sigmoid + 3;
    const state = candidate + 2 + madd;

    // A pass over whole rows: two vectors a turn, kz v and h⟨t−1⟩, then z and h.
    test("MinGRU forward", async () => {
      const loop = { vector: 2 * (sigmoid + state), loads: 6, splats: wide ? 76 : 52, stores: 4, calls: 0, branches: 4 };
      expect(await loops(`cells/min_gru/minGruCellForward<${type}>`)).toEqual([loop]);
    });

    // (2) three operations and two sums, two sigmoids, f + i and the quotient.
    test("MinLSTM forward", async () => {
      const loop = { vector: 2 * (5 + 2 * sigmoid + 2 + state), loads: 8, splats: wide ? 78 : 54, stores: 6, calls: 0, branches: 4 };
      expect(await loops(`cells/min_lstm/minLstmCellForward<${type}>`)).toEqual([loop]);
    });

    // da + dOutput, 1 − z, g(v), dh ∘ (1 − z) flushed, dh ∘ z by g′ (five operations) flushed, four operations for the logit.
    const back = 2 + candidate + (1 + FLUSH) + (1 + 5 + FLUSH) + 4;

    test("MinGRU backward", async () => {
      const loop = { vector: 2 * (back + FLUSH), loads: 10, splats: wide ? 46 : 34, stores: 6, calls: 0, branches: 8 };
      expect(await loops(`cells/min_gru/minGruCellBackward<${type}>`)).toEqual([loop]);
    });

    // f + i, its bound, the quotient; two differences and products, flushed.
    test("MinLSTM backward", async () => {
      const loop = { vector: 2 * (3 + back + 2 * (2 + FLUSH)), loads: 12, splats: wide ? 50 : 38, stores: 8, calls: 0, branches: 8 };
      expect(await loops(`cells/min_lstm/minLstmCellBackward<${type}>`)).toEqual([loop]);
    });

    // Decay: a product and a sum, chosen without a branch. g within its bounds: four. (2) m: three and a cut; v: a product, (c·g)·g without what is too small,
    // added, bounded, cut. (3) √v, two quotients, ε, no quotient by 0 (two), κ·p, the step, the difference.
    test("Adam, one vector of parameters", async () => {
      const vector = 2 + 4 + (3 + FLUSH) + (1 + FLUSH + 2 + 1 + 1 + FLUSH) + 6 + 3;
      const loop = { vector, loads: 4, splats: 3, stores: 3, calls: 0, branches: 2 }; // whole vectors of p m v g, and p m v
      expect(await loops(`optim/adam<${type}>`)).toEqual([loop]);
    });

    // The hash of (1), twice: three shifts, three xors and two products each; the second seed, the sequence's next places; the bound
    // (f64: over both halves of a lane), the product, the mask.
    test("dropout, one vector: the generator and a product, no more, and no branch on its bits", async () => {
      const vector = 2 * (3 + 3 + 2) + 2 + (wide ? 2 : 1) + 2;
      const loop = { vector, loads: 1, splats: 2, stores: 1, calls: 0, branches: 2 };
      expect(await loops(wide ? "index/dropout_f64" : "ops/dropout/dropout<f32>")).toEqual([loop]); // f64: inlined into its export
    });
  });

  test("holds no start code and no mutable global, and imports a memory alone", () => {
    const bytes = readFileSync(new URL(`../build/${build}.wasm`, import.meta.url));
    const module = binaryen.readBinary(bytes);
    const text = module.emitText();
    module.dispose();
    expect(text.match(/^ \(import .*$/gm)).toEqual([expect.stringMatching(/"env" "memory" \(memory/)]);
    expect(text.match(/^ \(start .*$/gm) ?? []).toEqual([]);
    expect(text.match(/^ \(global .*\(mut .*$/gm) ?? []).toEqual([]);
  });
});
