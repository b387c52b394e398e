/** Lists, states, metrics and parts that call what they are in the middle of; and what is asked of something that has ended. */
import { afterAll, describe, expect, test } from "vitest";
import {
  Adam,
  ArgumentError,
  createRuntimeSync,
  Dense,
  DisposedError,
  Embedding,
  FormatError,
  fit,
  generateStream,
  LSTM,
  loadSafetensors,
  MSELoss,
  predict,
  Sequential,
} from "../../bindings/index.js";
import { draws } from "../helpers/compare.js";
import { expectRefusal } from "../helpers/refusal.js";
import { testRuntime } from "../helpers/runtime.js";

const rt = await testRuntime({ seed: 4 });
afterAll(() => rt.dispose());

const lstm = () => new LSTM(rt, { inputSize: 1, hiddenSize: 3 });
const STREAMS = {
  layer: () => lstm().stream({ batch: 4 }),
  model: () => new Sequential(rt, { lstm: lstm(), head: new Dense(rt, { inputSize: 3, outputSize: 3 }) }).stream({ batch: 4 }),
};

describe.each(Object.entries(STREAMS))("rows of a %s's stream", (_, make) => {
  const stateOf = (stream: ReturnType<typeof make>) => JSON.stringify([stream.state, stream.live]);

  test("a list of rows that steps its stream is refused, and no row has gone a step", () => {
    const stream = make();
    const before = stateOf(stream);
    const list = {
      length: 2,
      0: 0,
      get 1() {
        stream.step([2]);
        return 1;
      },
    };
    expectRefusal(() => stream.step(list), ArgumentError, "rows: expected a list that can be read without a step of its stream");
    expect(stateOf(stream)).toBe(before);
    stream.step([0]);
    expect(stateOf(stream)).not.toBe(before);
  });

  test("a list of rows that ends one of them names a free one", () => {
    const stream = make();
    const list = {
      length: 2,
      0: 0,
      get 1() {
        stream.leave(0);
        return 1;
      },
    };
    expectRefusal(() => stream.step(list), ArgumentError, "rows[0]: expected a live row in 0 … 3, once, got 0");
    expect([stream.live, stream.join()]).toEqual([3, 0]);
  });

  test("a state that changes the rows while it is read is refused", () => {
    const stream = make();
    stream.input.fill(1);
    stream.step();
    const one = [stream.getState(1)].flat()[0] as { h: ArrayLike<number>; c: ArrayLike<number> };
    const changing = (act: () => unknown) => {
      const state = {
        get h() {
          act();
          return one.h;
        },
        c: one.c,
      };
      return (Array.isArray(stream.state) ? [state] : state) as never;
    };
    expectRefusal(
      () =>
        stream.setState(
          0,
          changing(() => stream.leave(0)),
        ),
      ArgumentError,
      "state: expected one that can be read",
    );
    expect(stream.live).toBe(3);
    stream.leave();
    expectRefusal(() => stream.join(changing(() => stream.join())), ArgumentError, "state: expected one that can be read");
    expect([stream.live, stream.join()]).toEqual([1, 1]);
  });

  test("after its end it says so, whatever is asked", () => {
    const stream = make();
    stream.dispose();
    const asks = [
      () => stream.live,
      () => stream.reset(),
      () => stream.reset(0),
      () => stream.getState(0),
      () => stream.state,
      () => stream.leave(),
    ];
    for (const ask of asks) expectRefusal(ask, DisposedError);
  });
});

test("a model's stream without states says it too", () => {
  const stream = new Sequential(rt, { head: new Dense(rt, { inputSize: 1, outputSize: 1 }) }).stream();
  stream.dispose();
  const asks = [
    () => stream.reset(),
    () => stream.getState(0),
    () => stream.setState(0, []),
    () => stream.state,
    () => Reflect.set(stream, "state", []),
  ];
  for (const ask of asks) expectRefusal(ask, DisposedError);
});

test("with the runtime end its models, their streams and optimizers", async () => {
  const own = await testRuntime();
  const model = new Sequential(own, { lstm: new LSTM(own, { inputSize: 1, hiddenSize: 2 }) });
  const [stream, adam] = [model.stream(), new Adam(model.parameters())];
  expect([model.disposed, stream.disposed, adam.disposed]).toEqual([false, false, false]);
  own.dispose();
  expect([model.disposed, stream.disposed, adam.disposed]).toEqual([true, true, true]);
});

