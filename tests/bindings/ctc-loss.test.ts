import { describe, expect, it } from "vitest";
import { Adam, ArgumentError, Dense, DTypeError, Frame, LSTM, type Runtime, Sequential, ShapeError } from "../../bindings/index.js";
import { log, neg } from "../../bindings/ops.js";
import { type CTCForwardOptions, CTCLoss, type CTCLossOptions } from "../../bindings/sequence.js";
import { loadCtc } from "../golden/load.js";
import { draws, expectBits, expectClose, expectEach, expectGradient } from "../helpers/compare.js";
import { type CtcCase, smallCase } from "../helpers/ctc.js";
import { expectRefusal } from "../helpers/refusal.js";
import { DTYPES, operatorRuntime, testRuntime } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";
import { ctcByPaths, ctcSequence } from "../reference/ctc.js";

const TOLERANCE = { f32: 2e-5, f64: 1e-9 } as const;

const number = (value: number | string) => Number(value === "inf" ? Number.POSITIVE_INFINITY : value);
// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
const bad = (value: unknown): any => value;

/** One sequence by itself, summed. */
function alone(loss: CTCLoss, rt: Runtime, { z, labels }: CtcCase) {
  using logits = rt.tensor(z.flat(), [z.length, z[0].length]);
  using targets = rt.tensor(Int32Array.from([...labels, 7]), [labels.length + 1]);
  const { loss: value, gradient } = loss.forward(logits, targets, { targetLengths: [labels.length] });
  return { loss: value, gradient: gradient.toArray() };
}

function random(draw: ReturnType<typeof draws>, T: number, C: number, S: number, scale: number): CtcCase {
  const labels = Array.from(draw(S), (v) => 1 + Math.floor((v / 2 + 0.5) * (C - 1)));
  return { z: Array.from({ length: T }, () => [...draw(C, scale)]), labels, blank: 0 };
}

