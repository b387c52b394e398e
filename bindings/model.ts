/** Several layers as one: a base for models written by hand, and layers one after another. */

import type { ByName } from "./by-name.js";
import { show } from "./checks.js";
import { Owner } from "./dispose.js";
import { ArgumentError } from "./errors.js";
import { loadSafetensors, type NamedArray, type SaveOptions, saveSafetensors } from "./io/safetensors.js";
import { checkJSON } from "./json.js";
import { Layer } from "./layers/layer.js";
import { ParameterTensor } from "./layers/parameter-tensor.js";
import type { Config } from "./layers/parametric.js";
import { Recurrent } from "./layers/recurrent/recurrent.js";
import type { Parameter } from "./parameters.js";
import { Runtime } from "./runtime.js";
import type { Scaler } from "./series/scaler.js";
import { type LoadStateDictOptions, type LoadStateDictResult, type StateDict, stateDictOf, takeStateDict } from "./state-dict.js";
import { summaryOf } from "./summary.js";
import type { Tensor } from "./tensor.js";
import { byName, checkLayers, checkWeightsFile, describeLayers, setParameters } from "./weights.js";

/** Options of a model's forward pass. */
export interface ModelForwardOptions {
  /** Steps of each of the N sequences of a padded batch. */
  lengths?: ArrayLike<number> | undefined;
}

/** The same where the model has several inputs, by name. */
export interface ModelForwardOptionsByName<Name extends string = string> {
  /** Of each input whose sequences differ in length. */
  lengths?: { readonly [Input in Name]?: ArrayLike<number> | undefined } | undefined;
}

/** What a model is made of. */
export type Part = Layer | Model | ParameterTensor;

/**
 * A base for models of any shape: hand it the layers by name and write `forward`; parameters, modes, weights in a file and the end come from
 * here, and `fit` trains it. What `forward` does is recorded, so that nobody writes a backward pass: layers, operators of `wasm-rnn/ops`,
 * loops and conditions, in any order and as often as wanted.
 *
 * @example
 * class Tagger extends Model {
 *   constructor(rt) {
 *     super(rt, { lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 8 }), head: new Dense(rt, { inputSize: 8, outputSize: 2 }) });
 *   }
 *   forward(x, { lengths } = {}) {
 *     return this.layers.head.forward(this.layers.lstm.forward(x, { lengths }).output);
 *   }
 * }
 */
export abstract class Model<Parts extends Record<string, Part> = Record<string, Part>> extends Owner {
  readonly runtime: Runtime;
  /** The layers by name, in the order in which their parameters are listed. */
  readonly layers: Readonly<Parts>;
  /** @internal Whether a model of this class may have no layer. */
  static readonly mayBeEmpty: boolean = false;

  readonly #options: unknown;

  /**
   * @param layers its parts by name
   * @param options what your class was made with, for `loadModel` to hand it over again: numbers, texts, arrays and objects, as JSON keeps them
   * @throws {ArgumentError} when there is no layer, or one of another runtime; on options that JSON would change
   */
  constructor(runtime: Runtime, layers: Parts, options?: unknown) {
    super("model", runtime);
    if (!(runtime instanceof Runtime)) throw new ArgumentError("runtime", "a Runtime of createRuntime()", show(runtime));
    runtime.assertAlive();
    if (layers instanceof Layer || isModel(layers))
      throw new ArgumentError("layers", "layers by name, or for a Sequential an array of them", show(layers));
    const parts = typeof layers === "object" && layers !== null ? { ...layers } : ({} as Parts); // each read once
    if (Object.keys(parts).length === 0 && !new.target.mayBeEmpty)
      throw new ArgumentError("layers", "one or more layers by name", show(layers));
    for (const [name, layer] of Object.entries(parts)) {
      if (name === "") throw new ArgumentError("layers", "names of one character or more", show(name));
      if (!(layer instanceof Layer || isModel(layer) || layer instanceof ParameterTensor))
        throw new ArgumentError(`layers.${name}`, "a layer, a model or a ParameterTensor", show(layer));
      if (layer.runtime !== runtime) throw new ArgumentError(`layers.${name}`, "a layer of this runtime", "one of another");
    }
    this.#options = options === undefined ? undefined : checkJSON("options", options);
    this.runtime = runtime;
    this.layers = Object.freeze(parts);
    checkNames(this.namedParts());
  }

  /**
   * @param x the input, or several by name, as the samples of `fit` have them; lengths then likewise
   * @returns the prediction, or several by name; valid until the next forward, or until its frame runs again
   */
  abstract forward(x: Tensor | ByName<Tensor>, options?: ModelForwardOptions | ModelForwardOptionsByName): Tensor | ByName<Tensor>;

  /** The trainable arrays, layer by layer. @throws {DisposedError} */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** The same, each with its full name, such as `lstm.weight_ih_l0`. @throws {DisposedError} */
  namedParameters(): [string, Parameter][] {
    return Object.entries(this.layers).flatMap(([name, layer]): [string, Parameter][] => {
      if (layer instanceof ParameterTensor) return [[name, layer.parameter]];
      return isModel(layer)
        ? layer.namedParameters().map(([inner, parameter]): [string, Parameter] => [`${name}.${inner}`, parameter])
        : layer.parameters().map((parameter: Parameter): [string, Parameter] => [`${name}.${parameter.name}`, parameter]);
    });
  }

  /** Every layer with its full name, models taken apart; parameters of one's own are none. */
  namedLayers(): [string, Layer][] {
    return this.namedParts().filter((pair): pair is [string, Layer] => pair[1] instanceof Layer);
  }

