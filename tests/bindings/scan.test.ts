/** A cell of operators over time: forward, gradients, lengths, streaming. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  Dense,
  DisposedError,
  Frame,
  gradcheck,
  LSTM,
  ParameterTensor,
  type Runtime,
  ShapeError,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import {
  add,
  div,
  log,
  matmul,
  mul,
  type Operand,
  ScanStream,
  scan,
  sigmoid,
  slice,
  sqrt,
  square,
  sub,
  sum,
  tanh,
} from "../../bindings/ops.js";
import { draws, expectBits } from "../helpers/compare.js";
import { gradientsOf, operatorRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ dtype: "f64", seed: 4 });
});
afterAll(() => rt.dispose());

const [T, N, I, H] = [6, 3, 2, 4];
const tensor = (shape: number[], seed: number) => rt.tensor(draws(seed)(shape.reduce((a, b) => a * b)), shape);

/** An LSTM of operators, its weights those of a layer. */
function cellOf(lstm: LSTM) {
  const [ih, hh, bih, bhh] = lstm.parameters().map((parameter) => {
    const own = new ParameterTensor(rt, parameter.shape);
    own.parameter.set(parameter.toArray());
    return own;
  }) as [ParameterTensor, ParameterTensor, ParameterTensor, ParameterTensor];
  const gate = (z: Tensor, g: number) => slice(z, [null, [g * H, (g + 1) * H]]);
  const cell = (x: Tensor, { h, c }: { h: Tensor; c: Tensor }) => {
    const z = add(add(matmul(x, ih, { transposeB: true }), matmul(h, hh, { transposeB: true })), add(bih, bhh));
    const cNext = add(mul(sigmoid(gate(z, 1)), c), mul(sigmoid(gate(z, 0)), tanh(gate(z, 2))));
    const hNext = mul(sigmoid(gate(z, 3)), tanh(cNext));
    return { output: hNext, state: { h: hNext, c: cNext } };
  };
  return { cell, parameters: [ih, hh, bih, bhh] };
}

const close = (got: ArrayLike<number>, want: ArrayLike<number>) => {
  expect(got.length).toBe(want.length);
  for (const [i, value] of Array.from(want).entries()) expect(Math.abs((got[i] as number) - value)).toBeLessThan(1e-12);
};

describe("an LSTM by scan beside the layer", () => {
  test.each([undefined, [6, 1, 4]])("lengths %j: outputs, states, gradients within 1e-12", (lengths) => {
    using lstm = new LSTM(rt, { inputSize: I, hiddenSize: H });
    const { cell, parameters } = cellOf(lstm);
    using frame = new Frame(rt);
    const values = draws(1)(T * N * I);
    if (lengths)
      for (const [n, length] of lengths.entries())
        for (let t = length; t < T; t++) values.fill(Number.NaN, (t * N + n) * I, (t * N + n + 1) * I);
    using xs = rt.tensor(values, [T, N, I]);
    using d = tensor([T, N, H], 2);
    const state = { h: tensor([N, H], 3), c: tensor([N, H], 4) };
    const layered = { h: rt.tensor(state.h.toArray(), [1, N, H]), c: rt.tensor(state.c.toArray(), [1, N, H]) };
    const whole = frame.record(() => lstm.forward(xs, { state: layered, lengths }));
    const [output, h, c] = [whole.output, whole.state.h, whole.state.c].map((each) => each.toArray());
    frame.backward(whole.output, { gradient: d, inputs: [xs, layered.h] });
    const [dX, dh] = [frame.gradient(xs).toArray(), frame.gradient(layered.h).toArray()];
    const wanted = Object.values(gradientsOf(lstm));

    const own = frame.record(() => scan(cell, xs, state, { lengths }));
    close(own.output.toArray(), output as Float64Array);
    close(own.state.h.toArray(), h as Float64Array);
    close(own.state.c.toArray(), c as Float64Array);
    frame.backward(own.output, { gradient: d, inputs: [xs, state.h] });
    close(frame.gradient(xs).toArray(), dX);
    close(frame.gradient(state.h).toArray(), dh);
    for (const [i, { parameter }] of parameters.entries()) close(parameter.grad, wanted[i] as Float64Array);
    for (const each of [...parameters, ...Object.values(state), ...Object.values(layered)]) each.dispose();
  });

  test("step by step it has the same bits, state carried, reset and set", () => {
    using lstm = new LSTM(rt, { inputSize: I, hiddenSize: H });
    const { cell, parameters } = cellOf(lstm);
    using frame = new Frame(rt);
    using xs = tensor([T, N, I], 1);
    const state = { h: tensor([N, H], 3), c: tensor([N, H], 4) };
    const whole = frame.run(() => scan(cell, xs, state));
    const stream = new ScanStream(cell, state);
    const run = (from: number) => {
      for (let t = from; t < T; t++) {
        using x = rt.tensor(xs.toArray().slice(t * N * I, (t + 1) * N * I), [N, I]);
        expectBits(`step ${t}`, stream.step(x).toArray(), whole.output.toArray().slice(t * N * H, (t + 1) * N * H));
      }
    };
    run(0);
    const end = stream.state;
    expectBits("h", end.h.toArray(), whole.state.h.toArray());
    stream.reset();
    run(0);
    stream.state = state;
    run(0);
    stream.dispose();
    expect(() => stream.step(xs)).toThrow(DisposedError);
    for (const each of [...parameters, ...Object.values(state), ...Object.values(end)]) each.dispose();
  });
});

