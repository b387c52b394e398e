/** Layers one after another. */
import { checkOptions, checkPositive, show } from "./checks.js";
import { ArgumentError, DTypeError, ShapeError } from "./errors.js";
import { Arena } from "./graph/arena.js";
import type { Gradients } from "./graph/node.js";
import { isTruly } from "./heir.js";
import { Layer } from "./layers/layer.js";
import type { Config } from "./layers/parametric.js";
import type { StreamPart } from "./layers/stream-parts.js";
import { isBatchFirst } from "./layout.js";
import { Model, type ModelForwardOptions, type Part } from "./model.js";
import { ModelStream } from "./model-stream.js";
import { finitelyPadded } from "./padding.js";
import type { Runtime } from "./runtime.js";
import { Tensor } from "./tensor.js";

/**
 * Layers one after another. Names of an array's layers are their places: `0.weight`.
 *
 * @example
 * const model = new Sequential(rt, {
 *   embedding: new Embedding(rt, { numEmbeddings: 100, embeddingDim: 16 }),
 *   lstm: new LSTM(rt, { inputSize: 16, hiddenSize: 32 }),
 *   head: new Dense(rt, { inputSize: 32, outputSize: 100 }),
 * });
 * const logits = model.forward(tokens); // [T, N] → [T, N, 100]
 * Source: torch.nn.Sequential.
 */
export class Sequential<Parts extends Record<string, Part> = Record<string, Part>> extends Model<Parts> {
  readonly #takesLengths: boolean;
  /** Whether layers with weights come before the first that heeds lengths. */
  readonly #readsPadding: boolean;
  /** What the last forward outside of frames read in the place of x. */
  readonly #padded: Arena;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #takesLengths in value);
  }

  /** @param options of a class of your own, as a `Model` takes them @throws {ArgumentError} when there is no layer, one twice, or one of another runtime; when recurrent layers differ in batchFirst */
  constructor(runtime: Runtime, layers: readonly Part[], options?: unknown);
  constructor(runtime: Runtime, layers: Readonly<Parts>, options?: unknown);
  constructor(runtime: Runtime, layers: Readonly<Record<string, Part>>, options?: unknown);
  constructor(runtime: Runtime, layers: readonly Part[] | Readonly<Record<string, Part>>, options?: unknown) {
    super(runtime, (Array.isArray(layers) ? byPlace(layers) : layers) as Parts, options);
    const parts = Object.values(this.layers);
    for (const [name, part] of Object.entries(this.layers)) checkRunnable(name, part);
    this.#padded = new Arena(runtime.memory, "the next forward of this model", this);
    this.#takesLengths = parts.some(takesLengths);
    this.#readsPadding = parts.slice(0, Math.max(0, parts.findIndex(takesLengths))).some((part) => part.parameters().length > 0);
  }

  /**
   * @param x what the first layer takes
   * @param options lengths: handed to the layers that go over time, and to models of your own; padding may hold anything, NaN too
   * @throws {ArgumentError} when there are lengths and no layer heeds them, and what the layers throw
   */
  forward(x: Tensor, options: ModelForwardOptions = {}): Tensor {
    const { lengths } = checkOptions(options, ["lengths"]);
    if (lengths !== undefined && !this.#takesLengths) {
      throw new ArgumentError("lengths", "none, no layer of this model heeding them", show(lengths));
    }
    const padded = lengths !== undefined && this.#readsPadding ? finitelyPadded(x, lengths, isBatchFirst(this)) : undefined;
    if (!padded) return this.#run(x, lengths);
    const { scope } = this.runtime;
    if (!scope) this.#padded.rewind();
    const copy = padded(scope?.arena ?? this.#padded);
    const plan = (gradients: Gradients) => gradients.give(x, gradients.of(copy));
    scope?.nodes?.push({ name: "padding", inputs: [x], outputs: [copy], plan });
    return this.#run(copy, lengths);
  }

  #run(x: Tensor, lengths: ArrayLike<number> | undefined): Tensor {
    let below: string | undefined;
    for (const [name, layer] of Object.entries(this.layers)) {
      const run = layer as { forward(x: Tensor, options?: object): unknown };
      let result: unknown;
      try {
        result = lengths !== undefined && takesLengths(layer) ? run.forward(x, { lengths }) : run.forward(x);
      } catch (error) {
        throw ofLayer(error, name, below);
      }
      below = name;
      const output: unknown = result instanceof Tensor ? result : (result as { output?: unknown } | null | undefined)?.output;
      if (!(output instanceof Tensor)) throw new ArgumentError(`layers.${name}`, "a forward that gives a Tensor", show(result));
      x = output;
    }
    return x;
  }

  /** @internal By a constant: a bundler may shorten the class's name. */
  override config(): Config {
    const config = super.config();
    return isItself(this) ? { ...config, type: "Sequential" } : config;
  }

  /** @internal */
  protected override release(): void {
    super.release();
    this.#padded.dispose();
  }

  /** Whether a layer heeds lengths. */
  get takesLengths(): boolean {
    return this.#takesLengths;
  }

  /**
   * The model one time step at a time, with the state kept.
   *
   * @param options batch: rows, N; default 1. They `join`, `leave`, `reset` and `step` by themselves where they are asked to
   * @throws {ArgumentError} when a layer cannot be streamed: one that is bidirectional, or that pools over time
   */
  stream(options: { batch?: number } = {}): ModelStream {
    const { batch = 1 } = checkOptions(options, ["batch"]);
    checkPositive("batch", batch);
    const parts: StreamPart[] = [];
    try {
      for (const [name, layer] of Object.entries(this.layers)) {
        if (layer instanceof Layer && layer.idleInUse) continue;
        if (!("stream" in layer)) {
          const got = layer instanceof Layer ? `${layer.name}: leave it out, in a Sequential of the others` : "a Model";
          throw new ArgumentError(`layers.${name}`, "a layer that can be streamed", got);
        }
        parts.push((layer as unknown as { stream(options: object): StreamPart }).stream({ batch }));
      }
      if (parts.length === 0) throw new ArgumentError("layers", "one or more layers that can be streamed", "none");
      return new ModelStream(this.runtime, parts, batch);
    } catch (error) {
      for (const part of parts) part.dispose();
      throw error;
    }
  }
}