describe.each(DTYPES)("CTCLoss in %s", (dtype) => {
  it("is PyTorch's, loss and gradient", async () => {
    const rt = await operatorRuntime({ dtype });
    const { cases } = loadCtc();
    for (const [i, g] of cases.entries()) {
      const [T, N, C] = g.shape;
      const { blank, reduction, zeroInfinity } = g;
      const loss = new CTCLoss(rt, { blank, reduction, zeroInfinity });
      const options: CTCForwardOptions = { lengths: g.lengths ?? undefined, targetLengths: g.targetLengths ?? undefined };
      const targets = rt.tensor(Int32Array.from(g.targets), [N, g.S]);
      const timeMajor = loss.forward(rt.tensor(g.logits, g.shape), targets, options);
      const [want, gradient] = [number(g.loss), g.gradient.map(number)];
      const check = (name: string, got: { loss: number; gradient: ArrayLike<number> }, wanted: number[]) => {
        if (Number.isFinite(want)) expectClose(name, [got.loss], [want], TOLERANCE[dtype]);
        else expect(got.loss).toBe(want);
        const isNone = (v: number) => Number.isNaN(v);
        expect(Array.from(got.gradient, isNone), name).toEqual(wanted.map(isNone));
        const finite = (values: ArrayLike<number>) => Array.from(values).map((v) => (isNone(v) ? 0 : v));
        expectEach(name, finite(got.gradient), finite(wanted), TOLERANCE[dtype], TOLERANCE[dtype] / 4);
      };
      check(`case ${i}`, { loss: timeMajor.loss, gradient: timeMajor.gradient.toArray() }, gradient);
      expect(timeMajor.weight).toBe(N);
      const swap = (values: readonly number[]) =>
        values.map((_, at) => values[((Math.floor(at / C) % T) * N + Math.floor(at / (C * T))) * C + (at % C)]);
      const x = rt.tensor(swap(g.logits), [N, T, C], { batchFirst: true });
      const batchFirst = loss.forward(x, targets, options);
      expect(batchFirst.gradient.batchFirst).toBe(true);
      check(`case ${i}, batch-first`, { loss: batchFirst.loss, gradient: batchFirst.gradient.toArray() }, swap(gradient));
    }
    rt.dispose();
  });

  it("is its definition: 400 small cases, path by path", async () => {
    const rt = await operatorRuntime({ dtype });
    const draw = draws(printedSeed("CTC, path by path"));
    for (let i = 0; i < 400; i++) {
      const one = smallCase(draw);
      const loss = new CTCLoss(rt, { blank: one.blank, reduction: "sum" });
      const [got, want] = [alone(loss, rt, one), ctcByPaths(one.z, one.labels, one.blank)];
      const name = JSON.stringify(one);
      if (want.loss === Number.POSITIVE_INFINITY) {
        expect(got.loss, name).toBe(want.loss);
        expect(got.gradient.every(Number.isNaN), name).toBe(true);
      } else {
        expectEach(name, [got.loss], [want.loss], TOLERANCE[dtype], TOLERANCE[dtype]);
        expectEach(name, got.gradient, want.gradient.flat(), TOLERANCE[dtype], TOLERANCE[dtype]);
      }
      loss.dispose();
    }
    rt.dispose();
  });

  it("is the naive twin's where there are too many paths, however far the logits lie apart", async () => {
    const rt = await operatorRuntime({ dtype });
    const draw = draws(printedSeed("CTC and its twin"));
    for (const [T, C, S, scale] of [
      ...[
        [60, 12, 20, 3],
        [200, 5, 31, 30],
        [33, 40, 16, 300],
      ],
      ...[
        [50, 7, 3, 5000],
        [20, 19, 7, 1e6],
        [500, 32, 50, 2],
      ],
    ] as [number, number, number, number][]) {
      const one = random(draw, T, C, S, scale);
      const [got, want] = [alone(new CTCLoss(rt, { reduction: "sum" }), rt, one), ctcSequence(one.z, one.labels, 0)];
      const name = `T ${T} C ${C} S ${S} ±${scale}`;
      expectClose(name, [got.loss], [want.loss], dtype === "f32" ? 2e-7 : 1e-12);
      // Between logits of ±scale the exponents carry errors of a unit of that size.
      const off = TOLERANCE[dtype] * Math.max(1, scale / 30);
      expectEach(name, got.gradient, want.gradient.flat(), off, off);
      for (let t = 0; t < T; t++) {
        const row = Array.from(got.gradient.subarray(t * C, t * C + C));
        expect(Math.abs(row.reduce((a, b) => a + b))).toBeLessThan(1e-5);
      }
    }
    rt.dispose();
  });

  it("keeps the digits of a loss near 0", async () => {
    const rt = await operatorRuntime({ dtype });
    // Each step is certain but for e⁻²⁰; the last, which may as well be the label before, is certain.
    const z = Array.from({ length: 64 }, (_, t) => [t === 63 ? 90 : t % 2 ? 20 : 0, t % 2 ? 0 : 20]);
    const { loss } = alone(new CTCLoss(rt, { reduction: "sum" }), rt, { z, labels: Array<number>(32).fill(1), blank: 0 });
    expectClose("loss", [loss], [63 * Math.log1p(Math.exp(-20))], 1e-6, 1e-13);
    rt.dispose();
  });
});

