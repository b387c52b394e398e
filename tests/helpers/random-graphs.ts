/** Random expressions of operators, layers and scans: what the recorder is tried on. */
import { Dense, GRU, init, LayerNorm, LSTM, ParameterTensor, type Runtime, type Tensor } from "../../bindings/index.js";
import {
  abs,
  add,
  clip,
  concat,
  cumulativeSum,
  div,
  exp,
  expand,
  flip,
  gelu,
  greater,
  log,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  pad,
  permute,
  relu,
  reshape,
  scan,
  sigmoid,
  silu,
  slice,
  softmax,
  softplus,
  split,
  sqrt,
  square,
  squeeze,
  stack,
  sub,
  sum,
  tanh,
  unsqueeze,
  variance,
  where,
} from "../../bindings/ops.js";

/** What an expression is made from. */
export interface Leaves {
  readonly inputs: readonly Tensor[];
  readonly parameters: readonly ParameterTensor[];
  readonly layers: readonly (Dense | LayerNorm | LSTM | GRU)[];
  dispose(): void;
}

const [T, N, F] = [4, 2, 3];

/** Tensors [T, N, F], [N, F], [F], [1]; parameters; layers over F features. */
export function leavesOf(rt: Runtime): Leaves {
  const shapes = [[T, N, F], [N, F], [F], [1]];
  const inputs = shapes.map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return rt.tensor(
      Array.from({ length: size }, () => rt.generator.normal()),
      shape,
    );
  });
  const parameters = [[F], [F, F], [N, F]].map((shape) => new ParameterTensor(rt, shape));
  const norm = new LayerNorm(rt, { normalizedShape: F });
  for (const parameter of norm.parameters()) init.normal(parameter, 0.3); // as they begin, rows have a mean of 0: a kink where it meets a relu's 0
  const layers = [
    new Dense(rt, { inputSize: F, outputSize: F }),
    norm,
    new LSTM(rt, { inputSize: F, hiddenSize: F }),
    new GRU(rt, { inputSize: F, hiddenSize: F }),
  ];
  return {
    ...{ inputs, parameters, layers },
    dispose: () => {
      for (const owner of [...inputs, ...parameters, ...layers]) owner.dispose();
    },
  };
}

/** One node: what to do, and with which of the nodes before it. */
export interface Step {
  readonly kind: number;
  readonly first: number;
  readonly second: number;
  readonly option: number;
}

type Node = Tensor;
type Rule = (a: Node, b: Node, option: number, leaves: Leaves) => Node | undefined;

const axisOf = ({ shape }: Node, option: number) => option % shape.length;
const isSequence = ({ shape }: Node) => shape.length === 3 && shape[2] === F;
const endsInF = ({ shape }: Node) => shape.at(-1) === F;

/** b as it is where it can be broadcast with a, else a number of it. */
function beside(a: Node, b: Node): Node {
  const [x, y] = [[...a.shape].reverse(), [...b.shape].reverse()];
  const fits = x.every((size, i) => size === 1 || (y[i] ?? 1) === 1 || size === y[i]);
  const size = Math.max(...Array.from({ length: Math.max(x.length, y.length) }, (_, i) => (x[i] ?? 1) * (y[i] ?? 1)));
  return fits && size <= 64 ? b : mean(b);
}

