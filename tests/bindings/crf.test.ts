/** The CRF against the naive twin and all paths, PyTorch, differences, and itself in other batches. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Runtime } from "../../bindings/index.js";
import { checkCase, drawCase } from "../helpers/crf.js";
import { DTYPES, operatorRuntime } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});

const TOLERANCE = { f32: 2e-5, f64: 1e-12 };

describe.each(DTYPES)("%s", (dtype) => {
  test("200 random cases: value, gradients, marginals and best paths are those of all paths", () => {
    const seed = printedSeed(`CRF, all paths, ${dtype}`);
    for (let i = 0; i < 200; i++) checkCase(rt, drawCase(seed + i), dtype, { tolerance: TOLERANCE[dtype] });
  });

  test("100 cases with ties: the lowest tags from the last on", () => {
    const seed = printedSeed(`CRF, ties, ${dtype}`);
    for (let i = 0; i < 100; i++) checkCase(rt, drawCase(seed + i, { coarse: true }), dtype, { tolerance: TOLERANCE[dtype] });
  });
});

test("the package has it", async () => {
  expect(Object.keys(await import("../../bindings/sequence.js"))).toEqual(expect.arrayContaining(["CRF", "CRFLoss", "bioConstraints"]));
});
