import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  DisposedError,
  DTypeError,
  type FloatType,
  HuberLoss,
  L1Loss,
  type Loss,
  MSELoss,
  type Runtime,
  ShapeError,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import { loadLosses } from "../golden/load.js";
import { draws, expectBits, expectClose, expectGradient } from "../helpers/compare.js";
import { expectRefusal, guarded } from "../helpers/refusal.js";
import { DTYPES, testRuntime, tokensOf } from "../helpers/runtime.js";
import { absolute, binary, crossEntropyRow, huber, type Piece, squared } from "../reference/losses.js";

const TOLERANCE: Record<FloatType, number> = { f32: 1e-4, f64: 1e-9 };
const SIZES = [1, 2, 3, 5, 17, 33];

/** Whatever JavaScript may pass where TypeScript would object. */
// biome-ignore lint/suspicious/noExplicitAny: bad input is the subject
const bad = (value: unknown): any => value;

const golden = loadLosses();

/** The criterion of a golden; lengths are the forward's. */
function checkGolden(
  rt: Runtime,
  dtype: FloatType,
  g: (typeof golden.regression | typeof golden.crossEntropy | typeof golden.bceWithLogits)[number],
  loss: Loss,
  target: Tensor,
) {
  const prediction = rt.tensor(g.prediction, g.shape);
  const result = loss.forward(prediction, target, g.lengths ? { lengths: g.lengths } : {});
  expect(result.gradient.shape).toEqual(g.shape);
  if (g.loss === null) expect(result.loss).toBeNaN();
  else expectClose("loss", [result.loss], [g.loss], TOLERANCE[dtype]);
  expectClose("gradient", result.gradient.data, g.gradient, TOLERANCE[dtype]);
  rt.dispose();
}

describe.each(DTYPES)("PyTorch's losses in %s", (dtype) => {
  it.each(golden.crossEntropy.map((g, i) => [i, g] as const))("cross-entropy %i", async (_, g) => {
    const rt = await testRuntime({ dtype });
    const { weight, label_smoothing: labelSmoothing, ignore_index: ignoreIndex, reduction } = g;
    const loss = new CrossEntropyLoss(rt, { ...(weight ? { weight } : {}), labelSmoothing, ignoreIndex, reduction });
    checkGolden(rt, dtype, g, loss, tokensOf(rt, g.target, g.shape.slice(0, -1)));
  });

  it.each(golden.bceWithLogits.map((g, i) => [i, g] as const))("binary cross-entropy %i", async (_, g) => {
    const rt = await testRuntime({ dtype });
    const loss = new BCEWithLogitsLoss(rt, { ...(g.pos_weight ? { posWeight: g.pos_weight } : {}), reduction: g.reduction });
    checkGolden(rt, dtype, g, loss, rt.tensor(g.target, g.shape));
  });

  it.each(golden.regression.map((g, i) => [g.name, i, g] as const))("%s %i", async (name, _, g) => {
    const rt = await testRuntime({ dtype });
    const { reduction, delta } = g;
    const make = {
      mse: () => new MSELoss(rt, { reduction }),
      l1: () => new L1Loss(rt, { reduction }),
      huber: () => new HuberLoss(rt, delta === undefined ? { reduction } : { reduction, delta }),
    };
    checkGolden(rt, dtype, g, make[name](), rt.tensor(g.target, g.shape));
  });
});

const POSITIVE = [0.5, 3, 0, 2, 1.5];

interface Kind {
  readonly name: string;
  make(rt: Runtime, options?: { reduction?: "mean" | "sum" }): Loss;
  /** Classes, where a row is one sample. */
  readonly C?: number;
  target(rt: Runtime, shape: number[], draw: ReturnType<typeof draws>): Tensor;
  /** The twin, of one element (of one row, by classes). */
  twin(x: number[], y: number, at: number): Piece;
  /** What one element counts in a mean. */
  weight(y: number): number;
}

