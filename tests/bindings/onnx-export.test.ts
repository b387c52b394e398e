/** Models as files of ONNX: what lies in them, that they come back, and what is refused. tests/peers has them in ONNX Runtime. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LSTMP, MinGRU } from "../../bindings/cells.js";
import {
  ArgumentError,
  Dense,
  DisposedError,
  DTypeError,
  Embedding,
  GRU,
  LastStep,
  type Layer,
  LSTM,
  MeanPool,
  Model,
  RNN,
  type Runtime,
  Sequential,
  Softmax,
  type Tensor,
} from "../../bindings/index.js";
import { readGraph } from "../../bindings/onnx/graph.js";
import { operatorOf } from "../../bindings/onnx/operators.js";
import { readModel } from "../../bindings/onnx/proto.js";
import { type ExportOnnxOptions, exportOnnx, loadOnnx } from "../../bindings/onnx.js";
import { draws, expectBits, expectEach } from "../helpers/compare.js";
import { EXPORT_CASES } from "../helpers/exported-models.js";
import { expectRefusal } from "../helpers/refusal.js";
import { operatorRuntime, parameterOf } from "../helpers/runtime.js";

let rt: Runtime;
const draw = draws(29);
beforeAll(async () => {
  rt = await operatorRuntime();
});
afterAll(() => rt.dispose());

type Exportable = Layer | Model;

function scrambled<Of extends Exportable>(model: Of): Of {
  for (const parameter of model.parameters()) parameter.set(draw(parameter.toArray().length, 0.7));
  return model.eval() as Of;
}

function graphOf(bytes: Uint8Array) {
  const { graph } = readModel(bytes);
  if (!graph) throw new Error("no graph");
  return readGraph(graph);
}

/** A constant of the file; there must be one. */
function constantOf(bytes: Uint8Array, name: string) {
  const found = graphOf(bytes).constants.get(name);
  if (!found) throw new Error(`no ${name} among ${[...graphOf(bytes).constants.keys()]}`);
  return found;
}

describe("the file", () => {
  test("says who made it, and of which version it is", () => {
    const { irVersion, producer, opsets, metadata } = readModel(exportOnnx(new Softmax(rt)));
    expect({ irVersion, producer, opsets: [...opsets], metadata: { ...metadata } }).toEqual({
      ...{ irVersion: 8, producer: "wasm-rnn", opsets: [["", 15]] },
      metadata: { producer: "wasm-rnn" },
    });
  });

  test("has the same bytes each time, and takes no memory of the runtime", () => {
    const model = new Sequential(rt, [new GRU(rt, { inputSize: 3, hiddenSize: 4, learnedState: true }), new MeanPool(rt)]);
    const before = rt.bytesInUse;
    const [first, second] = [exportOnnx(model, { lengths: true }), exportOnnx(model, { lengths: true })];
    expectBits("bytes", first, second);
    expect(rt.bytesInUse).toBe(before);
  });

  test.each([
    [LSTM, "LSTM", [0, 3, 1, 2]],
    [GRU, "GRU", [1, 0, 2]],
    [RNN, "RNN", [0]],
  ] as const)("%o: the gates in ONNX's order, both directions, biases of x and h apart", (Class, op, order) => {
    const [I, H, G] = [3, 5, order.length];
    const layer = scrambled(new Class(rt, { inputSize: I, hiddenSize: H, bidirectional: true }));
    const bytes = exportOnnx(layer);
    const rows = (name: string, columns: number) => {
      const numbers = parameterOf(layer, name).toArray();
      return order.flatMap((gate) => [...numbers.slice(gate * H * columns, (gate + 1) * H * columns)]);
    };
    const both = (name: string, columns: number) => [...rows(`${name}_l0`, columns), ...rows(`${name}_l0_reverse`, columns)];
    const biases = ["_l0", "_l0_reverse"].flatMap((suffix) => [...rows(`bias_ih${suffix}`, 1), ...rows(`bias_hh${suffix}`, 1)]);
    const [W, R, B] = ["W", "R", "B"].map((name) => constantOf(bytes, `${op}_l0.${name}`));
    expect([W?.shape, R?.shape, B?.shape]).toEqual([[2, G * H, I], [2, G * H, H], [2, 2 * G * H]]); // biome-ignore format: shapes
    expectBits("W", W?.data as Float32Array, both("weight_ih", I));
    expectBits("R", R?.data as Float32Array, both("weight_hh", H));
    expectBits("B", B?.data as Float32Array, biases);
  });

  test("names the axes that are free, and fixes those that have sizes", () => {
    const layers = () => ({
      lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 4, numLayers: 2, batchFirst: true }),
      gru: new GRU(rt, { inputSize: 4, hiddenSize: 5, batchFirst: true }),
      pool: new LastStep(rt),
    });
    const ports = (options: ExportOnnxOptions) => {
      const { inputs, outputs } = graphOf(exportOnnx(new Sequential(rt, layers()), options));
      return Object.fromEntries([...inputs, ...outputs].map(({ name, type, shape }) => [name, [type, ...(shape ?? [])]]));
    };
    expect(ports({})).toEqual({ x: [1, "N", "T", 3], y: [1, "N", 5] });
    expect(ports({ axes: [2, "steps"], lengths: true })).toEqual({ x: [1, 2, "steps", 3], lengths: [6, 2], y: [1, 2, 5] });
    expect(ports({ states: true })).toEqual({
      ...{ x: [1, "N", "T", 3], "lstm.h0": [1, 2, "N", 4], "lstm.c0": [1, 2, "N", 4], "gru.h0": [1, 1, "N", 5] },
      ...{ y: [1, "N", 5], "lstm.hn": [1, 2, "N", 4], "lstm.cn": [1, 2, "N", 4], "gru.hn": [1, 1, "N", 5] },
    });
  });

  test("a layer of bf16 is written with its parameters, which are f32", () => {
    const layer = scrambled(new LSTM(rt, { inputSize: 3, hiddenSize: 4, weights: "bf16" }));
    const twin = new LSTM(rt, { inputSize: 3, hiddenSize: 4 });
    for (const { name, toArray } of layer.parameters()) parameterOf(twin, name).set(toArray());
    expectBits("bytes", exportOnnx(layer), exportOnnx(twin));
  });
});

