/** Where misuse happens: a small runtime with a known forward, another runtime, and what has to be given back. */
import { type Layer, LSTM, type Runtime, type Tensor } from "../../bindings/index.js";
import { operatorRuntime, testRuntime } from "../helpers/runtime.js";

/** What callbacks, getters and Proxies of the caller throw: it may come through as it is. */
export class Mine extends Error {}

/** More than any case needs, so that sizes that are meant as mistakes find no memory. */
const MAXIMUM = 48 * 2 ** 20;

interface Disposable {
  dispose(): void;
}

export class World {
  readonly rt: Runtime;
  readonly other: Runtime;
  /** Disposed of. */
  readonly dead: Runtime;
  readonly #known: LSTM;
  readonly #x: Tensor;
  readonly #bits: string;
  #owned: Disposable[] = [];

  private constructor(rt: Runtime, other: Runtime, dead: Runtime) {
    this.rt = rt;
    this.other = other;
    this.dead = dead;
    this.#known = new LSTM(rt, { inputSize: 3, hiddenSize: 4 });
    const values = Array.from({ length: 2 * 2 * 3 }, (_, i) => Math.sin(i));
    this.#x = rt.tensor(values, [2, 2, 3]);
    this.#bits = this.#forward();
  }

  static async create(): Promise<World> {
    const dead = await testRuntime();
    dead.dispose();
    return new World(await operatorRuntime({ maximumMemory: MAXIMUM, seed: 1 }), await testRuntime({ maximumMemory: MAXIMUM }), dead);
  }

  /** Will be disposed of when the case is over, the last first. */
  own<T>(value: T): T {
    if (isDisposable(value)) this.#owned.push(value);
    return value;
  }

  /** A tensor of zeros to 1; integers from 0 where they are i32. */
  tensor(shape: readonly number[], dtype: "f32" | "f64" | "i32" = "f32", runtime: Runtime = this.rt): Tensor {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: size }, (_, i) => (dtype === "i32" ? i % 2 : (i % 7) / 7));
    return this.own(runtime.tensor(dtype === "i32" ? Int32Array.from(values) : values, shape, { dtype }));
  }

  /** A layer after a forward that its backward can go back over. */
  warm<L extends Layer & { forward(x: Tensor): unknown }>(layer: L, x: Tensor): L {
    layer.forward(x);
    return layer;
  }

  /** Ends a case. */
  clear(): void {
    const owned = this.#owned.reverse();
    this.#owned = [];
    for (const one of owned) one.dispose();
  }

  /** Whether the runtime still does what it did: undefined, or what is wrong. */
  unusable(): string | undefined {
    try {
      return this.#forward() === this.#bits ? undefined : "a known forward gives other bits";
    } catch (error) {
      return `a known forward fails: ${String(error)}`;
    }
  }

  dispose(): void {
    this.rt.dispose();
    this.other.dispose();
  }

  #forward(): string {
    return this.#known.forward(this.#x).output.toArray().join();
  }
}

export function isDisposable(value: unknown): value is Disposable {
  return typeof value === "object" && value !== null && typeof (value as { dispose?: unknown }).dispose === "function";
}
