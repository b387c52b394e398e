import { adagrad, adam, amsgrad, clamp, rmsprop, sgd } from "../../assembly/optim";
import { at, clear, constant, copy, differ, list, not, overruns, put, random, wrong } from "./numbers";

const STEPS = 3;

// The formulas of PyTorch, one element at a time. p, and what an optimizer remembers of it, lie in [n] f64.

function wrongSgd<T extends number>(n: i32, momentum: f64, nesterov: bool, decay: f64): i32 {
  clear();
  const p = random<T>(n, 1), v = momentum > 0 ? constant<T>(n, 0) : 0, wantP = constant<f64>(n, 0), wantV = constant<f64>(n, 0);
  for (let i = 0; i < n; ++i) put<f64>(wantP, i, at<T>(p, i));
  let count = 0;
  for (let step = 0; step < STEPS; ++step) {
    const g = random<T>(n, 10 + step), same = copy<T>(g, n);
    sgd<T>(p, v, g, n, 0.1, momentum, nesterov, decay);
    for (let i = 0; i < n; ++i) {
      const d = at<T>(g, i) + decay * at<f64>(wantP, i), vt = momentum * at<f64>(wantV, i) + d;
      put<f64>(wantV, i, vt);
      put<f64>(wantP, i, at<f64>(wantP, i) - 0.1 * (v == 0 ? d : nesterov ? d + momentum * vt : vt));
      count += wrong<T>(at<T>(p, i), at<f64>(wantP, i)) + (v ? wrong<T>(at<T>(v, i), vt) : 0);
    }
    count += differ<T>(g, same, n);
  }
  return count + overruns();
}

/** β₂ is small where `ams` is, and the second gradient too, so that v falls below what it was. */
function wrongAdam<T extends number>(n: i32, decay: f64, keep: f64, ams: bool = false): i32 {
  clear();
  const beta2 = ams ? 0.5 : 0.999;
  const p = random<T>(n, 1), m = constant<T>(n, 0), v = constant<T>(n, 0), top = constant<T>(n, 0);
  const wantP = constant<f64>(n, 0), wantM = constant<f64>(n, 0), wantV = constant<f64>(n, 0), wantTop = constant<f64>(n, 0);
  for (let i = 0; i < n; ++i) put<f64>(wantP, i, at<T>(p, i));
  let count = 0;
  for (let step = 1; step <= STEPS; ++step) {
    const g = random<T>(n, 20 + step, ams && step == 2 ? 0.125 : 1), same = copy<T>(g, n);
    const first = 1 - Math.pow(0.9, step), second = Math.sqrt(1 - Math.pow(beta2, step));
    if (ams) amsgrad<T>(p, m, v, top, g, n, 0.9, beta2, 1e-8, 0.01 / first, second, decay, keep);
    else adam<T>(p, m, v, g, n, 0.9, beta2, 1e-8, 0.01 / first, second, decay, keep);
    for (let i = 0; i < n; ++i) {
      const d = at<T>(g, i) + decay * at<f64>(wantP, i);
      put<f64>(wantM, i, 0.9 * at<f64>(wantM, i) + 0.1 * d);
      put<f64>(wantV, i, beta2 * at<f64>(wantV, i) + (1 - beta2) * d * d);
      put<f64>(wantTop, i, Math.max(at<f64>(wantTop, i), at<f64>(wantV, i)));
      const s = (0.01 * (at<f64>(wantM, i) / first)) / (Math.sqrt(at<f64>(ams ? wantTop : wantV, i)) / second + 1e-8);
      put<f64>(wantP, i, keep * at<f64>(wantP, i) - s);
      count += wrong<T>(at<T>(p, i), at<f64>(wantP, i), 16) + wrong<T>(at<T>(m, i), at<f64>(wantM, i));
      count += wrong<T>(at<T>(v, i), at<f64>(wantV, i), 16, 0.001) + wrong<T>(at<T>(top, i), ams ? at<f64>(wantTop, i) : 0, 16, 0.001);
    }
    count += differ<T>(g, same, n);
  }
  return count + overruns();
}

