import { dropout } from "../../assembly/ops/dropout";
import { at, clear, constant, copy, differ, not, overruns, random, rounded } from "./numbers";

/** One product of MurmurHash3's finaliser, in 64 bits so that nothing wraps unseen. */
function stir(x: u64, shift: u64, factor: u64): u64 {
  return ((x ^ (x >> shift)) * factor) & 0xffffffff;
}

function mix(x: u64): u64 {
  const y = stir(stir(x, 16, 0x85ebca6b), 13, 0xc2b2ae35);
  return y ^ (y >> 16);
}

/** Whether element i is kept: its hash, as a share of 2³², is at least p. */
function isKept(i: i32, p: f64, seed0: u32, seed1: u32): bool {
  const hash = mix(mix((<u64>i * 0x9e3779b9 + <u64>seed0) & 0xffffffff) ^ <u64>seed1);
  return <f64>hash >= Math.floor(p * 4294967296);
}

/** Forward; the same on a gradient, in place: the backward pass. */
function wrongDropout<T extends number>(n: i32, p: f64, seed0: u32, seed1: u32): i32 {
  clear();
  const x = random<T>(n, 1, 3), dy = random<T>(n, 2), before = copy<T>(dy, n), same = copy<T>(x, n), y = constant<T>(n, -77);
  const factor = rounded<T>(1 / (1 - p));
  dropout<T>(y, x, n, p, seed0, seed1);
  dropout<T>(dy, dy, n, p, seed0, seed1);
  let count = overruns() + differ<T>(x, same, n);
  for (let i = 0; i < n; ++i) {
    const kept = isKept(i, p, seed0, seed1);
    count += not(at<T>(y, i), kept ? rounded<T>(at<T>(x, i) * factor) : 0);
    count += not(at<T>(dy, i), kept ? rounded<T>(at<T>(before, i) * factor) : 0);
  }
  return count;
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let n = 0; n <= 40; ++n) {
    count += wrongDropout<T>(n, 0.5, 1, 2) + wrongDropout<T>(n, 0.1, 0xffffffff, 0x80000000);
    count += wrongDropout<T>(n, 0, 3, 4) + wrongDropout<T>(n, 0.999, 5, 6) + wrongDropout<T>(n, 1 - 1e-12, 7, 8);
  }
  return count + wrongDropout<T>(10000, 0.3, 12345, 67890);
}

/** What is kept of n ones, and what their neighbours say of it. */
function keptOf(n: i32, p: f64, seed0: u32, seed1: u32, lag: i32): f64 {
  clear();
  const y = constant<f32>(n, 1);
  dropout<f32>(y, y, n, p, seed0, seed1);
  let kept = 0;
  for (let i = 0; i + lag < n; ++i) if (at<f32>(y, i) != 0 && at<f32>(y, i + lag) != 0) ++kept;
  return <f64>kept / <f64>(n - lag);
}

describe("dropout", () => {
  it("is the generator's formula, and its own backward pass, f32", () => expect<i32>(all<f32>()).toBe(0));
  it("is the generator's formula, and its own backward pass, f64", () => expect<i32>(all<f64>()).toBe(0));
  it("p = 0 is the identity, to the bit, NaN and negative zero too", () => {
    clear();
    const x = random<f64>(9, 3), y = constant<f64>(9, -77);
    store<f64>(x, NaN);
    store<f64>(x, -0.0, 8);
    dropout<f64>(y, x, 9, 0, 1, 2);
    expect<i32>(differ<f64>(x, y, 9)).toBe(0);
  });
  it("what is dropped is 0, also of NaN and infinity", () => {
    clear();
    const x = constant<f32>(64, NaN);
    for (let i = 0; i < 64; i += 2) store<f32>(x + 4 * i, Infinity);
    dropout<f32>(x, x, 64, 0.5, 1, 2);
    let count = 0;
    for (let i = 0; i < 64; ++i) if (!isKept(i, 0.5, 1, 2)) count += not(at<f32>(x, i), 0);
    expect<i32>(count).toBe(0);
  });
  // The formula's own figures, of a hundred thousand: they are the same on every host.
  it("keeps its share, and neighbours do not know of each other", () => {
    const n = 100000, near = 4 * 0.5 / Math.sqrt(<f64>n);
    expect<f64>(Math.abs(keptOf(n, 0.25, 11, 22, 0) - 0.75)).toBeLessThan(near);
    expect<f64>(Math.abs(keptOf(n, 0.25, 11, 23, 0) - 0.75)).toBeLessThan(near);
    expect<f64>(Math.abs(keptOf(n, 0.5, 11, 22, 1) - 0.25)).toBeLessThan(near);
    expect<f64>(Math.abs(keptOf(n, 0.5, 11, 22, 8) - 0.25)).toBeLessThan(near);
  });
});
