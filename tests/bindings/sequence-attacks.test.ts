/** What hostile callers have tried on wasm-rnn/sequence and wasm-rnn/cells: fields that the kernels trust, lists that call back, cells and encoders that give what does not fit. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LSTMP, MinGRU, ScanLayer } from "../../bindings/cells.js";
import { ArgumentError, DisposedError, Frame, LSTM, Model, type Runtime, ShapeError, type Tensor } from "../../bindings/index.js";
import { add, reshape, slice } from "../../bindings/ops.js";
import { Attention, CRF, CRFLoss, CTCBeamStream, CTCLoss, ctcBeam, ctcGreedy, Seq2Seq } from "../../bindings/sequence.js";
import { operatorRuntime } from "../helpers/runtime.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ seed: 1 });
});
afterAll(() => rt.dispose());

const numbers = (n: number) => Array.from({ length: n }, (_, i) => Math.sin(i + 1));
const tensor = (...shape: number[]) => rt.tensor(numbers(shape.reduce((a, b) => a * b)), shape);
/** A list whose first number ends something when it is read. */
const ending = (values: number[], end: () => void): number[] => {
  const list = [...values];
  Object.defineProperty(list, 0, {
    get: () => {
      end();
      return values[0];
    },
  });
  return list;
};

test("a memory's fields are out of reach, and no other object is one", () => {
  const attention = new Attention(rt, { querySize: 3, keySize: 3, score: "dot" });
  const [query, key] = [tensor(2, 3), tensor(4, 2, 3)];
  using frame = new Frame(rt);
  frame.record(() => {
    const memory: Loose = attention.memory(key, { lengths: [4, 2] });
    expect(() => Object.assign(memory, { rows: 5000 })).toThrow(TypeError); // getters alone
    Object.defineProperty(memory, "rows", { value: 5000 });
    expect(() => attention.step(query, memory, { rows: [3000, 1] })).toThrow(/^rows\[0\]: expected/);
    for (const other of [Object.create(memory), new Proxy(memory, {}), { ...memory }, new memory.constructor(attention, key, key), null])
      expect(() => attention.step(query, other)).toThrow(ArgumentError);
    attention.step(query, memory);
  });
  for (const each of [attention, query, key]) each.dispose();
});

describe("lists that end what is in use", () => {
  test("CTCLoss", () => {
    const bytes = rt.bytesInUse;
    for (const what of ["logits", "targets", "loss"]) {
      const loss = new CTCLoss(rt);
      const [logits, targets] = [tensor(3, 2, 3), rt.tensor(Int32Array.of(1, 2), [2, 1])];
      const lengths = ending([3, 2], () => ({ logits, targets, loss })[what]?.dispose());
      expect(() => loss.forward(logits, targets, { lengths }), what).toThrow(DisposedError);
      for (const each of [loss, logits, targets]) each.dispose();
      expect(rt.bytesInUse, what).toBe(bytes);
    }
  });

  test("CRF", () => {
    const bytes = rt.bytesInUse;
    for (const what of ["emissions", "targets", "crf"]) {
      for (const call of ["loss", "decode", "marginals"]) {
        if (what === "targets" && call !== "loss") continue;
        const crf = new CRF(rt, { numTags: 3 });
        const loss = new CRFLoss(crf);
        const [emissions, targets] = [tensor(3, 2, 3), rt.tensor(new Int32Array(6), [3, 2])];
        const options = { lengths: ending([3, 2], () => ({ emissions, targets, crf })[what]?.dispose()) };
        const run = { loss: () => loss.forward(emissions, targets, options), decode: () => crf.decode(emissions, options) };
        const all: Record<string, () => unknown> = { ...run, marginals: () => crf.marginals(emissions, options) };
        expect(all[call], `${what} in ${call}`).toThrow(DisposedError);
        for (const each of [loss, crf, emissions, targets]) each.dispose();
        expect(rt.bytesInUse, `${what} in ${call}`).toBe(bytes);
      }
    }
    const crf = new CRF(rt, { numTags: 2 });
    expect(() => crf.decode({ data: ending([1, 2], () => crf.dispose()), shape: [1, 2] })).toThrow(DisposedError);
    expect(rt.bytesInUse).toBe(bytes);
  });

  test("recurrent layers: nothing is taken after the end", () => {
    const bytes = rt.bytesInUse;
    for (const Layer of [LSTM, LSTMP, MinGRU] as Loose[]) {
      const layer = new Layer(rt, { inputSize: 3, hiddenSize: 4 });
      const x = tensor(3, 2, 3);
      expect(() => layer.forward(x, { lengths: ending([3, 2], () => layer.dispose()) })).toThrow(DisposedError);
      x.dispose();
      layer.dispose();
      expect(rt.bytesInUse, Layer.name).toBe(bytes);
    }
  });
});

test("a loss of another CRF is refused", () => {
  const [crf, other] = [new CRF(rt, { numTags: 3 }), new CRF(rt, { numTags: 3 })];
  const [loss, x, tags] = [new CRFLoss(other), tensor(2, 1, 3), rt.tensor(Int32Array.of(0, 1), [2, 1])];
  expect(() => loss.forward(crf.forward(x), tags)).toThrow(
    "emissions: expected those of this loss's CRF, got what another CRF handed through",
  );
  expect(loss.forward(other.forward(x), tags).loss).toBeGreaterThan(0);
  for (const each of [crf, other, loss, x, tags]) each.dispose();
});

