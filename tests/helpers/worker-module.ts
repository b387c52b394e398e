/** A module of a user's own for a worker: a model, what it is trained with, and methods. */
import type { WorkerModule, WorkerModuleFunction } from "../../bindings/worker.js";

interface Options {
  readonly fail?: boolean;
  readonly none?: boolean;
  readonly hang?: boolean;
  /** What else it gives, and models of other makes. */
  readonly other?: "methods" | "list" | "forward";
}

const build: WorkerModuleFunction<Options> = ({ rt, library }, { fail, none, hang, other }) => {
  const { ArgumentError, Dense, LSTM, MSELoss, SGD, Sequential } = library;
  if (fail) throw new ArgumentError("fail", "false", "true");
  if (none) return { model: undefined } as unknown as WorkerModule;
  const model = new Sequential(rt, {
    lstm: new LSTM(rt, { inputSize: 1, hiddenSize: 4 }),
    head: new Dense(rt, { inputSize: 4, outputSize: 1 }),
  });
  if (other === "forward") return { model: { forward() {} } } as unknown as WorkerModule;
  if (other !== undefined) return { model, methods: other === "list" ? [] : { three: 3 } } as unknown as WorkerModule;
  const kept = new Float32Array(2);
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
      kept: () => kept,
      length: (values: ArrayLike<number>) => values.length,
      unsendable: (what: string) => ({ function: () => 1, symbol: Symbol("s"), parameter: model.parameters()[0] })[what],
      deep: (floors: number) => {
        let value: unknown = 0;
        for (let i = 0; i < floors; i++) value = [value];
        return value;
      },
      strange: (what: keyof typeof STRANGE) => {
        throw STRANGE[what]();
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

/** Errors that cannot be sent, or not put together, as they are. */
const STRANGE = {
  code: () => Object.defineProperty(new DOMException("no", "AbortError"), "code", { value: "ABORT_ERR", enumerable: true }),
  stack: () => Object.assign(new Error("unclonable"), { stack: { frame: () => 1 } }),
  revoked: () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  circle: () => {
    const [a, b] = [new Error("a"), new TypeError("b")];
    a.cause = b;
    b.cause = a;
    return a;
  },
  prototype: () => Object.defineProperty(new RangeError("p"), "__proto__", { value: { evil: 1 }, enumerable: true }),
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
