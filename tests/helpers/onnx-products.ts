/** Products of ONNX with geometries drawn at random: one node, or a product with what follows it. */
import type { OnnxNode } from "../../bindings/onnx/node.js";
import { onnxModel, type TestAttribute, type TestNode } from "./onnx.js";

type Attributes = NonNullable<TestNode[3]>;

export interface ProductCase {
  readonly label: string;
  readonly nodes: readonly TestNode[];
  readonly opset: number;
  /** x is given at each run; the others may be given, or stand in the file. */
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;
}

type Random = () => number;

/** A sequence of numbers from 0 to 1: mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const upTo = (random: Random, least: number, most: number) => least + Math.floor(random() * (most - least + 1));
const oneOf = <Item>(random: Random, items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;

function numbers(random: Random, shape: readonly number[], low = -1, high = 1) {
  const size = shape.reduce((product, d) => product * d, 1);
  return { shape, data: Float32Array.from({ length: size }, () => low + (high - low) * random()) };
}

/** Windows of `rank` axes that fit: sizes, taps, and the attributes. */
interface Geometry {
  readonly taps: number[];
  readonly sizes: number[];
  readonly attributes: Record<string, TestAttribute>;
}

function geometry(random: Random, rank: number, isPool: boolean): Geometry {
  const each = <Item>(f: () => Item) => Array.from({ length: rank }, f);
  const taps = each(() => upTo(random, 1, 4));
  const dilations = each(() => (random() < 0.7 ? 1 : upTo(random, 2, 3)));
  const strides = each(() => upTo(random, 1, 3));
  const pads = taps
    .flatMap((k) => [k])
    .concat(taps)
    .map((k) => upTo(random, 0, isPool ? Math.min(1, k - 1) : 2));
  const sizes = taps.map((k, d) => (k - 1) * (dilations[d] as number) + upTo(random, 1, 9));
  const auto = random() < 0.2 ? oneOf(random, ["SAME_UPPER", "SAME_LOWER", "VALID"]) : undefined;
  const placed: Attributes = auto ? { auto_pad: auto } : { pads };
  return {
    taps,
    sizes,
    attributes: { kernel_shape: taps, strides, dilations: auto?.startsWith("SAME") ? taps.map(() => 1) : dilations, ...placed },
  };
}

const FOLLOWERS = ["Relu", "Sigmoid", "Tanh"];

function conv(random: Random): ProductCase {
  const rank = oneOf(random, [1, 1, 1, 2, 3]);
  const { taps, sizes, attributes } = geometry(random, rank, false);
  const group = random() < 0.7 ? 1 : upTo(random, 2, 3);
  const [N, C, O] = [upTo(random, 1, 3), upTo(random, 1, 5), upTo(random, 1, 19)];
  const inputs: Record<string, ReturnType<typeof numbers>> = {
    x: numbers(random, [N, C * group, ...sizes]),
    w: numbers(random, [O * group, C, ...taps]),
    ...(random() < 0.6 && { b: numbers(random, [O * group]) }),
  };
  const nodes: TestNode[] = [["Conv", Object.keys(inputs), ["y0"], { ...attributes, group }]];
  if (random() < 0.4) {
    for (const name of ["scale", "shift", "mean"]) inputs[name] = numbers(random, [O * group]);
    inputs.variance = numbers(random, [O * group], 0.1, 2);
    nodes.push(["BatchNormalization", ["y0", "scale", "shift", "mean", "variance"], ["y1"], { epsilon: { f: 1e-3 } }]);
  }
  if (random() < 0.6) nodes.push([oneOf(random, FOLLOWERS), [nodes.at(-1)?.[2][0] as string], ["y2"]]);
  return {
    label: `Conv ${JSON.stringify({ ...attributes, group, x: inputs.x?.shape, w: inputs.w?.shape })} ${nodes.length}`,
    nodes,
    opset: 15,
    inputs,
  };
}

