/** RNNCell, LSTMCell and GRUCell: the bits of the layers, in frames, by hand and in f32 and f64; loops of one's own; files. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GRUCell, LSTMCell, RNNCell } from "../../bindings/cells.js";
import {
  ArgumentError,
  Dense,
  DTypeError,
  type FloatType,
  Frame,
  GRU,
  type Layer,
  LSTM,
  loadModel,
  Model,
  MSELoss,
  RNN,
  type Runtime,
  Sequential,
  ShapeError,
  StaleError,
  type Tensor,
} from "../../bindings/index.js";
import { draws, expectBits, expectClose, expectEach, inner } from "../helpers/compare.js";
import { gradientsOf, operatorRuntime } from "../helpers/runtime.js";
import { centralDifference } from "../reference/finite.js";

const [T, N, I, H] = [5, 3, 2, 5];

// biome-ignore lint/suspicious/noExplicitAny: three kinds of state
type Loose = any;
type Kind = readonly [string, (rt: Runtime, dtype?: FloatType) => Loose, (rt: Runtime, dtype?: FloatType) => Loose];
const kinds: Kind[] = [
  ["RNN", (rt, dtype = "f64") => new RNN(rt, options(dtype)), (rt, dtype = "f64") => new RNNCell(rt, options(dtype))],
  [
    "RNN, relu",
    (rt, dtype = "f64") => new RNN(rt, { ...options(dtype), nonlinearity: "relu" }),
    (rt, dtype = "f64") => new RNNCell(rt, { ...options(dtype), nonlinearity: "relu" }),
  ],
  ["LSTM", (rt, dtype = "f64") => new LSTM(rt, options(dtype)), (rt, dtype = "f64") => new LSTMCell(rt, options(dtype))],
  [
    "LSTM, no bias",
    (rt, dtype = "f64") => new LSTM(rt, { ...options(dtype), bias: false }),
    (rt, dtype = "f64") => new LSTMCell(rt, { ...options(dtype), bias: false }),
  ],
  ["GRU", (rt, dtype = "f64") => new GRU(rt, options(dtype)), (rt, dtype = "f64") => new GRUCell(rt, options(dtype))],
  [
    "GRU, reset before",
    (rt, dtype = "f64") => new GRU(rt, { ...options(dtype), resetAfter: false }),
    (rt, dtype = "f64") => new GRUCell(rt, { ...options(dtype), resetAfter: false }),
  ],
];
const options = (dtype: FloatType) => ({ inputSize: I, hiddenSize: H, dtype });

let rt: Runtime;
beforeAll(async () => {
  rt = await operatorRuntime({ dtype: "f64", seed: 3 });
});
afterAll(() => rt.dispose());

/** h of a state, whatever the cell. */
const hOf = (state: Loose): Tensor => state.h ?? state;

/** A cell with a layer's weights. */
function pair(create: Kind[1], createCell: Kind[2], dtype?: FloatType): { layer: Loose; cell: Loose } {
  const [layer, cell] = [create(rt, dtype), createCell(rt, dtype)];
  const names = layer.parameters().map(({ name }: { name: string }) => name.replace("_l0", ""));
  expect(cell.parameters().map(({ name }: { name: string }) => name)).toEqual(names);
  for (const [i, parameter] of cell.parameters().entries()) parameter.set(layer.parameters()[i].toArray());
  return { layer, cell };
}

const at = (values: ArrayLike<number>, t: number, size: number) => Array.from(values).slice(t * size, (t + 1) * size);

