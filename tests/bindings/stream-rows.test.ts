/** Rows of a stream that join, leave, reset and step by themselves: the bits of each are those of a stream alone. */
import fc from "fast-check";
import { afterAll, describe, expect, it, test } from "vitest";
import {
  ArgumentError,
  Dense,
  Embedding,
  type FloatType,
  LayerNorm,
  LSTM,
  type Runtime,
  Sequential,
  ShapeError,
} from "../../bindings/index.js";
import { ROWS_AT_ONCE } from "../../bindings/layers/stream-rows.js";
import { draws, expectBits } from "../helpers/compare.js";
import { expectRefusal, guarded } from "../helpers/refusal.js";
import { DTYPES, operatorRuntime } from "../helpers/runtime.js";
import { make, RECURRENT_KINDS } from "../helpers/sequence.js";
import type { StackKind } from "../reference/stack.js";

const rt = await operatorRuntime();
afterAll(() => rt.dispose());

type Stream = ReturnType<LSTM["stream"]>;
const I = 4;
const H = 5;

/** What a stream of many rows should do, done by streams alone. */
class Twins {
  readonly #alone = new Map<number, Stream>();
  readonly #last = new Map<number, ArrayLike<number>>();

  constructor(
    readonly layer: { stream(): Stream },
    readonly stream: Stream,
    readonly draw: (n: number) => ArrayLike<number>,
  ) {}

  get rows(): number[] {
    return [...this.#alone.keys()];
  }

  twin(row: number): Stream {
    return this.#alone.get(row) as Stream;
  }

  join(state?: never): void {
    const row = this.stream.join(state);
    expect(this.#alone.has(row)).toBe(false);
    const alone = this.layer.stream();
    if (state) alone.state = state;
    this.#alone.set(row, alone);
    this.#last.set(row, new Float64Array(alone.output.length));
  }

  leave(row: number): void {
    this.stream.leave(row);
    this.twin(row).dispose();
    this.#alone.delete(row);
    this.#last.delete(row);
  }

  /** A step of these rows, or of all live ones; everything else must stay. */
  step(rows?: number[]): void {
    for (const row of rows ?? this.rows) {
      const x = this.draw(I);
      this.stream.input.set(x, row * I);
      this.twin(row).input.set(x);
      this.twin(row).step();
      this.#last.set(row, this.twin(row).output.slice());
    }
    this.stream.step(rows);
  }

  check(): void {
    expect(this.stream.live).toBe(this.#alone.size);
    for (const [row, alone] of this.#alone) {
      const width = alone.output.length;
      expectBits(`output ${row}`, this.stream.output.subarray(row * width, (row + 1) * width), this.#last.get(row) as never);
      const [got, wanted] = [this.stream.getState(row), alone.state].map((state) => [state].flat());
      for (const [i, parts] of wanted.entries())
        for (const [name, values] of Object.entries(parts)) expectBits(`${name} ${row}`, (got[i] as typeof parts)[name as "h"], values);
    }
  }

  end(): void {
    for (const alone of this.#alone.values()) alone.dispose();
  }
}

/** Any order of joins, leaves, resets, moves and steps. */
function churn(layer: { stream(options?: object): Stream }, N: number, seed: number, acts: number): void {
  const random = fc.sample(fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), { numRuns: 1, seed })[0];
  const next = () => random?.next().value as number;
  const stream = layer.stream({ batch: N });
  stream.leave();
  const twins = new Twins(layer, stream, draws(seed));
  const one = () => twins.rows[Math.floor(next() * twins.rows.length)] as number;
  for (let i = 0; i < acts; i++) {
    const act = next();
    if (twins.rows.length === 0 || (act < 0.3 && twins.rows.length < N)) twins.join();
    else if (act < 0.4) twins.leave(one());
    else if (act < 0.5) {
      const row = one();
      stream.reset(row);
      twins.twin(row).reset();
    } else if (act < 0.6) {
      const row = one();
      const parked = stream.getState(row); // the user goes and comes back, perhaps to another row
      twins.leave(row);
      if (next() < 0.5) twins.join();
      if (twins.rows.length < N) twins.join(parked as never);
    } else if (act < 0.7) twins.step();
    else twins.step(twins.rows.filter(() => next() < 0.5).sort(() => next() - 0.5));
    twins.check();
  }
  twins.end();
  stream.dispose();
}

describe.each(DTYPES)("in %s", (dtype) => {
  it.each(RECURRENT_KINDS)("%s: a row has the bits of a stream alone, whatever the others do", (kind) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 19 }),
        fc.nat(),
        (N, L, H, seed) => {
          const layer = make(rt, kind, { inputSize: I, hiddenSize: H, numLayers: L, dtype });
          churn(layer as never, N, seed, 30);
          layer.dispose();
        },
      ),
      { numRuns: 15 },
    );
  });