const real = (rt: Runtime, shape: number[], draw: ReturnType<typeof draws>) => rt.tensor(draw(size(shape), 2), shape);
const share = (rt: Runtime, shape: number[], draw: ReturnType<typeof draws>) =>
  rt.tensor(
    draw(size(shape)).map((v) => Math.min(1, Math.max(0, 0.5 + v))),
    shape,
  );
const classes = (rt: Runtime, shape: number[], draw: ReturnType<typeof draws>) =>
  tokensOf(
    rt,
    draw(size(shape) / 5).map((v) => Math.floor((v + 1) * 2.5)),
    shape.slice(0, -1),
  );
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const ONES = [1, 1, 1, 1, 1];

/** Each loss and its variants, for what holds of all of them. */
const KINDS: Kind[] = [
  { name: "MSE", make: (rt, o) => new MSELoss(rt, o), target: real, twin: ([x], y) => squared(x, y), weight: () => 1 },
  { name: "L1", make: (rt, o) => new L1Loss(rt, o), target: real, twin: ([x], y) => absolute(x, y), weight: () => 1 },
  {
    name: "Huber",
    make: (rt, o) => new HuberLoss(rt, { ...o, delta: 0.75 }),
    target: real,
    twin: ([x], y) => huber(x, y, 0.75),
    weight: () => 1,
  },
  { name: "BCE", make: (rt, o) => new BCEWithLogitsLoss(rt, o), target: share, twin: ([x], y) => binary(x, y, 1), weight: () => 1 },
  {
    name: "BCE, one weight",
    make: (rt, o) => new BCEWithLogitsLoss(rt, { ...o, posWeight: [2.5] }),
    target: share,
    twin: ([x], y) => binary(x, y, 2.5),
    weight: () => 1,
  },
  {
    name: "BCE, weights",
    make: (rt, o) => new BCEWithLogitsLoss(rt, { ...o, posWeight: POSITIVE }),
    target: share,
    twin: ([x], y, at) => binary(x, y, POSITIVE[at % 5]),
    weight: () => 1,
  },
  {
    name: "cross-entropy",
    C: 5,
    make: (rt, o) => new CrossEntropyLoss(rt, o),
    target: classes,
    twin: (z, y) => crossEntropyRow(z, y, ONES, 0),
    weight: () => 1,
  },
  {
    name: "cross-entropy, weights and smoothing",
    C: 5,
    make: (rt, o) => new CrossEntropyLoss(rt, { ...o, weight: POSITIVE, labelSmoothing: 0.25 }),
    target: classes,
    twin: (z, y) => crossEntropyRow(z, y, POSITIVE, 0.25),
    weight: (y) => POSITIVE[y],
  },
];

/** The twin over all that counts: the sum of the losses, the weight, the gradient of the sum. */
function whole(kind: Kind, x: ArrayLike<number>, y: ArrayLike<number>, counts: (piece: number) => boolean) {
  const C = kind.C ?? 1;
  const gradient = new Float64Array(x.length);
  let [loss, weight] = [0, 0];
  for (let i = 0; i < x.length / C; i++) {
    if (!counts(i)) continue;
    const piece = kind.twin(
      Array.from({ length: C }, (_, j) => x[i * C + j]),
      y[i],
      i,
    );
    gradient.set(piece.gradient, i * C);
    loss += piece.loss;
    weight += kind.weight(y[i]);
  }
  return { loss, weight, gradient };
}

