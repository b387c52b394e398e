/**
 * A recurrent layer over one sequence, one scalar at a time, in f64. Canonical weights: [G·H,I], [G·H,H], [G·H] twice; gate order as in
 * PyTorch: LSTM i f g o, GRU r z n.
 *
 *   px = Wx·x + bx,  pa = Wa·a + ba of every gate
 *   RNN   a ← tanh(px + pa)  or  max(px + pa, 0)                                                     (1)
 *   LSTM  c ← σ(f)·c + σ(i)·tanh(g);  a ← σ(o)·tanh(c)                                               (2)
 *   GRU   a ← (1 − z)·n + z·a;  n = tanh(px + r·pa);  reset before: n = tanh(px + Wa·(r·a) + ba)     (3)
 */
import { sigmoid } from "./numbers";

type Numbers = StaticArray<f64>;

export const TANH = 0, RELU = 1, LSTM = 2, AFTER = 3, BEFORE = 4;

/** Gates, in canonical weights. */
export function gatesOf(kind: i32): i32 {
  return kind == LSTM ? 4 : kind > LSTM ? 3 : 1;
}

export class Naive {
  wx: Numbers; wa: Numbers; bx: Numbers; ba: Numbers;
  dWx: Numbers; dWa: Numbers; dbx: Numbers; dba: Numbers;
  /** [L,I], then [L + 1,H] with the initial state first. */
  x: Numbers = []; a: Numbers = []; c: Numbers = [];
  /** [L,G·H] after activation; [L,H] what the GRU's reset gate touches, or has touched. */
  gates: Numbers = []; m: Numbers = [];
  /** [L,I]; [H]: what reaches the step before. */
  dx: Numbers = []; da: Numbers = []; dc: Numbers = [];

  constructor(public kind: i32, public I: i32, public H: i32) {
    const width = gatesOf(kind) * H;
    this.wx = new StaticArray<f64>(width * I);
    this.wa = new StaticArray<f64>(width * H);
    this.bx = new StaticArray<f64>(width);
    this.ba = new StaticArray<f64>(width);
    this.dWx = new StaticArray<f64>(width * I);
    this.dWa = new StaticArray<f64>(width * H);
    this.dbx = new StaticArray<f64>(width);
    this.dba = new StaticArray<f64>(width);
  }

  /** Room for L steps; the caller fills x, and slot 0 of a and c. */
  begin(L: i32): void {
    const H = this.H;
    this.x = new StaticArray<f64>(L * this.I);
    this.a = new StaticArray<f64>((L + 1) * H);
    this.c = new StaticArray<f64>((L + 1) * H);
    this.gates = new StaticArray<f64>(L * gatesOf(this.kind) * H);
    this.m = new StaticArray<f64>(L * H);
    this.dx = new StaticArray<f64>(L * this.I);
    this.da = new StaticArray<f64>(H);
    this.dc = new StaticArray<f64>(H);
  }

  /** Σ_k w[row,k]·v[from + k]. */
  private dot(w: Numbers, row: i32, v: Numbers, from: i32, width: i32): f64 {
    let sum: f64 = 0;
    for (let k = 0; k < width; ++k) sum += w[row * width + k] * v[from + k];
    return sum;
  }

  private px(t: i32, row: i32): f64 {
    return this.dot(this.wx, row, this.x, t * this.I, this.I) + this.bx[row];
  }

  private pa(t: i32, row: i32): f64 {
    return this.dot(this.wa, row, this.a, t * this.H, this.H) + this.ba[row];
  }

  step(t: i32): void {
    if (this.kind > LSTM) this.gruStep(t);
    else this.plainStep(t);
  }

  private plainStep(t: i32): void {
    const H = this.H, kind = this.kind, at = t * gatesOf(kind) * H, next = (t + 1) * H;
    for (let h = 0; h < H; ++h) {
      const z = this.px(t, h) + this.pa(t, h);
      if (kind != LSTM) {
        this.a[next + h] = kind == RELU ? Math.max(z, 0) : Math.tanh(z); // (1)
        continue;
      }
      const i = sigmoid(z), f = sigmoid(this.px(t, H + h) + this.pa(t, H + h));
      const g = Math.tanh(this.px(t, 2 * H + h) + this.pa(t, 2 * H + h)), o = sigmoid(this.px(t, 3 * H + h) + this.pa(t, 3 * H + h));
      this.gates[at + h] = i;
      this.gates[at + H + h] = f;
      this.gates[at + 2 * H + h] = g;
      this.gates[at + 3 * H + h] = o;
      this.c[next + h] = f * this.c[t * H + h] + i * g; // (2)
      this.a[next + h] = o * Math.tanh(this.c[next + h]);
    }
  }