  it.each(RECURRENT_KINDS)("%s: and of more rows than are computed at once", (kind) => {
    const layer = make(rt, kind, { inputSize: I, hiddenSize: 9, numLayers: 2, dtype });
    const N = 2 * ROWS_AT_ONCE + 3;
    const stream = layer.stream({ batch: N });
    const twins = new Twins(layer as never, stream, draws(7));
    stream.leave();
    for (let n = 0; n < N; n++) twins.join();
    twins.step();
    twins.check();
    twins.step(twins.rows.filter((n) => n % 3 !== 1).reverse());
    twins.leave(5);
    twins.step();
    twins.step([]);
    twins.check();
    twins.end();
    layer.dispose();
  });

  it("a model of several layers, and a model inside it", () => {
    const model = modelOf(rt, dtype);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: ROWS_AT_ONCE + 5 }), fc.nat(), (N, seed) => churn(model as never, N, seed, 25)),
      { numRuns: 12 },
    );
    model.dispose();
  });
});

function modelOf(runtime: Runtime, dtype: FloatType) {
  const part = (kind: StackKind, inputSize: number) => make(runtime, kind, { inputSize, hiddenSize: H, dtype });
  return new Sequential(runtime, {
    dense: new Dense(runtime, { inputSize: I, outputSize: 3, dtype }),
    inner: new Sequential(runtime, { lstm: part("LSTM", 3), norm: new LayerNorm(runtime, { normalizedShape: H, dtype }) }),
    gru: part("GRU", H),
    head: new Dense(runtime, { inputSize: H, outputSize: 2, dtype }),
  });
}

describe("a newcomer", () => {
  it("finds the lowest free row, the zero state, and nothing of who was there before", () => {
    const layer = make(rt, "LSTM", { inputSize: I, hiddenSize: H });
    const stream = layer.stream({ batch: 4 });
    expect(stream.live).toBe(4);
    stream.input.fill(1);
    stream.step();
    stream.leave(2);
    stream.leave(1);
    expect(stream.live).toBe(2);
    expect([stream.join(), stream.join()]).toEqual([1, 2]);
    const { h, c } = stream.getState(1);
    for (const values of [h, c, stream.input.slice(I, 3 * I), stream.output.slice(H, 3 * H)])
      expect(values.every((v) => v === 0)).toBe(true);
    expect(stream.output[0]).not.toBe(0);
  });

  it("brings its state along, also from a stream alone", () => {
    const layer = make(rt, "GRU", { inputSize: I, hiddenSize: H, numLayers: 2 });
    const [alone, stream] = [layer.stream(), layer.stream({ batch: 3 })];
    alone.input.fill(0.5);
    alone.step();
    stream.leave();
    stream.join();
    const row = stream.join(alone.state);
    expect(row).toBe(1);
    expectBits("h", stream.getState(row).h, alone.state.h);
    stream.setState(0, alone.getState(0));
    expectBits("h", stream.getState(0).h, alone.state.h);
  });
});

describe("refused, and nothing has changed", () => {
  const make5 = (runtime: Runtime) => {
    const layer = make(runtime, "LSTM", { inputSize: I, hiddenSize: H, numLayers: 2 });
    const stream = layer.stream({ batch: 5 });
    stream.input.set(draws(3)(5 * I));
    stream.step();
    stream.leave(3);
    return stream;
  };

  it.each([
    [[0, 1, 0], "rows[2]: expected a live row in 0 … 4, once, got 0"],
    [[0, 3], "rows[1]: expected a live row in 0 … 4, once, got 3"],
    [[5], "rows[0]: expected a live row in 0 … 4, once, got 5"],
    [[-1], "rows[0]"],
    [[0.5], "rows[0]"],
    [["1"], "rows[0]"],
    [[Number.NaN], "rows[0]"],
    [7, "rows: expected an array of rows, got 7"],
    [null, "rows: expected an array of rows, got null"],
    [{ length: -1 }, "rows: expected an array of rows"],
    [{ length: 1.5 }, "rows: expected an array of rows"],
    [{ length: 1 }, "rows[0]: expected a live row in 0 … 4, once, got undefined"],
  ])("step(%j)", async (rows, message) => {
    const { rt, refuse } = await guarded();
    const stream = make5(rt);
    const [before, output] = [stream.state, stream.output.slice()];
    refuse(() => stream.step(rows as never), ArgumentError, message);
    for (const name of ["h", "c"] as const) expectBits(name, stream.state[name], before[name]);
    expectBits("output", stream.output, output);
    stream.step([0, 1, 2, 4]); // no mark is left behind
    rt.dispose();
  });

  it("too many rows, a row that is free, a stream that is full, a state that does not fit", async () => {
    const { rt, refuse } = await guarded();
    const stream = make5(rt);
    const before = stream.state;
    refuse(() => stream.step([0, 1, 2, 3, 4, 0]), ShapeError, "rows: expected at most 5, got 6");
    const free = "row: expected a live row, got 3, which is free";
    for (const act of [
      () => stream.leave(3),
      () => stream.reset(3),
      () => stream.getState(3),
      () => stream.setState(3, stream.getState(0)),
    ]) {
      refuse(act, ArgumentError, free);
    }
    refuse(() => stream.leave(5), ArgumentError, "row: expected an integer in 0 … 4, got 5");
    refuse(() => stream.leave(null as never), ArgumentError, "row: expected an integer in 0 … 4, got null");
    refuse(() => stream.join({ h: [1], c: [1] }), ShapeError, "state.h: expected 10 elements, got 1");
    refuse(() => stream.join(null as never), ArgumentError, "state: expected { h, c }, got null");
    refuse(() => stream.setState(0, stream.state), ShapeError, "state.h: expected 10 elements, got 50");
    for (const name of ["h", "c"] as const) expectBits(name, stream.state[name], before[name]);
    expect([stream.live, stream.join()]).toEqual([4, 3]);
    refuse(() => stream.join(), ArgumentError, "batch: expected a free row, got 5 live ones");
    rt.dispose();
  });

  it("a token out of range, of a row that goes a step; another's may be anything", () => {
    const model = new Sequential(rt, {
      embedding: new Embedding(rt, { numEmbeddings: 4, embeddingDim: 3 }),
      gru: make(rt, "GRU", { inputSize: 3, hiddenSize: H }) as never,
    });
    const N = ROWS_AT_ONCE + 4;
    const stream = model.stream({ batch: N });
    stream.input.fill(1);
    stream.input[N - 2] = 4;
    stream.input[1] = -1;
    const before = stream.state[0]?.h as Float32Array;
    const rows = Array.from({ length: N - 2 }, (_, i) => i + 2);
    expectRefusal(() => stream.step(rows), ArgumentError, `input[${N - 2}]: expected a token in 0 … 3, got 4`);
    expectBits("h", stream.state[0]?.h as Float32Array, before); // no chunk of rows went ahead
    stream.leave(N - 2);
    stream.leave(1);
    stream.step();
    expect(stream.output[0]).not.toBe(0);
    stream.dispose();
  });

  it("layers that do not fit one another: no row of one reaches into the next's memory", () => {
    const model = new Sequential(rt, [
      new Dense(rt, { inputSize: I, outputSize: 8 }),
      make(rt, "RNN", { inputSize: 3, hiddenSize: H }) as never,
    ]);
    for (const layer of Object.values(model.layers)) (layer as Dense).stream().dispose(); // packed weights are the layers'
    const before = rt.bytesInUse;
    expectRefusal(() => model.stream({ batch: 2 }), ShapeError, "layers: expected one of 8 inputs after one of as many outputs, got 3");
    expect(rt.bytesInUse).toBe(before);
  });
});

