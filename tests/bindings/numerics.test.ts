import { afterAll, describe, expect, it } from "vitest";
import { ArgumentError, CrossEntropyLoss, clipGradNorm, Dense, Generator, LSTM, Softmax } from "../../bindings/index.js";
import { draws, expectBits, expectClose } from "../helpers/compare.js";
import { expectRefusal } from "../helpers/refusal.js";
import { DTYPES, operatorRuntime, tokensOf } from "../helpers/runtime.js";
import { make, RECURRENT_KINDS, rowsOf } from "../helpers/sequence.js";

const runtimes = { f32: await operatorRuntime({ dtype: "f32" }), f64: await operatorRuntime({ dtype: "f64" }) };
afterAll(() => {
  for (const rt of Object.values(runtimes)) rt.dispose();
});

describe.each(DTYPES)("NaN and ∞ in %s", (dtype) => {
  const rt = runtimes[dtype];
  const [T, N, I] = [4, 7, 3];

  it.each(
    RECURRENT_KINDS.flatMap((kind) => [5, 8, 37].map((H) => [kind, H] as const)),
  )("a NaN in one row of %s, H=%i, reaches all that follows from it and no other row", (kind, H) => {
    const layer = make(rt, kind, { inputSize: I, hiddenSize: H });
    const draw = draws(H);
    const [x, dOutput] = [draw(T * N * I), draw(T * N * H)];
    const run = (values: Float64Array) => {
      const output = layer.forward(rt.tensor(values, [T, N, I])).output.toArray();
      const { dX, dState } = layer.backward(rt.tensor(dOutput, [T, N, H]));
      return { output, dX: dX.toArray(), dh: dState.h.toArray() };
    };
    const clean = run(x);
    for (let n = 0; n < N; n++) {
      const soiled = x.slice();
      soiled[(1 * N + n) * I + 1] = Number.NaN; // at step 1
      const seen = run(soiled);
      for (let other = 0; other < N; other++) {
        const row = (data: ArrayLike<number>, width: number) => rowsOf(data, N, width, other, 1);
        if (other !== n) {
          expectBits("output", row(seen.output, H), row(clean.output, H));
          expectBits("dX", row(seen.dX, I), row(clean.dX, I));
          expectBits("dh0", row(seen.dh, H), row(clean.dh, H));
        } else {
          expectBits("output before it", row(seen.output, H).slice(0, H), row(clean.output, H).slice(0, H));
          expect(row(seen.output, H).slice(H).every(Number.isNaN)).toBe(true);
          expect(row(seen.dh, H).every(Number.isNaN)).toBe(true);
        }
      }
    }
  });

  it.each([1, 5, 8, 9])("∞ in x saturates an LSTM's gates and leaves finite gradients of the state, H=%i", (H) => {
    const layer = new LSTM(rt, { inputSize: 2, hiddenSize: H });
    const sign = draws(H);
    for (const parameter of layer.parameters()) parameter.set(sign(parameter.toArray().length).map((v) => v + Math.sign(v) * 0.1));
    const run = (value: number) => {
      const { output } = layer.forward(rt.tensor([0.1, 0.2, value, 0.3, 0.1, 0.1], [3, 1, 2]));
      const values = output.toArray();
      const { dX, dState } = layer.backward(rt.tensor(new Float64Array(3 * H).fill(1), [3, 1, H]));
      return [values, dState.h.toArray(), dState.c.toArray(), dX.toArray()];
    };
    const [infinite, huge] = [run(Number.POSITIVE_INFINITY), run(1e30)];
    for (const [i, name] of ["output", "dh0", "dc0", "dX"].entries()) expectBits(name, infinite[i], huge[i]);
  });

  it("logits far apart give exact probabilities, and rows do not disturb each other", () => {
    const z = [1000, -1000, 0, 0, 0, 0, -1e30, 1e30, 0, Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY];
    const p = new Softmax(rt).forward(rt.tensor(z, [4, 3])).data;
    expectClose("p", p, [1, 0, 0, 1 / 3, 1 / 3, 1 / 3, 0, 1, 0, 0, 1, 0], 1e-7);
    const { loss, dLogits } = new CrossEntropyLoss(rt).forward(rt.tensor(z, [4, 3]), tokensOf(rt, [1, 0, 1, 1]));
    expectClose("loss", [loss], [(2000 + Math.log(3)) / 4], 1e-6);
    expectClose("dLogits", dLogits.data, [0.25, -0.25, 0, -1 / 6, 1 / 12, 1 / 12, 0, 0, 0, 0, 0, 0], 1e-6);
  });

  it("a NaN among the logits makes the loss NaN and its row alone", () => {
    for (let at = 0; at < 11; at++) {
      const z = draws(1)(22);
      z[at] = Number.NaN;
      const { loss, dLogits } = new CrossEntropyLoss(rt).forward(rt.tensor(z, [2, 11]), tokensOf(rt, [10, 3]));
      expect(loss).toBeNaN();
      expect(Array.from(dLogits.data.subarray(0, 11)).every(Number.isNaN)).toBe(true);
      expect(Array.from(dLogits.data.subarray(11)).every(Number.isFinite)).toBe(true);
      const p = new Softmax(rt).forward(rt.tensor(z, [2, 11])).data;
      expect([Array.from(p.subarray(0, 11)).every(Number.isNaN), Array.from(p.subarray(11)).some(Number.isNaN)]).toEqual([true, false]);
    }
  });

  it("a norm that is not finite is returned, and nothing is scaled", () => {
    const dense = new Dense(rt, { inputSize: 2, outputSize: 1 });
    dense.forward(rt.tensor([1, 2], [2]));
    dense.backward(rt.tensor([Number.POSITIVE_INFINITY], [1]));
    const before = dense.parameters().map(({ grad }) => [...grad]);
    expect(clipGradNorm(dense.parameters(), 1)).toBe(Number.POSITIVE_INFINITY);
    expect(dense.parameters().map(({ grad }) => [...grad])).toEqual(before);
  });
});

describe("Generator", () => {
  it("goes on from its state", () => {
    const generator = new Generator(5);
    for (let i = 0; i < 7; i++) generator.uniform();
    const state = JSON.parse(JSON.stringify(generator.state));
    const next = [generator.uniform(), generator.normal(), generator.integer(10)];
    expect(generator.state).not.toEqual(state);
    const other = new Generator(6);
    other.state = state;
    expect([other.uniform(), other.normal(), other.integer(10)]).toEqual(next);
    expect(other.state).toEqual(generator.state);
  });

  it("keeps its bounds, and draws evenly", () => {
    const generator = new Generator(1);
    const counts = new Int32Array(10);
    for (let i = 0; i < 10_000; i++) {
      const u = generator.uniform();
      expect(u >= 0 && u < 1).toBe(true);
      counts[generator.integer(10)]++;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect([...Array(1000)].every(() => Number.isFinite(generator.normal()))).toBe(true);
  });

  it.each([
    [undefined],
    [null],
    [[]],
    [[1, 2]],
    [[1, 2, 3, 0.5]],
    [[Number.NaN, 2, 3, 4]],
    [["1", "2", "3", "4"]],
  ])("refuses %j for a state, and keeps its own", (state) => {
    const generator = new Generator(5);
    const before = generator.state;
    expectRefusal(() => Object.assign(generator, { state }), ArgumentError, "state: expected");
    expect(generator.state).toEqual(before);
  });
});
