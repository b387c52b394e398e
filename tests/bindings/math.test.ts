import { describe, expect, test } from "vitest";
import { BUILD, instantiateRaw } from "../helpers/raw.js";
import { type Dtype, exact, type MathName, plain, points, SMALLEST_NORMAL, ulpError } from "../reference/math.js";

const core = instantiateRaw();
/** Operators, whose kernel takes the function's number. */
const operators = instantiateRaw(64, BUILD === "debug" ? BUILD : `${BUILD}-ops`);
const OPERATOR: Partial<Record<MathName, number>> = { exp: 1, log: 2, tanh: 7 };
const NAMES = ["exp", "sigmoid", "tanh", "log"] as const;
const DTYPES = ["f32", "f64"] as const;
const TYPED = { f32: Float32Array, f64: Float64Array } as const;
const LIMIT = 2; // ulp

/** Where the kernel of this name is: its memory, and the kernel over addresses. */
function kernelOf(name: MathName, dtype: Dtype) {
  const code = OPERATOR[name];
  const raw = code === undefined ? core : operators;
  const kernel = raw.exports[code === undefined ? `${name}_${dtype}` : `op_unary_${dtype}`]!;
  const call = (y: number, x: number, n: number) => (code === undefined ? kernel(y, x, n) : kernel(code, y, x, n, 0, 0));
  return { raw, call };
}

/** The kernel over a copy of x. */
function run(name: MathName, dtype: Dtype, x: ArrayLike<number>): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  const { raw, call } = kernelOf(name, dtype);
  const size = dtype === "f32" ? 4 : 8;
  const input = new TYPED[dtype](raw.memory.buffer, raw.base, x.length);
  const output = new TYPED[dtype](raw.memory.buffer, raw.base + x.length * size, x.length);
  input.set(x);
  call(output.byteOffset, input.byteOffset, x.length);
  return output.slice();
}

describe.each(NAMES)("%s", (name) => {
  test.each(DTYPES)(`%s: at most ${LIMIT} ulp`, (dtype) => {
    const x = points(name, dtype, dtype === "f32" ? 40000 : 4000);
    const y = run(name, dtype, x);
    let worst = 0;
    let at = Number.NaN;
    for (let i = 0; i < x.length; i++) {
      const { hi, lo } = dtype === "f32" ? { hi: plain[name](x[i]!), lo: 0 } : exact[name](x[i]!);
      if (Math.abs(hi) < SMALLEST_NORMAL[dtype] && name !== "tanh") {
        expect(y[i]).toBeGreaterThanOrEqual(0); // flushed or rounded: the rule is tested below
        expect(y[i]).toBeLessThanOrEqual(SMALLEST_NORMAL[dtype]);
        continue;
      }
      const error = ulpError(y[i]!, hi, lo, dtype);
      if (error > worst) [worst, at] = [error, x[i]!];
    }
    expect(worst, `at ${at}`).toBeLessThanOrEqual(LIMIT);
  });

  test.each(DTYPES)("%s: special values are those of Math", (dtype) => {
    const tiny = dtype === "f32" ? 2 ** -149 : 2 ** -1074;
    const x = [0, -0, Infinity, -Infinity, Number.NaN, 1, -1, tiny, -tiny, 1e30, -1e30];
    const y = run(name, dtype, x);
    const expected = x.map((v) => (dtype === "f32" ? Math.fround(plain[name](Math.fround(v))) : plain[name](v)));
    for (let i = 0; i < x.length; i++) {
      if (!Number.isFinite(expected[i]) || expected[i] === 0) expect(y[i], `${name}(${x[i]})`).toBe(expected[i]);
      else expect(y[i]! / expected[i]!).toBeCloseTo(1, 6);
    }
  });

  test.each(DTYPES)("%s: an element's bits do not depend on its position, and nothing is written past n", (dtype) => {
    const bits = dtype === "f32" ? Uint32Array : BigUint64Array;
    const size = dtype === "f32" ? 4 : 8;
    const values = TYPED[dtype].from([0.3, 7.1, 1e-3, 2.5, 0.69, 1, 42, 1e-30, 5.5, 0.1, 3.3, 8, 0.02, 1.5, 2, 0.9, 6, 4]);
    const alone = [...values.keys()].map((i) => new bits(run(name, dtype, [values[i]!]).buffer)[0]);
    const { raw, call } = kernelOf(name, dtype);
    const output = raw.base + 4096;
    for (let offset = 0; offset < 9; offset++) {
      for (let n = 0; n <= 9; n++) {
        new TYPED[dtype](raw.memory.buffer, raw.base, values.length).set(values);
        const target = new bits(raw.memory.buffer, output, 32);
        target.fill((dtype === "f32" ? 0x5a5a5a5a : 0x5a5a5a5a5a5a5a5an) as never);
        call(output + 8 * size, raw.base + offset * size, n);
        const untouched = target[0];
        for (let i = 0; i < 32; i++) {
          const inside = i >= 8 && i < 8 + n;
          expect(target[i]).toBe(inside ? alone[offset + i - 8] : untouched);
        }
      }
    }
  });

  test.each(DTYPES)("%s: in place", (dtype) => {
    const x = TYPED[dtype].from(Array.from({ length: 23 }, (_, i) => 0.1 + i / 3));
    const expected = run(name, dtype, x);
    const { raw, call } = kernelOf(name, dtype);
    const inout = new TYPED[dtype](raw.memory.buffer, raw.base, x.length);
    inout.set(x);
    call(inout.byteOffset, inout.byteOffset, x.length);
    expect(inout).toEqual(expected);
  });
});

