/** The CRF against the naive twin and all paths, PyTorch, differences, and itself in other batches. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Dense, type FloatType, Frame, Generator, gradcheck, type Parameter, type Runtime, type Tensor } from "../../bindings/index.js";
import { mul } from "../../bindings/ops.js";
import { scaleGrad } from "../../bindings/optim/clip.js";
import { CRF, CRFLoss } from "../../bindings/sequence.js";
import { loadCRF } from "../golden/load.js";
import { expectBits, expectClose, expectEach, expectGradient } from "../helpers/compare.js";
import { type Case, chainsOf, checkCase, crfOf, drawCase, tensorsOf } from "../helpers/crf.js";
import { DTYPES, gradientsOf, operatorRuntime, parameterOf } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";
import { gradientOf } from "../reference/crf.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ seed: 3 });
});
afterEach(() => expect(rt.bytesInUse).toBe(0));
afterAll(() => rt.dispose());

const TOLERANCE = { f32: 2e-5, f64: 1e-12 };

/** One of this size, everything allowed, with lengths. */
function drawLarge(
  seed: number,
  { K, T, N = 3, size, lengths }: { K: number; T: number; N?: number; size: number; lengths?: number[] },
): Case {
  const random = new Generator(seed);
  const numbers = (count: number) => Float64Array.from({ length: count }, () => Math.fround((2 * random.uniform() - 1) * size));
  const targets = Int32Array.from({ length: T * N }, () => random.integer(K));
  return {
    K,
    T,
    N,
    batchFirst: false,
    lengths,
    constraints: undefined,
    parameters: numbers(2 * K + K * K),
    emissions: numbers(T * N * K),
    targets,
  };
}

describe.each(DTYPES)("%s", (dtype) => {
  test("200 random cases: value, gradients, marginals and best paths are those of all paths", () => {
    const seed = printedSeed(`CRF, all paths, ${dtype}`);
    for (let i = 0; i < 200; i++) checkCase(rt, drawCase(seed + i), dtype, { tolerance: TOLERANCE[dtype] });
  });

  test("100 cases with ties: the lowest tags from the last on", () => {
    const seed = printedSeed(`CRF, ties, ${dtype}`);
    for (let i = 0; i < 100; i++) checkCase(rt, drawCase(seed + i, { coarse: true }), dtype, { tolerance: TOLERANCE[dtype] });
  });

  // In f32 the bound of docs/crf.md; in f64 what the twin loses, whose α and β grow with the sequence.
  test.each([
    { K: 9, T: 50, size: 3, lengths: [50, 1, 23] },
    { K: 32, T: 60, size: 5 },
    { K: 37, T: 20, size: 10 },
    { K: 9, T: 50, size: 100 },
    { K: 9, T: 40, size: 1e4, lengths: [40, 40, 39] },
    { K: 3, T: 1000, size: 2 },
  ])("beside the twin: %j", (large) => {
    const tolerance = dtype === "f32" ? 2 ** -23 * Math.max(2, large.size) : 2 ** -48 * large.size * large.T;
    checkCase(rt, drawLarge(7, large), dtype, { tolerance, byPaths: false });
  });

  test("PyTorch: value and gradients", () => {
    const golden = loadCRF();
    expect(golden.map(({ K }) => K)).toEqual([1, 2, 3, 5, 9, 17]);
    for (const { K, T, N, lengths, forbidden, targets, emissions, parameters, loss, dEmissions, dParameters } of golden) {
      const constraints = { forbiddenTransitions: forbidden };
      using crf = crfOf(rt, { K, constraints, parameters: Float64Array.from(parameters) }, dtype);
      using criterion = new CRFLoss(crf, { reduction: "sum" });
      using e = rt.tensor(emissions, [T, N, K], { dtype });
      using y = rt.tensor(Int32Array.from(targets), [T, N]);
      crf.forward(e);
      const result = criterion.forward(e, y, { lengths });
      expectEach(`loss of ${K}`, [result.loss], [loss], TOLERANCE[dtype], 1e-6);
      expectEach(`dEmissions of ${K}`, result.gradient.toArray(), dEmissions, 1e-11, dtype === "f32" ? 2e-6 : 1e-11);
      crf.backward(result.gradient);
      const grads = crf.parameters().flatMap(({ grad }) => [...grad]);
      expectEach(`dParameters of ${K}`, grads, dParameters, 1e-11, dtype === "f32" ? 2e-6 : 1e-11);
    }
  });

  test("a sequence has the same bits alone, in any batch, padded, batch-first", () => {
    const seed = printedSeed(`CRF, bits, ${dtype}`);
    for (const K of [1, 3, 9, 33]) {
      const T = 9;
      const lengths = [4, 9, 1, 6];
      const given = drawLarge(seed + K, { K, T, N: 4, size: 4, lengths });
      using crf = crfOf(rt, given, dtype);
      using criterion = new CRFLoss(crf, { reduction: "sum" });
      const whole = tensorsOf(rt, given, dtype);
      const first = tensorsOf(rt, { ...given, batchFirst: true, ...batchFirstOf(given) }, dtype);
      const of = (e: Tensor, y: Tensor, options: { lengths?: number[] }) => {
        const { loss, gradient } = criterion.forward(e, y, options);
        return { loss, de: gradient.toArray(), p: crf.marginals(e, options).toArray(), decoded: crf.decode(e, options) };
      };
      const together = of(whole.emissions, whole.targets, { lengths });
      const turned = of(first.emissions, first.targets, { lengths });
      for (const [n, { chain, tags }] of chainsOf(given).entries()) {
        const L = lengths[n];
        using e = rt.tensor(chain.emissions.flat(), [L, K], { dtype });
        using y = rt.tensor(Int32Array.from(tags), [L]);
        const alone = of(e, y, {});
        for (const part of ["de", "p"] as const) {
          const rows = (values: ArrayLike<number>, at: (t: number) => number) =>
            Array.from({ length: L * K }, (_, i) => values[at(Math.floor(i / K)) * K + (i % K)]);
          expectBits(
            `${part} of ${n}`,
            rows(together[part], (t) => t * 4 + n),
            alone[part],
          );
          expectBits(
            `${part} of ${n}, batch-first`,
            rows(turned[part], (t) => n * T + t),
            alone[part],
          );
        }
        expect(together.decoded[n]).toEqual(alone.decoded[0]);
        expect(turned.decoded[n]).toEqual(alone.decoded[0]);
      }
      for (const each of [...Object.values(whole), ...Object.values(first)]) each.dispose();
    }
  });
});

