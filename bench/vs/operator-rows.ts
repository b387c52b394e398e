/** Operators that are compared, at sizes of L2 and of L3; and losses of sequences beside PyTorch, which alone has their gradients. */
import { type createRuntime, operators as ops, sequence } from "./library.js";
import type { Attribute } from "./onnx.js";

type Rt = Awaited<ReturnType<typeof createRuntime>>;
type Tensor = ReturnType<Rt["tensor"]>;

/** What is no operator of a frame: a call, and what it gave last. */
export interface Ready {
  call(): void;
  output(): ArrayLike<number>;
}

export interface Row {
  readonly family: string;
  readonly name: string;
  readonly op: string;
  readonly shapes: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly attributes?: readonly Attribute[];
  /** Inputs of integers behind those of real numbers. */
  readonly integers?: readonly { readonly data: readonly number[]; readonly shape: readonly number[] }[];
  /** Relative, of the comparison; default 1e-5. */
  readonly tolerance?: number;
  run?(...inputs: Tensor[]): Tensor;
  /** In the place of `run`, and of all peers but PyTorch. */
  make?(rt: Rt, inputs: readonly Tensor[]): Ready;
}

const [L2, L3] = [
  [128, 256],
  [1024, 512],
];
const both = (f: (shape: number[]) => Row) => [L2, L3].map((shape) => f(shape as number[]));

/** Emissions, start, end and transitions of a CRF; tags are (7·t + 3·n) mod K. */
const [T, N, K] = [100, 16, 32];
const CRF = { family: "crf", op: "", shapes: [[T, N, K], [K], [K], [K, K]], output: [T, N, K] } as const;

function crfOf(rt: Rt, inputs: readonly Tensor[]) {
  const crf = new sequence.CRF(rt, { numTags: K });
  for (const [i, parameter] of crf.parameters().entries()) parameter.set((inputs[i + 1] as Tensor).toArray());
  return { crf, emissions: inputs[0] as Tensor };
}

/** Label i of n sequences is 1 + i² mod (C − 1); steps, sequences, symbols, labels. */
const CTC = [500, 16, 32, 50] as const;

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
    ...{ family: "ctc", name: `loss and gradient, ${CTC[3]} labels`, op: "", shapes: [CTC.slice(0, 3)], output: CTC.slice(0, 3) },
    tolerance: 1e-3, // PyTorch's logarithms of f32 are off by that much from its own f64
    make(rt, [logits]) {
      const [, sequences, symbols, labels] = CTC;
      const criterion = new sequence.CTCLoss(rt, { reduction: "sum" });
      const targets = Int32Array.from({ length: sequences * labels }, (_, i) => 1 + ((i * i) % (symbols - 1)));
      const tensor = rt.tensor(targets, [sequences, labels]);
      const call = () => criterion.forward(logits as Tensor, tensor).gradient;
      return { call, output: () => call().toArray() };
    },
  },
  {
    ...CRF,
    name: "loss and gradient",
    make(rt, inputs) {
      const { crf, emissions } = crfOf(rt, inputs);
      const criterion = new sequence.CRFLoss(crf, { reduction: "sum" });
      const tags = rt.tensor(
        Int32Array.from({ length: T * N }, (_, row) => (7 * Math.floor(row / N) + 3 * (row % N)) % K),
        [T, N],
      );
      const call = () => crf.backward(criterion.forward(crf.forward(emissions), tags).gradient);
      return { call, output: () => call().toArray() };
    },
  },
  {
    ...CRF,
    name: "best path",
    make(rt, inputs) {
      const { crf, emissions } = crfOf(rt, inputs);
      const call = () => crf.decode(emissions);
      return { call, output: () => call().map(({ score }) => score) };
    },
  },
];
