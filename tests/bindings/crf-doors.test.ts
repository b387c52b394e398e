/** The CRF: what it refuses, numbers that are none, constraints of spans, and what its parameters are to optimizers and files. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  Adagrad,
  Adam,
  AdamW,
  ArgumentError,
  CrossEntropyLoss,
  DisposedError,
  DTypeError,
  FormatError,
  Frame,
  loadModel,
  MemoryError,
  RMSprop,
  type Runtime,
  Sequential,
  SGD,
  ShapeError,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import { bioConstraints, CRF, CRFLoss } from "../../bindings/sequence.js";
import { expectBits } from "../helpers/compare.js";
import { expectRefusal } from "../helpers/refusal.js";
import { operatorRuntime, parameterOf, testRuntime, valuesOf } from "../helpers/runtime.js";

let rt: Runtime;
let own: { dispose(): void }[] = [];
const kept = <V extends { dispose(): void }>(value: V): V => {
  own.push(value);
  return value;
};
beforeAll(async () => {
  rt = await operatorRuntime({ seed: 2, maximumMemory: 64 * 2 ** 20 });
});
afterEach(() => {
  for (const each of own.reverse()) each.dispose();
  own = [];
  expect(rt.bytesInUse).toBe(0);
});
afterAll(() => rt.dispose());

const crfOf = (numTags: number, constraints?: ReturnType<typeof bioConstraints>) =>
  kept(new CRF(rt, { numTags, ...(constraints && { constraints }) }));
const floats = (data: number[], shape: number[], options = {}) => kept(rt.tensor(data, shape, options));
const tags = (data: number[], shape: number[]) => kept(rt.tensor(Int32Array.from(data), shape));
const zeros = (shape: number[]): Tensor => kept(rt.zeros(shape));

describe("refused", () => {
  test("by the constructors", async () => {
    const make = (options: unknown) => () => kept(new CRF(rt, options as never));
    expectRefusal(make({}), ArgumentError, "numTags");
    expectRefusal(make({ numTags: 0 }), ArgumentError, "numTags");
    expectRefusal(make({ numTags: 2, tags: 3 }), ArgumentError, "tags");
    expectRefusal(make({ numTags: 2, constraints: { forbiddenStarts: [2] } }), ArgumentError, "constraints.forbiddenStarts[0]");
    expectRefusal(
      make({ numTags: 2, constraints: { forbiddenTransitions: [[0, 1, 1]] } }),
      ArgumentError,
      "constraints.forbiddenTransitions[0]",
    );
    expectRefusal(
      make({ numTags: 2, constraints: { forbiddenTransitions: [[0, -1]] } }),
      ArgumentError,
      "constraints.forbiddenTransitions[0][1]",
    );
    expectRefusal(make({ numTags: 2, constraints: { ends: [1] } }), ArgumentError, "constraints");
    expectRefusal(make({ numTags: 1e6 }), MemoryError);
    const bare = await testRuntime();
    expectRefusal(() => new CRF(bare, { numTags: 2 }), ArgumentError, "loadOperators");
    expect(bare.bytesInUse).toBe(0);
    bare.dispose();
    expectRefusal(() => new CRFLoss({} as CRF), ArgumentError, "crf");
    const crf = crfOf(2);
    expectRefusal(() => new CRFLoss(crf, { reduction: "token_mean" as "sum" }), ArgumentError, "reduction");
    expectRefusal(() => new CRFLoss(crf, { dtype: "f64" } as object), ArgumentError, "dtype");
    crf.dispose();
    expectRefusal(() => new CRFLoss(crf), DisposedError);
  });

  test("by forward, decode, marginals and the loss", () => {
    const crf = crfOf(3);
    const criterion = kept(new CRFLoss(crf));
    const e = zeros([4, 2, 3]);
    const before = rt.bytesInUse;
    const calls = [
      (x: Tensor) => crf.forward(x),
      (x: Tensor) => crf.decode(x),
      (x: Tensor) => crf.marginals(x),
      (x: Tensor) => criterion.forward(x, tags([0, 0, 0, 0, 0, 0, 0, 0], [4, 2])),
    ];
    for (const call of calls) {
      expectRefusal(() => call(zeros([4, 2, 2])), ShapeError, "3");
      expectRefusal(() => call(zeros([3])), ShapeError);
      expectRefusal(() => call(zeros([1, 4, 2, 3])), ShapeError);
      expectRefusal(() => call(floats([1, 2, 3], [1, 3], { dtype: "f64" })), DTypeError);
      expectRefusal(() => call(5 as never), ArgumentError);
    }
    expectRefusal(() => crf.decode(e, { lengths: [1] }), ShapeError, "lengths");
    expectRefusal(() => crf.decode(e, { lengths: [1, 5] }), ArgumentError, "lengths[1]");
    expectRefusal(() => crf.marginals(e, { lengths: [0, 1] }), ArgumentError, "lengths[0]");
    expectRefusal(() => crf.decode(zeros([4, 3]), { lengths: [4] }), ShapeError, "there being lengths");
    expectRefusal(() => crf.decode({ data: [1, 2], shape: [1, 3] }), ShapeError, "emissions.data");
    expectRefusal(() => crf.decode({ data: [1, 2], shape: [1, 2] }), ShapeError, "emissions.shape");
    expectRefusal(() => crf.decode({ data: [], shape: [0, 3] }), ShapeError, "emissions.shape");
    expectRefusal(() => criterion.forward(e, tags([0, 0], [2])), ShapeError, "targets");
    expectRefusal(() => criterion.forward(e, e), DTypeError, "targets");
    expectRefusal(() => criterion.forward(e, tags([0, 0, 0, 3, 0, 0, 0, 0], [4, 2])), ArgumentError, "targets[3]", "0 … 2", "count from 0");
    expectRefusal(() => criterion.forward(e, tags([0, -100, 0, 0, 0, 0, 0, 0], [4, 2])), ArgumentError, "targets[1]", "-100");
    expectRefusal(() => criterion.forward(e, tags(new Array(8).fill(0), [4, 2]), { divisor: 0 }), ArgumentError, "divisor");
    const last = kept(rt.tensor(new Float32Array(24), [4, 2, 3], { batchFirst: true }));
    expectRefusal(() => criterion.forward(last, kept(rt.tensor(new Int32Array(8), [4, 2], { batchFirst: false }))), ShapeError, "targets");
    expect(rt.bytesInUse).toBeGreaterThanOrEqual(before);
    crf.dispose();
    for (const call of calls) expectRefusal(() => call(e), DisposedError);
  });

  test("tags that are forbidden where they are: by name, and nothing has changed", () => {
    const crf = crfOf(3, bioConstraints(["O", "B-X", "I-X"]));
    const criterion = kept(new CRFLoss(crf));
    const e = zeros([3, 2, 3]);
    criterion.forward(e, tags([0, 1, 0, 2, 1, 2], [3, 2]));
    expectRefusal(() => criterion.forward(e, tags([2, 1, 0, 2, 1, 2], [3, 2])), ArgumentError, "targets[0]", "a sequence begin with", "2");
    expectRefusal(() => criterion.forward(e, tags([0, 1, 2, 2, 1, 2], [3, 2])), ArgumentError, "targets[2]", "let follow 0");
    criterion.forward(e, tags([0, 1, 2, 2, 9, 2], [3, 2]), { lengths: [1, 3] }); // padding may hold anything
    const closed = crfOf(3, bioConstraints(["O", "B-X", "E-X"]));
    const other = kept(new CRFLoss(closed));
    expectRefusal(() => other.forward(e, tags([1, 0, 2, 0, 1, 0], [3, 2])), ArgumentError, "targets[4]", "of 3 steps end with");
  });

  test("a gradient that is not the loss's own, stale results, parameters that have changed", () => {
    const crf = crfOf(2);
    const criterion = kept(new CRFLoss(crf));
    const e = floats([1, 2, 3, 4], [2, 2]);
    const y = tags([0, 1], [2]);
    expectRefusal(() => crf.backward(e), StaleError, "forward");
    const { gradient } = criterion.forward(crf.forward(e), y);
    expectRefusal(() => crf.backward(kept(gradient.clone())), ArgumentError, "dOutput");
    expectRefusal(() => crf.backward(zeros([2, 3])), ShapeError);
    crf.backward(gradient);
    const before = parameterOf(crf, "transitions").grad;
    gradient.set([1, 1, 1, 1]);
    expectRefusal(() => crf.backward(gradient), StaleError, "dOutput");
    const again = criterion.forward(crf.forward(e), y).gradient;
    expectRefusal(() => gradient.toArray(), StaleError);
    parameterOf(crf, "transitions").update((values) => void values.fill(1));
    expectRefusal(() => crf.backward(again), StaleError, "parameters");
    const frame = kept(new Frame(rt));
    const recorded = frame.record(() => criterion.forward(e, y));
    parameterOf(crf, "transitions").update((values) => void values.fill(2));
    expectRefusal(() => frame.backward(recorded), StaleError, "parameters");
    expectBits("grad", parameterOf(crf, "transitions").grad, before);
    // Of another loss over the emissions the transitions have nothing to learn.
    crf.forward(e);
    const ce = kept(new CrossEntropyLoss(rt));
    expectBits("handed through", crf.backward(ce.forward(e, y).gradient).toArray(), ce.forward(e, y).gradient.toArray());
    expectBits("grad", parameterOf(crf, "transitions").grad, before);
  });

  test("no path is allowed", () => {
    const crf = kept(
      new CRF(rt, {
        numTags: 2,
        constraints: {
          forbiddenTransitions: [
            [0, 0],
            [0, 1],
            [1, 0],
            [1, 1],
          ],
        },
      }),
    );
    expectRefusal(() => crf.decode(zeros([2, 1, 2])), ArgumentError, "path", "2 steps");
    expect(crf.decode(zeros([1, 2]))[0].tags).toHaveLength(1);
    expect([...crf.marginals(zeros([2, 2])).toArray()]).toEqual(new Array(4).fill(Number.NaN));
  });
});

describe("numbers that are none", () => {
  const batch = (bad: number) => floats([0, 0, 1, 2, bad, 0, 3, 1], [2, 2, 2]); // tags 0 1 of two sequences; bad is sequence 0's at step 1

  test("NaN and +∞ spoil their own sequence and no other", () => {
    const crf = crfOf(2);
    const criterion = kept(new CRFLoss(crf, { reduction: "sum" }));
    const y = tags([0, 1, 1, 0], [2, 2]);
    const clean = criterion.forward(batch(0), y).gradient.toArray();
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { loss, gradient } = criterion.forward(batch(bad), y);
      expect(loss).toBeNaN();
      const rows = gradient.toArray();
      expectBits("the other's", [...rows.slice(2, 4), ...rows.slice(6, 8)], [...clean.slice(2, 4), ...clean.slice(6, 8)]);
      expect([...rows.slice(0, 2), ...rows.slice(4, 6)].every(Number.isNaN)).toBe(true);
      expect([...crf.marginals(batch(bad)).toArray().slice(4, 6)].every(Number.isNaN)).toBe(true);
    }
    expect([...crf.decode(batch(Number.NaN))[0].tags][1]).toBe(1);
    expect([...crf.decode(batch(Number.POSITIVE_INFINITY))[0].tags][1]).toBe(0);
    expect(crf.decode(batch(Number.POSITIVE_INFINITY))[0].score).toBe(Number.POSITIVE_INFINITY);
  });

  test("−∞: a tag that cannot be; a path through it has the loss ∞, and all of them NaN", () => {
    const crf = crfOf(2);
    const criterion = kept(new CRFLoss(crf, { reduction: "sum" }));
    const e = batch(Number.NEGATIVE_INFINITY);
    expect(Number.isFinite(criterion.forward(e, tags([0, 1, 1, 0], [2, 2])).loss)).toBe(true);
    const through = criterion.forward(e, tags([0, 1, 0, 0], [2, 2]));
    expect(through.loss).toBe(Number.POSITIVE_INFINITY);
    expect([...through.gradient.toArray().slice(4, 6)]).toEqual([-1, 1]);
    expect([...crf.marginals(e).toArray().slice(4, 6)]).toEqual([0, 1]);
    expect(crf.decode(e)[0].tags[1]).toBe(1);
    const none = floats([0, 0, -Infinity, -Infinity], [2, 2]);
    expect(criterion.forward(none, tags([0, 0], [2])).loss).toBeNaN();
    expect(crf.decode(none)[0].score).toBe(Number.NEGATIVE_INFINITY);
  });

  test("nothing allowed is as bad as what is forbidden", () => {
    const crf = crfOf(3, bioConstraints(["O", "B-X", "I-X"]));
    const e = floats([-Infinity, -Infinity, 0, -Infinity, -Infinity, 0], [2, 3]);
    expect([...crf.decode(e)[0].tags]).toEqual([1, 2]);
    const worst = floats([0, 0, 0, Number.NaN, Number.NaN, Number.NaN], [2, 3]);
    expect([...crf.decode(worst)[0].tags].every((tag, t) => tag !== 2 || t > 0)).toBe(true);
  });

  test("±1e4 and more: decoded and learned without overflow", () => {
    for (const dtype of ["f32", "f64"] as const) {
      const crf = kept(new CRF(rt, { numTags: 2, dtype }));
      const criterion = kept(new CRFLoss(crf));
      parameterOf(crf, "transitions").set([-1e4, 1e4, 1e4, -1e4]);
      const e = floats([1e4, -1e4, 1e4, -1e4, 1e4, -1e4], [3, 2], { dtype });
      const { tags: best, score } = crf.decode(e)[0];
      expect([...best]).toEqual([0, 1, 0]);
      expect(score).toBeCloseTo(3e4, 0);
      const { loss } = criterion.forward(e, tags([0, 1, 0], [3]));
      expect(Math.abs(loss)).toBeLessThan(1e-2);
      expect(criterion.forward(e, tags([0, 0, 0], [3])).loss).toBeCloseTo(2e4, -1);
    }
  });
});

describe("constraints of spans", () => {
  const allowed = (labels: string[], path: string[]) => {
    const { forbiddenStarts, forbiddenTransitions, forbiddenEnds } = bioConstraints(labels);
    const numbers = path.map((label) => labels.indexOf(label));
    const pairs = new Set(forbiddenTransitions.map(([i, j]) => `${i} ${j}`));
    const joined = numbers.slice(1).every((tag, t) => !pairs.has(`${numbers[t]} ${tag}`));
    return joined && !forbiddenStarts.includes(numbers[0]) && !forbiddenEnds.includes(numbers.at(-1) as number);
  };

  test("BIO: an I- follows the B- or I- of its type", () => {
    const labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];
    expect(bioConstraints(labels)).toEqual({
      forbiddenStarts: [2, 4],
      forbiddenTransitions: [
        [0, 2],
        [0, 4],
        [1, 4],
        [2, 4],
        [3, 2],
        [4, 2],
      ],
      forbiddenEnds: [],
    });
    expect(allowed(labels, ["B-PER", "B-PER", "I-PER", "O", "B-LOC"])).toBe(true);
    expect(allowed(labels, ["B-PER", "I-LOC"])).toBe(false);
    expect(allowed(labels, ["I-PER"])).toBe(false);
  });

  test.each([
    ["IOBES", ["O", "B-X", "I-X", "E-X", "S-X", "B-Y", "I-Y", "E-Y", "S-Y"]],
    ["BILOU", ["O", "B-X", "I-X", "L-X", "U-X", "B-Y", "I-Y", "L-Y", "U-Y"]],
  ])("%s: a span is whole", (_, labels) => {
    const [O, B, I, E, S, , , otherE] = labels;
    for (const path of [[O], [S], [B, E], [B, I, I, E, S, O], [B, E, B, E]]) expect(allowed(labels, path), path.join()).toBe(true);
    for (const path of [[B], [B, O], [B, S], [I, E], [E], [B, otherE], [B, I], [S, E], [B, B, E]])
      expect(allowed(labels, path), path.join()).toBe(false);
  });

  test("labels that are none", () => {
    expectRefusal(() => bioConstraints([]), ArgumentError, "labels");
    expectRefusal(() => bioConstraints("O" as never), ArgumentError, "labels");
    expectRefusal(() => bioConstraints(["O", "PER"]), ArgumentError, "labels[1]", '"PER"');
    expectRefusal(() => bioConstraints(["O", "B-"]), ArgumentError, "labels[1]");
    expectRefusal(() => bioConstraints(["O", "B-X", "B-X"]), ArgumentError, "labels[2]", "again");
    expectRefusal(() => bioConstraints([3 as never]), ArgumentError, "labels[0]");
  });

  test("the same by a file: constraints and weights", () => {
    const crf = crfOf(3, bioConstraints(["O", "B-X", "I-X"]));
    const model = kept(new Sequential(rt, { crf }));
    const bytes = model.save();
    const again = kept(loadModel<Sequential<{ crf: CRF }>>(rt, bytes, { classes: { CRF } }));
    expect(again.layers.crf.constraints).toEqual(crf.constraints);
    for (const [name, values] of Object.entries(valuesOf(crf))) expectBits(name, valuesOf(again.layers.crf)[name], values);
    const e = floats([0, 0, 5, 0, 0, 5], [2, 3]);
    expect(again.layers.crf.decode(e)).toEqual(crf.decode(e));
    expectRefusal(() => loadModel(rt, bytes), FormatError, "CRF");
  });
});

describe("what is forbidden", () => {
  const OPTIMIZERS = [
    (p: ReturnType<CRF["parameters"]>) => new SGD(p, { lr: 0.1, momentum: 0.9, weightDecay: 0.1 }),
    (p: ReturnType<CRF["parameters"]>) => new Adam(p, { lr: 0.1, weightDecay: 0.1 }),
    (p: ReturnType<CRF["parameters"]>) => new AdamW(p, { lr: 0.1, weightDecay: 0.1 }),
    (p: ReturnType<CRF["parameters"]>) => new RMSprop(p, { lr: 0.1, weightDecay: 0.1, momentum: 0.9 }),
    (p: ReturnType<CRF["parameters"]>) => new Adagrad(p, { lr: 0.1, weightDecay: 0.1 }),
  ];

  test("stays 0 under every optimizer, the rest moves", () => {
    for (const make of OPTIMIZERS) {
      const crf = crfOf(3, bioConstraints(["O", "B-X", "I-X"]));
      const criterion = kept(new CRFLoss(crf));
      const optimizer = kept(make(crf.parameters()));
      const e = floats([1, 0, 0, 0, 0, 3], [2, 3]);
      const before = parameterOf(crf, "transitions").toArray();
      for (let i = 0; i < 5; i++) {
        crf.zeroGrad();
        crf.backward(criterion.forward(crf.forward(e), tags([1, 2], [2])).gradient);
        optimizer.step();
      }
      const after = parameterOf(crf, "transitions").toArray();
      expect(Object.is(after[2], 0)).toBe(true); // O → I-X
      expect(Object.is(parameterOf(crf, "start_transitions").toArray()[2], 0)).toBe(true);
      expect(after[5]).not.toBe(before[5]); // B-X → I-X
    }
  });

  test("counts as −∞ whatever the parameter holds", () => {
    const crf = crfOf(3, bioConstraints(["O", "B-X", "I-X"]));
    const e = floats([0, 0, 9, 0, 0, 9], [2, 3]);
    const before = [crf.decode(e), [...crf.marginals(e).toArray()]];
    parameterOf(crf, "start_transitions").update((values) => void values.fill(100, 2, 3));
    parameterOf(crf, "transitions").update((values) => void values.fill(Number.NaN, 2, 3));
    expect([crf.decode(e), [...crf.marginals(e).toArray()]]).toEqual(before);
    expect(before[1]).toMatchObject({ 2: 0 });
  });
});
