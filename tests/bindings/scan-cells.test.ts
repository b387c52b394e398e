/** The cells of operators beside PyTorch; as layers: stacked, both directions, lengths, layouts, streams, frames and by hand. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ScanLayer } from "../../bindings/cells.js";
import { Frame, type Runtime, type Tensor } from "../../bindings/index.js";
import { draws, expectBits, expectClose } from "../helpers/compare.js";
import { gradientsOf, operatorRuntime, parameterOf } from "../helpers/runtime.js";
import { makeScan, SCAN_KINDS } from "../helpers/scan-cells.js";

interface Case {
  name: string;
  options: object;
  weights: Record<string, number[]>;
  x: number[];
  start: number[][];
  dOutput: number[];
  dEnd: number[][];
  output: number[];
  end: number[][];
  gradients: Record<string, number[]>;
  dX: number[];
  dStart: number[][];
}
const { T, N, I, H, cases } = JSON.parse(readFileSync(new URL("../golden/scan-cells.json", import.meta.url), "utf8")) as {
  T: number;
  N: number;
  I: number;
  H: number;
  cases: Case[];
};

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ dtype: "f64", seed: 6 });
});
afterAll(() => rt.dispose());

const byName = (layer: ScanLayer, tensors: readonly Tensor[]) =>
  Object.fromEntries(layer.states.map((name, i) => [name, tensors[i] as Tensor])) as { h: Tensor };

describe("PyTorch's outputs, states and gradients", () => {
  test.each(cases.map((each) => [`${each.name} ${JSON.stringify(each.options)}`, each] as const))("%s", (_, golden) => {
    const layer = makeScan(rt, golden.name, { inputSize: I, hiddenSize: H, ...golden.options });
    layer.eval();
    expect(layer.parameters().map(({ name }) => name)).toEqual(Object.keys(golden.weights).map((name) => `${name}_l0`));
    for (const [name, values] of Object.entries(golden.weights)) parameterOf(layer, `${name}_l0`).set(values);
    const x = rt.tensor(golden.x, [T, N, I]);
    const start = golden.start.map((values) => rt.tensor(values, [1, N, H]));
    const dEnd = golden.dEnd.map((values) => rt.tensor(values, [1, N, H]));
    const dOutput = rt.tensor(golden.dOutput, [T, N, H]);
    const check = (output: Tensor, ends: Tensor[]) => {
      expectClose("output", output.toArray(), golden.output, 1e-10);
      for (const [i, end] of ends.entries()) expectClose(`end ${i}`, end.toArray(), golden.end[i] as number[], 1e-10);
    };
    const checkBack = (dX: Tensor, dStart: Tensor[]) => {
      expectClose("dX", dX.toArray(), golden.dX, 1e-10);
      for (const [i, d] of dStart.entries()) expectClose(`dStart ${i}`, d.toArray(), golden.dStart[i] as number[], 1e-10);
      for (const [name, gradient] of Object.entries(gradientsOf(layer)))
        expectClose(name, gradient, golden.gradients[name.slice(0, -3)] as number[], 1e-10);
    };
    const own = layer.forward(x, { state: byName(layer, start) });
    check(own.output, Object.values(own.state));
    for (let i = 0; i < 2; i++) {
      layer.zeroGrad();
      const { dX, dState } = layer.backward(dOutput, byName(layer, dEnd));
      checkBack(dX, Object.values(dState));
    }
    layer.zeroGrad();
    using frame = new Frame(rt);
    const { output, state } = frame.record(() => layer.forward(x, { state: byName(layer, start) }));
    const ends = layer.states.map((name) => state[name] as Tensor);
    check(output, ends);
    frame.backward([output, ...ends], { gradient: [dOutput, ...dEnd], inputs: [x, ...start] });
    checkBack(
      frame.gradient(x),
      start.map((each) => frame.gradient(each)),
    );
    for (const each of [layer, x, dOutput, ...start, ...dEnd]) each.dispose();
  });
});

/** Rows [t0, t1) of sequence n of [T, N, F]. */
const part = (values: ArrayLike<number>, F: number, n: number, from: number, to: number, all = N) =>
  Array.from({ length: to - from }, (_, t) => Array.from(values).slice(((from + t) * all + n) * F, ((from + t) * all + n + 1) * F)).flat();