function batchFirstOf({ K, T, N, emissions, targets }: Case): Pick<Case, "emissions" | "targets"> {
  const from = (row: number) => (row % T) * N + Math.floor(row / T);
  return {
    emissions: emissions.map((_, i) => emissions[from(Math.floor(i / K)) * K + (i % K)]),
    targets: targets.map((_, row) => targets[from(row)]),
  };
}

/** A small one in f64, and data for it. */
function small({ N = 2, dtype = "f64" as FloatType } = {}) {
  const K = 4;
  const T = 5;
  const generator = new Generator(11);
  const head = new Dense(rt, { inputSize: 3, outputSize: K, dtype, generator });
  const constraints = {
    forbiddenStarts: [2],
    forbiddenTransitions: [
      [0, 2],
      [3, 2],
    ] as [number, number][],
    forbiddenEnds: [1],
  };
  const crf = new CRF(rt, { numTags: K, dtype, generator, constraints });
  for (const parameter of crf.parameters()) parameter.update((values) => values.set(values.map((value) => 10 * value)));
  const criterion = new CRFLoss(crf);
  const x = rt.tensor(
    Array.from({ length: T * N * 3 }, () => generator.normal()),
    [T, N, 3],
    { dtype },
  );
  const path = [1, 2, 2, 3, 0];
  const targets = rt.tensor(
    Int32Array.from({ length: T * N }, (_, row) => path[Math.floor(row / N)]),
    [T, N],
  );
  const all = [head, crf, criterion, x, targets];
  return { head, crf, criterion, x, targets, dispose: () => all.map((each) => each.dispose()) };
}

const parametersOf = ({ head, crf }: { head: Dense; crf: CRF }): Parameter[] => [...head.parameters(), ...crf.parameters()];

