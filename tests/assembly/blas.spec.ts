import { addSums, addTo, addWideTo, maxAbs, scale, sumSquares } from "../../assembly/blas";
import { fingerprint } from "../../assembly/fingerprint";
import { bytes } from "../../assembly/vec";
import { at, clear, constant, copy, list, not, overruns, put, random, rounded, wrong } from "./numbers";

/** Squares of s·x, where they would overflow T or vanish in it. */
function wrongSquares<T extends number>(n: i32, size: f64, s: f64): i32 {
  clear();
  const x = random<T>(n, 1, size);
  let want: f64 = 0;
  for (let i = 0; i < n; ++i) want += at<T>(x, i) * s * (at<T>(x, i) * s);
  return wrong<f64>(sumSquares<T>(x, n, s), want, 8, 0);
}

function wrongMaxima<T extends number>(n: i32): i32 {
  clear();
  const x = random<T>(n, 2);
  let count = n == 0 ? not(maxAbs<T>(x, 0), 0) : 0;
  for (let i = 0; i < n; ++i) {
    const old = at<T>(x, i);
    put<T>(x, i, -3);
    count += not(maxAbs<T>(x, n), 3);
    put<T>(x, i, NaN);
    count += not(maxAbs<T>(x, n), NaN);
    put<T>(x, i, old);
  }
  return count;
}

function wrongScale<T extends number>(n: i32, size: f64, s: f64): i32 {
  clear();
  const x = random<T>(n, 3, size), before = copy<T>(x, n);
  scale<T>(x, n, s);
  let count = overruns();
  for (let i = 0; i < n; ++i) count += not(at<T>(x, i), rounded<T>(at<T>(before, i) * s));
  return count;
}

function wrongSums<T extends number>(n: i32): i32 {
  clear();
  const x = random<T>(n, 4, 3), y = random<T>(n, 5, 3), before = copy<T>(y, n);
  const wide = random<f64>(n, 6, 1e-9), sums = copy<f64>(wide, n), z = copy<T>(y, n);
  addTo<T>(y, x, n);
  addWideTo<T>(sums, x, n);
  addSums<T>(z, sums, n);
  let count = overruns();
  for (let i = 0; i < n; ++i) {
    const sum = at<f64>(wide, i) + at<T>(x, i);
    count += not(at<T>(y, i), rounded<T>(at<T>(before, i) + at<T>(x, i))) + not(at<f64>(sums, i), sum);
    count += not(at<T>(z, i), rounded<T>(at<T>(before, i) + sum)); // rounded once
  }
  return count;
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let n = 0; n <= 18; ++n) {
    count += wrongSquares<T>(n, 1, 1) + wrongSquares<T>(n, 1e30, 0.5) + wrongSquares<T>(n, 1e-30, 3) + wrongMaxima<T>(n);
    count += wrongScale<T>(n, 1, 0.3125) + wrongScale<T>(n, 1, 0) + wrongSums<T>(n);
  }
  return count;
}

/** Two contents alike in all but one word, or one bit of it, or in the order of two words. */
function alike(words: i32): i32 {
  clear();
  const x = list<i32>([]), y = random<f32>(words, 7), same = copy<f32>(y, words);
  const one = fingerprint(y, 4 * words);
  let count = fingerprint(same, 4 * words) == one && one >= 0 && one < 9007199254740992 && fingerprint(x, 0) != one ? 0 : 1;
  for (let i = 0; i < words; ++i) {
    for (let bit = 0; bit < 32; ++bit) {
      const p = y + bytes<f32>(i);
      store<u32>(p, load<u32>(p) ^ (1 << bit));
      if (fingerprint(y, 4 * words) == one) ++count;
      store<u32>(p, load<u32>(p) ^ (1 << bit));
    }
    if (fingerprint(y, 4 * i) == one) ++count; // shorter
    const here = y + bytes<f32>(i), next = y + bytes<f32>((i + 1) % words), a = load<u32>(here);
    store<u32>(here, load<u32>(next));
    store<u32>(next, a);
    if (words > 1 && fingerprint(y, 4 * words) == one) ++count;
    memory.copy(y, same, bytes<f32>(words));
  }
  return count;
}

/** By the definition: four chains of 64-bit words, the rest in the first by 32 bits. */
function wrongFingerprint(words: i32): i32 {
  clear();
  const x = random<f32>(words, 8);
  const chains: u64[] = [1, 2, 3, 4];
  const whole = words & -8;
  for (let i = 0; i < whole; i += 2) {
    const chain = (i / 2) % 4;
    chains[chain] = rotl<u64>((chains[chain] ^ load<u64>(x + bytes<f32>(i))) * 0x9e3779b97f4a7c15, 31);
  }
  for (let i = whole; i < words; ++i) chains[0] = rotl<u64>((chains[0] ^ load<u32>(x + bytes<f32>(i))) * 0x9e3779b97f4a7c15, 31);
  let a = chains[0];
  for (let i = 1; i < 4; ++i) a = rotl<u64>((a ^ chains[i]) * 0x9e3779b97f4a7c15, 31);
  return not(fingerprint(x, 4 * words), <f64>((a ^ (a >> 32)) & 0x1fffffffffffff));
}

describe("vectors, 0 to 18 elements", () => {
  it("are their definitions, f32", () => expect<i32>(all<f32>()).toBe(0));
  it("are their definitions, f64", () => expect<i32>(all<f64>()).toBe(0));
  it("scale by what f32 holds only as a subnormal number, rounded once", () => {
    let count = 0;
    for (let n = 0; n <= 18; ++n) count += wrongScale<f32>(n, 1e38, 1.2345e-40) + wrongScale<f32>(n, 1e38, -1e-45);
    expect<i32>(count).toBe(0);
  });
  it("the sum of a million small numbers keeps its digits", () => {
    clear();
    const n = 1000000, x = constant<f32>(n, 0.1);
    expect<i32>(wrong<f64>(sumSquares<f32>(x, n, 1), 1000000 * rounded<f32>(0.1) * rounded<f32>(0.1), 1e5, 0)).toBe(0);
  });
});

describe("fingerprint", () => {
  it("changes with any bit, with the length and with the order", () => {
    let count = 0;
    for (let words = 1; words <= 19; ++words) count += alike(words);
    expect<i32>(count).toBe(0);
  });
  it("is its definition", () => {
    let count = 0;
    for (let words = 0; words <= 33; ++words) count += wrongFingerprint(words);
    expect<i32>(count).toBe(0);
  });
});
