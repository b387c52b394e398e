import {
  absForward, clipForward, expForward, geluForward, geluTanhForward, logForward, negForward, reluForward, sigmoidForward, siluForward, softplusForward,
  sqrtForward, squareForward, tanhForward,
} from "../../assembly/ops/unary";
import {
  absBackward, clipBackward, expBackward, geluBackward, geluTanhBackward, logBackward, reluBackward, sigmoidBackward, siluBackward, softplusBackward,
  sqrtBackward, squareBackward, tanhBackward,
} from "../../assembly/ops/unary_backward";
import { at, clear, constant, copy, differ, overruns, put, random, sigmoid, wrong } from "./numbers";

const LOW: f64 = -0.75, HIGH: f64 = 1.5, KINDS = 14;

/** Φ(x), by the series of its density's integral. */
function normal(x: f64): f64 {
  let term = x, sum = x;
  for (let k = 1; k < 64; ++k) {
    term *= (x * x) / <f64>(2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

function forward<T extends number>(kind: i32, y: usize, x: usize, n: i32): void {
  if (kind == 0) negForward<T>(y, x, n);
  else if (kind == 1) expForward<T>(y, x, n);
  else if (kind == 2) logForward<T>(y, x, n);
  else if (kind == 3) sqrtForward<T>(y, x, n);
  else if (kind == 4) squareForward<T>(y, x, n);
  else if (kind == 5) absForward<T>(y, x, n);
  else if (kind == 6) sigmoidForward<T>(y, x, n);
  else if (kind == 7) tanhForward<T>(y, x, n);
  else if (kind == 8) reluForward<T>(y, x, n);
  else if (kind == 9) geluForward<T>(y, x, n);
  else if (kind == 10) geluTanhForward<T>(y, x, n);
  else if (kind == 11) siluForward<T>(y, x, n);
  else if (kind == 12) softplusForward<T>(y, x, n);
  else clipForward<T>(y, x, n, LOW, HIGH);
}

function backward<T extends number>(kind: i32, dx: usize, dy: usize, x: usize, y: usize, n: i32): void {
  if (kind == 0) negForward<T>(dx, dy, n);
  else if (kind == 1) expBackward<T>(dx, dy, y, n);
  else if (kind == 2) logBackward<T>(dx, dy, x, n);
  else if (kind == 3) sqrtBackward<T>(dx, dy, y, n);
  else if (kind == 4) squareBackward<T>(dx, dy, x, n);
  else if (kind == 5) absBackward<T>(dx, dy, x, n);
  else if (kind == 6) sigmoidBackward<T>(dx, dy, y, n);
  else if (kind == 7) tanhBackward<T>(dx, dy, y, n);
  else if (kind == 8) reluBackward<T>(dx, dy, y, n);
  else if (kind == 9) geluBackward<T>(dx, dy, x, n);
  else if (kind == 10) geluTanhBackward<T>(dx, dy, x, n);
  else if (kind == 11) siluBackward<T>(dx, dy, x, n);
  else if (kind == 12) softplusBackward<T>(dx, dy, x, n);
  else clipBackward<T>(dx, dy, x, n, LOW, HIGH);
}

function value(kind: i32, x: f64): f64 {
  if (kind == 0) return -x;
  if (kind == 1) return Math.exp(x);
  if (kind == 2) return Math.log(x);
  if (kind == 3) return Math.sqrt(x);
  if (kind == 4) return x * x;
  if (kind == 5) return Math.abs(x);
  if (kind == 6) return sigmoid(x);
  if (kind == 7) return Math.tanh(x);
  if (kind == 8) return Math.max(x, 0);
  if (kind == 9) return x * normal(x);
  if (kind == 10) return (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))) / 2;
  if (kind == 11) return x * sigmoid(x);
  if (kind == 12) return Math.log1p(Math.exp(x));
  return Math.min(Math.max(x, LOW), HIGH);
}

function slope(kind: i32, x: f64): f64 {
  const s = sigmoid(x);
  if (kind == 0) return -1;
  if (kind == 1) return Math.exp(x);
  if (kind == 2) return 1 / x;
  if (kind == 3) return 0.5 / Math.sqrt(x);
  if (kind == 4) return 2 * x;
  if (kind == 5) return x < 0 ? -1 : 1;
  if (kind == 6) return s * (1 - s);
  if (kind == 7) return 1 - Math.tanh(x) * Math.tanh(x);
  if (kind == 8) return x > 0 ? 1 : 0;
  if (kind == 9) return normal(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
  if (kind == 10) {
    const A = 2 * Math.sqrt(2 / Math.PI), B = A * 0.044715, t = sigmoid(A * x + B * x * x * x);
    return t + x * t * (1 - t) * (A + 3 * B * x * x);
  }
  if (kind == 11) return s * (1 + x * (1 - s));
  if (kind == 12) return s;
  return x > LOW && x < HIGH ? 1 : 0;
}

/** Both passes over n elements, apart and in place. */
function wrongPasses<T extends number>(kind: i32, n: i32): i32 {
  clear();
  const x = random<T>(n, 7, 3), dy = random<T>(n, 8), y = constant<T>(n, -77), dx = constant<T>(n, -77);
  if (kind == 2 || kind == 3) for (let i = 0; i < n; ++i) put<T>(x, i, Math.abs(at<T>(x, i)) + 0.125);
  const over = copy<T>(x, n), back = copy<T>(dy, n);
  forward<T>(kind, y, x, n);
  backward<T>(kind, dx, dy, x, y, n);
  let count = 0;
  for (let i = 0; i < n; ++i) {
    count += wrong<T>(at<T>(y, i), value(kind, at<T>(x, i)), 16);
    count += wrong<T>(at<T>(dx, i), at<T>(dy, i) * slope(kind, at<T>(x, i)), 32);
  }
  forward<T>(kind, over, over, n);
  backward<T>(kind, back, back, x, y, n);
  return count + differ<T>(over, y, n) + differ<T>(back, dx, n) + overruns();
}

function all<T extends number>(): i32 {
  let count = 0;
  for (let kind = 0; kind < KINDS; ++kind) for (let n = 1; n <= 37; ++n) count += wrongPasses<T>(kind, n);
  return count;
}

describe("operators of one array", () => {
  it("are their formulas, and their derivatives, at every length, also in place", () => {
    expect(all<f32>()).toBe(0);
    expect(all<f64>()).toBe(0);
  });
});