describe("what is exported loads here, and gives the same numbers", () => {
  test.for(EXPORT_CASES)("%s", async ([, { model: make, shape: shapeOf, tokens, options = {} }], { skip }) => {
    const [T, N] = [5, 2];
    const model = scrambled(make(rt));
    const bytes = exportOnnx(model, options);
    const unknown = graphOf(bytes).nodes.find((node) => !operatorOf(node));
    skip(unknown !== undefined, `loadOnnx does not know ${unknown?.op}`);
    const shape = shapeOf(T, N);
    const numbers = draw(shape.reduce((a, b) => a * b, 1));
    const x = tokens
      ? rt.tensor(
          Int32Array.from(numbers, (value) => Math.floor(((value + 1) / 2) * tokens)),
          shape,
        )
      : rt.tensor(numbers, shape);
    const lengths = options.lengths ? [3, 5] : undefined;
    const result = (model as Layer & { forward(x: Tensor, options?: object): Tensor | { output: Tensor } }).forward(
      x,
      lengths ? { lengths } : {},
    );
    const expected = "output" in result ? result.output : result;
    const session = await loadOnnx(rt, bytes);
    const { y } = session.runSync({ x, ...(lengths && { lengths: rt.tensor(Int32Array.from(lengths), [N]) }) });
    expect(y?.shape).toEqual(expected.shape);
    expectEach("y", y?.toArray() as Float32Array, expected.toArray(), 1e-5, 1e-5);
    session.dispose();
    model.dispose();
  });
});

class Own extends Model {
  forward(x: Tensor): Tensor {
    return (this.layers.head as Dense).forward(x);
  }
}
class Doubled extends Dense {
  override forward(x: Tensor): Tensor {
    return super.forward(super.forward(x));
  }
}
class Named extends Sequential {}

