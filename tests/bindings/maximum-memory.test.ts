import { describe, expect, it } from "vitest";
import { Adam, Dense, Embedding, LSTM, MemoryError } from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { expectRefusal, guarded } from "../helpers/refusal.js";
import { gradientsOf } from "../helpers/runtime.js";

const MEBIBYTE = 2 ** 20;
const TEXT = "memory: expected at most 1048576 bytes (maximumMemory), got a need for ";
const small = () => guarded({ maximumMemory: MEBIBYTE, dtype: "f64" });

describe("memory beyond the maximum", () => {
  it("is refused to tensors and layers, and nothing has changed", async () => {
    const { rt, refuse } = await small();
    const half = rt.zeros([2 ** 16]);
    half.data.fill(1);
    refuse((r) => r.zeros([2 ** 16]), MemoryError, TEXT);
    refuse((r) => r.tensor(new Float64Array(2 ** 16), [2 ** 16]), MemoryError, TEXT);
    refuse(() => half.clone(), MemoryError, TEXT);
    for (const size of [2 ** 40, 1e200]) refuse((r) => r.zeros([size, size]), MemoryError, TEXT);
    refuse((r) => new LSTM(r, { inputSize: 1000, hiddenSize: 1000 }), MemoryError, TEXT);
    refuse((r) => new Dense(r, { inputSize: 2 ** 31, outputSize: 2 ** 31 }), MemoryError, TEXT);
    refuse((r) => new Embedding(r, { numEmbeddings: 2 ** 53, embeddingDim: 1 }), MemoryError, TEXT);
    expect(half.data.every((v) => v === 1)).toBe(true);
    half.dispose();
    rt.zeros([2 ** 16]).dispose(); // there is room again
    rt.dispose();
  });

  // An f64 step of this LSTM keeps 9 + 9 + 48 numbers on the tape; its backward takes 48 + 3 more, and 131 KB of scratch.
  it.each([
    ["forward", 2000],
    ["backward", 1200],
    ["stream", 1],
  ] as const)("fails a layer's %s, which leaks nothing and goes on", async (where, T) => {
    const { rt, expectUsable } = await small();
    const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 9 });
    const [x, dOutput] = [rt.tensor(draws(1)(12), [2, 2, 3]), rt.tensor(draws(1)(36), [2, 2, 9])];
    const [long, dLong] = [rt.zeros([T, 1, 3]), rt.zeros([where === "backward" ? T : 1, 1, 9])];
    const pass = () => {
      lstm.zeroGrad();
      return [lstm.forward(x).output.toArray(), lstm.backward(dOutput).dX.toArray(), ...Object.values(gradientsOf(lstm))];
    };
    const before = pass();
    const bytes: number[] = [];
    for (let i = 0; i < 3; i++) {
      if (where === "backward") lstm.forward(long);
      const act = { forward: () => lstm.forward(long), backward: () => lstm.backward(dLong), stream: () => lstm.stream({ batch: 5000 }) }[
        where
      ];
      expectRefusal(act, MemoryError, TEXT);
      for (const [k, values] of pass().entries()) expectBits(`part ${k}`, values, before[k]);
      bytes.push(rt.bytesInUse);
    }
    expect(bytes).toEqual([bytes[0], bytes[0], bytes[0]]);
    expectUsable();
    for (const thing of [lstm, x, dOutput, long, dLong]) thing.dispose();
    expectUsable();
    rt.dispose();
  });

  it("fails an optimizer's step, which does not count", async () => {
    const { rt } = await small();
    const dense = new Dense(rt, { inputSize: 90, outputSize: 90 });
    const x = rt.tensor(draws(1)(90), [90]);
    const initial = dense.parameters().map((parameter) => parameter.toArray());
    const stepped = (adam: Adam) => {
      dense.zeroGrad();
      dense.forward(x);
      dense.backward(x);
      adam.step();
      return dense.parameters().map((parameter) => parameter.toArray());
    };
    using fresh = new Adam(dense.parameters());
    const expected = stepped(fresh);
    fresh.dispose();
    for (const [i, parameter] of dense.parameters().entries()) parameter.set(initial[i]);

    const adam = new Adam(dense.parameters());
    const rest = rt.zeros([Math.floor((MEBIBYTE - rt.bytesInUse - 100_000) / 8)]); // room for one moment of the two
    expectRefusal(() => stepped(adam), MemoryError, TEXT);
    for (const [i, parameter] of dense.parameters().entries()) expectBits(parameter.name, parameter.toArray(), initial[i]);
    rest.dispose();
    for (const [i, values] of stepped(adam).entries()) expectBits(`parameter ${i}`, values, expected[i]);
    expect(adam.state().step).toBe(1);
    rt.dispose();
  });
});