describe.each(SCAN_KINDS)("%s", (name, more) => {
  const make = (options: object = {}) => makeScan(rt, name, { inputSize: I, hiddenSize: H, numLayers: 2, ...more, ...options }).eval();

  test("alone, in a batch, split with the state carried, and step by step: the same bits", () => {
    using layer = make();
    using x = rt.tensor(draws(1)(T * N * I), [T, N, I]);
    const { output, state } = layer.forward(x);
    const [all, ends] = [output.toArray(), Object.values(state).map((end) => end.toArray())];
    for (let n = 0; n < N; n++) {
      using one = rt.tensor(part(x.toArray(), I, n, 0, T), [T, I]);
      const alone = layer.forward(one);
      expect(alone.output.shape).toEqual([T, H]);
      expectBits(`sequence ${n}`, alone.output.toArray(), part(all, H, n, 0, T));
    }
    using first = rt.tensor(x.toArray().slice(0, N * I), [1, N, I]);
    using rest = rt.tensor(x.toArray().slice(N * I), [T - 1, N, I]);
    const begun = layer.forward(first);
    const went = layer.forward(rest, { state: begun.state });
    expectBits("split", went.output.toArray(), all.slice(N * H));
    for (const [i, end] of Object.values(went.state).entries()) expectBits("end", end.toArray(), ends[i] as Float64Array);
    using stream = layer.stream({ batch: N });
    const walk = (step: () => void) => {
      for (let t = 0; t < T; t++) {
        stream.input.set(x.toArray().slice(t * N * I, (t + 1) * N * I) as Float64Array);
        step();
        expectBits(`step ${t}`, stream.output, all.slice(t * N * H, (t + 1) * N * H));
      }
    };
    walk(() => stream.step());
    for (const [i, each] of Object.values(stream.state).entries()) expectBits("state", each, ends[i] as Float64Array);
    stream.reset();
    walk(() => {
      stream.step([1]);
      stream.step([0]);
    });
    const kept = stream.getState(0);
    stream.leave(0);
    expect(stream.join(kept)).toBe(0);
    for (const [i, each] of Object.values(stream.state).entries()) expectBits("state", each, ends[i] as Float64Array);
    stream.reset(1);
    expect(Object.values(stream.getState(1)).every((values) => values.every((value) => value === 0))).toBe(true);
  });

  test.each([
    {},
    { bidirectional: true },
    { batchFirst: true },
    { batchFirst: true, bidirectional: true, bias: !name.startsWith("LayerNorm") },
  ])("%j: each of sequences of different lengths is as it is alone, whatever the padding holds", (options) => {
    using layer = make({ ...options, ...(name.startsWith("LayerNorm") ? {} : { bias: false }) });
    const F = layer.outputSize;
    const lengths = [2, T];
    const values = draws(2)(T * N * I);
    for (let t = 2; t < T; t++) values.fill(Number.NaN, t * N * I, t * N * I + I);
    const turned = (rows: ArrayLike<number>, width: number, back: boolean) => {
      if (!layer.batchFirst) return Array.from(rows);
      const at = (t: number, n: number) => (back ? n * T + t : t * N + n);
      const [outer, inner] = back ? [T, N] : [N, T];
      return Array.from({ length: outer * inner }, (_, m) => {
        const [a, b] = [Math.floor(m / inner), m % inner];
        const row = back ? at(a, b) : at(b, a);
        return Array.from(rows).slice(row * width, (row + 1) * width);
      }).flat();
    };
    const shape = layer.batchFirst ? [N, T, I] : [T, N, I];
    using x = rt.tensor(turned(values, I, false), shape);
    const { output, state } = layer.forward(x, { lengths });
    expect(output.batchFirst).toBe(layer.batchFirst);
    using d = rt.tensor(draws(3)(output.size), output.shape);
    const got = turned(output.toArray(), F, true);
    const ends = Object.values(state).map((end) => end.toArray());
    layer.zeroGrad();
    const dX = turned(layer.backward(d).dX.toArray(), I, true);
    const all = gradientsOf(layer);
    layer.zeroGrad();
    const dRows = turned(d.toArray(), F, true);
    for (const [n, length] of lengths.entries()) {
      using one = rt.tensor(part(values, I, n, 0, length), [length, I]);
      using dOne = rt.tensor(part(dRows, F, n, 0, length), [length, F]);
      const alone = layer.forward(one);
      expectBits(`sequence ${n}`, part(got, F, n, 0, length), alone.output.toArray());
      expect(part(got, F, n, length, T).every((value) => value === 0)).toBe(true);
      for (const [i, end] of Object.values(alone.state).entries())
        expectBits("end", part(ends[i] as Float64Array, H, n, 0, end.size / H), end.toArray());
      expectClose(`dX ${n}`, part(dX, I, n, 0, length), layer.backward(dOne).dX.toArray(), 1e-12);
    }
    for (const [each, gradient] of Object.entries(gradientsOf(layer))) expectClose(each, all[each] as Float64Array, gradient, 1e-11);
  });

  test("f32 is f64 to its precision; frozen it gives dX alone", () => {
    using layer = make();
    using single = makeScan(rt, name, { inputSize: I, hiddenSize: H, numLayers: 2, ...more, dtype: "f32" }).eval();
    for (const [i, parameter] of single.parameters().entries()) parameter.set(layer.parameters()[i]?.toArray() as Float64Array);
    for (const parameter of layer.parameters()) parameter.update((values) => void values.set(Float32Array.from(values)));
    using x = rt.tensor(draws(1)(T * N * I), [T, N, I]);
    using x32 = rt.tensor(x.toArray(), [T, N, I], { dtype: "f32" });
    const wanted = layer.forward(x).output.toArray();
    expectClose("output", single.forward(x32).output.toArray(), wanted, 1e-5);
    using d = rt.tensor(draws(2)(T * N * H), [T, N, H]);
    const free = layer.backward(d).dX.toArray();
    layer.zeroGrad();
    layer.freeze();
    layer.forward(x);
    expectBits("dX", layer.backward(d).dX.toArray(), free);
    expect(Object.values(gradientsOf(layer)).every((gradient) => Array.from(gradient).every((value) => value === 0))).toBe(true);
  });
});