describe("gradients", () => {
  test("gradcheck: in a frame, the parameters of the layer before it and its own", () => {
    const parts = small();
    const { head, crf, criterion, x, targets } = parts;
    for (const reduction of [criterion, new CRFLoss(crf, { reduction: "sum" })]) {
      const model = {
        forward: (x: Tensor) => reduction.forward(crf.forward(head.forward(x)), targets, { lengths: [5, 5] }).tensor ?? x,
        parameters: () => parametersOf(parts),
        zeroGrad: () => void [head.zeroGrad(), crf.zeroGrad()],
      };
      // Outside of frames there is no tensor: gradcheck works in one.
      expect(gradcheck(model, x)).toMatchObject({ passed: true });
      if (reduction !== criterion) reduction.dispose();
    }
    parts.dispose();
  });

  test("gradcheck: by hand, layer by layer", () => {
    const parts = small();
    const { head, crf, criterion, x, targets } = parts;
    let gradient: Tensor | undefined;
    const values: Tensor[] = [];
    const model = {
      forward(x: Tensor) {
        const result = criterion.forward(crf.forward(head.forward(x)), targets);
        gradient = result.gradient;
        values.push(rt.tensor([result.loss], [1], { dtype: "f64" }));
        return values.at(-1) as Tensor;
      },
      backward(dOutput: Tensor) {
        const dX = head.backward(crf.backward(gradient as Tensor));
        const factor = dOutput.at(0);
        scaleGrad(parametersOf(parts), factor);
        dX.set(dX.toArray().map((value) => value * factor));
        return dX;
      },
      parameters: () => parametersOf(parts),
      zeroGrad: () => void [head.zeroGrad(), crf.zeroGrad()],
    };
    expect(gradcheck(model, x)).toMatchObject({ passed: true });
    for (const value of values) value.dispose();
    parts.dispose();
  });

  test("central differences of the twin, with what is forbidden", () => {
    const given = drawCase(12345, { size: 2 });
    const [{ chain, tags }] = chainsOf(given);
    const flat = chain.emissions.flat();
    const at = (values: Float64Array) => ({
      ...chain,
      emissions: chain.emissions.map((_, t) => [...values.subarray(t * chain.K, (t + 1) * chain.K)]),
    });
    const { emissions } = gradientOf(chain, tags);
    expectGradient("dEmissions of the twin", emissions.flat(), (values) => gradientOf(at(values), tags).loss, flat);
  });

  test("both ways give the same bits; twice gives twice; a loss that no backward follows gives nothing", () => {
    const parts = small();
    const { head, crf, criterion, x, targets } = parts;
    crf.zeroGrad();
    const gradient = () => criterion.forward(crf.forward(head.forward(x)), targets).gradient;
    crf.backward(gradient());
    const once = gradientsOf(crf);
    const frame = new Frame(rt);
    crf.zeroGrad();
    const loss = () => criterion.forward(crf.forward(head.forward(x)), targets);
    frame.backward(frame.record(loss));
    for (const [name, grad] of Object.entries(gradientsOf(crf))) expectBits(name, grad, once[name]);
    frame.run(loss); // evaluates
    frame.record(loss); // is never gone over
    gradient();
    gradient();
    for (const [name, grad] of Object.entries(gradientsOf(crf))) expectBits(name, grad, once[name]);
    frame.backward(frame.record(loss));
    for (const [name, grad] of Object.entries(gradientsOf(crf)))
      expectBits(
        name,
        grad,
        Float64Array.from(once[name], (g) => 2 * g),
      );
    crf.zeroGrad();
    frame.backward(frame.record(() => [loss(), loss()])); // two in one recording
    for (const [name, grad] of Object.entries(gradientsOf(crf)))
      expectBits(
        name,
        grad,
        Float64Array.from(once[name], (g) => 2 * g),
      );
    crf.zeroGrad();
    frame.backward(frame.record(() => mul(loss().tensor as Tensor, 0.5)));
    for (const [name, grad] of Object.entries(gradientsOf(crf)))
      expectBits(
        name,
        grad,
        Float64Array.from(once[name], (g) => 0.5 * g),
      );
    frame.dispose();
    parts.dispose();
  });

  test("forbidden: a gradient of +0, whatever the data", () => {
    const parts = small();
    const { head, crf, criterion, x, targets } = parts;
    for (const poison of [1, Number.NaN]) {
      x.set(x.toArray().map((value, i) => (i === 0 ? poison : value)));
      crf.zeroGrad();
      crf.backward(criterion.forward(crf.forward(head.forward(x)), targets).gradient);
      expect(Object.is(parameterOf(crf, "start_transitions").grad[2], 0)).toBe(true);
      expect(Object.is(parameterOf(crf, "end_transitions").grad[1], 0)).toBe(true);
      const { grad } = parameterOf(crf, "transitions");
      expect([grad[0 * 4 + 2], grad[3 * 4 + 2]].every((g) => Object.is(g, 0))).toBe(true);
      expect(Number.isNaN(grad[5])).toBe(Number.isNaN(poison));
    }
    parts.dispose();
  });

  test("frozen: nothing for its parameters, everything for the layer before it; the reverse", () => {
    const parts = small();
    const { head, crf, criterion, x, targets } = parts;
    using frame = new Frame(rt);
    const loss = () => criterion.forward(crf.forward(head.forward(x)), targets);
    crf.freeze();
    frame.backward(frame.record(loss));
    expect(crf.parameters().every(({ grad }) => grad.every((g) => g === 0))).toBe(true);
    expect(parameterOf(head, "bias").grad.some((g) => g !== 0)).toBe(true);
    head.zeroGrad();
    crf.unfreeze();
    head.freeze();
    frame.backward(frame.record(loss));
    expect(parameterOf(head, "bias").grad.every((g) => g === 0)).toBe(true);
    expect(parameterOf(crf, "transitions").grad.some((g) => g !== 0)).toBe(true);
    parts.dispose();
  });

  test("a mean is of sequences; parts with divisor 1 add up to the whole", () => {
    const parts = small({ N: 3 });
    const { crf, criterion, x, targets, head } = parts;
    using sum = new CRFLoss(crf, { reduction: "sum" });
    using e = head.forward(x).clone();
    const lengths = [5, 5, 5];
    const mean = criterion.forward(e, targets, { lengths });
    expect(mean.weight).toBe(3);
    const all = sum.forward(e, targets, { lengths });
    expect(all.weight).toBe(3);
    expect(mean.loss).toBe(all.loss / 3);
    expectClose(
      "gradient",
      mean.gradient.toArray(),
      all.gradient.toArray().map((g) => g / 3),
      1e-14,
    );
    expect(criterion.forward(e, targets, { divisor: 15 }).loss).toBe(all.loss / 15);
    parts.dispose();
  });
});
