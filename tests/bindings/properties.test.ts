import fc from "fast-check";
import { afterAll, describe, it } from "vitest";
import { Dense, Frame } from "../../bindings/index.js";
import { draws, expectBits, expectSum } from "../helpers/compare.js";
import { DTYPES, gradientsOf, operatorRuntime, setParameters } from "../helpers/runtime.js";
import {
  backward,
  embedRows,
  example,
  forward,
  mapValues,
  type Parts,
  RECURRENT_KINDS,
  rowsOf,
  type Shape,
  shapes,
} from "../helpers/sequence.js";

/*
 * The promises of docs/numerics.md: a sequence's output, state, dX and initial gradients have the same bits alone, inside any batch, cut at
 * any step with the state carried, on a tape or without one and (forward) streamed. Sums over rows (dW, db) agree within rounding.
 */

const RUNS = 40;
const ROUNDING = { f32: 1e-5, f64: 1e-13 };
const partBits = (name: string, actual: Parts, expected: Parts) => {
  for (const part of Object.keys(expected)) expectBits(`${name}.${part}`, actual[part], expected[part]);
};

const KINDS = RECURRENT_KINDS.flatMap((kind) => DTYPES.map((dtype) => [kind, dtype] as const));

describe.each(KINDS)("%s in %s, bit for bit", async (kind, dtype) => {
  const rt = await operatorRuntime();
  afterAll(() => rt.dispose());
  const check = (property: (shape: Shape, cut: number, place: number, more: number) => void) =>
    fc.assert(
      fc.property(shapes(kind, dtype), fc.nat({ max: 11 }), fc.nat({ max: 8 }), fc.nat({ max: 8 }), (shape, cut, place, more) => {
        property(shape, cut % shape.T, place % (more + 1), more);
      }),
      { numRuns: RUNS },
    );

  it("a forward is the same where nothing is kept for a backward", () =>
    check((shape) => {
      const { layer, x, begin } = example(rt, shape);
      const at = [shape.T, shape.N] as const;
      const whole = forward(layer, at, x, begin);
      const plain = forward(layer, at, x, begin, new Frame(rt));
      expectBits("output", plain.output, whole.output);
      partBits("state", plain.state, whole.state);
      for (const { input } of [whole, plain]) input.dispose();
      layer.dispose();
    }));

  it("a forward is the same in two pieces, at every step where it may be cut", () =>
    check((shape) => {
      const { T, N, I, H } = shape;
      const { layer, x, begin } = example(rt, shape);
      const whole = forward(layer, [T, N], x, begin);
      for (let cut = 1; cut < T; cut++) {
        const first = forward(layer, [cut, N], x.subarray(0, cut * N * I), begin, cut % 2 === 0 ? new Frame(rt) : undefined);
        const second = forward(layer, [T - cut, N], x.subarray(cut * N * I), first.state);
        expectBits(`output before ${cut}`, first.output, whole.output.subarray(0, cut * N * H));
        expectBits(`output from ${cut} on`, second.output, whole.output.subarray(cut * N * H));
        partBits("state", second.state, whole.state);
        for (const { input } of [first, second]) input.dispose();
      }
      whole.input.dispose();
      layer.dispose();
    }));

  it("a forward is the same streamed step by step", () =>
    check((shape) => {
      const { T, N, I, H } = shape;
      const { layer, x, begin } = example(rt, shape);
      const whole = forward(layer, [T, N], x, begin);
      using stream = layer.stream({ batch: N });
      stream.state = begin as never;
      for (let t = 0; t < T; t++) {
        stream.input.set(x.subarray(t * N * I, (t + 1) * N * I));
        stream.step();
        expectBits(`output at ${t}`, stream.output, whole.output.subarray(t * N * H, (t + 1) * N * H));
      }
      partBits("state", stream.state as never, whole.state);
      whole.input.dispose();
      layer.dispose();
    }));

  it("forward and backward are the same inside a greater batch, at any place, beside any rows", () =>
    check((shape, _, place, more) => {
      const { T, N, I, H } = shape;
      const { layer, draw, x, begin, dOutput, dEnd } = example(rt, shape);
      const B = N + more;
      const wide = (data: ArrayLike<number>, width: number) => embedRows(data, N, width, place, B, (count) => draw(count, 3));
      const alone = forward(layer, [T, N], x, begin);
      const back = backward(layer, [T, N], dOutput, dEnd);
      const states = (parts: Parts) => mapValues(parts, (part) => wide(part, H));
      const among = forward(layer, [T, B], wide(x, I), states(begin));
      const backAmong = backward(layer, [T, B], wide(dOutput, H), states(dEnd));
      const cut = (data: ArrayLike<number>, width: number) => rowsOf(data, B, width, place, N);
      const cuts = (parts: Parts) => mapValues(parts, (part) => cut(part, H));
      expectBits("output", cut(among.output, H), alone.output);
      partBits("state", cuts(among.state), alone.state);
      expectBits("dX", cut(backAmong.dX, I), back.dX);
      partBits("dState", cuts(backAmong.dState), back.dState);
      for (const { input } of [alone, among]) input.dispose();
      layer.dispose();
    }));

  it("forward and backward are the same row by row; the gradients of the parameters add up", () =>
    check((shape) => {
      const { T, N, I, H } = shape;
      const { layer, x, begin, dOutput, dEnd } = example(rt, shape);
      const all = forward(layer, [T, N], x, begin);
      const back = backward(layer, [T, N], dOutput, dEnd);
      const together = gradientsOf(layer);
      layer.zeroGrad();
      for (let n = 0; n < N; n++) {
        const row = (data: ArrayLike<number>, width: number) => rowsOf(data, N, width, n, 1);
        const rows = (parts: Parts) => mapValues(parts, (part) => row(part, H));
        const alone = forward(layer, [T, 1], row(x, I), rows(begin));
        const backAlone = backward(layer, [T, 1], row(dOutput, H), rows(dEnd));
        expectBits(`output of row ${n}`, alone.output, row(all.output, H));
        partBits(`state of row ${n}`, alone.state, rows(all.state));
        expectBits(`dX of row ${n}`, backAlone.dX, row(back.dX, I));
        partBits(`dState of row ${n}`, backAlone.dState, rows(back.dState));
        alone.input.dispose();
      }
      for (const [name, gradient] of Object.entries(gradientsOf(layer))) expectSum(name, gradient, together[name], ROUNDING[dtype]);
      all.input.dispose();
      layer.dispose();
    }));

  it("a backward is the same in two pieces, the gradient of the state carried back", () =>
    check((shape, cut) => {
      if (cut === 0) return;
      const { T, N, I, H } = shape;
      const { layer, x, begin, dOutput, dEnd } = example(rt, shape);
      const all = forward(layer, [T, N], x, begin);
      const whole = backward(layer, [T, N], dOutput, dEnd);
      const together = gradientsOf(layer);
      layer.zeroGrad();
      const early = () => forward(layer, [cut, N], x.subarray(0, cut * N * I), begin);
      const first = early();
      const second = forward(layer, [T - cut, N], x.subarray(cut * N * I), first.state);
      const back = backward(layer, [T - cut, N], dOutput.subarray(cut * N * H), dEnd);
      early().input.dispose();
      const again = early();
      const front = backward(layer, [cut, N], dOutput.subarray(0, cut * N * H), back.dState);
      expectBits("dX", [...front.dX, ...back.dX], whole.dX);
      partBits("dState", front.dState, whole.dState);
      for (const [name, gradient] of Object.entries(gradientsOf(layer))) expectSum(name, gradient, together[name], ROUNDING[dtype]);
      for (const { input } of [all, first, second, again]) input.dispose();
      layer.dispose();
    }));
});

