/** Products, convolutions, pooling and normalization of ONNX: kernels and their twins in JavaScript, and what is fused beside what is not. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ArgumentError, FormatError, MemoryError, type Runtime, type Tensor } from "../../bindings/index.js";
import { fused } from "../../bindings/onnx/fuse.js";
import { readGraph } from "../../bindings/onnx/graph.js";
import { operatorOf } from "../../bindings/onnx/operators.js";
import { readModel } from "../../bindings/onnx/proto.js";
import { loadOnnx, type OnnxSession } from "../../bindings/onnx.js";
import { onnxModel, type TestNode } from "../helpers/onnx.js";
import { folded, KINDS, modelOf, type ProductCase, randomOf } from "../helpers/onnx-products.js";
import { operatorRuntime } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

/** The second run's: what a plan keeps between runs would show. */
async function built(one: ProductCase, bytes: Uint8Array): Promise<{ shape: readonly number[]; data: ArrayLike<number> }> {
  const session = await loadOnnx(rt, bytes);
  const feeds = Object.fromEntries(
    session.inputs.map(({ name }) => [name, rt.tensor(one.inputs[name]?.data as Float32Array, one.inputs[name]?.shape as number[])]),
  );
  const noise = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, size }]) => [name, rt.tensor(new Float32Array(size).fill(0.5), shape)]),
  );
  await session.run(noise);
  const y = Object.values(await session.run(feeds))[0];
  const result = { shape: [...(y?.shape ?? [])], data: y?.toArray() ?? [] };
  session.dispose();
  for (const tensor of [...Object.values(feeds), ...Object.values(noise)]) tensor.dispose();
  return result;
}

function expectSame(got: { shape: readonly number[]; data: ArrayLike<number> }, expected: typeof got, label: string, bound: number): void {
  expect(got.shape, label).toEqual(expected.shape);
  const most = Math.max(...Array.from(expected.data, Math.abs), 1);
  for (let i = 0; i < expected.data.length; i++)
    expect(Math.abs((got.data[i] as number) - (expected.data[i] as number)), `${label} [${i}]`).toBeLessThan(bound * most);
}

describe.each(Object.entries(KINDS))("%s", (name, draw) => {
  test("by kernels gives what its definition gives, with weights of the file and with weights that are fed", async () => {
    const random = randomOf(printedSeed(name));
    const before = rt.memory.bytesInUse;
    for (let i = 0; i < 40; i++) {
      const one = draw(random);
      const graph = readGraph(readModel(modelOf(one, true)).graph as never);
      const expected = folded(graph.nodes, one, operatorOf);
      const joined = folded(fused(graph).nodes, one, operatorOf);
      expectSame(joined, expected, `${one.label}, joined`, 1e-6);
      expectSame(await built(one, modelOf(one, false)), expected, one.label, 1e-5);
      expectSame(await built(one, modelOf(one, true)), expected, `${one.label}, fed`, 1e-5);
    }
    expect(rt.memory.bytesInUse).toBe(before);
  });
});

const WILD = [-1, 0, 3, 7, 1000, 2 ** 20, 2 ** 28, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53];

/** One attribute's numbers, or their count, are another's. */
function spoiled(one: ProductCase, random: () => number): ProductCase {
  const [[op, inputs, outputs, attributes = {}], ...rest] = one.nodes as [TestNode, ...TestNode[]];
  const names = Object.keys(attributes).filter((name) => typeof attributes[name] === "number" || Array.isArray(attributes[name]));
  const name = names[Math.floor(random() * names.length)];
  const wild = () => WILD[Math.floor(random() * WILD.length)] as number;
  if (name === undefined) return one;
  const list = attributes[name];
  const other = Array.isArray(list)
    ? random() < 0.2
      ? [...list, wild()]
      : list.map((value) => (random() < 0.5 ? wild() : value))
    : wild();
  return { ...one, label: `${one.label}, ${name} ${other}`, nodes: [[op, inputs, outputs, { ...attributes, [name]: other }], ...rest] };
}