it("follows the weights, and ends with its layer", () => {
  const model = modelOf(rt, "f32");
  const [alone, stream] = [model.stream(), model.stream({ batch: 3 })];
  for (const { update } of model.parameters()) update((values) => values.set(values.map((v) => v + 0.1)));
  for (const { input } of [alone, stream]) input.fill(0.25);
  alone.step();
  stream.step([1]);
  expectBits("output", stream.output.subarray(2, 4), alone.output);
  model.layers.gru.dispose();
  for (const act of [() => stream.step([1]), () => stream.step([]), () => stream.step(), () => stream.join(), () => stream.leave(0)])
    expect(act).toThrow("expected it to be alive");
});

it("a model with a stream of its own takes all rows at once, and refuses some", () => {
  class Own extends Sequential {
    override stream(options?: { batch?: number }) {
      const stream = super.stream(options);
      const step = stream.step.bind(stream);
      return Object.assign(stream, {
        step: () => {
          step();
          stream.output.fill(7);
        },
      });
    }
  }
  const own = new Own(rt, [new Dense(rt, { inputSize: I, outputSize: 2 })]);
  const stream = new Sequential(rt, [own, new Dense(rt, { inputSize: 2, outputSize: 2 })]).stream({ batch: ROWS_AT_ONCE + 1 });
  stream.input.fill(1);
  stream.step();
  expect(new Set(stream.output).size).toBe(2); // every row read sevens
  for (const act of [() => stream.step([0]), () => stream.leave(0), () => stream.join(), () => stream.getState(0)])
    expectRefusal(act, ArgumentError, "row: expected none, not every layer of this model taking rows by themselves");
});

test("a row that is undefined is no row: who looks one up in vain ends nobody's stream", () => {
  const lstm = new LSTM(rt, { inputSize: 1, hiddenSize: 2 });
  const model = new Sequential(rt, { lstm });
  for (const stream of [lstm.stream({ batch: 3 }), model.stream({ batch: 3 })]) {
    stream.input.fill(1);
    stream.step();
    const before = JSON.stringify([stream.state, stream.live]);
    expectRefusal(() => stream.leave(undefined as never), ArgumentError, "row: expected an integer in 0 … 2, got undefined");
    expectRefusal(() => stream.reset(undefined as never), ArgumentError, "row: expected an integer in 0 … 2, got undefined");
    expect(JSON.stringify([stream.state, stream.live])).toBe(before);
    stream.reset();
    stream.leave();
    const numbers = [stream.state].flat().flatMap(({ h, c }) => [...Array.from(h), ...Array.from(c ?? [])]);
    expect([stream.live, numbers.every((value) => value === 0)]).toEqual([0, true]);
    stream.dispose();
  }
  lstm.dispose();
});
