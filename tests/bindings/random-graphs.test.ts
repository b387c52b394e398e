/** 2,000 random expressions: gradients against differences, bits from run to run, memory to the last byte. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Frame, type Parameter, type Runtime, type Tensor } from "../../bindings/index.js";
import { expressionOf, KINDS, type Leaves, leavesOf, type Step } from "../helpers/random-graphs.js";
import { operatorRuntime } from "../helpers/runtime.js";
import { printedSeed } from "../helpers/seed.js";
import { sweep } from "../helpers/sweep.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ dtype: "f64", seed: 11 });
});
afterAll(() => rt.dispose());

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(KINDS - 1),
  ...{ first: fc.nat(60), second: fc.nat(60), option: fc.nat(11) },
});

interface Place {
  read(): Float64Array;
  write(values: Float64Array): void;
  gradient(): Float64Array;
}

function placesOf({ inputs, parameters, layers }: Leaves, gradientOf: (tensor: Tensor) => Tensor): Place[] {
  const all: Parameter[] = [...parameters, ...layers].flatMap((owner) => owner.parameters());
  return [
    ...inputs.map((tensor) => ({
      read: () => tensor.toArray() as Float64Array,
      write: (values: Float64Array) => void tensor.set(values),
      gradient: () => gradientOf(tensor).toArray() as Float64Array,
    })),
    ...all.map((parameter) => ({
      read: () => parameter.toArray() as Float64Array,
      write: (values: Float64Array) => parameter.set(values),
      gradient: () => parameter.grad as Float64Array,
    })),
  ];
}

/** Bits of a value and all gradients. */
function passOf(frame: Frame, steps: readonly Step[], leaves: Leaves): { value: number; gradients: Float64Array[]; places: Place[] } {
  for (const owner of [...leaves.parameters, ...leaves.layers]) owner.zeroGrad();
  const result = frame.record(() => expressionOf(steps, leaves));
  const value = result.toArray()[0] as number;
  frame.backward(result, { inputs: leaves.inputs });
  const places = placesOf(leaves, (tensor) => frame.gradient(tensor));
  return { value, gradients: places.map((place) => place.gradient()), places };
}

/** Along one random direction; what lies at a kink at one distance does not at another. */
function checkDirection(
  frame: Frame,
  steps: readonly Step[],
  leaves: Leaves,
  places: readonly Place[],
  gradients: readonly Float64Array[],
): void {
  const before = places.map((place) => place.read());
  const direction = before.map((values) => values.map(() => rt.generator.normal()));
  const expected = gradients.reduce(
    (sum, g, p) => sum + g.reduce((inner, value, i) => inner + value * (direction[p]?.[i] as number), 0),
    0,
  );
  const at = (distance: number) => {
    for (const [p, place] of places.entries())
      place.write((before[p] as Float64Array).map((value, i) => value + distance * (direction[p]?.[i] as number)));
    return frame.run(() => expressionOf(steps, leaves).toArray()[0] as number);
  };
  const errors = [1e-5, 1e-6, 1e-7].map(
    (distance) => Math.abs((at(distance) - at(-distance)) / (2 * distance) - expected) / Math.max(1, Math.abs(expected)),
  );
  for (const [p, place] of places.entries()) place.write(before[p] as Float64Array);
  expect(Math.min(...errors)).toBeLessThan(1e-7);
}

test("gradients, bits and bytes of 2,000 random expressions", () => {
  const reused = new Frame(rt);
  const leaves = leavesOf(rt);
  const atRest = rt.bytesInUse;
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 40 }), (steps) => {
      const { value, gradients, places } = passOf(reused, steps, leaves);
      expect(Number.isFinite(value)).toBe(true);
      const again = passOf(reused, steps, leaves);
      expect([again.value, again.gradients]).toEqual([value, gradients]);
      const fresh = new Frame(rt);
      const anew = passOf(fresh, steps, leaves);
      expect([anew.value, anew.gradients]).toEqual([value, gradients]);
      fresh.dispose();
      checkDirection(reused, steps, leaves, places, gradients);
    }),
    { numRuns: sweep(2000), seed: printedSeed("random graphs") },
  );
  reused.dispose();
  leaves.dispose();
  expect(atRest).toBeGreaterThan(0);
  expect(rt.bytesInUse).toBe(0);
}, 120_000);