describe.each(DTYPES)("%s", (dtype) => {
  const tiny = dtype === "f32" ? 2 ** -149 : 2 ** -1074;
  const edge = -Math.log(2) * (dtype === "f32" ? 126 : 1022); // ln of the smallest normal number

  test("tanh is odd bit by bit and the identity near 0", () => {
    const x = points("tanh", dtype, 2000);
    const y = run("tanh", dtype, x);
    const mirrored = run(
      "tanh",
      dtype,
      x.map((v) => -v),
    );
    for (let i = 0; i < x.length; i++) expect(Object.is(y[i], -mirrored[i]!)).toBe(true);
    const small = [0, -0, tiny, -tiny, 5 * tiny, 1e-20, -1e-20, SMALLEST_NORMAL[dtype]];
    expect(run("tanh", dtype, small)).toEqual(TYPED[dtype].from(small));
    expect(run("tanh", dtype, [20, -20])).toEqual(TYPED[dtype].of(1, -1));
  });

  test("exp flushes subnormal results to +0", () => {
    expect(run("exp", dtype, [edge * 1.00001, edge - 1, edge - 10])).toEqual(TYPED[dtype].of(0, 0, 0));
    expect(run("exp", dtype, [edge * 0.99999])[0]).toBeGreaterThanOrEqual(SMALLEST_NORMAL[dtype]);
  });

  test("sigmoid rounds the half octave below the smallest normal number and flushes the rest to +0", () => {
    const kept = run("sigmoid", dtype, [edge - 0.2])[0]!;
    expect(kept / SMALLEST_NORMAL[dtype]).toBeCloseTo(Math.exp(-0.2), 3);
    expect(run("sigmoid", dtype, [edge - 0.35, edge - 1, -1e4])).toEqual(TYPED[dtype].of(0, 0, 0));
    expect(run("sigmoid", dtype, [0, 40])).toEqual(TYPED[dtype].of(0.5, 1));
  });

  test("exp overflows where the exact result does", () => {
    const greatest = dtype === "f32" ? 88.72283172607422 : 709.782712893384;
    const next = dtype === "f32" ? 88.72283935546875 : 709.7827128933841;
    const y = run("exp", dtype, [greatest, next, 1e4]);
    expect(Number.isFinite(y[0])).toBe(true);
    expect([y[1], y[2]]).toEqual([Infinity, Infinity]);
  });

  test("log of subnormal numbers is as accurate as any", () => {
    const x = Array.from({ length: 20 }, (_, i) => tiny * 2 ** i * (i > 3 ? 1.25 : 1));
    const y = run("log", dtype, x);
    for (let i = 0; i < x.length; i++) {
      const { hi, lo } = exact.log(x[i]!);
      expect(ulpError(y[i]!, hi, lo, dtype)).toBeLessThanOrEqual(1);
    }
  });

  test("NaN stays NaN whatever its payload and sign", () => {
    const bits = dtype === "f32" ? Uint32Array : BigUint64Array;
    const patterns =
      dtype === "f32"
        ? [0x7fc00001, 0x7fffffff, 0xffc00001, 0xffffffff]
        : [0x7ff8000000000001n, 0x7fffffffffffffffn, 0xfff8000000000001n, 0xffffffffffffffffn];
    for (const name of NAMES) {
      const { raw, call } = kernelOf(name, dtype);
      new bits(raw.memory.buffer, raw.base, 4).set(patterns as never);
      call(raw.base + 64, raw.base, 4);
      expect(Array.from(new TYPED[dtype](raw.memory.buffer, raw.base + 64, 4)).every(Number.isNaN)).toBe(true);
    }
  });
});