function convTranspose(random: Random): ProductCase {
  const rank = oneOf(random, [1, 2, 3]);
  const each = (least: number, most: number) => Array.from({ length: rank }, () => upTo(random, least, most));
  const [taps, sizes, dilations, strides] = [each(1, 4), each(1, 6), each(1, 2), each(1, 3)];
  const pads = [...taps, ...taps].map((k, i) => Math.min(upTo(random, 0, 1), Math.floor(((k - 1) * (dilations[i % rank] as number)) / 2)));
  const output_padding = strides.map((stride, d) => Math.min(upTo(random, 0, stride - 1), (dilations[d] as number) - 1));
  const group = random() < 0.7 ? 1 : 2;
  const [N, C, O] = [upTo(random, 1, 2), upTo(random, 1, 4), upTo(random, 1, 9)];
  const inputs = {
    x: numbers(random, [N, C * group, ...sizes]),
    w: numbers(random, [C * group, O, ...taps]),
    ...(random() < 0.6 && { b: numbers(random, [O * group]) }),
  };
  const attributes = { kernel_shape: taps, strides, dilations, pads, output_padding, group };
  const nodes: TestNode[] = [["ConvTranspose", Object.keys(inputs), ["y0"], attributes]];
  return { label: `ConvTranspose ${JSON.stringify({ ...attributes, x: inputs.x.shape, w: inputs.w.shape })}`, nodes, opset: 15, inputs };
}

function matmul(random: Random): ProductCase {
  const [M, K, N] = [upTo(random, 1, 9), upTo(random, 1, 20), upTo(random, 1, 20)];
  const batch = Array.from({ length: upTo(random, 0, 2) }, () => upTo(random, 1, 3));
  const left = random() < 0.15 ? [K] : [...batch, M, K];
  const right = random() < 0.1 ? [K] : random() < 0.6 ? [K, N] : [...batch.map((size) => (random() < 0.5 ? 1 : size)), K, N];
  const inputs: Record<string, ReturnType<typeof numbers>> = { x: numbers(random, left), w: numbers(random, right) };
  const nodes: TestNode[] = [["MatMul", ["x", "w"], ["y0"]]];
  if (right.length > 1 && random() < 0.6) {
    inputs.b = numbers(random, oneOf(random, [[N], [1], [1, N]]));
    nodes.push(["Add", random() < 0.5 ? ["y0", "b"] : ["b", "y0"], ["y1"]]);
  }
  if (random() < 0.6) nodes.push([oneOf(random, FOLLOWERS), [nodes.at(-1)?.[2][0] as string], ["y2"]]);
  return { label: `MatMul [${left}] [${right}] ${inputs.b?.shape} ${nodes.length}`, nodes, opset: 15, inputs };
}

function gemm(random: Random): ProductCase {
  const [M, K, N] = [upTo(random, 1, 9), upTo(random, 1, 20), upTo(random, 1, 20)];
  const [transA, transB] = [upTo(random, 0, 1), upTo(random, 0, 1)];
  const alpha = { f: oneOf(random, [1, 0.5]) };
  const beta = { f: oneOf(random, [1, 2]) };
  const c = oneOf(random, [undefined, [N], [1, N], [M, N], [M, 1], [1]]);
  const inputs = {
    x: numbers(random, transA ? [K, M] : [M, K]),
    w: numbers(random, transB ? [N, K] : [K, N]),
    ...(c && { c: numbers(random, c) }),
  };
  const nodes: TestNode[] = [["Gemm", Object.keys(inputs), ["y0"], { alpha, beta, transA, transB }]];
  if (random() < 0.5) nodes.push([oneOf(random, FOLLOWERS), ["y0"], ["y2"]]);
  return { label: `Gemm ${JSON.stringify({ M, K, N, alpha, beta, transA, transB, c })} ${nodes.length}`, nodes, opset: 13, inputs };
}

