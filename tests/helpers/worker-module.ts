/** A module of a user's own for a worker: a model, what it is trained with, and methods. */
import type { WorkerModule, WorkerModuleFunction } from "../../bindings/worker.js";

interface Options {
  readonly fail?: boolean;
  readonly none?: boolean;
  readonly hang?: boolean;
}

const build: WorkerModuleFunction<Options> = ({ rt, library }, { fail, none, hang }) => {
  const { ArgumentError, Dense, LSTM, MSELoss, SGD, Sequential } = library;
  if (fail) throw new ArgumentError("fail", "false", "true");
  if (none) return { model: undefined } as unknown as WorkerModule;
  const model = new Sequential(rt, {
    lstm: new LSTM(rt, { inputSize: 1, hiddenSize: 4 }),
    head: new Dense(rt, { inputSize: 4, outputSize: 1 }),
  });
  let batches = 0;
  return {
    ...{ model, loss: new MSELoss(rt), optimizer: new SGD(model.parameters(), { lr: 0.1 }) },
    data: () => (hang ? never() : Array.from({ length: 20 }, (_, n) => ({ x: [n / 20, n / 10], y: [n / 20, n / 10] }))),
    callbacks: { onProgress: () => batches++ },
    methods: {
      batches: () => batches,
      doubled: (values: Float32Array) => values.map((value) => 2 * value),
      weights: () => model.parameters()[0]?.toArray(),
      raise: (what: unknown) => {
        throw what === "class" ? new Named("of a class of its own") : what;
      },
      die: () => process.exit(3),
      fill: () => {
        const all: number[][] = [];
        for (;;) all.push(Array.from({ length: 1e6 }, (_, i) => i + 0.5));
      },
      throwLater: () => void setTimeout(() => Promise.reject(new TypeError("later"))),
      place: () => {
        throw new library.NonFiniteError("a number", { step: 3, batch: 2, layer: "lstm" });
      },
    },
  };
};

class Named extends RangeError {
  override name = "Named";
  readonly code = 7;
}

async function* never(): AsyncGenerator<{ x: number[]; y: number[] }> {
  await new Promise(() => {});
  yield { x: [0], y: [0] };
}

export default build;