describe("a cell of one's own", () => {
  const layerOf = (cell: (x: Tensor) => unknown, description: object = {}) => {
    class Own extends ScanLayer {
      constructor() {
        const parameters = (I: number, H: number) => ({ weight_ih: [H, I] });
        super(rt, { inputSize: 3, hiddenSize: 3 }, { name: "Own", states: ["h"], parameters, ...description } as Loose);
      }
      protected override cell(_: unknown, x: Tensor): Loose {
        return cell(x);
      }
    }
    return new Own();
  };
  const step = (x: Tensor, { h }: { h: Tensor }) => ({ h: add(x, h) });

  test.each<[string, (x: Tensor) => unknown, RegExp]>([
    ["fewer steps", (x) => ({ x: slice(x, [[0, 1]]), step }), /^x of the cell: expected \[3, 2, …\], got \[1, 2, 3\]/],
    ["more rows", (x) => ({ x: reshape(x, [2, 3, 3]), step }), /^x of the cell: expected \[3, 2, …\], got \[2, 3, 3\]/],
    ["nothing", () => null, /^x of the cell: expected a Tensor/],
    ["no step", (x) => ({ x }), /^step of the cell: expected a function/],
    ["a step that gives nothing", (x) => ({ x, step: () => null }), /^step of the cell: expected a function that gives the states/],
  ])("%s", (_, cell, message) => {
    const [layer, x] = [layerOf(cell), tensor(3, 2, 3)];
    expect(() => layer.forward(x)).toThrow(message);
    layer.dispose();
    x.dispose();
  });

  test("a description that is none", () => {
    const bytes = rt.bytesInUse;
    for (const description of [{ name: 5 }, { states: ["c"] }, { states: ["h", "h"] }, { parameters: undefined }])
      expect(() => layerOf(() => null, description)).toThrow(ArgumentError);
    expect(rt.bytesInUse).toBe(bytes);
  });
});

test.each<[string, (N: number) => unknown, Loose, RegExp]>([
  ["nothing", () => undefined, ArgumentError, /^output of the encoder: expected a Tensor/],
  ["h by name", (N) => ({ output: rt.zeros([2, N, 4]), state: {} }), ArgumentError, /^state of the encoder: expected a Tensor/],
  [
    "other rows",
    (N) => ({ output: rt.zeros([2, N, 4]), state: rt.zeros([N + 1, 4]) }),
    ShapeError,
    /^state of the encoder: expected \[1, 4\]/,
  ],
])("an encoder that gives %s", (_, given, type, message) => {
  class Encoder extends Model {
    outputSize = 4;
    stateSize = 4;
    override forward(source: Tensor): Loose {
      return given(source.shape[1] as number);
    }
  }
  const encoder = new Encoder(rt, { inner: new LSTM(rt, { inputSize: 1, hiddenSize: 1 }) });
  const sizes = { sourceVocabularySize: 3, targetVocabularySize: 4, embeddingDim: 2, hiddenSize: 4, bos: 2, eos: 3 };
  const model = new Seq2Seq(rt, sizes, { encoder: encoder as Loose });
  expect(() => model.greedy([[0, 1]], { length: 3 })).toThrow(type);
  expect(() => model.greedy([[0, 1]], { length: 3 })).toThrow(message);
  model.dispose();
});

describe("scores of a beam", () => {
  test("may not push, however deep", () => {
    const stream: CTCBeamStream = new CTCBeamStream({ score: () => stream.push([0, 1]) as Loose });
    expect(() => stream.push([0, 1])).toThrow(/leaves its stream alone/);
    const ends: CTCBeamStream = new CTCBeamStream({ score: () => ends.end().length });
    expect(() => ends.push([0, 1])).toThrow(/leaves its stream alone/);
  });

  test("add up to a number", () => {
    expect(() => ctcBeam([[0, 1]], { score: () => 1e308 })).toThrow(ArgumentError);
    const many = Array.from({ length: 50 }, () => [0, 1, 2]);
    for (const { score } of ctcBeam(many, { score: () => 9e99 })) expect(Number.isFinite(score)).toBe(true);
  });
});

test("what predict gives goes into the decoders, one result for each", () => {
  const samples = [3, 2].map((T) => ({ data: Float32Array.from(numbers(T * 3)), shape: [T, 3] }));
  expect(ctcGreedy(samples)).toEqual(samples.map((each) => ctcGreedy(each)));
  expect(ctcBeam(samples)).toEqual(samples.map((each) => ctcBeam(each)));
  expect(() => ctcGreedy([samples[0], { data: [1], shape: [1, 2] }] as Loose)).toThrow(/^logits\[1\]/);
  const crf = new CRF(rt, { numTags: 3 });
  expect(crf.decode(samples)).toEqual(samples.flatMap((each) => crf.decode(each)));
  expect(() => crf.decode([samples[0], 1] as Loose)).toThrow(/^emissions\[1\]/);
  crf.dispose();
});

test("weights of another clip, or of other activations, are refused", async () => {
  const { ActivatedRNN } = await import("../../bindings/cells.js");
  const { Sequential } = await import("../../bindings/index.js");
  const sizes = { inputSize: 2, hiddenSize: 3 };
  const pairs: [Loose, object, object][] = [
    [LSTMP, { cellClip: 0.1 }, {}],
    [LSTMP, {}, { cellClip: 0.1 }],
    [LSTM, { residual: true, numLayers: 2 }, { numLayers: 2 }],
    [ActivatedRNN, { activations: ["Relu"] }, {}],
  ];
  for (const [Layer, from, to] of pairs) {
    const [a, b] = [from, to].map((options) => new Sequential(rt, { layer: new Layer(rt, { ...sizes, ...options }) })) as [Loose, Loose];
    expect(() => b.load(a.save()), JSON.stringify([from, to])).toThrow(/expected weights for/);
    b.load(b.save());
    for (const each of [a, b]) each.dispose();
  }
});