function pooling(random: Random): ProductCase {
  const { sizes, attributes } = geometry(random, oneOf(random, [1, 2, 3]), true);
  const op = oneOf(random, ["MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool"]);
  const { dilations, ...others } = attributes;
  const ceil_mode = "auto_pad" in attributes ? 0 : upTo(random, 0, 1);
  const own: Attributes = op === "MaxPool" ? { ...attributes, ceil_mode } : { ...others, ceil_mode, count_include_pad: upTo(random, 0, 1) };
  const x = numbers(random, [upTo(random, 1, 2), upTo(random, 1, 3), ...sizes]);
  const nodes: TestNode[] = [[op, ["x"], ["y0"], op.startsWith("Global") ? {} : own]];
  return { label: `${op} ${JSON.stringify(own)} [${x.shape}]`, nodes, opset: 15, inputs: { x } };
}

function normalization(random: Random): ProductCase {
  const x = numbers(random, [upTo(random, 1, 3), 4, ...Array.from({ length: upTo(random, 1, 2) }, () => upTo(random, 2, 6))]);
  const kind = oneOf(random, [
    "BatchNormalization",
    "InstanceNormalization",
    "LayerNormalization",
    "GroupNormalization",
    "LpNormalization",
    "Softmax",
    "LogSoftmax",
  ]);
  const axis = upTo(random, 0, x.shape.length - 1);
  const one = (inputs: ProductCase["inputs"], attributes: TestNode[3], opset: number): ProductCase => ({
    ...{ label: `${kind} [${x.shape}] ${JSON.stringify(attributes)} ${opset}`, inputs: { x, ...inputs }, opset },
    nodes: [[kind, ["x", ...Object.keys(inputs)], ["y0"], attributes]],
  });
  const channels = () => numbers(random, [4]);
  if (kind === "BatchNormalization") {
    return one({ w: channels(), b: channels(), mean: channels(), variance: numbers(random, [4], 0.1, 2) }, {}, 15);
  }
  if (kind === "InstanceNormalization") return one({ w: channels(), b: channels() }, { epsilon: { f: 1e-3 } }, 15);
  if (kind === "LayerNormalization") {
    const shape = x.shape.slice(axis);
    return one({ w: numbers(random, shape), ...(random() < 0.5 && { b: numbers(random, shape) }) }, { axis }, 17);
  }
  if (kind === "GroupNormalization") return one({ w: numbers(random, [2]), b: numbers(random, [2]) }, { num_groups: 2 }, 18);
  if (kind === "LpNormalization") return one({}, { axis, p: upTo(random, 1, 2) }, 15);
  return one({}, { axis: random() < 0.5 ? axis : -1 }, oneOf(random, [11, 15]));
}

export const KINDS = { Conv: conv, ConvTranspose: convTranspose, MatMul: matmul, Gemm: gemm, pooling, normalization };

/** The file of a case. @param isGiven whether weights are inputs too */
export function modelOf({ nodes, inputs, opset }: ProductCase, isGiven: boolean): Uint8Array<ArrayBuffer> {
  const { x, ...others } = inputs as { x: { shape: number[]; data: Float32Array } } & ProductCase["inputs"];
  const given = isGiven ? inputs : { x };
  return onnxModel({
    opset,
    inputs: Object.entries(given).map(([name, { shape }]) => [name, "float32", shape]),
    outputs: [[nodes.at(-1)?.[2][0] as string, "float32"]],
    nodes,
    initializers: isGiven
      ? {}
      : Object.fromEntries(Object.entries(others).map(([name, { shape, data }]) => [name, { type: "float32", shape, data }])),
  });
}

/** By its definition, node after node. */
export function folded(
  graphNodes: readonly OnnxNode[],
  { inputs, opset }: ProductCase,
  operatorOf: typeof import("../../bindings/onnx/operators.js").operatorOf,
) {
  const values = new Map(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      { type: "float32" as const, shape, data: data as Float32Array | Float64Array },
    ]),
  );
  for (const node of graphNodes) {
    const results =
      operatorOf(node)?.fold?.(
        node,
        node.inputs.map((name) => values.get(name)),
        opset,
      ) ?? [];
    for (const [i, name] of node.outputs.entries()) values.set(name, results[i] as never);
  }
  return values.get(graphNodes.at(-1)?.outputs[0] as string) as { shape: readonly number[]; data: Float32Array };
}