describe("refusals", () => {
  const dense = (inputSize = 3, outputSize = 3) => new Dense(rt, { inputSize, outputSize });

  test("what ONNX cannot express is listed at once, by name, with the reason", () => {
    const size = { inputSize: 3, hiddenSize: 3 };
    const model = new Sequential(rt, {
      first: dense(),
      minimal: new MinGRU(rt, size),
      projected: new LSTMP(rt, { ...size, projSize: 2 }),
      inner: new Sequential(rt, { bounded: new LSTMP(rt, { ...size, cellClip: 1 }), own: new Own(rt, { head: dense() }) }),
      doubled: new Doubled(rt, { inputSize: 3, outputSize: 3 }),
    });
    const faults = [
      "5 that it cannot",
      "minimal (MinGRU): ONNX has no operator for it",
      "projected (LSTMP): ONNX's LSTM has no projection",
      "inner.bounded (LSTMP): ONNX's LSTM has no bound of c",
      "inner.own (Own): its forward is code of its own",
      "doubled (Dense): ONNX has no operator for it",
    ];
    expectRefusal(() => exportOnnx(model), ArgumentError, "layers that ONNX can express", ...faults);
    expectRefusal(() => exportOnnx(new Own(rt, { head: dense() })), ArgumentError, "the model (Own): its forward is code of its own");
  });

  test("an heir whose passes are the class's is one of the class", () => {
    const head = dense();
    expectBits("bytes", exportOnnx(new Named(rt, { head })), exportOnnx(new Sequential(rt, { head: scrambledTwin(head) })));
  });

  function scrambledTwin(layer: Dense): Dense {
    const twin = dense();
    for (const { name, toArray } of layer.parameters()) parameterOf(twin, name).set(toArray());
    return twin;
  }

  test("layers that do not fit one another", () => {
    const lstm = () => new LSTM(rt, { inputSize: 3, hiddenSize: 4 });
    expectRefusal(() => exportOnnx(new Sequential(rt, { lstm: lstm(), head: dense() })), ArgumentError, "3 features for head", "got 4");
    expectRefusal(() => exportOnnx(new Sequential(rt, [new LastStep(rt), lstm()])), ArgumentError, "sequences for 1", "one row for each");
    const embedding = new Embedding(rt, { numEmbeddings: 7, embeddingDim: 3 });
    expectRefusal(() => exportOnnx(new Sequential(rt, { head: dense(), embedding })), ArgumentError, "tokens for embedding");
  });

  test("names that no file holds", () => {
    expectRefusal(() => exportOnnx(new Sequential(rt, { "a\ud800": dense() })), ArgumentError, "its name is not well-formed text");
    expectRefusal(() => exportOnnx(dense(), { axes: ["\udc00"] }), ArgumentError, "axes[0]");
  });

  test("options that it cannot take", () => {
    const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 4 });
    expectRefusal(() => exportOnnx(dense(), { lengths: true }), ArgumentError, "lengths", "no layer of this model heeding them");
    expectRefusal(() => exportOnnx(new LastStep(rt), { states: true }), ArgumentError, "states", "no layer of this model having one");
    expectRefusal(() => exportOnnx(lstm, { axes: ["T"] }), ArgumentError, "axes: expected two, T and N, got 1");
    expectRefusal(() => exportOnnx(lstm, { axes: ["T", 0] }), ArgumentError, "axes[1]", "a positive integer or a name", "got 0");
    expectRefusal(() => exportOnnx(lstm, { opset: 17 } as object), ArgumentError, "only axes, lengths, states, dtype", "opset");
    expectRefusal(() => exportOnnx(lstm, { dtype: "f16" } as object), ArgumentError, "dtype");
    expectRefusal(() => exportOnnx(lstm, { states: 1 } as object), ArgumentError, "states");
    expectRefusal(() => exportOnnx({} as Layer), ArgumentError, "a layer or a model");
  });

  test("f64, unless it may be rounded, and what f32 does not hold", () => {
    const head = new Dense(rt, { inputSize: 2, outputSize: 1, dtype: "f64" });
    parameterOf(head, "weight").set([0.1, 1e300]);
    expectRefusal(() => exportOnnx(head), DTypeError, "Dense", 'dtype: "f32"', "got f64");
    expectRefusal(() => exportOnnx(head, { dtype: "f32" }), ArgumentError, "Dense.weight[1]", "finite in f32", "1e+300");
    parameterOf(head, "weight").set([0.1, Number.POSITIVE_INFINITY]);
    expectBits("weight", constantOf(exportOnnx(head, { dtype: "f32" }), "Dense.weight").data, [Math.fround(0.1), Number.POSITIVE_INFINITY]);
  });

  test("after the end", () => {
    const gone = dense();
    gone.dispose();
    expectRefusal(() => exportOnnx(gone), DisposedError, "Dense");
  });
});
