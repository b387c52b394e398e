/** Sessions of ONNX: results that are fed again, streams, many shapes, and what is refused at the door. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ArgumentError, DisposedError, DTypeError, LSTM, type Runtime, ShapeError, StaleError, type Tensor } from "../../bindings/index.js";
import { saveNpy } from "../../bindings/numpy.js";
import { exportOnnx, loadOnnx } from "../../bindings/onnx.js";
import { onnxModel, type TestTensor } from "../helpers/onnx.js";
import { operatorRuntime } from "../helpers/runtime.js";

let rt: Runtime;
let lstm: LSTM;
let bytes: Uint8Array;
beforeAll(async () => {
  rt = await operatorRuntime();
  lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 5 });
  bytes = exportOnnx(lstm, { states: true });
});
afterAll(() => rt.dispose());

const STEPS = 6;
const sample = (t: number) => Float32Array.from({ length: 3 }, (_, k) => Math.sin(3 * t + k));

/** What the layer gives for all steps at once. */
function expected(): number[] {
  const x = rt.tensor(
    Float32Array.from({ length: 3 * STEPS }, (_, i) => Math.sin(i)),
    [STEPS, 1, 3],
  );
  const all = [...lstm.forward(x).output.toArray()];
  x.dispose();
  return all;
}

function expectNear(ours: readonly number[], theirs: readonly number[]): void {
  expect(ours).toHaveLength(theirs.length);
  for (const [i, value] of theirs.entries()) expect(Math.abs((ours[i] as number) - value)).toBeLessThan(1e-6);
}

describe("state", () => {
  test("may be fed as it came, without a clone", async () => {
    using session = await loadOnnx(rt, bytes);
    using zeros = rt.zeros([1, 1, 5]);
    using x = rt.zeros([1, 1, 3]);
    let [h0, c0]: Tensor[] = [zeros, zeros];
    const outputs: number[] = [];
    for (let t = 0; t < STEPS; t++) {
      const { y, hn, cn } = await session.run({ x: x.set(sample(t)), h0: h0 as Tensor, c0: c0 as Tensor });
      outputs.push(...(y as Tensor).toArray());
      [h0, c0] = [hn as Tensor, cn as Tensor];
    }
    expectNear(outputs, expected());
  });

  test("may be fed to a run of other shapes", async () => {
    using session = await loadOnnx(rt, bytes);
    using zeros = rt.zeros([1, 1, 5]);
    const outputs: number[] = [];
    let [h0, c0]: Tensor[] = [zeros, zeros];
    for (const [from, count] of [
      [0, 1],
      [1, 3],
      [4, 2],
    ] as const) {
      using x = rt.tensor(
        Float32Array.from({ length: 3 * count }, (_, i) => Math.sin(3 * from + i)),
        [count, 1, 3],
      );
      const { y, hn, cn } = await session.run({ x, h0: h0 as Tensor, c0: c0 as Tensor });
      outputs.push(...(y as Tensor).toArray());
      [h0, c0] = [hn as Tensor, cn as Tensor];
    }
    expectNear(outputs, expected());
  });

  test("is carried by a stream, can be read, set, and begun again", async () => {
    using session = await loadOnnx(rt, bytes);
    using stream = session.stream();
    using x = rt.zeros([1, 1, 3]);
    const step = (t: number) => [...(stream.step({ x: x.set(sample(t)) }).y as Tensor).toArray()];
    const outputs = Array.from({ length: STEPS }, (_, t) => step(t));
    expectNear(outputs.flat(), expected());
    stream.reset();
    expect(step(0)).toEqual(outputs[0]);
    const { state } = stream;
    expect(Object.keys(state)).toEqual(["h0", "c0"]);
    expect(step(1)).toEqual(outputs[1]);
    stream.state = state;
    expect(step(1)).toEqual(outputs[1]);
    expect(() => {
      stream.state = { h0: [1] };
    }).toThrow(new ShapeError("state.h0", "5 numbers", "1"));
  });

  test("a batch wants its states, and says so", async () => {
    using session = await loadOnnx(rt, exportOnnx(new LSTM(rt, { inputSize: 3, hiddenSize: 4 }), { states: true }));
    using stream = session.stream();
    const x = rt.zeros([1, 8, 3]);
    expect(() => stream.step({ x })).toThrow(
      "feeds.x: expected N of 1, as h0 has it (for another begin with tensors of it: stream({ initial: { h0: … } })), got 8",
    );
    expect(stream.step({ x: rt.zeros([2, 1, 3]) }).y?.shape).toEqual([2, 1, 4]); // as it was
    const zeros = rt.zeros([1, 8, 4]);
    expect(session.stream({ initial: { h0: zeros, c0: zeros } }).step({ x }).y?.shape).toEqual([1, 8, 4]);
  });

  test("is paired by hand where no names tell", async () => {
    const swapped = onnxModel({
      inputs: [
        ["a", "float32", [2]],
        ["b", "float32", [2]],
      ],
      outputs: [["sum", "float32"]],
      nodes: [["Add", ["a", "b"], ["sum"]]],
    });
    using session = await loadOnnx(rt, swapped);
    expect(() => session.stream()).toThrow(
      'got none whose names tell (stream({ state: { input: "output", … } }) pairs the inputs a, b with the outputs sum)',
    );
    expect(() => session.stream({ state: { a: "none" } })).toThrow("state.a: expected an output, of sum");
    using stream = session.stream({ state: { a: "sum" } });
    using b = rt.tensor([1, 2], [2]);
    for (let t = 0; t < 3; t++) stream.step({ b });
    expect([...(stream.state.a ?? [])]).toEqual([3, 6]);
    expect(() => stream.step({ a: b, b })).toThrow("feeds.a: expected inputs that are no state");
  });
});