/** α is small, so that v − ḡ² does not cancel. */
function wrongRmsprop<T extends number>(n: i32, centered: bool, momentum: f64, decay: f64): i32 {
  clear();
  const alpha = 0.75, p = random<T>(n, 1), v = constant<T>(n, 0), mean = centered ? constant<T>(n, 0) : 0;
  const b = momentum > 0 ? constant<T>(n, 0) : 0;
  const wantP = constant<f64>(n, 0), wantV = constant<f64>(n, 0), wantMean = constant<f64>(n, 0), wantB = constant<f64>(n, 0);
  for (let i = 0; i < n; ++i) put<f64>(wantP, i, at<T>(p, i));
  let count = 0;
  for (let step = 0; step < STEPS; ++step) {
    const g = random<T>(n, 30 + step), same = copy<T>(g, n);
    rmsprop<T>(p, v, mean, b, g, n, 0.01, alpha, 1e-3, momentum, decay);
    for (let i = 0; i < n; ++i) {
      const d = at<T>(g, i) + decay * at<f64>(wantP, i), centre = alpha * at<f64>(wantMean, i) + (1 - alpha) * d;
      const vt = alpha * at<f64>(wantV, i) + (1 - alpha) * d * d;
      const s = momentum * at<f64>(wantB, i) + d / (Math.sqrt(centered ? vt - centre * centre : vt) + 1e-3);
      put<f64>(wantV, i, vt);
      put<f64>(wantMean, i, centre);
      put<f64>(wantB, i, s);
      put<f64>(wantP, i, at<f64>(wantP, i) - 0.01 * s);
      count += wrong<T>(at<T>(p, i), at<f64>(wantP, i), 16) + wrong<T>(at<T>(v, i), vt);
      if (centered) count += wrong<T>(at<T>(mean, i), centre);
      if (b) count += wrong<T>(at<T>(b, i), s, 64);
    }
    count += differ<T>(g, same, n);
  }
  return count + overruns();
}

function wrongAdagrad<T extends number>(n: i32, decay: f64): i32 {
  clear();
  const p = random<T>(n, 1), v = constant<T>(n, 0.5), wantP = constant<f64>(n, 0), wantV = constant<f64>(n, 0.5);
  for (let i = 0; i < n; ++i) put<f64>(wantP, i, at<T>(p, i));
  let count = 0;
  for (let step = 0; step < STEPS; ++step) {
    const g = random<T>(n, 40 + step), same = copy<T>(g, n);
    adagrad<T>(p, v, g, n, 0.1, 1e-10, decay);
    for (let i = 0; i < n; ++i) {
      const d = at<T>(g, i) + decay * at<f64>(wantP, i), vt = at<f64>(wantV, i) + d * d;
      put<f64>(wantV, i, vt);
      put<f64>(wantP, i, at<f64>(wantP, i) - (0.1 * d) / (Math.sqrt(vt) + 1e-10));
      count += wrong<T>(at<T>(p, i), at<f64>(wantP, i)) + wrong<T>(at<T>(v, i), vt);
    }
    count += differ<T>(g, same, n);
  }
  return count + overruns();
}

const SGD = 0, ADAM = 1, RMSPROP = 2, ADAGRAD = 3, AMSGRAD = 5;

function all<T extends number>(which: i32): i32 {
  let count = 0;
  for (let n = 0; n <= 18; ++n) {
    if (which == SGD) {
      count += wrongSgd<T>(n, 0, false, 0) + wrongSgd<T>(n, 0.9, false, 0) + wrongSgd<T>(n, 0.9, true, 0) + wrongSgd<T>(n, 0.5, true, 0.1);
    } else if (which == ADAM) {
      count += wrongAdam<T>(n, 0, 1) + wrongAdam<T>(n, 0.1, 1) + wrongAdam<T>(n, 0, 0.99);
    } else if (which == AMSGRAD) {
      count += wrongAdam<T>(n, 0, 1, true) + wrongAdam<T>(n, 0.1, 1, true) + wrongAdam<T>(n, 0, 0.99, true);
    } else if (which == RMSPROP) {
      count += wrongRmsprop<T>(n, false, 0, 0) + wrongRmsprop<T>(n, true, 0, 0) + wrongRmsprop<T>(n, false, 0.9, 0);
      count += wrongRmsprop<T>(n, true, 0.9, 0.1);
    } else {
      count += wrongAdagrad<T>(n, 0) + wrongAdagrad<T>(n, 0.1);
    }
  }
  return count;
}

