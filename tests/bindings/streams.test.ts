import { afterAll, describe, expect, it } from "vitest";
import { ArgumentError, Dense, Embedding, Sequential, ShapeError } from "../../bindings/index.js";
import { draws, expectBits } from "../helpers/compare.js";
import { expectRefusal } from "../helpers/refusal.js";
import { DTYPES, operatorRuntime, tokensOf } from "../helpers/runtime.js";
import { make as makeLayer, RECURRENT_KINDS } from "../helpers/sequence.js";
import type { StackKind } from "../reference/stack.js";

const rt = await operatorRuntime();
afterAll(() => rt.dispose());

describe.each(DTYPES)("a recurrent stream in %s", (dtype) => {
  const N = 3;
  const make = (kind: StackKind) => {
    const layer = makeLayer(rt, kind, { inputSize: 4, hiddenSize: 5, numLayers: 2, dtype });
    const parts = kind === "LSTM" ? (["h", "c"] as const) : (["h"] as const);
    return { layer, stream: layer.stream({ batch: N }), draw: draws(1), parts };
  };
  type Example = ReturnType<typeof make>;
  const run = ({ stream, draw }: Example, steps: number) => {
    const outputs: number[] = [];
    for (let t = 0; t < steps; t++) {
      stream.input.set(draw(N * 4));
      stream.step();
      outputs.push(...stream.output);
    }
    return outputs;
  };

  it.each(RECURRENT_KINDS)("%s: reset goes back to the zero state", (kind) => {
    const example = make(kind);
    const { stream, parts } = example;
    expect(parts.map((name) => [...stream.state[name]])).toEqual(parts.map(() => Array(2 * N * 5).fill(0)));
    const first = run(example, 4);
    stream.reset();
    for (const name of parts) expect(stream.state[name].every((v) => v === 0)).toBe(true);
    expectBits("after reset", run({ ...example, draw: draws(1) }, 4), first);
  });

  it.each(RECURRENT_KINDS)("%s: reset of a row leaves the others, and refuses one that is not there", (kind) => {
    const example = make(kind);
    const { stream, parts } = example;
    run(example, 2);
    const before = stream.state;
    for (const row of [N, -1, 0.5, Number.NaN, "1", null]) {
      expectRefusal(() => stream.reset(row as never), ArgumentError, "row: expected an integer in 0");
    }
    for (const name of parts) expectBits(name, stream.state[name], before[name]);
    stream.reset(1);
    for (const name of parts) {
      const expected = before[name].map((value, i) => (Math.floor(i / 5) % N === 1 ? 0 : value));
      expectBits(name, stream.state[name], expected);
    }
  });

  it.each(RECURRENT_KINDS)("%s: the state is a copy, and setting it goes back to it", (kind) => {
    const example = make(kind);
    const { stream, layer, parts, draw } = example;
    run(example, 2);
    const saved = stream.state;
    expect(Object.keys(saved)).toEqual([...parts]);
    expect(parts.map((name) => saved[name].length)).toEqual(parts.map(() => 2 * N * 5));
    const kept = parts.map((name) => [...saved[name]]);
    const inputs = draw(N * 4 * 3);
    const replay = (target: typeof stream) => {
      const outputs: number[] = [];
      for (let t = 0; t < 3; t++) {
        target.input.set(inputs.subarray(t * N * 4, (t + 1) * N * 4));
        target.step();
        outputs.push(...target.output);
      }
      return outputs;
    };
    const first = replay(stream);
    expect(parts.map((name) => [...saved[name]])).toEqual(kept); // untouched by the steps
    stream.state = saved;
    expectBits("again", replay(stream), first);
    const other = layer.stream({ batch: N });
    other.state = JSON.parse(JSON.stringify(Object.fromEntries(parts.map((name) => [name, [...saved[name]]]))));
    expectBits("in another stream", replay(other), first);
    stream.state.h.fill(9);
    expectBits("a copy", stream.state.h, other.state.h);
  });

  it.each(RECURRENT_KINDS)("%s: refuses another state, and keeps its own", (kind) => {
    const example = make(kind);
    const { stream, parts } = example;
    run(example, 1);
    const before = stream.state;
    const short = { ...before, [parts[parts.length - 1]]: [1] };
    const name = parts[parts.length - 1];
    expectRefusal(() => Object.assign(stream, { state: short }), ShapeError, `state.${name}: expected 30 elements, got 1`);
    expectRefusal(() => Object.assign(stream, { state: {} }), ArgumentError, "state.h: expected an array of numbers, got undefined");
    expectRefusal(() => Object.assign(stream, { state: null }), ArgumentError, "state");
    for (const part of parts) expectBits(part, stream.state[part], before[part]);
  });

  it.each(RECURRENT_KINDS)("%s: streams and forwards of a layer leave each other alone", (kind) => {
    const example = make(kind);
    const { layer, stream } = example;
    const expected = run(example, 4);
    stream.reset();
    const other = layer.stream({ batch: 2 });
    const x = rt.tensor(draws(5)(24), [2, 3, 4], { dtype });
    const outputs: number[] = [];
    const draw = draws(1);
    for (let t = 0; t < 4; t++) {
      stream.input.set(draw(N * 4));
      other.input.fill(t);
      other.step();
      layer.backward(layer.forward(x).output);
      stream.step();
      outputs.push(...stream.output);
    }
    expectBits("outputs", outputs, expected);
  });
});

describe("a stream of rows", () => {
  it("of Dense gives what forward gives", () => {
    const dense = new Dense(rt, { inputSize: 5, outputSize: 9 });
    const stream = dense.stream({ batch: 2 });
    expect([stream.input.length, stream.output.length]).toEqual([10, 18]);
    const x = draws(1)(10);
    stream.input.set(x);
    stream.step();
    expectBits("output", stream.output, dense.forward(rt.tensor(x, [2, 5])).data);
  });

  it("of Embedding takes tokens, and keeps its output when one is out of range", () => {
    const embedding = new Embedding(rt, { numEmbeddings: 4, embeddingDim: 5 });
    const stream = embedding.stream({ batch: 2 });
    expect(stream.input).toBeInstanceOf(Int32Array);
    stream.input.set([3, 0]);
    stream.step();
    const kept = stream.output.slice();
    expectBits("output", kept, embedding.forward(tokensOf(rt, [3, 0])).data);
    stream.input.set([1, 4]);
    expectRefusal(() => stream.step(), ArgumentError, "input[1]: expected a token in 0 … 3, got 4");
    expectBits("output", stream.output, kept);
  });
});

it("a model's stream resets one row of every layer", () => {
  const layers = ["RNN", "GRU"].map((kind) => makeLayer(rt, kind as StackKind, { inputSize: 5, hiddenSize: 5 }));
  const stream = new Sequential(rt, layers as never).stream({ batch: 2 });
  stream.input.set(draws(3)(10));
  stream.step();
  const before = stream.state;
  expectRefusal(() => stream.reset(2), ArgumentError, "row: expected an integer in 0 … 1");
  for (const [i, { h }] of stream.state.entries()) expectBits(`${i}`, h, before[i].h);
  stream.reset(0);
  for (const [i, { h }] of stream.state.entries()) expectBits(`${i}`, h, [0, 0, 0, 0, 0, ...before[i].h.slice(5)]);
  stream.dispose();
});
