import { expect } from "vitest";
import { FormatError } from "../../bindings/index.js";
import type { LoadedArray } from "../../bindings/numpy.js";
import { expectRefusal } from "./refusal.js";

/** A hostile file is refused, or read, in this time. */
export const LONGEST_MS = 1000;
const KINDS = { f64: "Float64Array", f32: "Float32Array", i32: "Int32Array" } as const;

/** Arrays that fill their shapes, or a FormatError of a few lines, within a second. Whether there were any. */
export function survives(load: () => Record<string, LoadedArray>, label: string): boolean {
  const start = performance.now();
  let arrays: Record<string, LoadedArray> = {};
  try {
    arrays = load();
  } catch (error) {
    if (!(error instanceof FormatError)) expect.fail(`${label}: ${(error as Error).stack}`);
    if (error.message.length > 5000) expect.fail(`${label}: ${error.message.length} characters`);
  }
  const took = performance.now() - start;
  if (took > LONGEST_MS) expect.fail(`${label}: ${took} ms`);
  for (const { shape, data, dtype } of Object.values(arrays)) {
    const size = shape.reduce((product, d) => product * d, 1);
    if (data.length !== size || data.constructor.name !== KINDS[dtype]) expect.fail(`${label}: ${data.length} ${dtype} of [${shape}]`);
  }
  return Object.keys(arrays).length > 0;
}

/** Refused within a second. */
export function refusedSoon(load: () => unknown, ...texts: string[]): void {
  const start = performance.now();
  expectRefusal(load, FormatError, ...texts);
  expect(performance.now() - start).toBeLessThan(LONGEST_MS);
}
