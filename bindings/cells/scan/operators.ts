/**
 * What cells need beside the operators: a product with a weight that stays, a norm of rows, rows in another order. They work on kernels that
 * layers have, and are no entries of the operators' table: nobody calls them by name.
 */
import type { Buffers } from "../../buffers.js";
import type { Gradients } from "../../graph/node.js";
import { apply, type Call, type Operator } from "../../ops/operator.js";
import { bytesPer, type Tensor } from "../../tensor.js";

/** Of one row: three numbers in f64, whatever the element type. */
const STATS_BYTES = 24;

const sizeIn = ({ dtype }: Call, elements: number) => elements * bytesPer(dtype);

/** Where it adds up; 0 where it does not learn. */
const gradientOf = (gradients: Gradients, leaf: Tensor | undefined) => (leaf?.isTrained ? gradients.into(leaf) : 0);

/** Packed copies of a weight: made again when the parameters have changed. */
export class Packed {
  readonly #buffers: Buffers;
  readonly #name: string;
  #forward = -1;
  #backward = -1;

  constructor(buffers: Buffers, name: string) {
    this.#buffers = buffers;
    this.#name = name;
  }

  /** Address of the panels [rows, I], and behind them of the padded bias. */
  forward({ core, inputs, dtype }: Call): { w: number; bias: number } {
    const [, weight, bias] = inputs as [Tensor, Tensor, Tensor?];
    const [O, I] = weight.shape as [number, number];
    const width = core.padded(O);
    const w = this.#buffers.get(`${this.#name} packed`, width * (I + 1) * bytesPer(dtype));
    const at = { w, bias: w + width * I * bytesPer(dtype) };
    if (this.#forward === weight.version()) return at;
    core.packForward({ dst: w, w: weight.pointer(), G: 1, H: O, K: I, firstRow: 0, rows: I });
    core.packBias({ dst: at.bias, bx: bias?.pointer() ?? 0, ba: 0, G: 1, H: O });
    this.#forward = weight.version();
    return at;
  }

  /** Address of the transposed panels; filled by what is returned. @throws {MemoryError} */
  backward({ core, inputs, dtype }: Call): { wT: number; fill(): void } {
    const weight = inputs[1] as Tensor;
    const [O, I] = weight.shape as [number, number];
    const wT = this.#buffers.get(`${this.#name} transposed`, core.padded(I) * O * bytesPer(dtype));
    const fill = () => {
      if (this.#backward === weight.version()) return;
      core.packBackward({ dst: wT, w: weight.pointer(), G: 1, H: O, cols: I, exact: 1 });
      this.#backward = weight.version();
    };
    return { wT, fill };
  }
}

/** y = x·weightᵀ + bias, of x [..., I], weight [O, I] and bias [O]. */
const PRODUCT: Operator<Packed> = {
  name: "product",
  infer: ([x, weight]) => ({
    shape: [...(x as Tensor).shape.slice(0, -1), (weight as Tensor).shape[0] as number],
    dtype: (x as Tensor).dtype,
  }),
  forward(call) {
    const { core, inputs, output, attributes } = call;
    const [x, weight] = inputs as [Tensor, Tensor];
    const [O, I] = weight.shape as [number, number];
    core.denseForward({ y: output.pointer(), x: x.pointer(), ...attributes.forward(call), M: x.size / I, I, O });
  },
  backward(call, gradients) {
    const { core, inputs, output, attributes } = call;
    const [x, weight, bias] = inputs as [Tensor, Tensor, Tensor?];
    const [O, I] = weight.shape as [number, number];
    const M = x.size / I;
    const { wT, fill } = gradients.wants(x) ? attributes.backward(call) : { wT: 0, fill: () => {} };
    const dx = wT && gradients.slots.get("dx", sizeIn(call, x.size));
    const [dw, db, dy] = [gradientOf(gradients, weight), gradientOf(gradients, bias), gradients.of(output)];
    const scratch = dw && gradients.slots.get("scratch", sizeIn(call, core.gemmTransposedScratch({ width: O, K: M, cols: I })));
    gradients.run(() => {
      fill();
      core.denseBackward({ dx, dw, db, scratch, dy, x: x.pointer(), wT, M, I, O });
    });
    if (dx) gradients.give(x, dx);
  },
  reads: "inputs",
};

/** @internal x·weightᵀ + bias: the same bits for a row, whatever rows stand beside it. */
export function product(x: Tensor, weight: Tensor, bias: Tensor | undefined, packed: Packed): Tensor {
  return apply(PRODUCT, bias ? [x, weight, bias] : [x, weight], packed);
}

/** y = (x − mean)/√(variance + ε)·weight + bias, row by row. */
const NORM: Operator<number> = {
  name: "norm",
  infer: ([x]) => ({ shape: (x as Tensor).shape, dtype: (x as Tensor).dtype }),
  forward({ core, inputs, output, slots, attributes: epsilon }) {
    const [x, w, b] = inputs as [Tensor, Tensor, Tensor];
    const M = x.size / w.size;
    const stats = slots.get("stats", STATS_BYTES * M);
    core.layerNormForward({ y: output.pointer(), stats, x: x.pointer(), w: w.pointer(), b: b.pointer(), M, D: w.size, epsilon });
  },
  backward(call, gradients) {
    const { core, inputs, output, slots } = call;
    const [x, w, b] = inputs as [Tensor, Tensor, Tensor];
    const [M, D] = [x.size / w.size, w.size];
    const stats = slots.get("stats", STATS_BYTES * M);
    const dx = gradients.slots.get("dx", sizeIn(call, x.size));
    const [dw, db, dy] = [gradientOf(gradients, w), gradientOf(gradients, b), gradients.of(output)];
    const sums = dw && gradients.slots.get("sums", 2 * 8 * D);
    gradients.run(() => core.layerNormBackward({ dx, dw, db, sums, dy, x: x.pointer(), stats, w: w.pointer(), M, D }));
    gradients.give(x, dx);
  },
  reads: "inputs",
};

/** @internal Layer normalisation of rows [..., D]. */
export function norm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor {
  return apply(NORM, [x, weight, bias], epsilon);
}

/** @internal Rows of the last axis, which go to a tensor of this shape. */
export interface Rows {
  readonly shape: readonly number[];
  /** For each row of the result, the row of x; absent: as they are, and nothing is copied. */
  readonly index?: readonly number[] | undefined;
  readonly batchFirst?: boolean | undefined;
}

const ROWS: Operator<Rows> = {
  name: "rows",
  infer([x], { shape, index, batchFirst }) {
    return { shape, dtype: (x as Tensor).dtype, ...(batchFirst !== undefined && { batchFirst }), ...(!index && { view: 0 }) };
  },
  forward(call) {
    const { core, inputs, output, runtime, attributes } = call;
    const [index, width] = [tableOf(call), output.shape.at(-1) as number];
    runtime.view("i32", index, output.size / width).set(attributes.index as readonly number[]);
    core.gatherRows({
      dst: output.pointer(),
      ldd: width,
      src: (inputs[0] as Tensor).pointer(),
      lds: width,
      index,
      M: output.size / width,
      width,
    });
  },
  backward(call, gradients) {
    const { core, inputs, output, attributes } = call;
    const [x] = inputs as [Tensor];
    if (!gradients.wants(x)) return;
    if (!attributes.index) return gradients.give(x, gradients.of(output));
    const [index, width] = [tableOf(call), output.shape.at(-1) as number];
    const [dst, src, M] = [gradients.into(x), gradients.of(output), output.size / width];
    gradients.run(() => core.scatterAddRows({ dst, ldd: width, src, lds: width, index, M, width }));
  },
  reads: "none",
};

/** Address of the index, which the forward fills. */
function tableOf({ attributes: { index = [] }, slots }: Call<Rows>): number {
  return slots.get("index", 4 * index.length);
}

/** @internal Rows of x in another order or shape. */
export function rowsOf(x: Tensor, rows: Rows): Tensor {
  return apply(ROWS, [x], rows);
}
