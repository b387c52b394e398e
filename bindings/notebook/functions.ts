/**
 * The teaching notebook's functions, by its names, shapes and caches, on this package's kernels.
 *
 * The notebook keeps samples in columns, (n_x, m, T_x); the layers keep time outermost, [T, N, I]. The notebook files
 * alone know both, and convert at their door. The LSTM's backward pass, which the notebook leaves out, follows its
 * equations. Where the notebook's rnn_cell_backward multiplies by da_prev, the gradient of Waa here is the true one,
 * dtanh·a_prevᵀ: two of its printed numbers are wrong by that (README, Errata).
 */

import type { BuildName } from "../builds.js";
import { checkOneOf, checkOptions, show } from "../checks.js";
import { Owner } from "../dispose.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { createRuntime, type Runtime } from "../runtime.js";
import type { FloatArray, FloatType } from "../tensor.js";
import { Arrays, type NdArray } from "./arrays.js";
import { lstmGradients, lstmStates } from "./lstm.js";
import { inputs, outputs, slots, softmaxRows } from "./outputs.js";
import { dimsOf, rnnGradients, rnnStates } from "./rnn.js";
import type {
  LstmCache,
  LstmCaches,
  LstmCellGradients,
  LstmGradients,
  LstmParameters,
  RnnCache,
  RnnCaches,
  RnnCellGradients,
  RnnGradients,
  RnnParameters,
} from "./types.js";

export * from "../errors.js";
export type { NdArray } from "./arrays.js";
export type * from "./types.js";

/**
 * Loads the notebook's functions, in float64 unless told otherwise.
 *
 * @example
 * const nb = await loadNotebook();
 * const { aNext, ytPred, cache } = nb.rnnCellForward(xt, aPrev, { Wax, Waa, Wya, ba, by });
 * @throws {ArgumentError} on an unknown dtype or build
 */
export async function loadNotebook(options: { dtype?: FloatType; build?: BuildName } = {}): Promise<Notebook> {
  const { dtype = "f64", build } = checkOptions(options, ["dtype", "build"]);
  checkOneOf("dtype", dtype, ["f32", "f64"]);
  return new Notebook(await createRuntime({ dtype, build }));
}

/** Made by `loadNotebook()`. Arrays live outside linear memory, so there is nothing to free but the notebook itself. */
export class Notebook extends Owner {
  readonly #rt: Runtime;
  readonly #arrays: Arrays;

  /** @internal Use `loadNotebook()`. */
  constructor(runtime: Runtime) {
    super("notebook", runtime);
    this.#rt = runtime;
    this.#arrays = new Arrays(runtime.dtype);
  }

  /** An array with a copy of the data, row-major as in NumPy. @throws {ShapeError} @throws {ArgumentError} */
  array(shape: readonly number[], data: ArrayLike<number>): NdArray {
    return this.#arrays.make(shape, data);
  }

  /** 1/(1 + e⁻ˣ), element by element. */
  sigmoid(x: NdArray): NdArray {
    const { dtype } = this.#rt;
    const { shape, data } = this.#arrays.check("x", x);
    using tensor = this.#rt.tensor(data, [data.length], { dtype });
    const ptr = tensor.pointer();
    this.#rt.kernels(dtype).sigmoid({ y: ptr, x: ptr, n: data.length });
    return { shape, data: tensor.toArray() as FloatArray };
  }