test("the output may be the state before the step: a stream gives what scan gives", () => {
  using h0 = rt.tensor([1, 2], [2, 1]);
  using xs = rt.tensor([1, 1, 1, 1], [2, 2, 1]);
  const lagging = (x: Tensor, h: Tensor) => ({ output: h, state: add(h, x) });
  using frame = new Frame(rt);
  const { output } = frame.run(() => scan(lagging, xs, h0));
  expect([...output.toArray()]).toEqual([1, 2, 2, 3]);
  using stream = new ScanStream(lagging, h0);
  using x = rt.tensor([1, 1], [2, 1]);
  expect([...stream.step(x).toArray(), ...stream.step(x).toArray()]).toEqual([1, 2, 2, 3]);
});

test("a layer in its body: gradients against differences; batch-first as time-first", () => {
  using dense = new Dense(rt, { inputSize: I, outputSize: H });
  using w = new ParameterTensor(rt, [H]);
  using h0 = tensor([N, H], 3);
  const cell = (x: Tensor, h: Tensor) => {
    const next = tanh(add(dense.forward(x), mul(h, w)));
    return { output: next, state: next };
  };
  using xs = tensor([T, N, I], 1);
  const model = {
    forward: (x: Tensor) => scan(cell, x, h0, { lengths: [6, 2, 5] }).output,
    parameters: () => [...dense.parameters(), ...w.parameters()],
    zeroGrad: () => [dense, w].forEach((each) => void each.zeroGrad()),
  };
  expect(gradcheck(model, xs)).toMatchObject({ passed: true });
  const turned = new Float64Array(T * N * I);
  for (let t = 0; t < T; t++)
    for (let n = 0; n < N; n++) for (let i = 0; i < I; i++) turned[(n * T + t) * I + i] = xs.at((t * N + n) * I + i);
  using first = rt.tensor(turned, [N, T, I], { batchFirst: true });
  using frame = new Frame(rt);
  const time = frame.run(() => scan(cell, xs, h0).output.toArray());
  const batch = frame.run(() => scan(cell, first, h0).output.toArray());
  for (let t = 0; t < T; t++)
    for (let n = 0; n < N; n++) for (let j = 0; j < H; j++) expect(batch[(n * T + t) * H + j]).toBe(time[(t * N + n) * H + j]);
});

test("what it cannot take is refused; the stream's state is as it was then", () => {
  using xs = tensor([T, N, I], 1);
  using h0 = tensor([N, I], 2);
  using frame = new Frame(rt);
  const same = (x: Tensor, h: Tensor) => ({ output: x, state: h });
  const refuse = (work: () => unknown, type: unknown) => expect(() => frame.run(work)).toThrow(type as ErrorConstructor);
  refuse(() => scan(null as never, xs, h0), ArgumentError);
  refuse(() => scan(same, {} as never, h0), ArgumentError);
  refuse(() => scan(same, xs, null as never), ArgumentError);
  refuse(() => scan((x) => x as never, xs, h0), ArgumentError);
  refuse(() => scan((x) => ({ output: x, state: {} }) as never, xs, h0), ArgumentError);
  refuse(() => scan((x, h) => ({ output: x, state: slice(h, [[0, 1]]) }), xs, h0), ShapeError);
  refuse(() => scan(same, xs, h0, { lengths: [7, 1, 1] }), ArgumentError);
  refuse(() => scan(same, xs, h0, { length: [1] } as never), ArgumentError);
  expect(() => scan(same, xs, h0)).toThrow(/inside of frame/);
  const stale = frame.run(() => tanh(h0));
  refuse(() => scan(same, xs, stale), StaleError);
  let fails = false;
  using stream = new ScanStream((x: Tensor, h: Tensor) => {
    if (fails) throw new RangeError("mine");
    return { output: x, state: add(h, 1) };
  }, h0);
  using x = tensor([N, I], 5);
  stream.step(x);
  refuse(() => stream.step(x), ArgumentError);
  expect(() => frame.run(() => stream.step(x))).toThrow(/stream.step: expected a call outside of frames/);
  const before = stream.state;
  fails = true;
  expect(() => stream.step(x)).toThrow(RangeError);
  const after = stream.state;
  expectBits("state", after.toArray(), before.toArray());
  for (const each of [before, after]) each.dispose();
});

