import { expArray, logArray, sigmoidArray, tanhArray } from "../../assembly/math_arrays";
import { bytes } from "../../assembly/vec";

// The wide survey is tests/bindings/math.test.ts; here are the edges, and that an element's place does not matter.

const EXP: i32 = 0, SIGMOID: i32 = 1, TANH: i32 = 2, LOG: i32 = 3;

function map<T extends number>(f: i32, y: usize, x: usize, n: i32): void {
  if (f == EXP) expArray<T>(y, x, n);
  else if (f == SIGMOID) sigmoidArray<T>(y, x, n);
  else if (f == TANH) tanhArray<T>(y, x, n);
  else logArray<T>(y, x, n);
}

function one<T extends number>(f: i32, x: f64): f64 {
  const p = heap.alloc(bytes<T>(1));
  store<T>(p, <T>x);
  map<T>(f, p, p, 1);
  const y = <f64>load<T>(p);
  heap.free(p);
  return y;
}

/** Distance in units of the last place of T at the expected value. */
function ulps<T extends number>(f: i32, x: f64, expected: f64): f64 {
  const mantissa: i32 = sizeof<T>() == 4 ? 23 : 52;
  const exponent = <i32>((reinterpret<u64>(expected) >> 52) & 0x7ff) - 1023;
  const unit = reinterpret<f64>(<u64>(exponent - mantissa + 1023) << 52);
  return Math.abs(one<T>(f, x) - expected) / unit;
}

/** Lengths from 0 to 20: the bits of each element must be those that it has alone, and nothing behind is written. */
function placesThatMatter<T extends number>(f: i32): i32 {
  const x = heap.alloc(bytes<T>(24)), y = heap.alloc(bytes<T>(24));
  let wrong = 0;
  for (let n = 0; n <= 20; ++n) {
    for (let i = 0; i < 24; ++i) {
      store<T>(x + bytes<T>(i), <T>(0.3 + 0.17 * <f64>i));
      store<T>(y + bytes<T>(i), <T>-99);
    }
    map<T>(f, y, x, n);
    for (let i = 0; i < 24; ++i) {
      const want: f64 = i < n ? one<T>(f, <f64>load<T>(x + bytes<T>(i))) : -99;
      if (<f64>load<T>(y + bytes<T>(i)) != want) ++wrong;
    }
    map<T>(f, x, x, n); // in place
    if (memory.compare(x, y, bytes<T>(n)) != 0) ++wrong;
  }
  heap.free(x);
  heap.free(y);
  return wrong;
}

function specialExp<T extends number>(): void {
  expect<f64>(one<T>(EXP, 0)).toBe(1);
  expect<f64>(one<T>(EXP, -0.0)).toBe(1);
  expect<f64>(one<T>(EXP, Infinity)).toBe(Infinity);
  expect<f64>(one<T>(EXP, 1000)).toBe(Infinity);
  expect<f64>(one<T>(EXP, -Infinity)).toBe(0);
  expect<f64>(one<T>(EXP, -1000)).toBe(0);
  expect<bool>(isNaN(one<T>(EXP, NaN))).toBe(true);
}

function specialSigmoid<T extends number>(): void {
  expect<f64>(one<T>(SIGMOID, 0)).toBe(0.5);
  expect<f64>(one<T>(SIGMOID, -0.0)).toBe(0.5);
  expect<f64>(one<T>(SIGMOID, Infinity)).toBe(1);
  expect<f64>(one<T>(SIGMOID, 1000)).toBe(1);
  expect<f64>(one<T>(SIGMOID, -Infinity)).toBe(0);
  expect<f64>(one<T>(SIGMOID, -1000)).toBe(0);
  expect<bool>(isNaN(one<T>(SIGMOID, NaN))).toBe(true);
}

function specialTanh<T extends number>(): void {
  expect<f64>(one<T>(TANH, 0)).toBe(0);
  expect<f64>(1 / one<T>(TANH, 0)).toBe(Infinity);
  expect<f64>(1 / one<T>(TANH, -0.0)).toBe(-Infinity);
  expect<f64>(one<T>(TANH, Infinity)).toBe(1);
  expect<f64>(one<T>(TANH, -Infinity)).toBe(-1);
  expect<f64>(one<T>(TANH, 25)).toBe(1);
  expect<f64>(one<T>(TANH, -25)).toBe(-1);
  expect<f64>(one<T>(TANH, 9.5367431640625e-7)).toBe(9.5367431640625e-7 - (sizeof<T>() == 8 ? 2.891558723689368e-19 : 0)); // 2^-20
  expect<f64>(one<T>(TANH, 1.5)).toBe(-one<T>(TANH, -1.5));
  expect<bool>(isNaN(one<T>(TANH, NaN))).toBe(true);
}