describe.each(kinds)("%s", (_, create, createCell) => {
  test.each(["f64", "f32"] as const)("%s: steps have the bits of the layer, from any state, alone or in a batch", (dtype) => {
    const { layer, cell } = pair(create, createCell, dtype);
    const values = draws(1)(T * N * I);
    using xs = rt.tensor(values, [T, N, I], { dtype });
    const starts = ["h", "c"].map((_, i) => rt.tensor(draws(2 + i)(N * H), [1, N, H], { dtype })) as [Tensor, Tensor];
    const isPair = layer.kind.states.length === 2;
    const whole = layer.forward(xs, { state: isPair ? { h: starts[0], c: starts[1] } : { h: starts[0] } });
    const wanted = whole.output.toArray();
    for (const where of ["own", "frame"]) {
      using frame = new Frame(rt);
      const own = starts.map((start) => rt.tensor(start.toArray(), [N, H], { dtype })) as [Tensor, Tensor];
      const steps = Array.from({ length: T }, (_, t) => rt.tensor(at(values, t, N * I), [N, I], { dtype }));
      const loop = () => {
        let state: Loose = isPair ? { h: own[0], c: own[1] } : own[0];
        for (const [t, x] of steps.entries()) {
          state = cell.forward(x, state);
          expectBits(`${where}, step ${t}`, hOf(state).toArray(), at(wanted, t, N * H));
        }
        if (isPair) expectBits("c", state.c.toArray(), whole.state.c.toArray());
      };
      if (where === "own") loop();
      else frame.run(loop);
      for (const each of [...own, ...steps]) each.dispose();
    }
    using one = rt.tensor(at(values, 0, I), [I], { dtype });
    const start = starts.map((each) => rt.tensor(at(each.toArray(), 0, H), [H], { dtype })) as [Tensor, Tensor];
    const alone = cell.forward(one, isPair ? { h: start[0], c: start[1] } : start[0]);
    expect(hOf(alone).shape).toEqual([H]);
    expectBits("a row alone", hOf(alone).toArray(), at(wanted, 0, H));
    for (const each of [...starts, ...start, layer, cell]) each.dispose();
  });

  test("a loop in a recording has the layer's gradients, and so has the way back by hand", () => {
    const { layer, cell } = pair(create, createCell);
    const values = draws(1)(T * N * I);
    using xs = rt.tensor(values, [T, N, I]);
    using d = rt.tensor(draws(5)(T * N * H), [T, N, H]);
    layer.forward(xs);
    const dX = layer.backward(d).dX.toArray();
    const wanted = Object.values(gradientsOf(layer));
    const steps = Array.from({ length: T }, (_, t) => rt.tensor(at(values, t, N * I), [N, I]));
    const ds = Array.from({ length: T }, (_, t) => rt.tensor(at(d.toArray(), t, N * H), [N, H]));
    using frame = new Frame(rt);
    const states: Loose[] = [];
    frame.record(() => {
      for (const x of steps) states.push(cell.forward(x, states.at(-1)));
    });
    frame.backward(states.map(hOf), { gradient: ds, inputs: steps });
    for (const [t, x] of steps.entries()) expectClose(`dX ${t}`, frame.gradient(x).toArray(), at(dX, t, N * I), 1e-11);
    for (const [i, gradient] of Object.values(gradientsOf(cell)).entries())
      expectClose("gradient", gradient, wanted[i] as Float64Array, 1e-11);

    // One step by hand: the last of the sequence, from the state before it.
    cell.zeroGrad();
    let before: Loose;
    for (const x of steps.slice(0, -1)) before = cell.forward(x, before);
    const kept = before.h ? { h: before.h.clone(), c: before.c.clone() } : before.clone();
    const last = steps.at(-1) as Tensor;
    cell.forward(last, kept);
    const given = ds.at(-1) as Tensor;
    const back = cell.backward(before.h ? { h: given } : given);
    expectClose("dX by hand", back.dX.toArray(), at(dX, T - 1, N * I), 1e-11);
    const again = cell.backward(before.h ? { h: given } : given, { dX: false });
    expect(() => again.dX).toThrow(ArgumentError);
    frame.record(() => {
      states.push(cell.forward(last, kept));
    });
    const inputs = kept.h ? [kept.h, kept.c] : [kept];
    frame.backward(hOf(states.at(-1)), { gradient: given, inputs });
    const dStarts = kept.h ? [again.dState.h, again.dState.c] : [again.dState];
    for (const [i, dStart] of dStarts.entries()) expectBits(`dState ${i}`, dStart.toArray(), frame.gradient(inputs[i]).toArray());
    for (const each of [...steps, ...ds, ...inputs, layer, cell]) each.dispose();
  });

  test("a loop of 5 steps against differences", () => {
    const cell = createCell(rt);
    const values = draws(7)(T * N * I);
    const weigh = draws(8)(N * H);
    const loss = (x: Float64Array) => {
      let state: Loose;
      for (let t = 0; t < T; t++) {
        using step = rt.tensor(at(x, t, N * I), [N, I]);
        state = cell.forward(step, state);
      }
      return inner(hOf(state).toArray(), weigh);
    };
    const steps = Array.from({ length: T }, (_, t) => rt.tensor(at(values, t, N * I), [N, I]));
    using frame = new Frame(rt);
    using gradient = rt.tensor(weigh, [N, H]);
    const end = frame.record(() => {
      let state: Loose;
      for (const x of steps) state = cell.forward(x, state);
      return hOf(state);
    });
    frame.backward(end, { gradient, inputs: steps });
    const expectDifference = (name: string, got: ArrayLike<number>, by: (x: Float64Array) => number, at: ArrayLike<number>) =>
      expectEach(name, got, centralDifference(by, at).gradient, 1e-8, 1e-9);
    expectDifference(
      "dX",
      steps.flatMap((x) => Array.from(frame.gradient(x).toArray())),
      loss,
      values,
    );
    for (const parameter of cell.parameters()) {
      const own = parameter.toArray();
      const by = (w: Float64Array) => {
        parameter.set(w);
        const value = loss(values);
        parameter.set(own);
        return value;
      };
      expectDifference(parameter.name, parameter.grad, by, own);
    }
    for (const each of [...steps, cell]) each.dispose();
  });
});