test("geometry without sense is refused at once, and leaves nothing behind", async () => {
  const random = randomOf(printedSeed("spoiled"));
  const before = rt.memory.bytesInUse;
  for (let i = 0; i < 150; i++) {
    const draw = Object.values(KINDS)[i % 6] as (random: () => number) => ProductCase;
    const one = spoiled(draw(random), random);
    const start = performance.now();
    const feeds: Record<string, Tensor> = {};
    let session: OnnxSession | undefined;
    try {
      session = await loadOnnx(rt, modelOf(one, i % 2 === 0));
      for (const { name } of session.inputs)
        feeds[name] = rt.tensor(one.inputs[name]?.data as Float32Array, one.inputs[name]?.shape as number[]);
      await session.run(feeds);
    } catch (error) {
      const isTyped = [FormatError, ArgumentError, MemoryError].some((kind) => error instanceof kind);
      if (!isTyped) throw new Error(one.label, { cause: error });
    }
    session?.dispose();
    for (const feed of Object.values(feeds)) feed.dispose();
    expect(performance.now() - start, one.label).toBeLessThan(5000);
    expect(rt.memory.bytesInUse, one.label).toBe(before);
  }
}, 60_000);

test("a product takes along what follows it, where nothing else reads what lies between", () => {
  const inputs = [["x", "float32", [1, 2]]] as const;
  const weights = { w: { type: "float32", shape: [2, 2], data: [1, 2, 3, 4] }, b: { type: "float32", shape: [2], data: [1, 1] } };
  const nodes = [
    ["MatMul", ["x", "w"], ["y0"]],
    ["Add", ["b", "y0"], ["y1"]],
    ["Relu", ["y1"], ["y2"]],
  ] as const;
  const after = (outputs: string[]) =>
    fused(
      readGraph(
        readModel(onnxModel({ inputs, outputs: outputs.map((name) => [name, "float32"]), nodes, initializers: weights })).graph as never,
      ),
    ).nodes.map(({ op, tail }) => [op, ...tail.map(({ node }) => node.op)]);
  expect(after(["y2"])).toEqual([["MatMul", "Add", "Relu"]]);
  expect(after(["y1", "y2"])).toEqual([["MatMul", "Add"], ["Relu"]]);
  expect(after(["y0", "y2"])).toEqual([["MatMul"], ["Add"], ["Relu"]]);
});

test("plans that are made once are not where an earlier step writes", async () => {
  const halves = {
    type: "float32",
    shape: [6, 3],
    data: Array.from({ length: 18 }, (_, k) => (k % 3 === Math.floor(k / 3) % 3 ? 0.5 : 0)),
  };
  const names = Array.from({ length: 12 }, (_, i) => `v${i}`);
  const nodes = names.flatMap((name, i): TestNode[] => {
    const from = i === 0 ? "x" : (names[i - 1] as string);
    return [
      ["Neg", [from], [`n${i}`]],
      ["Transpose", [`n${i}`], [`t${i}`], { perm: [1, 0] }],
      ["Concat", [`t${i}`, `t${i}`], [`c${i}`], { axis: 1 }],
      ["Neg", [`c${i}`], [`d${i}`]],
      ["MatMul", [`d${i}`, "halves"], [`m${i}`]],
      ["Sub", ["x", `m${i}`], [name]],
    ];
  });
  const bytes = onnxModel({ inputs: [["x", "float32", [3, 3]]], outputs: [["v11", "float32"]], nodes, initializers: { halves } });
  const session = await loadOnnx(rt, bytes);
  const x = Float32Array.from({ length: 9 }, (_, i) => i + 1);
  const expected = names.reduce((v) => v.map((_, k) => (x[k] as number) - (v[(k % 3) * 3 + Math.floor(k / 3)] as number)), [...x]);
  const feed = rt.tensor(x, [3, 3]);
  for (let run = 0; run < 3; run++) expect([...((await session.run({ x: feed })).v11?.toArray() ?? [])]).toEqual(expected);
  session.dispose();
});

test("weights are packed once for all shapes that are run", async () => {
  const x = { shape: [3, 64], data: new Float32Array(192).fill(1) };
  const w = { type: "float32", shape: [64, 512], data: new Float32Array(64 * 512).fill(0.5) };
  const bytes = onnxModel({
    inputs: [["x", "float32", ["n", 64]]],
    outputs: [["y", "float32"]],
    nodes: [["MatMul", ["x", "w"], ["y"]]],
    initializers: { w },
  });
  const session = await loadOnnx(rt, bytes);
  await session.run({ x: rt.tensor(x.data, x.shape) });
  const before = rt.memory.bytesInUse;
  for (const n of [1, 2, 4, 5]) {
    const { y } = await session.run({ x: rt.tensor(new Float32Array(64 * n).fill(1), [n, 64]) });
    expect([...(y?.toArray() ?? [])]).toEqual(new Array(512 * n).fill(32));
  }
  expect(rt.memory.bytesInUse - before).toBeLessThan(64 * 512 * 4);
  session.dispose();
});