const CENTERED = 4;

function step<T extends number>(which: i32, p: usize, m: usize, v: usize, g: usize, n: i32): void {
  if (which == ADAM) adam<T>(p, m, v, g, n, 0.5, 0.5, 1e-8, 0.01, 1, 0, 1);
  else if (which == RMSPROP) rmsprop<T>(p, v, 0, 0, g, n, 0.01, 0.5, 1e-8, 0, 0);
  else if (which == CENTERED) rmsprop<T>(p, v, m, 0, g, n, 0.01, 0.5, 1e-8, 0, 0);
  else adagrad<T>(p, v, g, n, 0.01, 1e-10, 0);
}

/** Three great gradients, then ones of 1 until it is forgotten: nothing turns infinite, and p moves again. */
function held<T extends number>(which: i32, great: f64): i32 {
  clear();
  const n = 7, p = constant<T>(n, 0), m = constant<T>(n, 0), v = constant<T>(n, 0);
  const g = constant<T>(n, great);
  for (let k = 0; k < 3; ++k) step<T>(which, p, m, v, g, n);
  let count = overruns();
  for (let i = 0; i < n; ++i) {
    if (!isFinite(at<T>(p, i)) || !isFinite(at<T>(m, i)) || !isFinite(at<T>(v, i)) || at<T>(p, i) == 0) ++count;
  }
  if (which == ADAGRAD) return count; // it never forgets
  const small = constant<T>(n, 1);
  for (let k = 0; k < 3000; ++k) step<T>(which, p, m, v, small, n);
  const before = copy<T>(p, n);
  step<T>(which, p, m, v, small, n);
  // v is 1 again, and ḡ with it: centred, only ε and rounding are left below.
  for (let i = 0; i < n; ++i) {
    const moved = at<T>(before, i) - at<T>(p, i);
    count += which == CENTERED ? (moved > 0.01 ? 0 : 1) : wrong<T>(moved, 0.01 / (1 + 1e-8), 1e5, 0);
  }
  return count;
}

/** The first step of Adam and RMSprop is one of lr whatever g's size, as long as √v is far above ε: that is the formula. */
function wrongFirstStep<T extends number>(which: i32, g: f64): i32 {
  clear();
  const p = constant<T>(5, 0), m = constant<T>(5, 0), v = constant<T>(5, 0), d = constant<T>(5, g);
  if (which == ADAM) adam<T>(p, m, v, d, 5, 0.9, 0.999, 0, 0.01 / (1 - 0.9), Math.sqrt(1 - 0.999), 0, 1);
  else if (which == RMSPROP) rmsprop<T>(p, v, 0, 0, d, 5, 0.01, 0.75, 0, 0, 0);
  else adagrad<T>(p, v, d, 5, 0.01, 0, 0);
  let count = 0;
  for (let i = 0; i < 5; ++i) count += wrong<T>(at<T>(p, i), which == RMSPROP ? -0.02 : -0.01, 64, 0);
  return count;
}

function adamOf<T extends number>(g: f64): f64 {
  clear();
  const p = constant<T>(1, 0), d = constant<T>(1, g);
  adam<T>(p, constant<T>(1, 0), constant<T>(1, 0), d, 1, 0.9, 0.999, 1e-8, 1 / (1 - 0.9), Math.sqrt(1 - 0.999), 0, 1);
  return at<T>(p, 0);
}

function wrongClamp<T extends number>(n: i32): i32 {
  clear();
  const x = random<T>(n, 3, 4), before = copy<T>(x, n);
  clamp<T>(x, n, 1.5);
  let count = overruns();
  for (let i = 0; i < n; ++i) count += not(at<T>(x, i), Math.min(Math.max(at<T>(before, i), -1.5), 1.5));
  return count;
}

/** What is not finite makes NaN, in its place alone. */
function hidden<T extends number>(which: i32, bad: f64): i32 {
  clear();
  const p = constant<T>(7, 0), m = constant<T>(7, 0), v = constant<T>(7, 0), g = constant<T>(7, 1);
  put<T>(g, 4, bad);
  step<T>(which, p, m, v, g, 7);
  let count = 0;
  for (let i = 0; i < 7; ++i) if (isNaN(at<T>(p, i)) != (i == 4)) ++count;
  return count;
}

