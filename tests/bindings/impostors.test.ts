/** What only passes for something: array-likes that lie, objects behind Proxies, options that change while they are read. */
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  ArgumentError,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  createRuntime,
  Dense,
  DTypeError,
  Embedding,
  FormatError,
  Frame,
  Generator,
  LSTM,
  MemoryError,
  MSELoss,
  Sequential,
  SGD,
  ShapeError,
  StepLR,
  sample,
  WasmRnnError,
} from "../../bindings/index.js";
import { expectBits } from "../helpers/compare.js";
import { expectRefusal, guarded } from "../helpers/refusal.js";
import { tokensOf } from "../helpers/runtime.js";

const { rt, refuse } = await guarded();
const bad = (value: unknown) => value as never;

describe("array-likes are read once", () => {
  it("a length that grows, an element that changes, a length that is false", () => {
    let asked = 0;
    const grows = Object.defineProperty({ 0: 1, 1: 2 }, "length", { get: () => (asked++ === 0 ? 2 : 5) });
    expectBits("grows", rt.tensor(bad(grows), [2]).toArray(), Float32Array.of(1, 2));
    const changes = Object.defineProperty({ length: 2, 1: 2 }, "0", { get: () => (asked++ % 2 === 0 ? "x" : 1) });
    asked = 1;
    expectBits("changes", rt.tensor(bad(changes), [2]).toArray(), Float32Array.of(1, 2));
    refuse(() => sample({ length: 2 ** 40, 0: 1 }), ArgumentError, "logits[1]: expected a number, got undefined");
  });

  it("a typed array counts by what it holds, whatever it says", () => {
    class Liar extends Float32Array {
      override get length() {
        return super.length + 1;
      }
    }
    expectBits("a subclass", rt.tensor(Liar.of(1, 2), [2]).toArray(), Float32Array.of(1, 2));
    const own = Object.defineProperty(Float32Array.of(1, 2), "length", { value: 3 });
    expectBits("an own length", rt.tensor(own, [2]).toArray(), Float32Array.of(1, 2));
    refuse((r) => r.tensor(own, [3]), ShapeError, "data: expected 3 elements, got 2");
    refuse((r) => r.tensor(Object.create(Float32Array.prototype), [2]), ArgumentError, "data: expected an array of numbers");
    refuse((r) => r.tensor(new Proxy(Float32Array.of(1, 2), {}), [2]), ArgumentError, "data: expected an array of numbers");
  });

  it("elements by their places are numbers, names are none", () => {
    const tensor = rt.tensor([1, 2], [2]);
    for (const index of ["length", "0", Symbol.iterator, 0.5, -1, 2, null])
      refuse(() => tensor.at(bad(index)), ArgumentError, "index: expected an integer in 0 … 1");
    expect(tensor.at(-0)).toBe(1);
  });
});

describe("what only passes for one", () => {
  const dense = new Dense(rt, { inputSize: 2, outputSize: 2 });
  const x = rt.tensor([1, 2], [1, 2]);
  const frame = new Frame(rt);

  it.each([
    ["behind a Proxy", <T extends object>(value: T) => new Proxy(value, {})],
    ["an heir", <T extends object>(value: T) => Object.create(value) as T],
    ["an heir of its class", <T extends object>(value: T) => Object.create(Object.getPrototypeOf(value)) as T],
  ])("is refused: %s", (_, of) => {
    refuse(() => dense.forward(of(x)), ArgumentError, "x: expected a Tensor");
    refuse(() => new Dense(of(rt), { inputSize: 1, outputSize: 1 }), ArgumentError, "runtime: expected a Runtime");
    refuse((r) => new Dense(r, { inputSize: 1, outputSize: 1, generator: of(new Generator(1)) }), ArgumentError, "generator: expected");
    refuse((r) => new Sequential(r, [of(dense)]), ArgumentError, "layers.0: expected a layer or a model");
    refuse(() => new Frame(of(rt)), ArgumentError, "runtime: expected a Runtime");
    const y = frame.record(() => dense.forward(x));
    refuse(() => frame.backward(of(y)), ArgumentError, "of: expected a Tensor, or a loss of this recording");
    refuse(() => frame.backward(y, { gradient: of(x) }), ArgumentError, "gradient: expected a Tensor");
    refuse(() => frame.backward(y, { inputs: [of(x)] }), ArgumentError, "inputs[0]: expected a Tensor");
    refuse(() => frame.gradient(of(x)), ArgumentError, "tensor: expected a Tensor");
    refuse(() => new SGD([of(dense.parameters()[0])], { lr: 1 }), ArgumentError, "parameters[0]: expected a parameter");
    const sgd = new SGD(dense.parameters(), { lr: 1 });
    refuse(() => new StepLR(of(sgd), { stepSize: 1 }), ArgumentError, "optimizer: expected the optimizer itself");
  });

  it("a real one is one, of its class and its bases, and of no other", () => {
    expect([dense instanceof Dense, dense instanceof LSTM, new MSELoss(rt) instanceof MSELoss]).toEqual([true, false, true]);
    expect([new MSELoss(rt) instanceof CrossEntropyLoss, new Sequential(rt, [dense]) instanceof Sequential]).toEqual([false, true]);
  });
});