test("a part that throws at its end keeps no other from it", () => {
  const before = rt.bytesInUse;
  const [below, above] = [lstm(), new Dense(rt, { inputSize: 3, outputSize: 1 })];
  const bad = Object.assign(lstm(), {
    stream: () => ({ input: new Float32Array(3), output: new Float32Array(3), step() {}, dispose: fail }),
  });
  Object.assign(bad, { inputSize: 3 });
  const stream = new Sequential(rt, [below, bad as never, above]).stream();
  expect(() => stream.dispose()).toThrow("at its end");
  for (const layer of [below, bad, above]) layer.dispose();
  expect(rt.bytesInUse).toBe(before);
});

function fail(): never {
  throw new Error("at its end");
}

/** Bytes that layers keep when they were streamed once: their packed weights. */
const PACKED = 2048;

/** Weights after two steps. */
async function trained(within: (model: Sequential) => unknown): Promise<string> {
  const own = await testRuntime({ seed: 9 });
  const model = new Sequential(own, {
    lstm: new LSTM(own, { inputSize: 1, hiddenSize: 3 }),
    head: new Dense(own, { inputSize: 3, outputSize: 1 }),
  });
  const x = own.tensor(draws(7)(12), [3, 4, 1]);
  const metrics = [
    {
      own: () => {
        within(model);
        if (within.length > 0) model.forward(x);
        return 0;
      },
    },
  ];
  const data = Array.from({ length: 8 }, (_, i) => ({ x: draws(i)(3), y: draws(i + 50)(3) }));
  await fit(model, {
    data,
    loss: new MSELoss(own),
    optimizer: new Adam(model.parameters()),
    epochs: 1,
    batchSize: 4,
    shuffle: false,
    metrics,
  });
  const bits = model.save().toString();
  own.dispose();
  return bits;
}

test("a metric that runs the model changes nothing that is learned", async () => {
  expect(await trained((_model) => {})).toBe(await trained(() => {}));
});

test("a metric that promises is refused, and its rejection is nobody's trouble", async () => {
  const model = new Sequential(rt, { head: new Dense(rt, { inputSize: 1, outputSize: 1 }) });
  const run = { data: [{ x: [1], y: [1] }], loss: new MSELoss(rt), optimizer: new Adam(model.parameters()), epochs: 1 };
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", note);
  await expect(fit(model, { ...run, metrics: [{ late: (async () => fail()) as never }] })).rejects.toThrow(
    "metrics.late of sample 0: expected a number, got a Promise",
  );
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

test("a signal that comes in the middle of a step ends the tokens after it, and gives all back", async () => {
  const controller = new AbortController();
  const dense = new Dense(rt, { inputSize: 3, outputSize: 4 });
  const model = new Sequential(rt, { embedding: new Embedding(rt, { numEmbeddings: 4, embeddingDim: 1 }), lstm: lstm(), dense });
  const before = rt.bytesInUse;
  const { stream } = dense;
  dense.stream = (options) => {
    const real = stream.call(dense, options);
    const step = real.step.bind(real);
    real.step = (rows?: ArrayLike<number>) => {
      controller.abort("in the middle");
      step(rows as number[]);
    };
    return real;
  };
  const tokens = generateStream(model, [1], { length: 9, signal: controller.signal });
  await expect(tokens.next()).rejects.toBe("in the middle");
  expect(rt.bytesInUse - before).toBeLessThanOrEqual(PACKED);
  expect((await tokens.next()).done).toBe(true);
});

test("samples of different lengths, where no layer heeds lengths, are named", async () => {
  const model = new Sequential(rt, { head: new Dense(rt, { inputSize: 1, outputSize: 1 }) });
  const xs = [
    [1, 2],
    [1, 2],
    [1, 2, 3],
  ];
  const message = "x of sample 2: expected 2 steps, as sample 0, where no layer heeds lengths (batchSize: 1 takes each alone), got 3";
  await expect(predict(model, xs)).rejects.toThrow(message);
  expect((await predict(model, xs, { batchSize: 1 })).map(({ shape }) => shape)).toEqual([
    [2, 1],
    [2, 1],
    [3, 1],
  ]);
});

test("bytes that were moved away are refused as such", () => {
  const bytes = new Sequential(rt, { lstm: lstm() }).save();
  structuredClone(bytes, { transfer: [bytes.buffer] });
  expectRefusal(() => loadSafetensors(bytes), FormatError, "those of an array that was moved are gone");
  expectRefusal(() => createRuntimeSync(bytes.buffer), ArgumentError, "binary: expected its bytes");
  expectRefusal(
    () => createRuntimeSync(Object.assign(Object.create(null), { [Symbol.toStringTag]: "ArrayBuffer", length: 2 ** 31 })),
    ArgumentError,
  );
});
