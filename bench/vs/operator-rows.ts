/** Operators that are compared, at sizes of L2 and of L3; and CTC beside PyTorch, which alone has its gradient. */
import { type createRuntime, operators as ops, sequence } from "./library.js";
import type { Attribute } from "./onnx.js";

type Rt = Awaited<ReturnType<typeof createRuntime>>;
type Tensor = ReturnType<Rt["tensor"]>;

export interface Row {
  readonly family: string;
  readonly name: string;
  readonly op: string;
  readonly shapes: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly attributes?: readonly Attribute[];
  /** Inputs of integers behind those of real numbers. */
  readonly integers?: readonly { readonly data: readonly number[]; readonly shape: readonly number[] }[];
  run(...inputs: Tensor[]): Tensor;
  /** Relative, of the comparison; default 1e-5. */
  readonly tolerance?: number;
  /** The only peer that has it, where others lack it. */
  readonly only?: string;
  /** Tensors of `integers`, and what else is made once, for `run`. */
  readonly with?: (rt: Rt) => Tensor[];
}

const [L2, L3] = [
  [128, 256],
  [1024, 512],
];
const both = (f: (shape: number[]) => Row) => [L2, L3].map((shape) => f(shape as number[]));

const [T, N, C, S] = [500, 16, 32, 50];
const LABELS = Array.from({ length: N * S }, (_, i) => 1 + ((i * i) % (C - 1)));
const losses = new WeakMap<Rt, InstanceType<typeof sequence.CTCLoss>>();

/** Loss and gradient; the gradient is compared. */
function ctc(logits: Tensor, targets: Tensor): Tensor {
  const rt = logits.home as Rt;
  const loss = losses.get(rt) ?? new sequence.CTCLoss(rt, { reduction: "sum" });
  losses.set(rt, loss);
  return loss.forward(logits, targets).gradient;
}

export const ROWS: readonly Row[] = [
  ...both((s) => ({ family: "binary", name: "add", op: "Add", shapes: [s, s], output: s, run: ops.add })),
  ...both((s) => ({ family: "binary", name: "mul, a row", op: "Mul", shapes: [s, [s[1] as number]], output: s, run: ops.mul })),
  ...both((s) => ({ family: "binary", name: "sub, a column", op: "Sub", shapes: [s, [s[0] as number, 1]], output: s, run: ops.sub })),
  ...["exp", "tanh", "sigmoid", "relu", "sqrt"].flatMap((name) =>
    both((s) => ({ family: "unary", name, op: name[0]?.toUpperCase() + name.slice(1), shapes: [s], output: s, run: ops[name as "tanh"] })),
  ),
  ...[
    [256, 256, 256],
    [32, 512, 512],
    [1024, 64, 1024],
  ].map(
    ([M, K, N]): Row => ({
      family: "matmul",
      name: `matmul ${M}x${K}x${N}`,
      op: "MatMul",
      shapes: [
        [M, K],
        [K, N],
      ] as number[][],
      output: [M, N] as number[],
      run: (a, b) => ops.matmul(a, b),
    }),
  ),
  {
    family: "matmul",
    name: "matmul 64 of 64x32x64",
    op: "MatMul",
    shapes: [
      [64, 64, 32],
      [64, 32, 64],
    ],
    output: [64, 64, 64],
    run: (a, b) => ops.matmul(a, b),
  },
  ...both((s) => ({
    family: "softmax",
    name: "softmax",
    op: "Softmax",
    shapes: [s],
    output: s,
    attributes: [{ name: "axis", i: -1 }],
    run: (x) => ops.softmax(x, -1),
  })),
  ...both((s) => ({
    family: "reduce",
    name: "sum of rows",
    op: "ReduceSum",
    shapes: [s],
    output: [s[0] as number, 1],
    integers: [{ data: [1], shape: [1] }],
    run: (x) => ops.sum(x, { axes: 1, keepDims: true }),
  })),
  ...both((s) => ({
    family: "reduce",
    name: "sum of columns",
    op: "ReduceSum",
    shapes: [s],
    output: [1, s[1] as number],
    integers: [{ data: [0], shape: [1] }],
    run: (x) => ops.sum(x, { axes: 0, keepDims: true }),
  })),
  ...both((s) => ({
    family: "reduce",
    name: "max of rows",
    op: "ReduceMax",
    shapes: [s],
    output: [s[0] as number, 1],
    attributes: [{ name: "axes", ints: [1] }],
    run: (x) => ops.max(x, { axes: 1, keepDims: true }),
  })),
  ...both((s) => ({
    family: "move",
    name: "transpose",
    op: "Transpose",
    shapes: [s],
    output: [...s].reverse(),
    attributes: [{ name: "perm", ints: [1, 0] }],
    run: (x) => ops.permute(x, [1, 0]),
  })),
  ...both((s) => ({
    family: "move",
    name: "concat",
    op: "Concat",
    shapes: [s, s],
    output: [s[0] as number, 2 * (s[1] as number)],
    attributes: [{ name: "axis", i: 1 }],
    run: (a, b) => ops.concat([a, b], 1),
  })),
  {
    family: "ctc",
    name: `ctc, ${S} labels`,
    op: "",
    shapes: [[T, N, C]],
    output: [T, N, C],
    integers: [{ data: LABELS, shape: [N, S] }],
    only: "pytorch",
    tolerance: 1e-3, // PyTorch's logarithms of f32 are off by that much from its own f64
    with: (rt) => [rt.tensor(Int32Array.from(LABELS), [N, S])],
    run: (logits, targets) => ctc(logits as Tensor, targets as Tensor),
  },
];