describe.each(KINDS)("$name", (kind) => {
  it.each(DTYPES)("is its definition in %s at every size, and accounts for its bytes", async (dtype) => {
    const rt = await testRuntime({ dtype });
    for (const n of SIZES) {
      const shape = [n, 5];
      const draw = draws(n);
      const [x, y] = [rt.tensor(draw(5 * n, 3), shape), kind.target(rt, shape, draw)];
      const want = whole(kind, x.data, y.data, () => true);
      const before = rt.bytesInUse;
      const [mean, sum] = [kind.make(rt), kind.make(rt, { reduction: "sum" })];
      for (const [loss, divisor, options] of [
        [mean, want.weight, {}],
        [sum, 1, {}],
        [mean, 7, { divisor: 7 }],
      ] as const) {
        const got = loss.forward(x, y, options);
        expectClose("loss", [got.loss], [want.loss / divisor], TOLERANCE[dtype]);
        expectClose("weight", [got.weight], [want.weight], TOLERANCE[dtype]);
        expectClose(
          "gradient",
          got.gradient.data,
          want.gradient.map((v) => v / divisor),
          TOLERANCE[dtype],
        );
      }
      mean.dispose();
      sum.dispose();
      mean.dispose();
      expect(rt.bytesInUse).toBe(before);
    }
    rt.dispose();
  });

  it("has the gradient of its differences", async () => {
    const rt = await testRuntime({ dtype: "f64" });
    const draw = draws(5);
    const shape = [4, 3, 5];
    const [x, y] = [rt.tensor(draw(60, 2), shape), kind.target(rt, shape, draw)];
    const loss = kind.make(rt);
    const options = { lengths: [2, 4, 1] };
    const gradient = loss.forward(x, y, options).gradient.toArray();
    const f = (values: Float64Array) => loss.forward(x.set(values), y, options).loss;
    expectGradient("gradient", gradient, f, x.toArray());
    rt.dispose();
  });

  it.each(DTYPES)("padding counts nothing, whatever it holds, in %s", async (dtype) => {
    const rt = await testRuntime({ dtype });
    const draw = draws(9);
    const [T, N] = [5, 4];
    const lengths = [3, 5, 1, 4];
    const shape = [T, N, 5];
    const [x, y] = [rt.tensor(draw(100, 2), shape), kind.target(rt, shape, draw)];
    const pieces = y.size / (T * N);
    const counts = (piece: number) => Math.floor(piece / pieces / N) < lengths[Math.floor(piece / pieces) % N];
    const want = whole(kind, x.data, y.data, counts);
    for (let i = 0; i < x.size; i++)
      if (!counts(Math.floor((i / x.size) * y.size))) x.data[i] = i % 2 ? Number.NaN : Number.POSITIVE_INFINITY;
    for (let i = 0; i < y.size; i++) if (!counts(i)) y.data[i] = y.dtype === "i32" ? 77 : Number.NaN;
    const { loss, weight, gradient } = kind.make(rt).forward(x, y, { lengths });
    expectClose("loss", [loss], [want.loss / want.weight], TOLERANCE[dtype]);
    expectClose("weight", [weight], [want.weight], TOLERANCE[dtype]);
    expectClose(
      "gradient",
      gradient.data,
      want.gradient.map((v) => v / want.weight),
      TOLERANCE[dtype],
    );
    const padding = Array.from(gradient.data).filter((_, i) => !counts(Math.floor((i / x.size) * y.size)));
    expectBits("padding", padding, new Float64Array(35));
    rt.dispose();
  });

  it.each(DTYPES)("great predictions give finite losses, small gradients no subnormals, in %s", async (dtype) => {
    const rt = await testRuntime({ dtype });
    const edges = [1e4, -1e4, 88.7, -88.8, 103.9, -104, 745, -746, 1e-30, -0, 0, 1e18, -1e18, -87.4, 87.4];
    const x = rt.tensor(edges, [3, 5]);
    const least = dtype === "f32" ? 2 ** -100 : 2 ** -900;
    for (const divisor of [1, 1e25]) {
      const { loss, gradient } = kind.make(rt).forward(x, kind.target(rt, [3, 5], draws(3)), { divisor });
      expect(loss).toSatisfy(Number.isFinite);
      for (const v of gradient.data) expect(v === 0 || (Number.isFinite(v) && Math.abs(v) >= least), `${v}`).toBe(true);
    }
    rt.dispose();
  });

  it("NaN stays in its place", async () => {
    const rt = await testRuntime();
    for (let at = 0; at < 15; at++) {
      const x = rt.tensor(draws(1)(15), [3, 5]);
      x.data[at] = Number.NaN;
      const { loss, gradient } = kind.make(rt).forward(x, kind.target(rt, [3, 5], draws(3)));
      expect(loss).toBeNaN();
      const alike = (i: number) => (kind.C ? Math.floor(i / 5) === Math.floor(at / 5) : i === at);
      expect(Array.from(gradient.data, Number.isNaN)).toEqual(Array.from({ length: 15 }, (_, i) => alike(i)));
    }
    rt.dispose();
  });

  it("a gradient ends with the next forward, and with the loss", async () => {
    const rt = await testRuntime();
    const [x, y] = [rt.tensor(draws(1)(15), [3, 5]), kind.target(rt, [3, 5], draws(3))];
    const loss = kind.make(rt);
    const { gradient } = loss.forward(x, y);
    const second = loss.forward(x, y).gradient;
    expectRefusal(() => gradient.data, StaleError, "the next forward of this");
    loss.dispose();
    expectRefusal(() => second.data, DisposedError);
    expectRefusal(() => loss.forward(x, y), DisposedError, "Loss: expected it to be alive");
    rt.dispose();
  });
});