test("a file of another kind is named, with who reads it", async () => {
  const npy = saveNpy({ shape: [1], data: Float32Array.of(1) });
  await expect(loadOnnx(rt, npy)).rejects.toThrow(
    "onnx: expected a file of ONNX, got a NumPy array (.npy): loadNpy of wasm-rnn/numpy reads it",
  );
});

test("results are stale from the next run on, and gone with the session", async () => {
  const session = await loadOnnx(rt, bytes);
  const feeds = { x: rt.zeros([2, 1, 3]), h0: rt.zeros([1, 1, 5]), c0: rt.zeros([1, 1, 5]) };
  const { y } = await session.run(feeds);
  const kept = (y as Tensor).clone();
  await session.run(feeds);
  expect(() => (y as Tensor).toArray()).toThrow(StaleError);
  const { y: last } = await session.run(feeds);
  expect((last as Tensor).toArray()).toEqual(kept.toArray());
  session.dispose();
  expect(() => (last as Tensor).toArray()).toThrow(DisposedError);
  await expect(session.run(feeds)).rejects.toThrow(DisposedError);
  for (const tensor of [...Object.values(feeds), kept]) tensor.dispose();
});

test("more shapes than are kept give what each gave, and hold no more", async () => {
  using session = await loadOnnx(rt, bytes);
  using h0 = rt.zeros([1, 1, 5]);
  const round = async () => {
    const all: number[][] = [];
    for (let T = 1; T <= 20; T++) {
      using x = rt.tensor(
        Float32Array.from({ length: 3 * T }, (_, i) => Math.sin(i)),
        [T, 1, 3],
      );
      all.push([...((await session.run({ x, h0, c0: h0 })).y as Tensor).toArray()]);
    }
    return all;
  };
  const first = await round();
  const bytesHeld = rt.bytesInUse;
  expect(await round()).toEqual(first);
  expect(rt.bytesInUse).toBe(bytesHeld);
});

