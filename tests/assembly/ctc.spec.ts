import { ctc, ctcTape } from "../../assembly/heads/ctc";
import { aligned, lowest, NONE, storeExp, storeScaled } from "../../assembly/scaled";
import { LANES, mul, splat, vload } from "../../assembly/vec";
import { at, clear, constant, copy, differ, list, not, overruns, put, random, wrong } from "./numbers";

const SCALE = 0.25;

/** p of the path that a number spells, if its labels are these, else 0. */
function pathOf<T extends number>(z: usize, ld: i32, T: i32, C: i32, labels: i32[], blank: i32, code: i32): f64 {
  let p: f64 = 1, last = blank, count = 0;
  for (let t = 0; t < T; ++t, code /= C) {
    const k = code % C;
    let sum: f64 = 0;
    for (let c = 0; c < C; ++c) sum += Math.exp(at<T>(z, t * ld + c));
    p *= Math.exp(at<T>(z, t * ld + k)) / sum;
    if (k != blank && k != last) {
      if (count >= labels.length || labels[count] != k) return 0;
      ++count;
    }
    last = k;
  }
  return count == labels.length ? p : 0;
}

/** Every path, against the kernel: rows apart, and over z. */
function wrongSequence<T extends number>(T: i32, C: i32, labels: i32[], blank: i32): i32 {
  clear();
  const ld = C + 3, n = T * ld, S = labels.length, paths = <i32>Math.round(Math.pow(<f64>C, <f64>T));
  const z = random<T>(n, T + 10 * C + 100 * S, 3), dz = constant<T>(n, -77), over = copy<T>(z, n);
  const tape = constant<T>(<i32>ctcTape<T>(T, C, S), NaN), y = list<i32>(labels); // nothing of it is read before it is written
  const loss = ctc<T>(dz, z, y, tape, ld, T, C, S, blank, SCALE, -3);
  const again = ctc<T>(over, over, y, tape, ld, T, C, S, blank, SCALE, -3);
  let count = overruns() + not(again, loss), P: f64 = 0;
  for (let code = 0; code < paths; ++code) P += pathOf<T>(z, ld, T, C, labels, blank, code);
  if (P == 0) count += not(loss, Infinity);
  else count += wrong<T>(loss, -Math.log(P), 64);
  for (let t = 0; t < T; ++t) {
    count += differ<T>(over + t * ld * sizeof<T>(), dz + t * ld * sizeof<T>(), C);
    for (let c = C; c < ld; ++c) count += not(at<T>(dz, t * ld + c), -77);
    let sum: f64 = 0;
    for (let c = 0; c < C; ++c) sum += Math.exp(at<T>(z, t * ld + c));
    for (let c = 0; c < C; ++c) {
      let share: f64 = 0, through = 1;
      for (let i = 0; i < t; ++i) through *= C;
      for (let code = 0; P > 0 && code < paths; ++code) if ((code / through) % C == c) share += pathOf<T>(z, ld, T, C, labels, blank, code);
      const got = at<T>(dz, t * ld + c);
      count += P == 0 ? not(got, -3) : wrong<T>(got, SCALE * (Math.exp(at<T>(z, t * ld + c)) / sum - share / P), 64);
    }
  }
  return count;
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let T = 1; T <= 5; ++T) {
    count += wrongSequence<T>(T, 1, [], 0) + wrongSequence<T>(T, 2, [], 1) + wrongSequence<T>(T, 2, [1, 1], 0) + wrongSequence<T>(T, 3, [0], 1);
    count += wrongSequence<T>(T, 3, [2, 1], 0) + wrongSequence<T>(T, 3, [1, 1, 0], 2) + wrongSequence<T>(T, 3, [0, 1, 0, 1, 0], 2);
    if (T < 5) count += wrongSequence<T>(T, 5, [1, 2, 3, 4], 0) + wrongSequence<T>(T, 5, [3, 3], 4);
  }
  return count;
}

