import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Adam, CrossEntropyLoss, Dense, Embedding, Frame, LSTM, MemoryError, RNN, SGD, Softmax } from "../../bindings/index.js";
import { LinearMemory } from "../../bindings/memory.js";
import { draws, expectBits } from "../helpers/compare.js";
import { testRuntime, tokensOf } from "../helpers/runtime.js";
import { sweep } from "../helpers/sweep.js";

const ALIGN = 64;
const BASE = 1000; // no multiple of 64, as a binary's end may be
const roundUp = (bytes: number) => Math.ceil(bytes / ALIGN) * ALIGN;

/** allocate this many bytes, or free the block at this place in the list of those that live. */
type Step = { readonly bytes: number } | { readonly free: number };
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ bytes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100_000 })) }) },
    { weight: 2, arbitrary: fc.record({ free: fc.nat() }) },
  ),
  { maxLength: 60 },
);

describe("the allocator", () => {
  it("never overlaps, aligns, zeroes, counts, merges", () => {
    fc.assert(
      fc.property(steps, (todo: Step[]) => {
        const memory = new LinearMemory(2 ** 26);
        memory.start(BASE);
        const blocks: { ptr: number; bytes: number; mark: number }[] = [];
        const bytesOf = ({ ptr, bytes }: { ptr: number; bytes: number }) => new Uint8Array(memory.memory.buffer, ptr, roundUp(bytes));
        for (const [k, step] of todo.entries()) {
          if ("free" in step) {
            if (blocks.length === 0) continue;
            const [block] = blocks.splice(step.free % blocks.length, 1);
            memory.free(block.ptr);
          } else {
            const ptr = memory.allocate(step.bytes);
            const block = { ptr, bytes: step.bytes, mark: (k % 255) + 1 };
            expect(ptr % ALIGN).toBe(0);
            expect(ptr).toBeGreaterThanOrEqual(BASE);
            expect(ptr + roundUp(step.bytes)).toBeLessThanOrEqual(memory.byteLength);
            expect(bytesOf(block).every((byte) => byte === 0)).toBe(true);
            bytesOf(block).fill(block.mark);
            blocks.push(block);
          }
          expect(memory.bytesInUse).toBe(blocks.reduce((sum, { bytes }) => sum + roundUp(bytes), 0));
        }
        for (const block of blocks) expect(bytesOf(block).every((byte) => byte === block.mark)).toBe(true); // no other wrote here
        for (const { ptr } of blocks) memory.free(ptr);
        expect(memory.bytesInUse).toBe(0);
        const held = memory.byteLength;
        const all = memory.allocate(held - roundUp(BASE)); // one block again
        expect(all).toBe(roundUp(BASE));
        expect(memory.byteLength).toBe(held);
      }),
      { numRuns: 200 },
    );
  });

  it("grows to its maximum and not beyond", () => {
    const memory = new LinearMemory(3 * 65536 + 5);
    memory.start(BASE);
    memory.allocate(3 * 65536 - roundUp(BASE));
    expect(memory.byteLength).toBe(3 * 65536);
    expect(() => memory.allocate(1)).toThrow(MemoryError);
    expect(memory.bytesInUse).toBe(3 * 65536 - roundUp(BASE));
  });

  it("refuses to free what is not in use", () => {
    const memory = new LinearMemory();
    memory.start(BASE);
    const ptr = memory.allocate(100);
    for (const wrong of [0, ptr + 64, -1]) expect(() => memory.free(wrong)).toThrow(MemoryError);
    memory.free(ptr);
    expect(() => memory.free(ptr)).toThrow(`free: expected the address of a block in use, got ${ptr}`);
    expect(memory.bytesInUse).toBe(0);
  });
});

describe("growth", () => {
  it("leaves every view right, read anew", async () => {
    const rt = await testRuntime({ dtype: "f64" });
    const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 5 });
    const values = draws(1)(12);
    const tensor = rt.tensor(values, [2, 2, 3]);
    const stream = lstm.stream({ batch: 2 });
    const { output } = lstm.forward(tensor);
    const kept = output.toArray();
    const weights = lstm.parameters()[0].toArray();
    const [data, input] = [tensor.data, stream.input];
    expect(tensor.data).toBe(data); // no new view while memory stands
    expect(stream.input).toBe(input);
    stream.input.set(values.subarray(0, 6));
    const before = rt.memoryBytes;
    rt.zeros([2 ** 20]);
    expect(rt.memoryBytes).toBeGreaterThan(before);
    expect(data.length).toBe(0); // detached
    expectBits("tensor", tensor.data, values);
    expectBits("input", stream.input, values.subarray(0, 6));
    stream.step();
    expectBits("output", output.data, kept);
    expectBits("stream", stream.output, kept.subarray(0, 10));
    expectBits("weights", lstm.parameters()[0].toArray(), weights);
    lstm.backward(output);
    rt.dispose();
  });

  it.each(["clone", "tensor"] as const)("in the middle of %s keeps the data", async (how) => {
    const rt = await testRuntime({ dtype: "f64" });
    const values = draws(2)(2 ** 16);
    const tensor = rt.tensor(values, [2 ** 16]);
    const [bytes, held] = [rt.bytesInUse, rt.memoryBytes];
    for (let i = 1; i <= 8; i++) {
      const copy = how === "clone" ? tensor.clone() : rt.tensor(tensor.data, [2 ** 16]);
      expectBits(`copy ${i}`, copy.data, values);
      expect(rt.bytesInUse).toBe((i + 1) * bytes);
    }
    expect(rt.memoryBytes).toBeGreaterThan(held);
    rt.dispose();
  });
});