describe("CTCLoss", () => {
  it("has the gradient of its differences", async () => {
    const rt = await operatorRuntime({ dtype: "f64" });
    const draw = draws(printedSeed("CTC's differences"));
    for (const reduction of ["mean", "sum"] as const) {
      const loss = new CTCLoss(rt, { reduction, blank: 2 });
      const x = rt.tensor(draw(7 * 3 * 4, 2), [7, 3, 4]);
      const y = rt.tensor(Int32Array.of(1, 1, 3, 0, 3, 9, 9, 9, 9), [3, 3]);
      const options = { lengths: [7, 5, 3], targetLengths: [3, 2, 0] };
      const gradient = loss.forward(x, y, options).gradient.toArray();
      expectGradient("gradient", gradient, (values) => loss.forward(x.set(values), y, options).loss, x.toArray());
    }
    rt.dispose();
  });

  it("gives a sequence the same bits alone and in any batch, whatever lies behind it", async () => {
    const rt = await operatorRuntime();
    const draw = draws(printedSeed("CTC in batches"));
    const [T, N, C, S] = [23, 5, 9, 6];
    const lengths = [23, 14, 7, 19, 1];
    const counts = [6, 6, 0, 3, 1];
    for (const batchFirst of [false, true]) {
      const all = lengths.map((own, n) => random(draw, own, C, counts[n], 4));
      const [x, y] = [new Float32Array(T * N * C).fill(Number.NaN), new Int32Array(N * S).fill(-77)];
      const rowOf = (t: number, n: number) => (batchFirst ? n * T + t : t * N + n);
      for (const [n, { z, labels }] of all.entries()) {
        for (const [t, row] of z.entries()) x.set(row, rowOf(t, n) * C);
        y.set(labels, n * S);
      }
      const loss = new CTCLoss(rt, { reduction: "sum" });
      const logits = rt.tensor(x, batchFirst ? [N, T, C] : [T, N, C], { batchFirst });
      const together = loss.forward(logits, rt.tensor(y, [N, S]), { lengths, targetLengths: counts });
      const [sum, gradient] = [together.loss, together.gradient.toArray()];
      let losses = 0;
      for (const [n, one] of all.entries()) {
        const own = alone(loss, rt, one);
        losses += own.loss;
        for (let t = 0; t < T; t++) {
          const want = t < lengths[n] ? own.gradient.subarray(t * C, t * C + C) : new Float32Array(C);
          expectBits(`sequence ${n}, step ${t}`, gradient.subarray(rowOf(t, n) * C, rowOf(t, n) * C + C), want);
        }
      }
      expectClose("loss", [sum], [losses], 1e-12);
    }
    rt.dispose();
  });

  it("means over batches weighted by their weight are the mean over all, and parts with a divisor its gradient", async () => {
    const rt = await operatorRuntime({ dtype: "f64" });
    const draw = draws(4);
    const [T, C] = [9, 5];
    const [x, y, counts] = [draw(5 * T * C, 2), Int32Array.from({ length: 15 }, (_, i) => 1 + (i % 4)), [3, 0, 2, 1, 3]];
    const loss = new CTCLoss(rt);
    const part = (from: number, to: number, divisor?: number) => {
      const logits = rt.tensor(x.slice(from * T * C, to * T * C), [to - from, T, C], { batchFirst: true });
      const targets = rt.tensor(y.slice(3 * from, 3 * to), [to - from, 3]);
      const result = loss.forward(logits, targets, { targetLengths: counts.slice(from, to), ...(divisor && { divisor }) });
      return { ...result, gradient: [...result.gradient.toArray()] };
    };
    const [whole, a, b] = [part(0, 5), part(0, 2), part(2, 5)];
    expectClose("loss", [(a.loss * a.weight + b.loss * b.weight) / (a.weight + b.weight)], [whole.loss], 1e-14);
    const gradient = [...part(0, 2, 1).gradient, ...part(2, 5, 1).gradient].map((v) => v / 5);
    expectClose("gradient", gradient, whole.gradient, 1e-14);
    rt.dispose();
  });

  it("a logit of −∞ is a class that cannot be; one of NaN or +∞ is its sequence's NaN", async () => {
    for (const dtype of DTYPES) {
      const rt = await operatorRuntime({ dtype });
      const loss = new CTCLoss(rt, { reduction: "sum" });
      const one = random(draws(3), 6, 4, 2, 2);
      one.z[2][one.labels[0]] = -Infinity;
      one.z[4][0] = -Infinity;
      const [got, want] = [alone(loss, rt, one), ctcSequence(one.z, one.labels, 0)];
      expectClose("loss", [got.loss], [want.loss], TOLERANCE[dtype]);
      const gradient = want.gradient.flatMap((row, t) => row.map((v, k) => (one.z[t][k] === -Infinity ? 0 : v)));
      expectEach("gradient", got.gradient, gradient, TOLERANCE[dtype], TOLERANCE[dtype]);
      for (const value of [Number.NaN, Infinity]) {
        for (const k of [0, one.labels[0], 3]) {
          const broken = { ...one, z: one.z.map((row) => [...row]) };
          broken.z[1][k] = value;
          const { loss: nan, gradient } = alone(loss, rt, broken);
          expect([nan, ...gradient].every(Number.isNaN), `${value} of class ${k}`).toBe(true);
        }
      }
      const none = { ...one, z: one.z.map((row, t) => (t === 3 ? row.map(() => -Infinity) : row)) };
      expect(alone(loss, rt, none).loss).toBeNaN();
      const shut = { ...one, z: one.z.map((row) => row.map((v, k) => (k === one.labels[0] ? -Infinity : v))) };
      expect(alone(loss, rt, shut).loss).toBe(Infinity);
      const open = alone(new CTCLoss(rt, { reduction: "sum", zeroInfinity: true }), rt, shut);
      expectBits("loss and gradient", [open.loss, ...open.gradient], new Float64Array(1 + open.gradient.length));
      rt.dispose();
    }
  });

  it("an impossible sequence leaves the others of its batch as they are", async () => {
    const rt = await operatorRuntime();
    const draw = draws(8);
    const x = rt.tensor(draw(3 * 2 * 4, 2), [3, 2, 4]);
    const y = rt.tensor(Int32Array.of(1, 1, 2, 3), [2, 2]);
    const both = (options: CTCLossOptions, lengths: number[]) => {
      const { loss, gradient } = new CTCLoss(rt, { reduction: "sum", ...options }).forward(x, y, { lengths });
      return { loss, gradient: gradient.toArray() };
    };
    const [possible, one, zero] = [both({}, [3, 2]), both({}, [2, 2]), both({ zeroInfinity: true }, [2, 2])];
    expect([possible.loss < Infinity, one.loss, zero.loss < possible.loss]).toEqual([true, Infinity, true]);
    for (let t = 0; t < 3; t++) {
      const row = (values: ArrayLike<number>, n: number) => Array.from({ length: 4 }, (_, c) => values[(t * 2 + n) * 4 + c]);
      expectBits("the other", row(one.gradient, 1), row(possible.gradient, 1));
      expectBits("the other, zero", row(zero.gradient, 1), row(possible.gradient, 1));
      expectBits("impossible", row(one.gradient, 0), Array(4).fill(t < 2 ? Number.NaN : 0));
      expectBits("impossible, zero", row(zero.gradient, 0), Array(4).fill(0));
    }
    rt.dispose();
  });

  it("in a frame its tensor goes on, and back; in a chain its gradient goes into backward", async () => {
    const rt = await operatorRuntime({ dtype: "f64", seed: 1 });
    const [lstm, head] = [new LSTM(rt, { inputSize: 3, hiddenSize: 5 }), new Dense(rt, { inputSize: 5, outputSize: 4 })];
    const chain = new Sequential(rt, [lstm, head]);
    const x = rt.tensor(draws(1)(6 * 2 * 3), [6, 2, 3]);
    const y = rt.tensor(Int32Array.of(1, 2, 3, 3), [2, 2]);
    const loss = new CTCLoss(rt);
    const gradients = () => chain.parameters().flatMap((parameter) => [...parameter.grad]);
    chain.zeroGrad();
    lstm.backward(head.backward(loss.forward(head.forward(lstm.forward(x).output), y).gradient));
    const byHand = gradients();
    chain.zeroGrad();
    const frame = new Frame(rt);
    frame.backward(frame.record(() => loss.forward(chain.forward(x), y)));
    expectBits("recorded", gradients(), byHand);
    chain.zeroGrad();
    let value = 0;
    const tensor = frame.record(() => {
      const result = loss.forward(chain.forward(x), y);
      value = result.loss;
      return neg(log(result.tensor as NonNullable<typeof result.tensor>));
    });
    frame.backward(tensor);
    expectClose(
      "−log loss",
      gradients(),
      byHand.map((v) => -v / value),
      1e-12,
    );
    const optimizer = new Adam(chain.parameters(), { lr: 0.05 });
    for (let step = 0; step < 60; step++) {
      frame.backward(frame.record(() => loss.forward(chain.forward(x), y)));
      optimizer.step();
      optimizer.zeroGrad();
    }
    expect(loss.forward(chain.forward(x), y).loss).toBeLessThan(value / 4);
    rt.dispose();
  });

  it("gives all its memory back", async () => {
    const rt = await operatorRuntime();
    const [x, y] = [rt.zeros([5, 2, 3]), rt.tensor(Int32Array.of(1, 2, 1, 2), [2, 2])];
    const before = rt.bytesInUse;
    const loss = new CTCLoss(rt);
    loss.forward(x, y);
    loss.dispose();
    expect(rt.bytesInUse).toBe(before);
    rt.dispose();
  });
});

