import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BUILD, instantiateRaw } from "../helpers/raw.js";
import { exact, OVERFLOW, plain, points, SMALLEST_NORMAL, ulpError } from "../reference/math.js";

/** All 2^32 bit patterns of f32 through each function, against Math.* in f64; a million points of f64, against the exact values. */
const CHUNK = 1 << 16;
const LIMIT = 2; // ulp
const MINUTES = 60_000;

const raw = instantiateRaw();
/** Over the same memory: where all but the sigmoid are. */
const binary = readFileSync(new URL(`../../build/${BUILD === "debug" ? BUILD : `${BUILD}-ops`}.wasm`, import.meta.url));
const operators = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory: raw.memory, abort: () => {} } });
const kernelOf = (name: string, dtype: string) =>
  (name === "sigmoid" ? raw.exports[`${name}_${dtype}`] : operators.exports[`op_${name}_${dtype}`]) as (
    y: number,
    x: number,
    n: number,
  ) => number;
const x = new Float32Array(raw.memory.buffer, raw.base, CHUNK);
const xBits = new Uint32Array(raw.memory.buffer, raw.base, CHUNK);
const y = new Float32Array(raw.memory.buffer, raw.base + 4 * CHUNK, CHUNK);
const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);
/** 1 / (unit of the last place) by biased exponent of the double: a table, because 2 ** k is slow here. */
const PER_UNIT = Float64Array.from({ length: 2048 }, (_, e) => 2 ** (23 - Math.min(Math.max(e - 1023, -126), 128)));

test.each(["exp", "sigmoid", "tanh", "log"] as const)(
  `%s_f32: all bit patterns within ${LIMIT} ulp`,
  (name) => {
    const kernel = kernelOf(name, "f32");
    const reference = plain[name];
    const tiny = SMALLEST_NORMAL.f32;
    const wrong: string[] = [];
    let worst = 0;
    let at = Number.NaN;
    let worstSubnormal = 0;
    let flushed = 0; // the greatest result given as 0
    for (let base = 0; base < 2 ** 32; base += CHUNK) {
      for (let i = 0; i < CHUNK; i++) xBits[i] = base + i;
      kernel(y.byteOffset, x.byteOffset, CHUNK);
      for (let i = 0; i < CHUNK; i++) {
        const got = y[i]!;
        const want = reference(x[i]!);
        if (got === want) continue;
        const size = Math.abs(want);
        if (size >= tiny && size < OVERFLOW.f32) {
          double[0] = want;
          const error = Math.abs(got - want) * PER_UNIT[(doubleWords[1]! >>> 20) & 0x7ff]!;
          if (!(error <= worst)) [worst, at] = [error, x[i]!];
        } else if (Number.isNaN(want)) {
          if (!Number.isNaN(got) && wrong.length < 10) wrong.push(`${x[i]} gives ${got}, not NaN`);
        } else if (size >= OVERFLOW.f32) {
          if (got !== Math.sign(want) * Infinity && wrong.length < 10) wrong.push(`${x[i]} gives ${got}, not infinity`);
        } else if (got === 0) {
          flushed = Math.max(flushed, size);
        } else {
          worstSubnormal = Math.max(worstSubnormal, Math.abs(got - want) / 2 ** -149);
        }
      }
    }
    console.log(
      `${BUILD} ${name}_f32: ${worst.toFixed(3)} ulp at ${at}; subnormal ${worstSubnormal.toFixed(3)} steps, flushed below 2^${Math.log2(flushed).toFixed(2)}`,
    );
    expect(wrong).toEqual([]);
    expect(worst, `at ${at}`).toBeLessThanOrEqual(LIMIT);
    // The rule of assembly/math.ts: exp flushes all of them, sigmoid those below 2^−126.4 or rounds, tanh is exact, log has none.
    expect(worstSubnormal).toBeLessThanOrEqual(1);
    if (name === "exp") expect(worstSubnormal).toBe(0);
    if (name === "sigmoid") expect(flushed).toBeLessThan(2 ** -126.41);
    if (name === "tanh" || name === "log") expect(flushed).toBe(0);
  },
  15 * MINUTES,
);

test.each(["exp", "sigmoid", "tanh", "log"] as const)(
  `%s_f64: a million points within ${LIMIT} ulp`,
  (name) => {
    const list = points(name, "f64", 250_000);
    let worst = 0;
    let at = Number.NaN;
    for (let base = 0; base < list.length; base += CHUNK / 2) {
      const part = list.slice(base, base + CHUNK / 2);
      new Float64Array(raw.memory.buffer, raw.base, part.length).set(part);
      kernelOf(name, "f64")(y.byteOffset, x.byteOffset, part.length);
      const results = new Float64Array(raw.memory.buffer, y.byteOffset, part.length);
      for (let i = 0; i < part.length; i++) {
        const { hi, lo } = exact[name](part[i]!);
        if (Math.abs(hi) < 2 ** -960) continue; // lo is no number of 53 bits any more
        const error = ulpError(results[i]!, hi, lo, "f64");
        if (error > worst) [worst, at] = [error, part[i]!];
      }
    }
    console.log(`${BUILD} ${name}_f64: ${worst.toFixed(3)} ulp at ${at}`);
    expect(worst, `at ${at}`).toBeLessThanOrEqual(LIMIT);
  },
  15 * MINUTES,
);