/** Every operator with a gradient, on arguments where it is smooth almost everywhere and stays of modest size. */
const RULES: readonly Rule[] = [
  (a, b) => add(a, beside(a, b)),
  (a, b) => sub(beside(a, b), a),
  (a, b) => mul(tanh(a), beside(a, b)),
  (a, b) => div(a, add(square(beside(a, b)), 1)),
  (a, b) => maximum(a, beside(a, b)),
  (a, b) => minimum(beside(a, b), a),
  (a, b) => where(greater(a, 0.1), a, beside(a, b)),
  (a) => neg(a),
  (a) => exp(tanh(a)),
  (a) => log(add(square(a), 0.5)),
  (a) => sqrt(add(square(a), 0.5)),
  (a) => abs(a),
  (a) => sigmoid(a),
  (a) => relu(a),
  (a) => gelu(a),
  (a) => gelu(a, { approximate: "tanh" }),
  (a) => silu(a),
  (a) => softplus(a),
  (a) => clip(a, -0.7, 0.9),
  (a, _, option) => sum(a, { axes: axisOf(a, option), keepDims: option % 2 === 0 }),
  (a, _, option) => mean(a, { axes: axisOf(a, option) }),
  (a, _, option) => max(a, { axes: axisOf(a, option), keepDims: true }),
  (a, _, option) => (a.shape[axisOf(a, option)] === 1 ? undefined : variance(a, { axes: axisOf(a, option), keepDims: true })),
  (a, _, option) => logSumExp(a, { axes: axisOf(a, option) }),
  (a, _, option) => softmax(a, axisOf(a, option)),
  (a, _, option) => logSoftmax(a, axisOf(a, option)),
  (a, _, option) => cumulativeSum(tanh(a), axisOf(a, option)),
  (a) => reshape(a, [-1]),
  (a) =>
    permute(
      a,
      a.shape.map((_, i) => a.shape.length - 1 - i),
    ),
  (a) => (a.size > 32 ? undefined : expand(unsqueeze(a, 0), [2, ...a.shape])),
  (a) => squeeze(unsqueeze(a, -1), -1),
  (a, _, option) => flip(a, [axisOf(a, option)]),
  (a, _, option) => (a.size > 40 ? undefined : concat([a, tanh(a)], axisOf(a, option))),
  (a) => (a.size > 32 ? undefined : stack([a, neg(a)], 0)),
  (a, _, option) =>
    (a.shape[axisOf(a, option)] as number) < 2
      ? undefined
      : split(a, [1, (a.shape[axisOf(a, option)] as number) - 1], axisOf(a, option))[1],
  (a) => slice(a, [[-1, null]]),
  (a) =>
    a.size > 40
      ? undefined
      : pad(
          a,
          a.shape.map((_, i) => (i === 0 ? [1, 0] : [0, 0])),
        ),
  (a, _, __, { parameters }) => (endsInF(a) && a.shape.length > 1 ? matmul(a, parameters[1]!) : undefined),
  (a) => (a.shape.length > 1 && a.size <= 40 ? tanh(matmul(a, a, { transposeB: true })) : undefined),
  (a, _, __, { parameters }) => (endsInF(a) ? mul(a, parameters[0]!) : undefined),
  (a, _, __, { layers: [dense] }) => (endsInF(a) ? (dense as Dense).forward(a) : undefined),
  (a, _, __, { layers: [, norm] }) => (endsInF(a) ? (norm as LayerNorm).forward(a) : undefined),
  (a, _, option, { layers: [, , lstm] }) =>
    isSequence(a)
      ? (lstm as LSTM).forward(
          a,
          option % 2
            ? {}
            : { lengths: a.shape.slice(1, 2).flatMap((n) => Array.from({ length: n }, (_, i) => 1 + ((option + i) % a.shape[0]!))) },
        ).output
      : undefined,
  (a, _, __, { layers: [, , , gru] }) => (isSequence(a) ? (gru as GRU).forward(a).state.h : undefined),
  (a, _, option, { layers: [dense], parameters }) => {
    if (!isSequence(a) || a.shape[1] !== N) return undefined;
    const lengths = option % 2 ? undefined : [1 + (option % (a.shape[0] as number)), a.shape[0] as number];
    const cell = (x: Tensor, h: Tensor) => {
      const next = tanh(add((dense as Dense).forward(x), mul(h, parameters[0]!)));
      return { output: mul(next, next), state: next };
    };
    return scan(cell, a, tanh(parameters[2]!), { lengths }).output;
  },
];

/** How many kinds of steps there are. */
export const KINDS = RULES.length;

/** The value of an expression, a number; every node counts in it. */
export function expressionOf(steps: readonly Step[], leaves: Leaves): Tensor {
  const nodes: Node[] = [...leaves.inputs, ...leaves.parameters.map((parameter) => reshape(parameter, parameter.shape))];
  for (const { kind, first, second, option } of steps) {
    const [a, b] = [nodes[first % nodes.length] as Node, nodes[second % nodes.length] as Node];
    nodes.push((RULES[kind % KINDS] as Rule)(a, b, option, leaves) ?? tanh(a));
  }
  return nodes.map((node, i) => mul(mean(tanh(node)), 1 + (i % 3))).reduce((total, part) => add(total, part));
}