describe("refusals of CTCLoss", async () => {
  const rt = await operatorRuntime();
  const [x, y] = [rt.zeros([4, 2, 3]), rt.tensor(Int32Array.of(1, 2, 2, 1), [2, 2])];
  const loss = new CTCLoss(rt);
  const labels = (...values: number[]) => rt.tensor(Int32Array.from(values), [2, 2]);
  it.each<[string, () => unknown, typeof ArgumentError, string]>([
    ["blank", () => new CTCLoss(rt, { blank: -1 }), ArgumentError, "blank: expected a class, an integer from 0, got -1"],
    ["zeroInfinity", () => new CTCLoss(rt, { zeroInfinity: bad(1) }), ArgumentError, "zeroInfinity: expected true or false, got 1"],
    [
      "a strange option",
      () => new CTCLoss(rt, bad({ weight: 1 })),
      ArgumentError,
      "expected only dtype, reduction, blank, zeroInfinity, got",
    ],
    ["another dtype", () => loss.forward(x, bad(x)), DTypeError, "targets: expected i32, got f32"],
    ["four axes", () => loss.forward(rt.zeros([1, 4, 2, 3]), y), ShapeError, "logits: expected [T, N, C], or [T, C] of one sequence"],
    ["a blank beyond the classes", () => new CTCLoss(rt, { blank: 3 }).forward(x, y), ShapeError, "logits: expected […, C], C over 3"],
    [
      "targets of another batch",
      () => loss.forward(x, rt.zeros([3, 2], { dtype: "i32" })),
      ShapeError,
      "targets: expected [2, S], got [3, 2]",
    ],
    ["targets of one", () => loss.forward(rt.zeros([4, 3]), y), ShapeError, "targets: expected [S], got [2, 2]"],
    [
      "a blank as label",
      () => loss.forward(x, labels(1, 2, 0, 1)),
      ArgumentError,
      "targets[2]: expected a label in 0 … 2, not the blank, 0, got 0",
    ],
    ["a label too great", () => loss.forward(x, labels(1, 2, 2, 3)), ArgumentError, "targets[3]: expected a label in 0 … 2"],
    ["a label below 0", () => loss.forward(x, labels(-1, 2, 2, 1)), ArgumentError, "targets[0]: expected a label in 0 … 2"],
    ["a length too long", () => loss.forward(x, y, { lengths: [4, 5] }), ArgumentError, "lengths[1]: expected an integer in 1 … 4, got 5"],
    ["no length", () => loss.forward(x, y, { lengths: [0, 4] }), ArgumentError, "lengths[0]: expected an integer in 1 … 4, got 0"],
    [
      "too many labels",
      () => loss.forward(x, y, { targetLengths: [2, 3] }),
      ArgumentError,
      "targetLengths[1]: expected an integer in 0 … 2",
    ],
    [
      "half a label",
      () => loss.forward(x, y, { targetLengths: [2, 0.5] }),
      ArgumentError,
      "targetLengths[1]: expected an integer in 0 … 2",
    ],
    ["lengths of others", () => loss.forward(x, y, { targetLengths: [2] }), ShapeError, "targetLengths: expected 2 elements, got 1"],
    ["a strange forward option", () => loss.forward(x, y, bad({ length: 1 })), ArgumentError, "only lengths, divisor, targetLengths, got"],
    ["divisor", () => loss.forward(x, y, { divisor: 0 }), ArgumentError, "divisor: expected a finite number over 0, got 0"],
  ])("%s", (_, act, type, text) => {
    const gradient = loss.forward(x, y).gradient;
    expectRefusal(act, type, text);
    expect(gradient.toArray()).toHaveLength(24); // nothing has changed: the last result stands
  });

  it("a runtime without operators", async () => {
    const bare = await testRuntime();
    const before = bare.bytesInUse;
    expectRefusal(() => new CTCLoss(bare), ArgumentError, "runtime: expected one with operators: await loadOperators(rt)");
    expect(bare.bytesInUse).toBe(before);
    bare.dispose();
  });

  it("padding labels may be anything", () => {
    const { loss: value } = loss.forward(x, labels(1, -5, 0, 99), { targetLengths: [1, 0] });
    expect(value).toSatisfy(Number.isFinite);
  });
});