describe("a workspace that is replaced while it is read", () => {
  it.each([1, 2])("an output given as the next forward's state, %i layers", async (L) => {
    const rt = await testRuntime({ dtype: "f64" });
    const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 8, numLayers: L });
    const draw = draws(3);
    const short = rt.tensor(draw(L * 8 * 3), [L, 8, 3]);
    for (const T of [2, 3, 5, 40]) {
      const long = rt.tensor(draw(T * 8 * 3), [T, 8, 3]);
      const other = new LSTM(rt, { inputSize: 3, hiddenSize: 8, numLayers: L });
      for (const [i, parameter] of other.parameters().entries()) parameter.set(lstm.parameters()[i].toArray());
      const first = other.forward(short);
      const state = { h: first.output.clone(), c: first.state.c.clone() };
      const expected = lstm.forward(long, { state }).output.toArray();
      expectBits(`T=${T}`, other.forward(long, { state: { h: first.output, c: first.state.c } }).output.data, expected);
      other.dispose();
    }
    rt.dispose();
  });
});

describe("a gradient that is replaced while it is read", () => {
  it("a dX given as another backward's dState", async () => {
    const rt = await testRuntime({ dtype: "f64" });
    const draw = draws(4);
    for (const T of [2, 3, 5, 40]) {
      const rnn = new RNN(rt, { inputSize: 8, hiddenSize: 8 });
      const [short, long] = [rt.tensor(draw(64), [1, 8, 8]), rt.tensor(draw(T * 64), [T, 8, 8])];
      rnn.forward(short);
      const { dX } = rnn.backward(short);
      const kept = dX.clone();
      rnn.forward(long);
      const seen = rnn.backward(long, { h: dX }).dX.toArray();
      expectBits(`T=${T}`, seen, rnn.backward(long, { h: kept }).dX.toArray());
      rnn.dispose();
    }
    rt.dispose();
  });
});

const PASSES = sweep(100_000);

describe("what is in use", () => {
  it(`stays as it was over ${PASSES} forward and backward passes`, { timeout: 300_000 }, async () => {
    const rt = await testRuntime();
    const lstm = new LSTM(rt, { inputSize: 2, hiddenSize: 3 });
    const [x, dOutput] = [rt.tensor([1, 2, 3, 4], [2, 1, 2]), rt.tensor([1, 2, 3, 4, 5, 6], [2, 1, 3])];
    const pass = () => {
      lstm.forward(x);
      lstm.backward(dOutput);
    };
    for (let i = 0; i < 10; i++) pass();
    const [bytes, held] = [rt.bytesInUse, rt.memoryBytes];
    for (let i = 0; i < PASSES; i++) pass();
    expect([rt.bytesInUse, rt.memoryBytes]).toEqual([bytes, held]);
    rt.dispose();
  });

  it("is nothing after the last dispose, in whatever order", async () => {
    const rt = await testRuntime();
    const make = () => {
      const x = rt.tensor(draws(1)(24), [4, 2, 3]);
      const tokens = tokensOf(rt, [0, 1, 2, 0, 1, 2, 0, 1], [4, 2]);
      const options = { inputSize: 3, hiddenSize: 3, numLayers: 2 };
      const layers = [new RNN(rt, options), new LSTM(rt, options), new Dense(rt, { inputSize: 3, outputSize: 3 })];
      const embedding = new Embedding(rt, { numEmbeddings: 3, embeddingDim: 3 });
      const [loss, softmax] = [new CrossEntropyLoss(rt), new Softmax(rt)];
      const streams = [...layers, embedding].map((layer) => layer.stream({ batch: 2 }));
      const frames = layers.map(() => new Frame(rt));
      for (const [i, layer] of layers.entries()) {
        const forward = () => (layer instanceof Dense ? layer.forward(x) : layer.forward(x).output);
        const y = frames[i].record(forward);
        if (i < 2) frames[i].backward(y, { gradient: x, inputs: [x] }); // one stays recorded
        layer.forward(x);
        layer.backward(x);
      }
      embedding.forward(tokens);
      embedding.backward(x);
      softmax.forward(x);
      softmax.backward(x);
      const { dLogits } = loss.forward(x, tokens);
      const copy = dLogits.clone();
      const parameters = [...layers, embedding].flatMap((layer) => layer.parameters());
      const optimizers = [new SGD(parameters, { lr: 0.1, momentum: 0.9 }), new Adam(parameters)];
      for (const optimizer of optimizers) optimizer.step();
      for (const stream of streams) stream.step();
      return [x, tokens, ...layers, embedding, loss, softmax, ...streams, ...frames, copy, ...optimizers];
    };
    expect(rt.bytesInUse).toBe(0);
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (order) => {
        const things = make();
        expect(rt.bytesInUse).toBeGreaterThan(0);
        while (things.length > 0) things.splice((order.next().value ?? 0) % things.length, 1)[0].dispose();
        expect(rt.bytesInUse).toBe(0);
      }),
      { numRuns: 30 },
    );
    make();
    rt.dispose();
    expect(rt.bytesInUse).toBe(0);
  });
});