describe("options", () => {
  it("are read once", () => {
    let asked = 0;
    const options = Object.defineProperty({ outputSize: 2 }, "inputSize", { enumerable: true, get: () => 3 + asked++ });
    const layer = new Dense(rt, bad(options));
    expect([asked, layer.inputSize, layer.parameters()[0]?.shape]).toEqual([1, 3, [2, 3]]);
  });

  it("null is no default", () => {
    for (const name of ["numLayers", "bias", "bidirectional", "batchFirst", "dropout", "dtype", "generator"])
      refuse((r) => new LSTM(r, bad({ inputSize: 2, hiddenSize: 2, [name]: null })), ArgumentError, `${name}: expected`, "got null");
    refuse((r) => r.zeros([1], bad({ dtype: null })), ArgumentError, "dtype: expected");
    refuse((r) => new MSELoss(r, bad({ reduction: null })), ArgumentError, "reduction: expected");
  });

  it("negative zero is zero", () => {
    const loss = new CrossEntropyLoss(rt, { labelSmoothing: -0, ignoreIndex: -0 });
    expect([loss.labelSmoothing, loss.ignoreIndex]).toEqual([0, 0]);
    expect(new Embedding(rt, { numEmbeddings: 2, embeddingDim: 1, paddingIdx: -0 }).paddingIdx).toBe(0);
  });

  it("messages are short and made of anything", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    refuse((r) => new Dense(r, proxy as never), ArgumentError, "options: expected an object that can be read, got an object");
    for (const text of [Symbol("s"), Object.create(null), proxy])
      expect(new ArgumentError(bad(text), "x", "y")).toBeInstanceOf(WasmRnnError);
  });
});

it("an error gives back what was taken on the way", () => {
  const entropy = new CrossEntropyLoss(rt);
  const logits = rt.zeros([2, 2, 3]);
  const classes = tokensOf(rt, [0, 1, 2, 3], [2, 2]);
  refuse(() => entropy.forward(logits, classes, { lengths: [2, 2] }), ArgumentError, "targets[3]");
  const bce = new BCEWithLogitsLoss(rt);
  const twos = rt.tensor(new Array(12).fill(2), [2, 2, 3]);
  refuse(() => bce.forward(logits, twos, { lengths: [2, 2] }), ArgumentError, "targets[0]");
  const dense = new Dense(rt, { inputSize: 3, outputSize: 3 });
  refuse(() => dense.stream({ batch: 2 ** 53 }), MemoryError, "memory");
});

it("tokens that came as floats: the cure is named", () => {
  const embedding = new Embedding(rt, { numEmbeddings: 3, embeddingDim: 2 });
  const floats = rt.tensor([0, 1], [2]);
  refuse(() => embedding.forward(floats), DTypeError, 'tokens: expected i32, got f32 (make it of an Int32Array, or with { dtype: "i32" })');
});

it("a model's stream takes all states or none, those of inner models too", () => {
  const inner = new Sequential(rt, [new LSTM(rt, { inputSize: 2, hiddenSize: 2 })]);
  const stream = new Sequential(rt, [new LSTM(rt, { inputSize: 2, hiddenSize: 2 }), inner]).stream({ batch: 2 });
  stream.input.fill(1);
  stream.step();
  const saved = stream.state as never as [{ h: Float32Array }, [{ h: Float32Array }]];
  stream.reset();
  const before = JSON.stringify(stream.state);
  refuse(
    () => Object.assign(stream, { state: [saved[0], [{ ...saved[1][0], h: [1] }]] }),
    ShapeError,
    "state[1][0].h: expected 4 elements, got 1",
  );
  for (const states of [[saved[0]], [...saved, saved[0]], saved[0], null])
    refuse(() => Object.assign(stream, { state: states }), ArgumentError, "state: expected an array of 2");
  expect(JSON.stringify(stream.state)).toBe(before);
  stream.state = saved as never;
  expectBits("h", (stream.state as never as typeof saved)[1][0].h, saved[1][0].h);
  stream.reset(0);
  expectBits("row 1", (stream.state as never as typeof saved)[1][0].h, [0, 0, ...saved[1][0].h.slice(2)]);
});

describe("a page's policy", () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each([
    new WebAssembly.CompileError("WebAssembly.compile(): Wasm code generation disallowed by embedder"),
    new WebAssembly.CompileError("call to WebAssembly.compile() blocked by CSP"),
    new EvalError("Refused to create a WebAssembly object"),
  ])("that forbids WebAssembly is named: %s", async (error) => {
    vi.spyOn(WebAssembly, "compile").mockRejectedValue(error);
    const refusal = await createRuntime().catch((caught: unknown) => caught);
    expectRefusal(
      () => {
        throw refusal;
      },
      FormatError,
      "'wasm-unsafe-eval'",
      error.message,
    );
  });
});