describe("optimizers, 0 to 18 elements, three steps of the formula", () => {
  it("SGD: plain, momentum, Nesterov, decay, f32", () => expect<i32>(all<f32>(SGD)).toBe(0));
  it("SGD: plain, momentum, Nesterov, decay, f64", () => expect<i32>(all<f64>(SGD)).toBe(0));
  it("Adam, with decay, AdamW, f32", () => expect<i32>(all<f32>(ADAM)).toBe(0));
  it("Adam, with decay, AdamW, f64", () => expect<i32>(all<f64>(ADAM)).toBe(0));
  it("AMSGrad, with decay, AdamW's, f32", () => expect<i32>(all<f32>(AMSGRAD)).toBe(0));
  it("AMSGrad, with decay, AdamW's, f64", () => expect<i32>(all<f64>(AMSGRAD)).toBe(0));
  it("RMSprop: plain, centered, momentum, all with decay, f32", () => expect<i32>(all<f32>(RMSPROP)).toBe(0));
  it("RMSprop: plain, centered, momentum, all with decay, f64", () => expect<i32>(all<f64>(RMSPROP)).toBe(0));
  it("Adagrad, with decay, f32", () => expect<i32>(all<f32>(ADAGRAD)).toBe(0));
  it("Adagrad, with decay, f64", () => expect<i32>(all<f64>(ADAGRAD)).toBe(0));
});

describe("optimizers: great and small gradients", () => {
  it("of 2e19, or the greatest there is, hold no parameter for ever", () => {
    for (let which = ADAM; which <= CENTERED; ++which) {
      expect<i32>(held<f32>(which, 2e19) + held<f32>(which, -3e38) + held<f32>(which, 1e15)).toBe(0);
      expect<i32>(held<f64>(which, 2e154) + held<f64>(which, -1.7e308) + held<f64>(which, 1e150)).toBe(0);
    }
  });
  it("the first step is one of lr, whatever the gradient", () => {
    for (let which = ADAM; which <= ADAGRAD; ++which) {
      expect<i32>(wrongFirstStep<f32>(which, 1) + wrongFirstStep<f32>(which, 1e-16) + wrongFirstStep<f32>(which, 1e18)).toBe(0);
      expect<i32>(wrongFirstStep<f64>(which, 1) + wrongFirstStep<f64>(which, 1e-150) + wrongFirstStep<f64>(which, 1e150)).toBe(0);
    }
  });
  it("Adam where ε outweighs √v: 2.5e-14 gives 2.5e-6, and so on down", () => {
    expect<i32>(wrong<f32>(adamOf<f32>(2.5e-14), -2.5e-14 / (2.5e-14 + 1e-8), 8, 0)).toBe(0);
    expect<i32>(wrong<f32>(adamOf<f32>(1e-19), -1e-11, 8, 0) + wrong<f32>(adamOf<f32>(1e-30), -1e-22, 8, 0)).toBe(0);
    expect<i32>(wrong<f64>(adamOf<f64>(1e-160), -1e-152, 8, 0) + wrong<f64>(adamOf<f64>(1e-250), -1e-242, 8, 0)).toBe(0);
    expect<f64>(adamOf<f32>(1e-33)).toBe(0); // m would be subnormal
  });
  it("an infinite gradient, and NaN, are seen", () => {
    let count = 0;
    for (let which = ADAM; which <= CENTERED; ++which) {
      count += hidden<f32>(which, Infinity) + hidden<f32>(which, NaN) + hidden<f64>(which, -Infinity) + hidden<f64>(which, NaN);
    }
    expect<i32>(count).toBe(0);
  });
});

describe("clamp", () => {
  it("cuts to both bounds", () => {
    let count = 0;
    for (let n = 0; n <= 18; ++n) count += wrongClamp<f32>(n) + wrongClamp<f64>(n);
    expect<i32>(count).toBe(0);
  });
  it("keeps NaN, cuts infinity", () => {
    clear();
    const x = list<f64>([NaN, Infinity, -Infinity, -0.0]);
    clamp<f64>(x, 4, 2);
    expect<i32>(not(at<f64>(x, 0), NaN) + not(at<f64>(x, 1), 2) + not(at<f64>(x, 2), -2)).toBe(0);
    expect<f64>(1 / at<f64>(x, 3)).toBe(-Infinity);
  });
});