describe("a sequence that is over makes nothing infinite", () => {
  type State = Tensor | { h: Tensor; left: Tensor };
  const state = (x: Tensor, w: Operand, h: Tensor, of: (x: Tensor) => Tensor) => {
    const next = tanh(add(mul(of(x), w), h));
    return { output: next, state: next };
  };
  const CELLS: Record<string, (w: Operand) => (x: Tensor, h: never) => { output: Tensor; state: State }> = {
    logarithm: (w) => (x, h) => state(x, w, h, log),
    "a quotient": (w) => (x, h) => state(x, w, h, (x) => div(1, x)),
    "a norm": (w) => (x, h) => state(x, w, h, (x) => div(x, sqrt(sum(square(x), { axes: -1, keepDims: true })))),
    "a count that goes down":
      (w) =>
      (x, { h, left }: { h: Tensor; left: Tensor }) => {
        const next = add(h, mul(div(x, left), w));
        return { output: next, state: { h: next, left: sub(left, 1) } };
      },
  };
  const LENGTHS = [4, 1, 2];

  test.each(Object.keys(CELLS))("%s: the gradients are those of each sequence alone", (name) => {
    using w = new ParameterTensor(rt, [1], { init: (p) => p.set([0.5]) });
    const cell = (CELLS[name] as (typeof CELLS)[string])(w) as (x: Tensor, state: State) => { output: Tensor; state: State };
    using frame = new Frame(rt);
    const values = draws(3)(4 * 3 * 2).map((v) => v + 2);
    const counted = name.startsWith("a count");
    const run = (rows: readonly number[], lengths: number[] | undefined, T: number) => {
      const own = Float64Array.from({ length: T * rows.length * 2 }, (_, i) => {
        const [t, n] = [Math.floor(i / (2 * rows.length)), rows[Math.floor(i / 2) % rows.length] as number];
        return t < (LENGTHS[n] as number) ? (values[(t * 3 + n) * 2 + (i % 2)] as number) : Number.NaN;
      });
      using xs = rt.tensor(own, [T, rows.length, 2]);
      using h = rt.tensor(new Float64Array(2 * rows.length).fill(0.25), [rows.length, 2]);
      using left = rt.tensor(Float64Array.from(rows.flatMap((n) => [LENGTHS[n] as number, LENGTHS[n] as number])), [rows.length, 2]);
      w.zeroGrad();
      const total = frame.record(() => sum(scan(cell, xs, counted ? { h, left } : h, { lengths }).output));
      frame.backward(total, { inputs: [xs, h] });
      return { total: total.at(0), dw: w.parameter.grad[0] as number, dh: frame.gradient(h).toArray(), dx: frame.gradient(xs).toArray() };
    };
    const together = run([0, 1, 2], LENGTHS, 4);
    const alone = LENGTHS.map((T, n) => run([n], undefined, T));
    close([together.total, together.dw], [alone.reduce((a, b) => a + b.total, 0), alone.reduce((a, b) => a + b.dw, 0)]);
    close(
      together.dh,
      alone.flatMap(({ dh }) => [...dh]),
    );
    for (const [n, { dx }] of alone.entries())
      for (let t = 0; t < 4; t++)
        for (const d of [0, 1])
          close([together.dx[(t * 3 + n) * 2 + d] as number], [t < (LENGTHS[n] as number) ? (dx[2 * t + d] as number) : 0]);
  });

  test("tokens may be anything behind their end", () => {
    using xs = rt.tensor(Int32Array.of(2, 1, 0, 99, 1, -5), [3, 2]);
    using h0 = rt.zeros([2, 2]);
    using frame = new Frame(rt);
    const seen: number[][] = [];
    const cell = (x: Tensor, h: Tensor) => {
      seen.push([...x.toArray()]);
      return { output: h, state: h };
    };
    frame.run(() => scan(cell, xs, h0, { lengths: [3, 1] }));
    expect(seen).toEqual([
      [2, 1],
      [0, 1],
      [1, 1],
    ]);
  });
});
