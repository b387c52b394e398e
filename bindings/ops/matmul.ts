/** Products of matrices, in batches. */
import { checkBoolean, checkOptions, show } from "../checks.js";
import { ShapeError } from "../errors.js";
import { bytesPer, type Tensor } from "../tensor.js";
import type { Operand } from "./operands.js";
import { apply, type Call, define, floatsOf } from "./operator.js";
import { forwardProduct, type MatmulShapes, type Operands, productForA, productForB } from "./products.js";
import type { Product } from "./strides.js";

/** Options of matmul. */
export interface MatmulOptions {
  /** Whether a stands transposed, [K, M] in its last two axes. */
  transposeA?: boolean;
  /** Whether b stands transposed, [N, K]: as a Dense's weight does. */
  transposeB?: boolean;
}

interface Attributes extends Required<MatmulOptions> {
  /** Of this call, once they are known. */
  shapes?: MatmulShapes;
}

/** @throws {ShapeError} */
function shapesOf([a, b]: readonly (readonly number[])[], { transposeA, transposeB }: Required<MatmulOptions>): MatmulShapes {
  const [left, right] = [a as readonly number[], b as readonly number[]];
  for (const [name, shape] of [
    ["a", left],
    ["b", right],
  ] as const)
    if (shape.length < 2) throw new ShapeError(name, "two axes or more", show([...shape]));
  const [batchA, batchB] = [left.slice(0, -2), right.slice(0, -2)];
  const last = (shape: readonly number[], isLast: boolean) => shape.at(isLast ? -1 : -2) as number;
  const [M, K, N] = [last(left, transposeA), last(left, !transposeA), last(right, !transposeB)];
  if (last(right, transposeB) !== K)
    throw new ShapeError("b", `${transposeB ? `[…, N, ${K}]` : `[…, ${K}, N]`} beside ${show([...left])}`, show([...right]));
  return { M, K, N, batch: batchOf(batchA, batchB, right), batchA, batchB, transposeA, transposeB };
}

function batchOf(a: readonly number[], b: readonly number[], right: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, d) => {
    const [n, m] = [a[a.length - rank + d] ?? 1, b[b.length - rank + d] ?? 1];
    if (n !== m && n !== 1 && m !== 1) throw new ShapeError("b", `batch axes that broadcast with ${show([...a])}`, show([...right]));
    return Math.max(n, m);
  });
}

const MATMUL = define<Attributes>({
  name: "matmul",
  infer(inputs, attributes) {
    const dtype = floatsOf(inputs);
    attributes.shapes = shapesOf(
      inputs.map(({ shape }) => shape),
      attributes,
    );
    const { batch, M, N } = attributes.shapes;
    const [a] = inputs as [Tensor];
    const isSame = a.shape.length > 2 && !attributes.transposeA && a.shape.length === batch.length + 2;
    return { shape: [...batch, M, N], dtype, ...(isSame ? { batchFirst: a.batchFirst } : {}) };
  },
  forward(call) {
    const { output, attributes, runtime } = call;
    const { arena } = runtime.scope as NonNullable<typeof runtime.scope>;
    const operands = forwardProduct(attributes.shapes as MatmulShapes);
    const bytes = scratchBytes(call, operands.product);
    const scratch = arena.take(bytes);
    multiply(call, operands, { c: output.pointer(), dy: 0, scratch, adds: 0 });
    arena.give(scratch, bytes);
  },
  backward(call, gradients) {
    const [a, b] = call.inputs as [Tensor, Tensor];
    const shapes = call.attributes.shapes as MatmulShapes;
    const dy = gradients.of(call.output);
    const sides = [
      ["a", a, productForA],
      ["b", b, productForB],
    ] as const;
    for (const [name, x, productFor] of sides) {
      if (!gradients.wants(x)) continue;
      const product = productFor(shapes);
      const scratch = gradients.slots.get(`scratch ${name}`, scratchBytes(call, product.product));
      // What is trained adds up where it keeps its gradient; another's gets a piece of its own, which needs no zeros.
      const c = x.isTrained ? gradients.into(x) : gradients.slots.get(name, x.size * bytesPer(x.dtype));
      gradients.run(() => multiply(call, product, { c, dy, scratch, adds: x.isTrained ? 1 : 0 }));
      if (!x.isTrained) gradients.give(x, c);
    }
  },
  reads: "inputs",
});

/** Elements of scratch, then the plan. */
function scratchBytes({ kernels, dtype }: Call<Attributes>, { M, K, N, kind, axes, summed }: Product): number {
  return planAt(kernels.opMatmulScratch({ M, K, N, kind, summed }) * bytesPer(dtype)) + 16 * axes.length;
}

function planAt(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

function multiply(
  call: Call<Attributes>,
  { product, left, right }: Operands,
  { c, dy, scratch, adds }: { c: number; dy: number; scratch: number; adds: number },
): void {
  const { kernels, dtype, runtime, inputs } = call;
  const [a, b] = inputs as [Tensor, Tensor];
  const at = { a: a.pointer(), b: b.pointer(), dy };
  const { M, K, N, kind, axes, summed } = product;
  const plan = scratch + planAt(kernels.opMatmulScratch({ M, K, N, kind, summed }) * bytesPer(dtype));
  const words = axes.flat();
  runtime.view("i32", plan, words.length).set(words);
  kernels.opMatmul({ c, a: at[left], b: at[right], scratch, plan, rank: axes.length, summed, M, K, N, kind, adds });
}

/**
 * The product of matrices: a·b over the last two axes, batch by batch of those before, which broadcast as NumPy's. Where b has no batch axes it
 * is one product of all rows. Each element is summed in the order of K, so that a row's bits do not depend on the batch it is in.
 *
 * @param a [..., M, K], or [..., K, M] with transposeA
 * @param b [..., K, N], or [..., N, K] with transposeB
 * @returns [..., M, N]
 * @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
 * @example
 * const scores = frame.run(() => matmul(queries, keys, { transposeB: true })); // [N, H, T, D] twice, to [N, H, T, T]
 * Source: torch.matmul, of two axes or more.
 */
export function matmul(a: Operand, b: Operand, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = checkOptions(options, ["transposeA", "transposeB"]);
  checkBoolean("transposeA", transposeA);
  checkBoolean("transposeB", transposeB);
  return apply(MATMUL, [a, b], { transposeA, transposeB });
}