describe("cross-entropy", () => {
  it.each(DTYPES)("ignored rows leave the others their bits, and get +0, in %s", async (dtype) => {
    const rt = await testRuntime({ dtype });
    for (const C of SIZES) {
      const draw = draws(C);
      const z = rt.tensor(draw(7 * C, 4), [7, C]);
      const targets = Array.from(draw(7), (v) => Math.floor(((v + 1) / 2) * C));
      const loss = new CrossEntropyLoss(rt, { reduction: "sum" });
      const want = loss.forward(z, tokensOf(rt, targets)).gradient.toArray();
      for (const row of [0, 3, 6]) {
        want.fill(0, row * C, (row + 1) * C);
        z.data.fill(Number.NaN, row * C, (row + 1) * C);
        targets[row] = -100;
      }
      expectBits("gradient", loss.forward(z, tokensOf(rt, targets)).gradient.data, want);
    }
    rt.dispose();
  });

  it.each(DTYPES)("logits at both ends of %s, smoothed", async (dtype) => {
    const rt = await testRuntime({ dtype });
    const most = dtype === "f32" ? 3e38 : 1e307;
    const z = [most, -most, 0, -most, most];
    const { loss, gradient } = new CrossEntropyLoss(rt, { labelSmoothing: 0.5 }).forward(rt.tensor(z, [1, 5]), tokensOf(rt, [1]));
    expectClose("loss", [loss], [most * (0.5 * 2 + 0.1 * 5)], 1e-6);
    expectClose("gradient", gradient.data, [0.4, -0.6, -0.1, -0.1, 0.4], 1e-6);
    rt.dispose();
  });
});

describe("binary cross-entropy", () => {
  it.each(DTYPES)("keeps its digits where the loss is small, in %s", async (dtype) => {
    const rt = await testRuntime({ dtype });
    const loss = new BCEWithLogitsLoss(rt, { reduction: "sum" });
    for (let x = 0; x < 87; x += 0.37) {
      for (const [z, y] of [
        [x, 1],
        [-x, 0],
      ]) {
        const at = Math.fround(z);
        const got = loss.forward(rt.tensor([at], [1]), rt.tensor([y], [1]));
        const want = binary(at, y, 1);
        const units = dtype === "f32" ? 2 ** -23 : 2 ** -52;
        expect(Math.abs(got.loss / want.loss - 1), `loss at ${at}`).toBeLessThanOrEqual(4 * units);
        if (Math.abs(x) < 69)
          expect(Math.abs(got.gradient.data[0] / want.gradient[0] - 1), `gradient at ${at}`).toBeLessThanOrEqual(4 * units);
      }
    }
    rt.dispose();
  });
});