/** Twenty thousand steps: e⁻ᴺ, N in millions; and logits that lie as far apart as the type reaches. */
function wrongLong<T extends number>(): i32 {
  clear();
  const T = 20000, z = constant<T>(2 * T, 0), dz = constant<T>(2 * T, -77), tape = constant<T>(<i32>ctcTape<T>(T, 2, 1), NaN);
  for (let t = 0; t < T; ++t) put<T>(z, 2 * t, -400);
  const labels = list<i32>([1]);
  // All label: certain. All blank: 400 nats a step.
  let count = wrong<T>(ctc<T>(dz, z, labels, tape, 2, T, 2, 1, 0, 1, NaN), 0, 4) + wrong<T>(at<T>(dz, T), 0);
  count += wrong<T>(ctc<T>(dz, z, labels, tape, 2, T, 2, 0, 0, 1, NaN) / (400 * <f64>T), 1, 4) + wrong<T>(at<T>(dz, T), -1) + wrong<T>(at<T>(dz, T + 1), 1);
  const most: f64 = sizeof<T>() == 4 ? 1e28 : 1e25;
  put<T>(z, 0, -most);
  return count + wrong<T>(ctc<T>(dz, z, labels, tape, 2, 1, 2, 0, 0, 1, NaN) / most, 1, 4) + wrong<T>(at<T>(dz, 0), -1) + overruns();
}

/** m·2^e as it is stored, and in f64 where that reaches. */
function wrongScaled<T extends number>(): i32 {
  clear();
  let count = 0;
  const e = constant<T>(LANES<T>(), 0), m = constant<T>(LANES<T>(), 0);
  for (let x: f64 = -700; x < 80; x += 0.73) {
    const exact = <f64>(<T>x), units = 4 + 0.5 * Math.abs(x); // half a unit of x is what it is rounded by
    storeExp<T>(e, m, splat<T>(<T>x));
    count += wrong<T>((at<T>(m, 0) * Math.pow(2, at<T>(e, 0))) / Math.exp(exact), 1, units);
    storeScaled<T>(e, m, mul<T>(vload<T>(m), splat<T>(<T>3e-9)), vload<T>(e));
    count += wrong<T>((at<T>(m, 0) * Math.pow(2, at<T>(e, 0))) / (3e-9 * Math.exp(exact)), 1, units);
    count += at<T>(m, 0) >= 1 && at<T>(m, 0) < 4 && at<T>(e, 0) == Math.floor(at<T>(e, 0)) ? 0 : 1;
  }
  storeExp<T>(e, m, splat<T>(<T>-Infinity));
  count += not(at<T>(e, 0), NONE) + not(at<T>(m, 0), 0);
  storeScaled<T>(e, m, vload<T>(m), vload<T>(e));
  count += not(at<T>(m, 0), 0) + (at<T>(e, 0) <= NONE ? 0 : 1);
  storeExp<T>(e, m, splat<T>(<T>NaN));
  storeScaled<T>(e, m, vload<T>(m), vload<T>(e));
  count += not(at<T>(m, 0), NaN);
  const one = splat<T>(<T>1), none = splat<T>(<T>0);
  for (let d = 0; d < 2000; d += 7) {
    const bias = sizeof<T>() == 4 ? 127 : 1023;
    storeScaled<T>(e, m, aligned<T>(one, splat<T>(<T>-d), none, lowest<T>()), none);
    count += d < bias ? not(at<T>(m, 0) * Math.pow(2, at<T>(e, 0)), Math.pow(2, -(<f64>d))) : not(at<T>(m, 0), 0);
  }
  return count + overruns();
}

describe("CTC of 1 to 5 steps and 1 to 5 classes, none to five labels", () => {
  it("is its definition, path by path, f32", () => expect<i32>(all<f32>()).toBe(0));
  it("is its definition, path by path, f64", () => expect<i32>(all<f64>()).toBe(0));
  it("of twenty thousand steps neither vanishes nor overflows", () => expect<i32>(wrongLong<f32>() + wrongLong<f64>()).toBe(0));
});

describe("numbers of any size", () => {
  it("are what they stand for, f32", () => expect<i32>(wrongScaled<f32>()).toBe(0));
  it("are what they stand for, f64", () => expect<i32>(wrongScaled<f64>()).toBe(0));
});
