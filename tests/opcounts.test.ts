/**
 * What the hottest loops consist of: lost inlining, a lost fold or a spilled constant shows here, where noisy timings hide it.
 * One k of the loop is R splats of A, the vectors of B's row, and a multiply-add each (mul and add in the baseline).
 */

import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { describe, expect, test } from "vitest";
import { innermostLoops, namedFunctions } from "../scripts/named-build.js";

const NOTHING_ELSE = { stores: 0, calls: 0, branches: 2 }; // the test of the loop, the jump back

describe.each(["baseline", "relaxed"] as const)("%s", (build) => {
  const madd = build === "relaxed" ? 1 : 2;

  async function loops(name: string) {
    const text = (await namedFunctions(build)).get(`assembly/${name}`);
    if (text === undefined) throw new Error(`no function ${name}: inlined elsewhere?`);
    return innermostLoops(text);
  }

  test.each([
    ["tiles/tile4<f32,f32>", 4],
    ["tiles/tile4<f64,f64>", 4],
    ["tiles/tile6<f32,f32>", 6],
    ["tiles/tile6<f64,f64>", 6],
    ["tiles/tile4k<f32>", 4], // products over rows: weight gradients
  ])(
    "%s",
    async (name, rows) => {
      expect(await loops(name)).toEqual([{ vector: 2 * rows * madd, loads: 2, splats: rows, ...NOTHING_ELSE }]);
    },
    120_000,
  );

  test("tile1x4<f32>, one row: inlined into gemm", async () => {
    const vector = (await loops("gemm/gemm<f32,f32>")).filter((loop) => loop.vector > 0);
    expect(vector).toEqual([{ vector: 8 * madd, loads: 8, splats: 1, ...NOTHING_ELSE }]);
  }, 120_000);

  test.each([
    ["f32", 8, 0], // weights as they are: two loads a panel's row
    ["u16", 4, 4], // as bf16: one, and a shift
  ] as const)(
    "joined1x4<f32,%s>, a streaming step's: over x, then over a",
    async (weights, loads, shifts) => {
      const one = { vector: 8 * madd + shifts, loads, splats: 1, ...NOTHING_ELSE };
      expect(await loops(`row_tiles/joined1x4<f32,${weights}>`)).toEqual([one, one]);
    },
    120_000,
  );

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