describe("regression", () => {
  it("L1 has +0 between equals of either sign", async () => {
    const rt = await testRuntime();
    const { gradient } = new L1Loss(rt).forward(rt.tensor([0, -0, 0, 1, -1], [5]), rt.tensor([-0, 0, 0, 1, -1], [5]));
    expectBits("gradient", gradient.data, [0, 0, 0, 0, 0]);
    rt.dispose();
  });

  it("squares beyond f32 are summed all the same", async () => {
    const rt = await testRuntime({ dtype: "f32" });
    const { loss } = new MSELoss(rt).forward(rt.tensor([1e30, -1e30, 1e30], [3]), rt.tensor([0, 0, 0], [3]));
    expectClose("loss", [loss], [1e60], 1e-6);
    rt.dispose();
  });

  it("parts with a divisor add up to the whole", async () => {
    const rt = await testRuntime({ dtype: "f64" });
    const [x, y] = [draws(1)(12), draws(2)(12)];
    const loss = new MSELoss(rt);
    const all = loss.forward(rt.tensor(x, [12]), rt.tensor(y, [12]));
    const [want, gradient] = [all.loss, all.gradient.toArray()];
    const parts = [
      [0, 5],
      [5, 12],
    ].map(([from, to]) => {
      const part = loss.forward(rt.tensor(x.slice(from, to), [to - from]), rt.tensor(y.slice(from, to), [to - from]), { divisor: 12 });
      return { loss: part.loss, weight: part.weight, gradient: part.gradient.toArray() };
    });
    expectClose("loss", [parts[0].loss + parts[1].loss], [want], 1e-14);
    expect(parts[0].weight + parts[1].weight).toBe(12);
    expectClose("gradient", [...parts[0].gradient, ...parts[1].gradient], gradient, 1e-14);
    rt.dispose();
  });
});

