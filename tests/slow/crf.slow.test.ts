/** The CRF beside all paths: 10,000 small cases of each element type, with lengths, forbidden transitions, one tag and one step among them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runtime } from "../../bindings/index.js";
import { checkCase, drawCase } from "../helpers/crf.js";
import { DTYPES, operatorRuntime } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

const CASES = 10_000;

describe.each(DTYPES)("%s", (dtype) => {
  test("value, gradients, marginals and best paths", () => {
    const seed = printedSeed(`CRF, all paths, ${dtype}`);
    const sizes = [0.1, 3, 30];
    for (let i = 0; i < CASES; i++) {
      const size = sizes[i % 3];
      const given = drawCase(seed + i, { size, coarse: i % 4 === 3, most: 1024 });
      checkCase(rt, given, dtype, { tolerance: dtype === "f32" ? 2 ** -23 * Math.max(4, 2 * size) : 1e-12 * Math.max(1, size) });
    }
    expect(rt.bytesInUse).toBe(0);
  });
});