  private gruStep(t: i32): void {
    const H = this.H, at = 3 * t * H;
    for (let h = 0; h < H; ++h) {
      this.gates[at + h] = sigmoid(this.px(t, h) + this.pa(t, h));
      this.gates[at + H + h] = sigmoid(this.px(t, H + h) + this.pa(t, H + h));
      this.m[t * H + h] = this.kind == AFTER ? this.pa(t, 2 * H + h) : this.gates[at + h] * this.a[t * H + h];
    }
    for (let h = 0; h < H; ++h) {
      const before = this.kind == BEFORE;
      const other = before ? this.dot(this.wa, 2 * H + h, this.m, t * H, H) + this.ba[2 * H + h] : this.gates[at + h] * this.m[t * H + h];
      const n = Math.tanh(this.px(t, 2 * H + h) + other), z = this.gates[at + H + h];
      this.gates[at + 2 * H + h] = n;
      this.a[(t + 1) * H + h] = (1 - z) * n + z * this.a[t * H + h]; // (3)
    }
  }

  /** From da and dc of step t (and what reaches it from outside) to those of the step before. */
  stepBack(t: i32, dOutput: Numbers): void {
    const H = this.H, width = gatesOf(this.kind) * H;
    const dpx = new StaticArray<f64>(width), dpa = new StaticArray<f64>(width), next = new StaticArray<f64>(H);
    for (let h = 0; h < H; ++h) this.da[h] += dOutput[t * H + h];
    if (this.kind == LSTM) this.lstmBack(t, dpx);
    else if (this.kind > LSTM) this.gruBack(t, dpx, dpa, next);
    else for (let h = 0; h < H; ++h) {
      const a = this.a[(t + 1) * H + h];
      dpx[h] = this.kind == RELU ? (a > 0 ? this.da[h] : 0) : (1 - a * a) * this.da[h];
    }
    for (let row = 0; this.kind <= LSTM && row < width; ++row) dpa[row] = dpx[row];
    this.products(t, dpx, dpa, next);
  }

  private lstmBack(t: i32, d: Numbers): void {
    const H = this.H, at = 4 * t * H;
    for (let h = 0; h < H; ++h) {
      const i = this.gates[at + h], f = this.gates[at + H + h], g = this.gates[at + 2 * H + h], o = this.gates[at + 3 * H + h];
      const tc = Math.tanh(this.c[(t + 1) * H + h]);
      const dc = this.dc[h] + this.da[h] * o * (1 - tc * tc);
      d[h] = dc * g * i * (1 - i);
      d[H + h] = dc * this.c[t * H + h] * f * (1 - f);
      d[2 * H + h] = dc * i * (1 - g * g);
      d[3 * H + h] = this.da[h] * tc * o * (1 - o);
      this.dc[h] = dc * f;
    }
  }

  private gruBack(t: i32, dpx: Numbers, dpa: Numbers, next: Numbers): void {
    const H = this.H, at = 3 * t * H;
    for (let h = 0; h < H; ++h) {
      const z = this.gates[at + H + h], n = this.gates[at + 2 * H + h], d = this.da[h];
      dpx[H + h] = d * (this.a[t * H + h] - n) * z * (1 - z);
      dpx[2 * H + h] = d * (1 - z) * (1 - n * n);
      next[h] = d * z;
    }
    for (let h = 0; h < H; ++h) {
      const r = this.gates[at + h], m = this.m[t * H + h];
      let dm: f64 = 0; // ∂L/∂(r·a), reset before
      for (let k = 0; k < H; ++k) dm += this.wa[(2 * H + k) * H + h] * dpx[2 * H + k];
      dpx[h] = (this.kind == AFTER ? dpx[2 * H + h] * m : dm * this.a[t * H + h]) * r * (1 - r);
      dpa[2 * H + h] = this.kind == AFTER ? dpx[2 * H + h] * r : dpx[2 * H + h];
      if (this.kind == BEFORE) next[h] += dm * r;
      dpa[h] = dpx[h];
      dpa[H + h] = dpx[H + h];
    }
  }

  /** What goes through the products: dx, the parameters' gradients, and da of the step before. */
  private products(t: i32, dpx: Numbers, dpa: Numbers, next: Numbers): void {
    const H = this.H, I = this.I;
    for (let row = 0; row < dpx.length; ++row) {
      const reset = this.kind == BEFORE && row >= 2 * H; // its factor is r·a
      this.dbx[row] += dpx[row];
      this.dba[row] += dpa[row];
      for (let k = 0; k < I; ++k) {
        this.dx[t * I + k] += this.wx[row * I + k] * dpx[row];
        this.dWx[row * I + k] += dpx[row] * this.x[t * I + k];
      }
      for (let k = 0; k < H; ++k) {
        if (!reset) next[k] += this.wa[row * H + k] * dpa[row];
        this.dWa[row * H + k] += dpa[row] * (reset ? this.m : this.a)[t * H + k];
      }
    }
    this.da = next;
  }
}
