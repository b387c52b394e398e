/*
 * The naive optimizers, f64, by PyTorch's formulas. Parameters are changed in place; λ is the weight decay.
 *
 *   SGD        (1) g ← g + λ·p    (2) buf ← g at the first step, then μ·buf + g    (3) p ← p − lr·buf   (p − lr·g without momentum)
 *   Adam       (1), then (4) m ← β1·m + (1−β1)·g      (5) v ← β2·v + (1−β2)·g²
 *              (6) p ← p − lr/(1−β1^k) · m / (√v/√(1−β2^k) + ε)                    k counts steps from 1
 *   AMSGrad    (6a) u ← max(u, v), and √u in the place of √v in (6)
 *   AdamW      (7) p ← p − lr·λ·p in place of (1), then as Adam
 *   clip       (8) norm = √Σ g² over all tensors    (9) g ← g · min(1, maximum/(norm + 1e-6))
 *
 * Source: torch.optim.SGD, Adam, AdamW and torch.nn.utils.clip_grad_norm_, PyTorch 1.13.
 */

/** A set of tensors, each flat. */
export type Tensors = readonly Float64Array[];

export interface SgdOptions {
  readonly lr: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
}

export interface SgdState {
  readonly buffers: Float64Array[];
}

export interface AdamOptions {
  readonly lr: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
  /** true is AdamW: the decay leaves the moments alone. */
  readonly decoupled?: boolean;
  readonly amsgrad?: boolean;
}

export interface AdamState {
  steps: number;
  readonly m: Float64Array[];
  readonly v: Float64Array[];
  readonly vMax: Float64Array[];
}

export function sgdState(): SgdState {
  return { buffers: [] };
}

/** One step of SGD; dampening is 0, no Nesterov. */
export function sgdStep(params: Tensors, grads: ArrayLike<ArrayLike<number>>, state: SgdState, options: SgdOptions): void {
  const { lr, momentum = 0, weightDecay = 0 } = options;
  const first = state.buffers.length === 0;
  if (first) for (const p of params) state.buffers.push(new Float64Array(p.length));
  for (let k = 0; k < params.length; k++) {
    const p = params[k];
    const buffer = state.buffers[k];
    for (let i = 0; i < p.length; i++) {
      const g = grads[k][i] + weightDecay * p[i]; // (1)
      buffer[i] = first ? g : momentum * buffer[i] + g; // (2)
      p[i] -= lr * buffer[i]; // (3)
    }
  }
}

export function adamState(params: Tensors): AdamState {
  const zeros = () => params.map((p) => new Float64Array(p.length));
  return { steps: 0, m: zeros(), v: zeros(), vMax: zeros() };
}

/** One step of Adam, or of AdamW with `decoupled`. */
export function adamStep(params: Tensors, grads: ArrayLike<ArrayLike<number>>, state: AdamState, options: AdamOptions): void {
  const { lr, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, decoupled = false, amsgrad = false } = options;
  const [beta1, beta2] = betas;
  state.steps += 1;
  const correction1 = 1 - beta1 ** state.steps;
  const correction2 = 1 - beta2 ** state.steps;
  for (let k = 0; k < params.length; k++) {
    const p = params[k];
    const m = state.m[k];
    const v = state.v[k];
    for (let i = 0; i < p.length; i++) {
      let g = grads[k][i];
      if (decoupled)
        p[i] -= lr * weightDecay * p[i]; // (7)
      else g += weightDecay * p[i]; // (1)
      m[i] = beta1 * m[i] + (1 - beta1) * g; // (4)
      v[i] = beta2 * v[i] + (1 - beta2) * g * g; // (5)
      state.vMax[k][i] = Math.max(state.vMax[k][i], v[i]); // (6a)
      const below = amsgrad ? state.vMax[k][i] : v[i];
      p[i] -= ((lr / correction1) * m[i]) / (Math.sqrt(below) / Math.sqrt(correction2) + eps); // (6)
    }
  }
}

/** Scales the gradients in place so that their common norm is at most `maximum`; returns the norm before. */
export function clipGradNorm(grads: Tensors, maximum: number): number {
  let sum = 0;
  for (const g of grads) for (let i = 0; i < g.length; i++) sum += g[i] * g[i];
  const norm = Math.sqrt(sum); // (8)
  const scale = Math.min(1, maximum / (norm + 1e-6)); // (9)
  for (const g of grads) for (let i = 0; i < g.length; i++) g[i] *= scale;
  return norm;
}