/** Goes over a sequence, feeding half of what it says back: what no layer does. */
class Feedback extends Model<{ cell: LSTMCell; head: Dense }> {
  constructor(rt: Runtime) {
    super(rt, { cell: new LSTMCell(rt, { inputSize: I, hiddenSize: H }), head: new Dense(rt, { inputSize: H, outputSize: I }) });
  }
  forward(x: Tensor): Tensor {
    const { cell, head } = this.layers;
    let state = cell.forward(x);
    for (let t = 1; t < T; t++) state = cell.forward(head.forward(state.h), state);
    return head.forward(state.h);
  }
}

test("a decoder of one's own: trained, saved, loaded; a cell of h alone in a chain", () => {
  const model = new Feedback(rt);
  expect(
    model
      .namedParameters()
      .map(([name]) => name)
      .slice(0, 2),
  ).toEqual(["cell.weight_ih", "cell.weight_hh"]);
  using loss = new MSELoss(rt);
  using x = rt.tensor(draws(1)(N * I), [N, I]);
  using frame = new Frame(rt);
  const first = frame.record(() => loss.forward(model.forward(x), x));
  frame.backward(first);
  for (const parameter of model.parameters())
    parameter.update(
      (values) =>
        void values.forEach((value, i) => {
          values[i] = value - 0.1 * (parameter.grad[i] as number);
        }),
    );
  const after = frame.run(() => loss.forward(model.forward(x), x).loss);
  expect(after).toBeLessThan(first.loss);
  const loaded = loadModel(rt, model.save(), { classes: { Feedback, LSTMCell } });
  const [a, b] = [model, loaded].map((each) => frame.run(() => (each.forward(x) as Tensor).toArray()));
  expectBits("loaded", b as Float64Array, a as Float64Array);
  const chain = new Sequential(rt, [
    new GRUCell(rt, { inputSize: I, hiddenSize: H, resetAfter: false }),
    new Dense(rt, { inputSize: H, outputSize: 1 }),
  ]);
  const again = loadModel(rt, chain.save(), { classes: { GRUCell } });
  expectBits("chain", (again.forward(x) as Tensor).toArray(), chain.forward(x).toArray());
  const other = new Sequential(rt, [new GRUCell(rt, { inputSize: I, hiddenSize: H }), new Dense(rt, { inputSize: H, outputSize: 1 })]);
  expect(() => other.load(chain.save())).toThrow(/resetAfter/);
  for (const each of [model, loaded, chain, again, other]) each.dispose();
});

test("what they cannot take is refused, and nothing has changed", () => {
  const cell = new LSTMCell(rt, { inputSize: I, hiddenSize: H });
  const gru = new GRUCell(rt, { inputSize: I, hiddenSize: H });
  using x = rt.tensor(draws(1)(N * I), [N, I]);
  using h = rt.tensor(draws(2)(N * H), [N, H]);
  using narrow = rt.tensor(draws(2)(N), [N, 1]);
  using single = rt.tensor([1, 2], [I], { dtype: "f32" });
  const state = cell.forward(x, { h, c: h });
  const kept = state.h.toArray();
  const refused: [() => unknown, unknown, string][] = [
    [() => new LSTMCell(rt, { inputSize: I } as never), ArgumentError, "hiddenSize"],
    [() => new LSTMCell(rt, { inputSize: I, hiddenSize: H, numLayers: 2 } as never), ArgumentError, "numLayers"],
    [() => new RNNCell(rt, { inputSize: I, hiddenSize: H, nonlinearity: "sin" as never }), ArgumentError, "nonlinearity"],
    [() => cell.forward(narrow), ShapeError, "x"],
    [() => cell.forward(single), DTypeError, "x"],
    [() => cell.forward(x, { h } as never), ArgumentError, "state.c"],
    [() => cell.forward(x, h as never), ArgumentError, "{ h, c }"],
    [() => cell.forward(x, { h, c: narrow }), ShapeError, "state.c"],
    [() => gru.forward(x, { h } as never), ArgumentError, "h"],
    [() => gru.forward(x, narrow), ShapeError, "h"],
    [() => gru.backward(h), StaleError, "backward"],
    [() => cell.backward({ h: narrow }), ShapeError, "dState.h"],
    [() => cell.backward(h as never), ArgumentError, "dState"],
  ];
  for (const [work, type, text] of refused) {
    expect(work, text).toThrow(type as ErrorConstructor);
    expect(work).toThrow(text);
  }
  expectBits("the last result", state.h.toArray(), kept);
  const own = gru.forward(x);
  expect(() => gru.forward(own)).toThrow(ShapeError);
  (cell as Layer).parameters()[0]?.update((values) => void values.fill(0));
  expect(() => cell.backward({ h })).toThrow(StaleError);
  for (const each of [cell, gru]) each.dispose();
});
