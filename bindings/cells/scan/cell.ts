/** What a cell of operators is, and the options that its layer takes. */
import { isPlain } from "../../by-name.js";
import { checkBoolean, checkNumber, checkPositive, isArray, show } from "../../checks.js";
import { ArgumentError, ShapeError } from "../../errors.js";
import { checkConstruction, checkLayout, checkTensor } from "../../layers/doors.js";
import type { Layer } from "../../layers/layer.js";
import type { Parametric } from "../../layers/parametric.js";
import { type Dims, dimsOf } from "../../layers/recurrent/core.js";
import type { RecurrentOptions } from "../../layers/recurrent/options.js";
import { cellsOf, recurrentShapes } from "../../layers/recurrent/packed.js";
import type { Runtime } from "../../runtime.js";
import { Tensor } from "../../tensor.js";

/** More would be a mistake: each layer has parameters of its own, by name. */
const MOST_LAYERS = 1024;

const OPTIONS = ["inputSize", "hiddenSize", "numLayers", "bias", "bidirectional", "batchFirst", "dropout", "generator"];

/** Options of layers whose cells are written with operators: those of RNN, LSTM and GRU. */
export type ScanLayerOptions = Omit<RecurrentOptions, "weights">;

/** The states of a cell by name: h [N, H], which is its output, and what it may have beside it. */
export interface CellState {
  readonly h: Tensor;
  readonly [name: string]: Tensor;
}

/** Flat copies of the states of a stream by name: [numLayers, N, H], or of one row [numLayers, H]. */
export type ScanLayerState = Readonly<Record<string, ArrayLike<number>>>;

/** A cell at work: what its steps read, made for all steps at once, and a step. */
export interface CellSteps {
  /** [T, N, …], or in a stream [N, …]: such as the product of the input with its weights. */
  readonly x: Tensor;
  /** The states after a step. @param x of the step, [N, …] @param state before it */
  step(x: Tensor, state: CellState): CellState;
}

/** What a kind of cell is. */
export interface CellDescription {
  /** As messages and files name the layer: the name of its class. */
  readonly name: string;
  /** Its states, h first. */
  readonly states: readonly ["h", ...string[]];
  /** The names of options beyond those of every such layer. */
  readonly options?: readonly string[];
  /**
   * Its parameters, for I features and H hidden units: in files and lists each ends with the layer's place, `weight_ih_l0`. Those that begin with
   * `norm_` begin as a LayerNorm's; `bias: false` leaves out those that begin with `bias`; the others are drawn uniformly from ±1/√H.
   */
  parameters(I: number, H: number): Readonly<Record<string, readonly number[]>>;
}

/** @internal What a stream needs of its layer beside its cells. */
export interface StreamedLayer extends Layer {
  readonly inputSize: number;
  readonly hiddenSize: number;
}

/** @internal What the options say, and the parameters of all cells. @throws {ArgumentError} @throws {DisposedError} */
export function checkScanLayer(runtime: Runtime, options: ScanLayerOptions, description: CellDescription) {
  const { options: others = [], parameters } = checkDescription(description);
  const given = checkConstruction(runtime, options, [...OPTIONS, ...others]);
  const { numLayers = 1, bias = true, bidirectional = false, batchFirst = false, dropout = 0 } = given;
  const I = checkPositive("inputSize", given.inputSize);
  const H = checkPositive("hiddenSize", given.hiddenSize);
  checkPositive("numLayers", numLayers, MOST_LAYERS);
  for (const [name, value] of Object.entries({ bias, bidirectional, batchFirst })) checkBoolean(name, value);
  checkNumber("dropout", dropout, 0, 1);
  const cells = cellsOf(
    I,
    { P: H, parameters: (features) => parameters(features, H), states: [] },
    numLayers,
    bidirectional ? 2 : 1,
    false,
  );
  return { given, numLayers, bidirectional, batchFirst, dropout, cells, shapes: recurrentShapes(cells, bias) };
}

/** @internal What a cell gave for x, [T, N, …] or [N, …]. @throws {ArgumentError} @throws {ShapeError} when it is of other steps or rows */
export function checkSteps(given: unknown, { shape }: Tensor): CellSteps {
  const { x, step } = Object(given) as { x?: unknown; step?: unknown };
  if (!(x instanceof Tensor)) throw new ArgumentError("x of the cell", "a Tensor", show(x));
  if (typeof step !== "function") throw new ArgumentError("step of the cell", "a function", show(step));
  const leading = shape.slice(0, -1);
  if (x.shape.length <= leading.length || leading.some((size, i) => x.shape[i] !== size))
    throw new ShapeError("x of the cell", `[${leading.join(", ")}, …]`, show([...x.shape]));
  return {
    x,
    step: (x, state) => {
      const after: unknown = step.call(given, x, state);
      if (isPlain(after)) return after as unknown as CellState;
      throw new ArgumentError("step of the cell", "a function that gives the states after it, by name", show(after));
    },
  };
}

/** @throws {ArgumentError} */
function checkDescription(description: unknown): CellDescription {
  if (!isPlain(description)) throw new ArgumentError("description", "{ name, states, parameters }", show(description));
  const { name, states, parameters } = description;
  if (typeof name !== "string" || name === "") throw new ArgumentError("description.name", "the name of the class", show(name));
  if (!isArray(states) || states[0] !== "h" || new Set(states).size < states.length || !states.every((each) => typeof each === "string"))
    throw new ArgumentError("description.states", 'names, each once, "h" the first', show(states));
  if (typeof parameters !== "function") throw new ArgumentError("description.parameters", "a function of I and H", show(parameters));
  return description as unknown as CellDescription;
}

/** @internal How many steps of how many sequences. @throws {ShapeError} @throws {DTypeError} @throws {ArgumentError} @throws {StaleError} */
export function checkInput(x: Tensor, layer: Parametric & { readonly inputSize: number; readonly batchFirst: boolean }): Dims {
  const { inputSize: I, batchFirst } = layer;
  const { shape } = checkTensor("x", x, layer.runtime, layer.dtype);
  x.pointer("x");
  const batched = shape.length === 3;
  if ((shape.length !== 2 && !batched) || shape.at(-1) !== I)
    throw new ShapeError("x", `${batchFirst ? "[N, T" : "[T, N"}, ${I}] or [T, ${I}]`, show([...shape]));
  if (batched) checkLayout("x", x, batchFirst);
  return dimsOf(shape, batchFirst);
}