  /** Softmax over the first axis: samples are columns, each shifted by its own maximum. */
  softmax(x: NdArray): NdArray {
    const { shape, data } = this.#arrays.check("x", x);
    const classes = shape[0] as number;
    const samples = data.length / classes;
    const rows = this.#arrays.toTime({ shape: [classes, samples], data });
    return { shape, data: softmaxRows(this.#rt, this.#arrays, rows, samples, classes).data };
  }

  /** xt (n_x, m), aPrev (n_a, m) → aNext (n_a, m), ytPred (n_y, m). @throws {ShapeError} @throws {ArgumentError} */
  rnnCellForward(xt: NdArray, aPrev: NdArray, parameters: RnnParameters): { aNext: NdArray; ytPred: NdArray; cache: RnnCache } {
    const { caches, y } = this.#rnn("xt", xt, "aPrev", aPrev, parameters, 2);
    const cache = caches[0] as RnnCache;
    return { aNext: cache[0], ytPred: this.#arrays.step(y, 0), cache };
  }

  /** x (n_x, m, T_x), a0 (n_a, m) → a (n_a, m, T_x), yPred (n_y, m, T_x), caches = [list, x]. @throws as rnnCellForward */
  rnnForward(x: NdArray, a0: NdArray, parameters: RnnParameters): { a: NdArray; yPred: NdArray; caches: RnnCaches } {
    const { a, y, caches } = this.#rnn("x", x, "a0", a0, parameters, 3);
    return { a, yPred: y, caches: [caches, x] };
  }

  /** As rnnCellForward, with cPrev (n_a, m). The cache has 10 entries. */
  lstmCellForward(
    xt: NdArray,
    aPrev: NdArray,
    cPrev: NdArray,
    parameters: LstmParameters,
  ): { aNext: NdArray; cNext: NdArray; ytPred: NdArray; cache: LstmCache } {
    const { caches, y } = this.#lstm("xt", xt, "aPrev", aPrev, { cPrev }, parameters, 2);
    const cache = caches[0] as LstmCache;
    return { aNext: cache[0], cNext: cache[1], ytPred: this.#arrays.step(y, 0), cache };
  }

  /** As rnnForward; the initial cell is zero. */
  lstmForward(x: NdArray, a0: NdArray, parameters: LstmParameters): { a: NdArray; y: NdArray; c: NdArray; caches: LstmCaches } {
    const { a, y, c, caches } = this.#lstm("x", x, "a0", a0, null, parameters, 3);
    return { a, y, c, caches: [caches, x] };
  }

  /** daNext (n_a, m) → the gradients of one step. dWaa is the true gradient (see the errata). */
  rnnCellBackward(daNext: NdArray, cache: RnnCache): RnnCellGradients {
    const da = this.#arrays.toTime(this.#likeState("daNext", daNext, cache, "cache"));
    const { dims, dx, da0, dWax, dWaa, dba } = rnnGradients(this.#rt, this.#arrays, [cache], da, "cache");
    return { dxt: this.#arrays.fromRows(dx, [dims.m, dims.nx]), daPrev: da0, dWax, dWaa, dba };
  }

  /** da (n_a, m, T_x) → the gradients through time. dWaa is the true gradient (see the errata). */
  rnnBackward(da: NdArray, caches: RnnCaches): RnnGradients {
    const given = this.#arrays.check("da", da);
    const list = this.#list<RnnCache>(caches, given);
    const { dims, dx, ...gradients } = rnnGradients(this.#rt, this.#arrays, list, this.#arrays.toTime(given), "caches[0]");
    return { dx: this.#arrays.fromTime(dx, [dims.T, dims.m, dims.nx]), ...gradients };
  }

  /** daNext, dcNext (n_a, m) → the gradients of one step. */
  lstmCellBackward(daNext: NdArray, dcNext: NdArray, cache: LstmCache): LstmCellGradients {
    const da = this.#arrays.toTime(this.#likeState("daNext", daNext, cache, "cache"));
    const dc = this.#arrays.toTime(this.#likeState("dcNext", dcNext, cache, "cache"));
    const { dims, dx, da0, dc0, weights } = lstmGradients(this.#rt, this.#arrays, [cache], da, dc, "cache");
    return { dxt: this.#arrays.fromRows(dx, [dims.m, dims.nx]), daPrev: da0, dcPrev: dc0, ...weights };
  }

  /** da (n_a, m, T_x) → the gradients through time. */
  lstmBackward(da: NdArray, caches: LstmCaches): LstmGradients {
    const given = this.#arrays.check("da", da);
    const list = this.#list<LstmCache>(caches, given);
    const { dims, dx, da0, weights } = lstmGradients(this.#rt, this.#arrays, list, this.#arrays.toTime(given), null, "caches[0]");
    return { dx: this.#arrays.fromTime(dx, [dims.T, dims.m, dims.nx]), da0, ...weights };
  }

  /** @internal The kernels' memory; arrays and caches stay readable. */
  protected override release(): void {
    this.#rt.dispose();
  }

  #rnn(xName: string, given: NdArray, aName: string, a0: NdArray, p: RnnParameters, rank: 2 | 3) {
    const arrays = this.#arrays;
    const x = arrays.check(xName, given);
    const dims = dimsOf(arrays, xName, x, "Wya", p?.Wya, rank);
    const by = arrays.check("parameters.by", p.by, [dims.ny, 1]);
    const begin = arrays.check(aName, a0, [dims.na, dims.m]);
    const states = rnnStates(this.#rt, arrays, x, begin, p, dims);
    const a = slots(arrays, states, dims);
    const caches = inputs(arrays, x, dims).map((xt, t): RnnCache => [a[t + 1] as NdArray, a[t] as NdArray, xt, p]);
    return { caches, ...outputs(this.#rt, arrays, states, p.Wya, by, dims) };
  }

  #lstm(xName: string, given: NdArray, aName: string, a0: NdArray, begin: { cPrev: NdArray } | null, p: LstmParameters, rank: 2 | 3) {
    const arrays = this.#arrays;
    const x = arrays.check(xName, given);
    const dims = dimsOf(arrays, xName, x, "Wy", p?.Wy, rank);
    const { m, na, T } = dims;
    const by = arrays.check("parameters.by", p.by, [dims.ny, 1]);
    const a = arrays.check(aName, a0, [na, m]);
    const c = begin === null ? arrays.zeros(na, m) : arrays.check("cPrev", begin.cPrev, [na, m]);
    const values = lstmStates(this.#rt, arrays, x, a, c, p, dims);
    const as = slots(arrays, values.a, dims);
    const cs = slots(arrays, values.c, dims);
    const gate = (t: number, g: number) =>
      arrays.fromRows(
        arrays.columns(
          { shape: [m, 4 * na], data: values.gates.subarray(t * m * 4 * na, (t + 1) * m * 4 * na) as FloatArray },
          g * na,
          (g + 1) * na,
        ),
        [m, na],
      );
    const caches = inputs(arrays, x, dims).map(
      (xt, t): LstmCache => [
        as[t + 1] as NdArray,
        cs[t + 1] as NdArray,
        as[t] as NdArray,
        cs[t] as NdArray,
        gate(t, 1),
        gate(t, 0),
        gate(t, 2),
        gate(t, 3),
        xt,
        p,
      ],
    );
    return { caches, c: arrays.fromTime(values.c.subarray(m * na), [T, m, na]), ...outputs(this.#rt, arrays, values.a, p.Wy, by, dims) };
  }

  /** A gradient of the shape of the cache's a_next. */
  #likeState(argument: string, gradient: NdArray, cache: RnnCache | LstmCache, name: string): NdArray {
    if (!Array.isArray(cache)) throw new ArgumentError(name, "a cache of the forward pass", show(cache));
    return this.#arrays.check(argument, gradient, this.#arrays.check(`${name}[0]`, cache[0]).shape);
  }

  /** The list in caches, as long as da. */
  #list<Cache extends RnnCache | LstmCache>(caches: [Cache[], NdArray], { shape }: NdArray): Cache[] {
    const list = Array.isArray(caches) ? caches[0] : undefined;
    if (!Array.isArray(list) || list.length === 0)
      throw new ArgumentError("caches", "[list of caches, x] of the forward pass", show(caches));
    const [na, m] = this.#arrays.check("caches[0][0][0]", list[0]?.[0]).shape;
    if (shape.length !== 3 || shape[0] !== na || shape[1] !== m || shape[2] !== list.length) {
      throw new ShapeError("da", show([na, m, list.length]), show([...shape]));
    }
    return Array.from(list, (cache, t) => {
      if (!Array.isArray(cache)) throw new ArgumentError(`caches[0][${t}]`, "a cache of the forward pass", show(cache));
      return cache;
    });
  }
}
