/**
 * Nodes drawn at random, most of them without sense: what runs gives by kernels what the definition gives, twice; what does not is refused in words,
 * and nothing is left.
 */
import { expect, test } from "vitest";
import { Generator, type Runtime, WasmRnnError } from "../../bindings/index.js";
import { type Constant, constantOf } from "../../bindings/onnx/constant.js";
import { isFloat } from "../../bindings/onnx/element-types.js";
import { readGraph } from "../../bindings/onnx/graph.js";
import { OPERATORS, operatorOf } from "../../bindings/onnx/operators.js";
import { type ProtoGraph, readModel } from "../../bindings/onnx/proto.js";
import { loadOnnx } from "../../bindings/onnx.js";
import { onnxModel, type TestAttribute, type TestTensor } from "../helpers/onnx.js";
import { operatorRuntime } from "../helpers/runtime.js";

const SEEDS = 4000;
const SHAPES = [[], [0], [1], [2], [3], [2, 3], [3, 3], [2, 0], [2 ** 20, 0], [1, 2, 3], [1, 1, 4, 4], [2, 2, 3], [2, 1, 3, 2]];
const USUAL = [0, 1, 2, 3, -1, 1, 1, 2];
const EXTREME = [0, 1, 2, -1, -2, 5, 100, 2 ** 31, -(2 ** 31), 2 ** 40, -(2 ** 40), 2 ** 20, 2 ** 62];
const WORDS = ["reflect", "edge", "constant", "add", "max", "SAME_UPPER", "VALID", "forward", "bidirectional"];

interface Case {
  readonly label: string;
  readonly bytes: Uint8Array;
  readonly opset: number;
  readonly fed: Readonly<Record<string, TestTensor>>;
  readonly known: Readonly<Record<string, TestTensor>>;
  readonly isUsual: boolean;
}

function caseOf(seed: number): Case {
  const random = new Generator(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)] as T;
  const ops = Object.keys(OPERATORS);
  const op = ops[seed % ops.length] as string;
  const isUsual = random.uniform() < 0.7;
  const number = () => pick(isUsual ? USUAL : EXTREME);
  const real = () => pick([number(), 4 * random.uniform() - 2, 4 * random.uniform() - 2, Number.NaN, Number.POSITIVE_INFINITY]);
  const common = pick(["float32", "int64"]);
  const tensor = (): TestTensor => {
    const [shape, type] = [pick(SHAPES), pick([common, common, "int64", "bool"])];
    const draw = type === "float32" ? real : type === "bool" ? () => pick([0, 1]) : number;
    return { type, shape, data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw) };
  };
  const [fed, known]: Record<string, TestTensor>[] = [{}, {}] as [Record<string, TestTensor>, Record<string, TestTensor>];
  const names = Array.from({ length: 1 + Math.floor(random.uniform() * 4) }, (_, i) => {
    const [drawn, where] = [tensor(), random.uniform()];
    if (where < 0.1) return "";
    const isFed = where < 0.5 && !drawn.shape.includes(0);
    ((isFed ? fed : known) as Record<string, TestTensor>)[`t${i}`] = drawn;
    return `t${i}`;
  });
  const attributes: Record<string, TestAttribute> = {};
  const kinds: readonly (() => TestAttribute)[] = [
    number,
    () => ({ f: number() }),
    () => Array.from({ length: 1 + Math.floor(4 * random.uniform()) }, number),
    () => pick(WORDS),
  ];
  for (const name of OPERATORS[op]?.attributes ?? []) if (random.uniform() < 0.5) attributes[name] = pick(kinds)();
  const opset = pick([9, 11, 13, 17]);
  const bytes = onnxModel({
    inputs: Object.entries(fed ?? {}).map(([name, { type, shape }]) => [name, type, shape]),
    outputs: [["y", "float32"]],
    nodes: [[op, names, random.uniform() < 0.3 ? ["y", "z"] : ["y"], attributes]],
    initializers: known ?? {},
    opset,
  });
  return { label: `seed ${seed}: ${op}`, bytes, opset, fed: fed ?? {}, known: known ?? {}, isUsual };
}

/** By the definition, where there is one. */
function expectedOf({ bytes, opset, fed, known }: Case): Constant | undefined {
  const [node] = readGraph(readModel(bytes).graph as ProtoGraph).nodes;
  if (!node) return undefined;
  const constants = node.inputs.map((name) => {
    const { type, shape, data } = known[name] ?? fed[name] ?? ({} as TestTensor);
    return type && constantOf(type as "float32", shape, data);
  });
  return operatorOf(node)?.fold?.(node, constants as (Constant | undefined)[], opset)[0];
}

function expectSame(label: string, got: { shape: readonly number[]; data: ArrayLike<number> }, want: Constant): void {
  expect(got.shape, label).toEqual(want.shape);
  for (let i = 0; i < want.data.length; i++) {
    const [a, b] = [got.data[i] as number, want.data[i] as number];
    const whole = Number.isNaN(b) ? 0 : Math.trunc(Math.min(Math.max(b, -(2 ** 31)), 2 ** 31 - 1)); // as integers are kept
    const isSame = isFloat(want.type) ? Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-5 + 1e-4 * Math.abs(b) : a === whole;
    if (!isSame) expect.fail(`${label}, [${i}]: ${a}, expected ${b}`);
  }
}

async function ran(rt: Runtime, { bytes, fed }: Case): Promise<{ shape: readonly number[]; data: ArrayLike<number> }[]> {
  using session = await loadOnnx(rt, bytes);
  const clamped = (value: number) => Math.max(Math.min(value, 2 ** 31 - 1), -(2 ** 31));
  const feeds = Object.fromEntries(
    Object.entries(fed).map(([name, { type, shape, data }]) => {
      const isReal = type === "float32";
      const numbers = isReal ? data : Int32Array.from(data, clamped);
      return [name, rt.tensor(numbers, shape.length === 0 ? [1] : shape, { dtype: isReal ? "f32" : "i32" })];
    }),
  );
  try {
    const results: { shape: readonly number[]; data: ArrayLike<number> }[] = [];
    for (let time = 0; time < 2; time++) {
      const { y } = await session.run(feeds);
      results.push({ shape: y?.shape ?? [], data: y?.toArray() ?? [] });
    }
    return results;
  } finally {
    for (const tensor of Object.values(feeds)) tensor.dispose();
  }
}

test(`${SEEDS} nodes`, async () => {
  using rt = await operatorRuntime();
  const before = rt.bytesInUse;
  let runs = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const one = caseOf(seed);
    try {
      const results = await ran(rt, one);
      const want = one.isUsual ? expectedOf(one) : undefined;
      if (want) for (const got of results) expectSame(one.label, got, want);
      if (want) runs++;
    } catch (error) {
      if (!(error instanceof WasmRnnError)) throw new Error(one.label, { cause: error });
    }
    if (rt.bytesInUse !== before) expect.fail(`${one.label}: ${rt.bytesInUse - before} bytes are left`);
  }
  expect(runs).toBeGreaterThan(SEEDS / 8);
});
