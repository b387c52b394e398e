/** The core of attention as an operator: scores, softmax and weighted sum in one kernel. */
import { show } from "../checks.js";
import { ShapeError } from "../errors.js";
import { bindSequenceLearningKernels } from "../generated/sequence-learning.js";
import type { Gradients } from "../graph/node.js";
import { loadedKernels } from "../ops/load.js";
import type { Operand } from "../ops/operands.js";
import { apply, type Call, define, floatsOf } from "../ops/operator.js";
import { bytesPer, Tensor } from "../tensor.js";

/** As assembly/ops/attention.ts numbers them. */
const ADDITIVE = 1;
const CAUSAL = 2;
const BATCH_FIRST = 4;

/** What attention gives. */
export interface Attended {
  /** The context: for each query the weighted mean of the values. */
  readonly output: Tensor;
  /** How much each query takes of each step; rows that sum to 1, exactly 0 behind the end. Gradients go through them, too. */
  readonly weights: Tensor;
}

/** @internal What the core is given. */
export interface Attending {
  /** [T, N, H·D], or of one step [N, H·D]; with batchFirst [N, T, H·D]. */
  readonly query: Tensor;
  /** [S, M, H·D] and [S, M, H·E]; with batchFirst [M, S, …]. */
  readonly keys: Tensor;
  readonly values: Tensor;
  /** Of additive scores, [H·D]. */
  readonly vector: Operand | undefined;
  /** i32: steps of each row of the memory, [M]; and which row each row of queries reads, [N]. */
  readonly lengths: Tensor | undefined;
  readonly rows: Tensor | undefined;
  /** undefined: one, and no axis of weights for it. */
  readonly heads: number | undefined;
  readonly scale: number;
  readonly causal: boolean;
  readonly batchFirst: boolean;
}

interface Attributes extends Pick<Attending, "heads" | "scale" | "causal" | "batchFirst"> {
  /** Places among the inputs; −1: there is none. */
  readonly at: { readonly vector: number; readonly lengths: number; readonly rows: number };
  /** Of this call, once they are known. */
  weights?: Tensor;
}

/** Sizes as the kernel takes them, and what it is. */
function sizesOf([q, k, v]: readonly Tensor[], { heads: H = 1, scale, causal, batchFirst, at }: Attributes) {
  const [query, key, value] = [q, k, v] as [Tensor, Tensor, Tensor];
  const axes = ({ shape }: Tensor) => (batchFirst ? [shape[1], shape[0]] : [shape[0], shape[1]]) as [number, number];
  const [Q, N] = query.shape.length === 2 ? [1, query.shape[0] as number] : axes(query);
  const [S, M] = axes(key);
  const [D, E] = [(query.shape.at(-1) as number) / H, (value.shape.at(-1) as number) / H];
  const kind = (at.vector >= 0 ? ADDITIVE : 0) | (causal ? CAUSAL : 0) | (batchFirst ? BATCH_FIRST : 0);
  return { Q, S, N, M, H, D, E, kind, scale };
}

function addressesOf(inputs: readonly Tensor[], { at }: Attributes) {
  const pointer = (i: number) => inputs[i]?.pointer() ?? 0;
  return { q: pointer(0), k: pointer(1), v: pointer(2), w: pointer(at.vector), lengths: pointer(at.lengths), rows: pointer(at.rows) };
}

const kernelsOf = ({ runtime, dtype }: Call<Attributes>) => loadedKernels(runtime, dtype, bindSequenceLearningKernels);

const ATTENTION = define<Attributes>({
  name: "attention",
  infer(inputs, attributes) {
    const [query, key, value] = inputs as [Tensor, Tensor, Tensor];
    const dtype = floatsOf(
      inputs.filter((_, i) => i < 3 || i === attributes.at.vector),
      ["query", "key", "value", "score"],
    );
    const { H, D, E } = sizesOf(inputs, attributes);
    if (key.shape.at(-1) !== H * D) throw new ShapeError("key", `${H * D} features, as the query`, show([...key.shape]));
    if (value.shape.at(-1) !== H * E || value.shape[0] !== key.shape[0] || value.shape[1] !== key.shape[1])
      throw new ShapeError("value", `[${key.shape[0]}, ${key.shape[1]}, …], as the key`, show([...value.shape]));
    return { shape: [...query.shape.slice(0, -1), H * E], dtype, batchFirst: query.batchFirst };
  },
  forward(call) {
    const { inputs, output, attributes, runtime, dtype, beside } = call;
    const sizes = sizesOf(inputs, attributes);
    const { N, H, Q, S } = sizes;
    const shape = [N, ...(attributes.heads === undefined ? [] : [H]), ...(inputs[0]?.shape.length === 2 ? [] : [Q]), S];
    const { arena } = runtime.scope as NonNullable<typeof runtime.scope>;
    const weights = arena.take(N * H * Q * S * bytesPer(dtype));
    kernelsOf(call).attentionForward({ context: output.pointer(), weights, ...addressesOf(inputs, attributes), ...sizes });
    attributes.weights = new Tensor(runtime, weights, Object.freeze(shape), dtype, arena.lease);
    beside.push(attributes.weights);
  },
  backward(call, gradients) {
    const { inputs, output, attributes, dtype, beside } = call;
    const [query, key, value] = inputs as [Tensor, Tensor, Tensor];
    const [weights] = beside as [Tensor];
    const sizes = sizesOf(inputs, attributes);
    const { slots } = gradients;
    const [dc, dWeights] = [gradients.of(output), gradients.of(weights)];
    const dq = slots.get("dq", query.size * bytesPer(dtype));
    const scratch = slots.get("scratch", sizes.S * bytesPer(dtype));
    const sums = slots.get("sums", 8 * sizes.H * sizes.D);
    const [dk, dv, dw] = [key, value, inputs[attributes.at.vector]].map((tensor) => into(tensor, gradients)) as [number, number, number];
    gradients.run(() =>
      kernelsOf(call).attentionBackward({
        ...{ dq, dk, dv, dw, scratch, sums, dc, dWeights, weights: weights.pointer() },
        ...addressesOf(inputs, attributes),
        ...sizes,
      }),
    );
    gradients.give(query, dq);
  },
  reads: "both",
});

/** Where a part is added to: many steps may share one memory. */
function into(tensor: Tensor | undefined, gradients: Gradients): number {
  return tensor && gradients.wants(tensor) ? gradients.into(tensor) : 0;
}

/** @internal Scores, softmax and weighted sum. @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} outside of a frame */
export function attend({ query, keys, values, vector, lengths, rows, heads, scale, causal, batchFirst }: Attending): Attended {
  const inputs: Operand[] = [query, keys, values];
  const place = (operand: Operand | undefined) => (operand === undefined ? -1 : inputs.push(operand) - 1);
  const at = { vector: place(vector), lengths: place(lengths), rows: place(rows) };
  const attributes: Attributes = { heads, scale, causal, batchFirst, at };
  const output = apply(ATTENTION, inputs, attributes);
  return { output, weights: attributes.weights as Tensor };
}