describe.each(DTYPES)("Dense in %s, bit for bit", (dtype) => {
  it("gives every row the same alone, in any batch and streamed", async () => {
    const rt = await operatorRuntime({ dtype });
    for (const [I, O] of [
      [1, 1],
      [7, 5],
      [10, 37],
      [33, 64],
    ]) {
      const draw = draws(I);
      const layer = new Dense(rt, { inputSize: I, outputSize: O });
      setParameters(layer, { weight: draw(I * O), bias: draw(O) });
      const [x, dy] = [draw(13 * I), draw(13 * O)];
      const pass = (first: number, M: number) => {
        using input = rt.tensor(x.subarray(first * I, (first + M) * I), [M, I]);
        using d = rt.tensor(dy.subarray(first * O, (first + M) * O), [M, O]);
        return { y: layer.forward(input).toArray(), dX: layer.backward(d).toArray() };
      };
      const all = pass(0, 13);
      using stream = layer.stream();
      for (let first = 0; first < 13; first++) {
        stream.input.set(x.subarray(first * I, (first + 1) * I));
        stream.step();
        expectBits("stream", stream.output, all.y.subarray(first * O, (first + 1) * O));
        for (let M = 1; first + M <= 13; M++) {
          const part = pass(first, M);
          expectBits("y", part.y, all.y.subarray(first * O, (first + M) * O));
          expectBits("dX", part.dX, all.dX.subarray(first * I, (first + M) * I));
        }
      }
    }
    rt.dispose();
  });
});
