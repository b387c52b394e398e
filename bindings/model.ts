/** Several layers as one: a base for models written by hand, and layers one after another. */
import { checkBoolean, checkOptions, sameShape, show } from "./checks.js";
import { DISPOSE } from "./dispose.js";
import { ArgumentError, FormatError, ShapeError } from "./errors.js";
import { loadSafetensors, saveSafetensors } from "./io/safetensors.js";
import { Dropout } from "./layers/dropout.js";
import { Layer } from "./layers/layer.js";
import { Recurrent } from "./layers/recurrent/recurrent.js";
import { ModelStream, type StreamPart } from "./model-stream.js";
import type { Parameter } from "./parameters.js";
import { Runtime } from "./runtime.js";
import { Tensor } from "./tensor.js";

/** Options of a model's forward pass. */
export interface ModelForwardOptions {
  /** Steps of each of the N sequences of a padded batch. */
  lengths?: ArrayLike<number>;
}

/** Options of a model's backward pass. */
export interface ModelBackwardOptions {
  /** false: ∂L/∂x is not needed. Default true. */
  dX?: boolean;
}

/** What a model is made of. */
export type Part = Layer | Model;

/**
 * A base for models of any shape: hand it the layers by name and write `forward` and `backward`; parameters, modes, weights in a
 * file and the end come from here, and `fit` trains it.
 *
 * @example
 * class Tagger extends Model {
 *   constructor(rt) {
 *     super(rt, { lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 8 }), head: new Dense(rt, { inputSize: 8, outputSize: 2 }) });
 *   }
 *   forward(x, { lengths } = {}) {
 *     return this.layers.head.forward(this.layers.lstm.forward(x, { lengths }).output);
 *   }
 *   backward(dOutput) {
 *     return this.layers.lstm.backward(this.layers.head.backward(dOutput)).dX;
 *   }
 * }
 */
export abstract class Model<Parts extends Record<string, Part> = Record<string, Part>> {
  readonly runtime: Runtime;
  /** The layers by name, in the order in which their parameters are listed. */
  readonly layers: Readonly<Parts>;

  /** @throws {ArgumentError} when there is no layer, or one of another runtime */
  constructor(runtime: Runtime, layers: Parts) {
    if (!(runtime instanceof Runtime)) throw new ArgumentError("runtime", "a Runtime of createRuntime()", show(runtime));
    runtime.assertAlive();
    if (typeof layers !== "object" || layers === null || Object.keys(layers).length === 0) {
      throw new ArgumentError("layers", "one or more layers by name", show(layers));
    }
    for (const [name, layer] of Object.entries(layers)) {
      if (!(layer instanceof Layer || layer instanceof Model)) throw new ArgumentError(`layers.${name}`, "a layer or a model", show(layer));
      if (layer.runtime !== runtime) throw new ArgumentError(`layers.${name}`, "a layer of this runtime", "one of another");
    }
    this.runtime = runtime;
    this.layers = Object.freeze({ ...layers });
  }

  /** @param x the input @returns the prediction, valid until the next forward */
  abstract forward(x: Tensor, options?: ModelForwardOptions): Tensor;

  /**
   * Adds to the gradients of the parameters.
   *
   * @param dOutput ∂L/∂prediction
   * @returns ∂L/∂x, or null where there is none (tokens) or it was not asked for
   */
  abstract backward(dOutput: Tensor, options?: ModelBackwardOptions): Tensor | null;

  /** The trainable arrays, layer by layer. @throws {DisposedError} */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** The same, each with its full name, such as `lstm.weight_ih_l0`. @throws {DisposedError} */
  namedParameters(): [string, Parameter][] {
    return Object.entries(this.layers).flatMap(([name, layer]) =>
      layer instanceof Model
        ? layer.namedParameters().map(([inner, parameter]): [string, Parameter] => [`${name}.${inner}`, parameter])
        : layer.parameters().map((parameter: Parameter): [string, Parameter] => [`${name}.${parameter.name}`, parameter]),
    );
  }

  /** Every layer with its full name, models taken apart. */
  namedLayers(): [string, Layer][] {
    return Object.entries(this.layers).flatMap(([name, layer]): [string, Layer][] =>
      layer instanceof Model ? layer.namedLayers().map(([inner, leaf]): [string, Layer] => [`${name}.${inner}`, leaf]) : [[name, layer]],
    );
  }

  /** Passes are for training from now on: dropout is active. */
  train(): this {
    for (const layer of Object.values(this.layers)) layer.train();
    return this;
  }

  /** Passes are for use from now on: dropout is off. */
  eval(): this {
    for (const layer of Object.values(this.layers)) layer.eval();
    return this;
  }

  /** Sets all gradients to zero. @throws {DisposedError} */
  zeroGrad(): void {
    for (const layer of Object.values(this.layers)) layer.zeroGrad();
  }

  /** A table of the layers and their parameters. */
  summary(): string {
    const rows = this.namedLayers().map(([name, layer]) => {
      const parameters = layer.parameters();
      const count = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
      return { name, type: layer.name, shapes: parameters.map((p) => `${p.name} [${p.shape.join(", ")}]`).join("  "), count };
    });
    const total = rows.reduce((sum, { count }) => sum + count, 0);
    const bytes = this.namedParameters().reduce((sum, [, p]) => sum + p.shape.reduce((a, b) => a * b, p.dtype === "f64" ? 8 : 4), 0);
    const wide = (texts: string[]) => Math.max(...texts.map((text) => text.length));
    const [names, types] = [wide(rows.map((r) => r.name)), wide(rows.map((r) => r.type))];
    const counts = wide([...rows.map((r) => grouped(r.count)), grouped(total)]);
    const lines = rows.map((r) =>
      `${r.name.padEnd(names)}  ${r.type.padEnd(types)}  ${grouped(r.count).padStart(counts)}  ${r.shapes}`.trimEnd(),
    );
    return [...lines, `${"total".padEnd(names + types + 2)}  ${grouped(total).padStart(counts)}  ${kilobytes(bytes)}`].join("\n");
  }