function specialLog<T extends number>(): void {
  expect<f64>(one<T>(LOG, 1)).toBe(0);
  expect<f64>(one<T>(LOG, 0)).toBe(-Infinity);
  expect<f64>(one<T>(LOG, -0.0)).toBe(-Infinity);
  expect<f64>(one<T>(LOG, Infinity)).toBe(Infinity);
  expect<bool>(isNaN(one<T>(LOG, -1))).toBe(true);
  expect<bool>(isNaN(one<T>(LOG, -Infinity))).toBe(true);
  expect<bool>(isNaN(one<T>(LOG, NaN))).toBe(true);
}

describe("special values", () => {
  it("exp, f32", () => specialExp<f32>());
  it("exp, f64", () => specialExp<f64>());
  it("sigmoid, f32", () => specialSigmoid<f32>());
  it("sigmoid, f64", () => specialSigmoid<f64>());
  it("tanh, f32", () => specialTanh<f32>());
  it("tanh, f64", () => specialTanh<f64>());
  it("log, f32", () => specialLog<f32>());
  it("log, f64", () => specialLog<f64>());
});

// The arguments are exact in f32; the values come from Math.* in twice as many digits as f32 has.
describe("a few points, within 2 ulp", () => {
  it("exp", () => {
    expect<f64>(ulps<f32>(EXP, 1, 2.718281828459045)).toBeLessThan(2);
    expect<f64>(ulps<f64>(EXP, 1, 2.718281828459045)).toBeLessThan(2);
    expect<f64>(ulps<f32>(EXP, -10.25, 3.535750085040998e-5)).toBeLessThan(2);
    expect<f64>(ulps<f64>(EXP, -10.25, 3.535750085040998e-5)).toBeLessThan(2);
    expect<f64>(ulps<f32>(EXP, 80.5, 9.13494197806684e34)).toBeLessThan(2);
    expect<f64>(ulps<f64>(EXP, 80.5, 9.13494197806684e34)).toBeLessThan(2);
  });
  it("sigmoid", () => {
    expect<f64>(ulps<f32>(SIGMOID, 1, 0.7310585786300049)).toBeLessThan(2);
    expect<f64>(ulps<f64>(SIGMOID, 1, 0.7310585786300049)).toBeLessThan(2);
    expect<f64>(ulps<f32>(SIGMOID, -20.5, 1.2501528648238605e-9)).toBeLessThan(2);
    expect<f64>(ulps<f64>(SIGMOID, -20.5, 1.2501528648238605e-9)).toBeLessThan(2);
  });
  it("tanh", () => {
    expect<f64>(ulps<f32>(TANH, 0.5, 0.46211715726000974)).toBeLessThan(2);
    expect<f64>(ulps<f64>(TANH, 0.5, 0.46211715726000974)).toBeLessThan(2);
    expect<f64>(ulps<f32>(TANH, -0.015625, -0.015623728558408866)).toBeLessThan(2);
    expect<f64>(ulps<f32>(TANH, 3, 0.9950547536867305)).toBeLessThan(2);
    expect<f64>(ulps<f64>(TANH, 3, 0.9950547536867305)).toBeLessThan(2);
  });
  it("log", () => {
    expect<f64>(ulps<f32>(LOG, 2, 0.6931471805599453)).toBeLessThan(2);
    expect<f64>(ulps<f64>(LOG, 2, 0.6931471805599453)).toBeLessThan(2);
    expect<f64>(ulps<f32>(LOG, 1000, 6.907755278982137)).toBeLessThan(2);
    expect<f64>(ulps<f64>(LOG, 1000, 6.907755278982137)).toBeLessThan(2);
    expect<f64>(ulps<f64>(LOG, 0.125, -2.0794415416798357)).toBeLessThan(2);
  });
});

describe("an element's bits do not depend on its place", () => {
  it("exp", () => {
    expect<i32>(placesThatMatter<f32>(EXP)).toBe(0);
    expect<i32>(placesThatMatter<f64>(EXP)).toBe(0);
  });
  it("sigmoid", () => {
    expect<i32>(placesThatMatter<f32>(SIGMOID)).toBe(0);
    expect<i32>(placesThatMatter<f64>(SIGMOID)).toBe(0);
  });
  it("tanh", () => {
    expect<i32>(placesThatMatter<f32>(TANH)).toBe(0);
    expect<i32>(placesThatMatter<f64>(TANH)).toBe(0);
  });
  it("log", () => {
    expect<i32>(placesThatMatter<f32>(LOG)).toBe(0);
    expect<i32>(placesThatMatter<f64>(LOG)).toBe(0);
  });
});