  /** @internal The same, with parameters of one's own in their places. */
  namedParts(): [string, Layer | ParameterTensor][] {
    return Object.entries(this.layers).flatMap(([name, part]) =>
      isModel(part)
        ? part.namedParts().map(([inner, leaf]): [string, Layer | ParameterTensor] => [`${name}.${inner}`, leaf])
        : [[name, part]],
    );
  }

  /**
   * What is kept from batch to batch beside the parameters, such as a state that is carried on, each with its full name. Here: that of the
   * models inside. A model with tensors of its own adds them: `[...super.namedBuffers(), ["h", this.h]]`. A checkpoint of `fit` holds them, and
   * `evaluate` and `gradcheck` leave them as they were; `save()` writes weights alone.
   */
  namedBuffers(): [string, Tensor][] {
    return Object.entries(this.layers).flatMap(([name, layer]) =>
      isModel(layer) ? layer.namedBuffers().map(([inner, tensor]): [string, Tensor] => [`${name}.${inner}`, tensor]) : [],
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

  /** Whether any layer is trained. True until `freeze()`. */
  get requiresGrad(): boolean {
    return Object.values(this.layers).some((layer) => layer.requiresGrad);
  }

  /** Freezes all layers: their parameters stay as they are. */
  freeze(): this {
    for (const layer of Object.values(this.layers)) layer.freeze();
    return this;
  }

  /** All layers are trained again. */
  unfreeze(): this {
    for (const layer of Object.values(this.layers)) layer.unfreeze();
    return this;
  }

  /** The layout that the recurrent layers read and give: true for [N, T, …]; undefined where there are none. */
  get batchFirst(): boolean | undefined {
    for (const [, layer] of this.namedLayers()) if (layer instanceof Recurrent) return layer.batchFirst;
    return undefined;
  }

  /** Sets all gradients to zero. @throws {DisposedError} */
  zeroGrad(): void {
    for (const layer of Object.values(this.layers)) layer.zeroGrad();
  }

  /** A table of the layers and their parameters. */
  summary(): string {
    return summaryOf(this.namedParts());
  }

  /** @internal What it is made of: for `loadModel`, by the name of its class. */
  config(): Config {
    const layers = Object.entries(this.layers).map(([name, part]) => [name, part.config()] as const);
    return { type: this.constructor.name, ...(this.#options !== undefined && { options: this.#options }), layers };
  }

  /**
   * The weights as the bytes of a safetensors file; its metadata say what the layers are, so that `loadModel` makes the model again.
   *
   * @param metadata strings of your own, and scalers, which `loadScaler(bytes, name)` gives back
   * @param options `{ dtype: "F16" }` halves the file; `load` and `loadModel` make f32 of it again
   * @throws {ArgumentError} @throws {DTypeError} when a finite weight would be infinite in that type
   */
  save(metadata: Readonly<Record<string, string | Scaler>> = {}, options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
    return saveSafetensors(byName(this.namedParameters()), describeLayers(this.namedLayers(), this.config(), metadata), options);
  }

  /**
   * Takes the weights of such bytes, as numbers of the parameters' type: all of them, or none when one does not fit.
   *
   * @throws {FormatError} when a name is missing or too many, or the weights are another kind of layer's (as tanh's for relu)
   * @throws {ShapeError} when a shape differs @throws {DTypeError} when they are integers, or f64 beyond f32
   */
  load(bytes: Uint8Array): this {
    const { tensors, metadata } = loadSafetensors(bytes);
    checkWeightsFile(metadata);
    checkLayers(this.namedLayers(), metadata);
    setParameters(this.namedParameters(), tensors);
    return this;
  }

  /** Copies of the parameters by their full names, PyTorch's: `{ shape, dtype, data }` each. @throws {DisposedError} */
  stateDict(): StateDict {
    return stateDictOf(this.namedParameters());
  }

  /**
   * Takes arrays by such names, whatever file they are of: all of them, or none when one does not fit.
   *
   * @throws {FormatError} that lists every name that is missing or unexpected, and every shape that differs
   * @throws {DTypeError} on f64 beyond f32 @throws {ArgumentError} @throws {ShapeError} when data do not fill their own shape
   */
  loadStateDict(dict: Readonly<Record<string, NamedArray>>, options: LoadStateDictOptions = {}): LoadStateDictResult {
    return takeStateDict(this.namedParameters(), dict, options);
  }

  /** @internal All layers. */
  protected override release(): void {
    for (const layer of Object.values(this.layers)) layer.dispose();
  }
}

/** Each layer once, under a name of its own; recurrent layers of one layout. @throws {ArgumentError} */
function checkNames(layers: readonly [string, Layer | ParameterTensor][]): void {
  const names = new Set<string>();
  const places = new Map<Layer | ParameterTensor, string>();
  let first: { name: string; batchFirst: boolean } | undefined;
  for (const [name, layer] of layers) {
    const twice = places.get(layer);
    if (twice !== undefined) throw new ArgumentError(`layers.${name}`, "a layer of its own", `the one that is ${twice}`);
    places.set(layer, name);
    if (names.has(name)) throw new ArgumentError("layers", "a full name for each layer alone", `two by the name ${name}`);
    names.add(name);
    if (!(layer instanceof Recurrent)) continue;
    first ??= { name, batchFirst: layer.batchFirst };
    if (layer.batchFirst === first.batchFirst) continue;
    const expected = `batchFirst: ${first.batchFirst}, as ${first.name} has it`;
    throw new ArgumentError(`layers.${name}`, expected, `batchFirst: ${layer.batchFirst}`);
  }
}

/** Out here: a class that names itself within is `_Model` once it is bundled, in messages and in the console. */
const isModel = (part: unknown): part is Model => part instanceof Model;