  /** The weights as the bytes of a safetensors file. */
  save(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    return saveSafetensors(Object.fromEntries(this.namedParameters()), metadata);
  }

  /**
   * Takes the weights of such bytes: all of them, or none when one does not fit.
   *
   * @throws {FormatError} when a name is missing or too many @throws {ShapeError} when a shape differs
   */
  load(bytes: Uint8Array): this {
    const { tensors } = loadSafetensors(bytes);
    setParameters(this.namedParameters(), tensors);
    return this;
  }

  /** Frees all layers. Harmless the second time. */
  dispose(): void {
    for (const layer of Object.values(this.layers)) layer.dispose();
  }

  /** `dispose()`, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }
}

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
export class Sequential extends Model {
  readonly #takesLengths: boolean;

  /** @throws {ArgumentError} when there is no layer, or one of another runtime */
  constructor(runtime: Runtime, layers: readonly Part[] | Readonly<Record<string, Part>>) {
    super(runtime, Array.isArray(layers) ? Object.fromEntries(layers.map((layer, i) => [String(i), layer])) : { ...layers });
    this.#takesLengths = Object.values(this.layers).some(takesLengths);
  }

  /**
   * @param x what the first layer takes
   * @param options lengths: handed to the layers that go over time
   * @throws {ArgumentError} when there are lengths and no layer heeds them, and what the layers throw
   */
  forward(x: Tensor, options: ModelForwardOptions = {}): Tensor {
    checkOptions(options, ["lengths"]);
    const { lengths } = options;
    if (lengths !== undefined && !this.#takesLengths) {
      throw new ArgumentError("lengths", "none, no layer of this model heeding them", show(lengths));
    }
    for (const layer of Object.values(this.layers)) {
      const run = layer as { forward(x: Tensor, options?: object): Tensor | { output: Tensor } };
      const result = lengths !== undefined && takesLengths(layer) ? run.forward(x, { lengths }) : run.forward(x);
      x = result instanceof Tensor ? result : result.output;
    }
    return x;
  }

  /** Adds to the gradients of the parameters. @returns ∂L/∂x, or null where there is none or it was not asked for */
  backward(dOutput: Tensor, options: ModelBackwardOptions = {}): Tensor | null {
    checkOptions(options, ["dX"]);
    const wantsDX = checkBoolean("dX", options.dX ?? true);
    const layers = Object.values(this.layers);
    for (let i = layers.length - 1; i >= 0; i--) {
      const layer = layers[i] as Part;
      if (i === 0 && !wantsDX && layer instanceof Recurrent) {
        layer.backward(dOutput, {}, { dX: false });
        return null;
      }
      const run = layer as { backward(dOutput: Tensor): Tensor | { dX: Tensor } | null | undefined };
      const result = run.backward(dOutput);
      if (result === null || result === undefined) {
        if (i === 0) return null;
        throw new ArgumentError("layers", "a layer without ∂L/∂x only in the first place", `${Object.keys(this.layers)[i]} in place ${i}`);
      }
      dOutput = result instanceof Tensor ? result : result.dX;
    }
    return wantsDX ? dOutput : null;
  }

  /** Whether a layer heeds lengths. */
  get takesLengths(): boolean {
    return this.#takesLengths;
  }

  /**
   * The model one time step at a time, with the state kept.
   *
   * @param options batch: rows of a step, N; default 1
   * @throws {ArgumentError} when a layer cannot be streamed: one that is bidirectional, or that pools over time
   */
  stream(options: { batch?: number } = {}): ModelStream {
    checkOptions(options, ["batch"]);
    const parts: StreamPart[] = [];
    try {
      for (const [name, layer] of Object.entries(this.layers)) {
        if (layer instanceof Dropout) continue; // off in a stream
        if (!("stream" in layer)) throw new ArgumentError(`layers.${name}`, "a layer that can be streamed", layer.constructor.name);
        parts.push((layer as unknown as { stream(options: object): StreamPart }).stream(options));
      }
    } catch (error) {
      for (const part of parts) part.dispose();
      throw error;
    }
    return new ModelStream(parts);
  }
}

/** @internal Sets parameters from named arrays, after checking all of them. @throws {FormatError} @throws {ShapeError} */
export function setParameters(named: readonly [string, Parameter][], arrays: Readonly<Record<string, NamedShape>>): void {
  const known = new Set(named.map(([name]) => name));
  const stranger = Object.keys(arrays).find((name) => !known.has(name));
  if (stranger !== undefined) throw new FormatError(`weights: expected ${[...known].join(", ")}, got ${stranger} beside them`);
  for (const [name, parameter] of named) {
    const array = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
    if (!array) throw new FormatError(`weights: expected ${name}, got a file without it`);
    if (!sameShape(array.shape, parameter.shape)) throw new ShapeError(name, show([...parameter.shape]), show([...array.shape]));
  }
  for (const [name, parameter] of named) parameter.set((arrays[name] as NamedShape).data);
}

interface NamedShape {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

function takesLengths(layer: Part): boolean {
  return (layer as { takesLengths?: boolean }).takesLengths === true;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function kilobytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