/** What a layer finds wrong with its input is said of the layer where another gave it: nobody else wrote it. */
function ofLayer(error: unknown, name: string, below: string | undefined): unknown {
  if (!(error instanceof ShapeError || error instanceof DTypeError)) return error;
  const [, input, inside] = /^(x|tokens|z)(?: of layer (.+))?$/.exec(error.argument) ?? [];
  if (input === undefined || (inside ?? below) === undefined) return error;
  const Kind = error instanceof ShapeError ? ShapeError : DTypeError;
  if (inside !== undefined) return new Kind(`${input} of layer ${name}.${inside}`, error.expected, error.got);
  return new Kind(`${input} of layer ${name}`, error.expected, `${error.got}, as layer ${below} gives it`);
}

function checkRunnable(name: string, part: Part): void {
  if (!(part instanceof Layer || part instanceof Model)) throw new ArgumentError(`layers.${name}`, "a layer or a model", show(part));
}

/** Layers by their places. @throws {ArgumentError} at the first that is none: the list may be long */
function byPlace(layers: readonly Part[]): Record<string, Part> {
  const parts: Record<string, Part> = {};
  const { length } = layers;
  for (let i = 0; i < length; i++) {
    const layer = layers[i] as Part;
    checkRunnable(`${i}`, layer);
    parts[i] = layer;
  }
  return parts;
}

/** A model of one's own is always told. */
function takesLengths(part: Part): boolean {
  if (part instanceof Model && !(part instanceof Sequential)) return true;
  return (part as { takesLengths?: boolean }).takesLengths === true;
}

/** Out here: a class that names itself within is `_Sequential` once it is bundled, in messages and in the console. */
const isItself = (model: Model): boolean => model.constructor === Sequential;