test("numbers that shapes follow from may change, and the result of one be fed to the next", async () => {
  const sizes: TestTensor = { type: "int64", shape: [1], data: [-1] };
  const model = onnxModel({
    inputs: [
      ["x", "float32", ["N"]],
      ["n", "int64", [1]],
    ],
    outputs: [["y", "float32"]],
    nodes: [
      ["Concat", ["n", "rest"], ["shape"], { axis: 0 }],
      ["Reshape", ["x", "shape"], ["r"]],
      ["Transpose", ["r"], ["t"], { perm: [1, 0] }],
      ["Reshape", ["t", "rest"], ["y"]],
    ],
    initializers: { rest: sizes },
  });
  using session = await loadOnnx(rt, model);
  using x = rt.tensor([0, 1, 2, 3, 4, 5], [6]);
  const by = (n: number) => rt.tensor(Int32Array.of(n), [1]);
  using two = by(2);
  using three = by(3);
  const { y } = await session.run({ x, n: two });
  expect([...(y as Tensor).toArray()]).toEqual([0, 3, 1, 4, 2, 5]);
  const { y: back } = await session.run({ x: y as Tensor, n: three });
  expect([...(back as Tensor).toArray()]).toEqual([0, 1, 2, 3, 4, 5]);
});

test("what does not fit is refused at the door, and the last results stay", async () => {
  using session = await loadOnnx(rt, bytes);
  using h0 = rt.zeros([1, 1, 5]);
  using x = rt.zeros([2, 1, 3]);
  using wide = rt.zeros([2, 1, 4]);
  using whole = rt.zeros([2, 1, 3], { dtype: "i32" });
  const { y } = await session.run({ x, h0, c0: h0 });
  await expect(session.run({ x, h0 } as never)).rejects.toThrow(ArgumentError);
  await expect(session.run({ x, h0, c0: h0, z: x })).rejects.toThrow("feeds: expected x, h0, c0, got z beside them");
  await expect(session.run({ x: wide, h0, c0: h0 })).rejects.toThrow(ShapeError);
  await expect(session.run({ x: whole, h0, c0: h0 })).rejects.toThrow(DTypeError);
  expect((y as Tensor).toArray()).toHaveLength(10);
});

test("a stream refuses what is no state, and holds nothing then", async () => {
  const names = ["a", "b", "constructor"];
  const model = onnxModel({
    inputs: names.map((name) => [name, "float32", [2]] as const),
    outputs: [
      ["sum", "float32"],
      ["difference", "float32"],
    ],
    nodes: [
      ["Sum", names, ["sum"]],
      ["Sub", ["a", "b"], ["difference"]],
    ],
  });
  using session = await loadOnnx(rt, model);
  using x = rt.tensor([1, 2], [2]);
  using whole = rt.zeros([2], { dtype: "i32" });
  const before = rt.bytesInUse;
  const state = { a: "sum", constructor: "difference" };
  const refused: [object, string][] = [
    [{ state: null }, "state: expected an object, got null"],
    [{ state: { a: "sum", b: "sum" } }, "state.b: expected an output for each input alone, got sum again"],
    [{ state, initial: null }, "initial: expected an object, got null"],
    [{ state, initial: { a: x, constructor: {} } }, "initial.constructor: expected a Tensor, got"],
    [{ state, initial: { a: whole } }, "initial.a: expected f32 (float32), got i32"],
  ];
  for (const [options, message] of refused) expect(() => session.stream(options), message).toThrow(message);
  expect(rt.bytesInUse).toBe(before);
  using stream = session.stream({ state, initial: { a: x } });
  for (const feeds of [null, undefined, 5]) expect(() => stream.step(feeds as never)).toThrow("feeds: expected an object");
  stream.step({ b: x });
  expect(Object.entries(stream.state).map(([name, numbers]) => [name, [...numbers]])).toEqual([
    ["a", [2, 4]],
    ["constructor", [0, 0]],
  ]);
  for (const values of [null, { a: null, constructor: [1, 2] }, { a: [9, 9], constructor: ["x", {}] }])
    expect(() => {
      stream.state = values as never;
    }).toThrow(ArgumentError);
  expect([...(stream.state.a ?? [])]).toEqual([2, 4]);
});
