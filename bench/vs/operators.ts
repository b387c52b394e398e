/** Operators beside onnxruntime-web (a model of one node each, one thread, its Wasm backend), interleaved; each result is compared before it is timed. */
import { assertClose, numbers } from "../harness.js";
import { createRuntime, Frame, operators as ops } from "./library.js";
import { type Attribute, oneNode } from "./onnx.js";

/** The part of the peer that is used; it is installed on first use alone. */
interface Peer {
  readonly env: { wasm: { numThreads: number }; logLevel: string };
  readonly Tensor: new (type: "float32", data: Float32Array, shape: number[]) => { readonly data: Float32Array };
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: object): Promise<{ y?: { data: Float32Array } }>; release(): Promise<void> }>;
  };
}

const NAME = "onnxruntime-web";
const ort: Peer = await import(NAME as string);

type Rt = Awaited<ReturnType<typeof createRuntime>>;
type Tensor = ReturnType<Rt["tensor"]>;

interface Row {
  readonly family: string;
  readonly name: string;
  readonly op: string;
  readonly shapes: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly attributes?: readonly Attribute[];
  /** Inputs of integers behind those of real numbers. */
  readonly integers?: readonly { readonly data: readonly number[]; readonly shape: readonly number[] }[];
  run(...inputs: Tensor[]): Tensor;
}

const [L2, L3] = [
  [128, 256],
  [1024, 512],
];
const both = (f: (shape: number[]) => Row) => [L2, L3].map((shape) => f(shape as number[]));

const ROWS: readonly Row[] = [
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
];

const SECONDS = process.argv.includes("--quick") ? 0.1 : 0.5;

async function main(): Promise<void> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  const build = process.argv.includes("--baseline") ? "baseline" : undefined;
  const rt = await createRuntime(build ? { build } : {});
  await ops.loadOperators(rt);
  const families = new Map<string, number[]>();
  console.log(`${process.version}, ${rt.build}; µs, minima of interleaved runs`);
  for (const row of ROWS) {
    const [ours, theirs] = await timed(rt, row);
    const ratio = theirs / ours;
    families.set(row.family, [...(families.get(row.family) ?? []), ratio]);
    const size = row.shapes.map((shape) => shape.join("x")).join(" ");
    console.log(
      `${row.family.padEnd(9)}${row.name.padEnd(24)}${size.padEnd(24)}${ours.toFixed(1).padStart(9)}${theirs.toFixed(1).padStart(11)}${`${ratio.toFixed(2)}×`.padStart(9)}`,
    );
  }
  const geomean = (values: readonly number[]) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
  for (const [family, ratios] of families)
    console.log(`${family.padEnd(57)}geometric mean ${geomean(ratios).toFixed(2)}×, least ${Math.min(...ratios).toFixed(2)}×`);
  console.log(`${"all".padEnd(57)}geometric mean ${geomean([...families.values()].flat()).toFixed(2)}×`);
  rt.dispose();
}

async function timed(rt: Rt, row: Row): Promise<[number, number]> {
  const session = await ort.InferenceSession.create(oneNode(row.op, row), { executionProviders: ["wasm"] });
  const data = row.shapes.map((shape) => Float32Array.from(numbers(shape.reduce((a, b) => a * b, 1)), (v) => v + 0.75)); // over 0: for sqrt
  const inputs = data.map((values, i) => rt.tensor(values, row.shapes[i] as number[]));
  const feeds = Object.fromEntries(data.map((values, i) => [`x${i}`, new ort.Tensor("float32", values, [...(row.shapes[i] as number[])])]));
  const frame = new Frame(rt);
  const ours = () => frame.run(() => row.run(...inputs));
  const theirs = () => session.run(feeds);
  assertClose(row.name, ours().toArray(), ((await theirs()).y?.data ?? []) as Float32Array, 1e-5);
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const until = performance.now() + 2000 * SECONDS;
  for (let round = 0; round < 5 || performance.now() < until; round++) {
    for (const which of [0, 1] as const) {
      const begin = performance.now();
      let calls = 0;
      for (; calls < 3 || performance.now() - begin < 2; calls++)
        if (which === 0) ours();
        else await theirs();
      best[which] = Math.min(best[which] as number, ((performance.now() - begin) / calls) * 1000);
    }
  }
  for (const each of [frame, ...inputs]) each.dispose();
  await session.release();
  return best as [number, number];
}

await main();