describe("refusals", async () => {
  const { rt, refuse } = await guarded({ dtype: "f64" });
  const [x, y, flat] = [rt.zeros([3, 2, 5]), rt.zeros([3, 2, 5]), rt.zeros([4])];
  const targets = rt.zeros([3, 2], { dtype: "i32" });
  const [mse, entropy, bce] = [new MSELoss(rt), new CrossEntropyLoss(rt), new BCEWithLogitsLoss(rt)];
  const weighted = new CrossEntropyLoss(rt, { weight: [1, 2] });
  const positive = new BCEWithLogitsLoss(rt, { posWeight: [1, 2] });
  const f32 = rt.zeros([3, 2, 5], { dtype: "f32" });

  it.each<[string, (r: Runtime) => unknown, typeof ArgumentError, string]>([
    ["reduction", (r) => new MSELoss(r, { reduction: bad("none") }), ArgumentError, 'reduction: expected "mean" or "sum", got "none"'],
    ["delta", (r) => new HuberLoss(r, { delta: 0 }), ArgumentError, "delta: expected a finite number over 0, got 0"],
    ["a strange option", (r) => new L1Loss(r, bad({ delta: 1 })), ArgumentError, "options: expected only dtype, reduction, got delta"],
    [
      "labelSmoothing",
      (r) => new CrossEntropyLoss(r, { labelSmoothing: 1.1 }),
      ArgumentError,
      "labelSmoothing: expected a number in [0, 1]",
    ],
    ["ignoreIndex", (r) => new CrossEntropyLoss(r, { ignoreIndex: 0.5 }), ArgumentError, "ignoreIndex: expected a 32-bit integer, got 0.5"],
    ["weight", (r) => new CrossEntropyLoss(r, { weight: [1, -1] }), ArgumentError, "weight[1]: expected a number in [0, ∞), got -1"],
    ["no weights", (r) => new CrossEntropyLoss(r, { weight: [] }), ArgumentError, "weight: expected a list of one number or more, got []"],
    [
      "a weight of null",
      (r) => new CrossEntropyLoss(r, { weight: bad(null) }),
      ArgumentError,
      "weight: expected a list of one number or more, got null",
    ],
    [
      "a number as weight",
      (r) => new CrossEntropyLoss(r, { weight: bad(2) }),
      ArgumentError,
      "weight: expected a list of one number or more, got 2",
    ],
    ["posWeight", (r) => new BCEWithLogitsLoss(r, { posWeight: [Number.NaN] }), ArgumentError, "posWeight[0]: expected a number in [0, ∞)"],
    ["as many weights", () => weighted.forward(x, targets), ShapeError, "logits: expected […, 2], as there are weights, got [3, 2, 5]"],
    ["as many posWeights", () => positive.forward(x, y), ShapeError, "logits: expected […, 2], as there are weights"],
    ["another shape", () => mse.forward(x, flat), ShapeError, "target: expected [3, 2, 5], got [4]"],
    ["another dtype", () => mse.forward(x, f32), DTypeError, "target: expected f64, got f32"],
    ["lengths of a flat one", () => mse.forward(flat, flat, { lengths: [1] }), ShapeError, "prediction: expected [T, N, …], there being"],
    ["too many lengths", () => mse.forward(x, y, { lengths: [1, 2, 3] }), ShapeError, "lengths: expected 2 elements, got 3"],
    [
      "a length too long",
      () => entropy.forward(x, targets, { lengths: [1, 4] }),
      ArgumentError,
      "lengths[1]: expected an integer in 1 … 3",
    ],
    ["a strange forward option", () => mse.forward(x, y, bad({ length: 1 })), ArgumentError, "options: expected only lengths, divisor"],
    ["divisor", () => mse.forward(x, y, { divisor: 0 }), ArgumentError, "divisor: expected a finite number over 0, got 0"],
    [
      "a divisor of a sum",
      (r) => new MSELoss(r, { reduction: "sum" }).forward(x, y, { divisor: 2 }),
      ArgumentError,
      'divisor: expected none, the reduction being "sum", got 2',
    ],
  ])("%s", (_, act, type, text) => refuse(act, type, text));

  it("targets that are none", () => {
    for (const value of [1.5, -1e-9, Number.NaN]) {
      for (let at = 0; at < 30; at++) {
        y.data[at] = value;
        refuse(() => bce.forward(x, y), ArgumentError, `targets[${at}]: expected a number in [0, 1], got ${value}`);
        y.data[at] = 0;
      }
    }
    targets.data[4] = -1;
    refuse(() => entropy.forward(x, targets), ArgumentError, "targets[4]: expected a class in 0 … 4 or ignoreIndex, -100, got -1");
    targets.data[4] = 0;
  });
});

describe("weights at the ends of f32", () => {
  it.each([1e39, 1e-46])("%f is refused where f32 does not hold it, and taken in f64", async (weight) => {
    const { rt, refuse } = await guarded();
    const text = "expected a number that f32 holds";
    refuse((r) => new CrossEntropyLoss(r, { weight: [1, weight] }), ArgumentError, "weight[1]", text);
    refuse((r) => new BCEWithLogitsLoss(r, { posWeight: [weight] }), ArgumentError, "posWeight[0]", text);
    const { loss } = new CrossEntropyLoss(rt, { weight: [1, weight], dtype: "f64" }).forward(
      rt.tensor([0, 0], [1, 2], { dtype: "f64" }),
      tokensOf(rt, [1]),
    );
    expect(loss).toBeCloseTo(Math.LN2, 12);
    rt.dispose();
  });

  it("a mean over nothing is NaN with a gradient of +0, smoothed or not", async () => {
    const rt = await testRuntime();
    for (const labelSmoothing of [0, 0.1]) {
      const criterion = new CrossEntropyLoss(rt, { weight: [0, 1], labelSmoothing });
      const { loss, weight, gradient } = criterion.forward(rt.tensor([1, 2], [1, 2]), tokensOf(rt, [0]));
      expect([loss, weight, ...gradient.toArray()]).toEqual([Number.NaN, 0, 0, 0]);
    }
    rt.dispose();
  });
});
