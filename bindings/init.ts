/** Initial weights, by torch.nn.init's definitions. Layers draw PyTorch's default when they are made; these replace it. */
import { checkNumber, checkOptions, checkPositive, show, sizeOf } from "./checks.js";
import { ArgumentError, ShapeError } from "./errors.js";
import { inDType } from "./fits.js";
import type { CellKind } from "./layers/recurrent/cell-kind.js";
import type { GRU } from "./layers/recurrent/gru.js";
import type { LSTM } from "./layers/recurrent/lstm.js";
import { Recurrent } from "./layers/recurrent/recurrent.js";
import { orthonormalRows } from "./orthonormal.js";
import { type Parameter, type ParameterBlock, type Place, placeOf } from "./parameters.js";
import { FARTHEST, Generator } from "./random.js";
import type { FloatArray } from "./tensor.js";

/** Options of every draw. */
export interface InitOptions {
  /** Default: the generator of the parameter's runtime. */
  generator?: Generator;
  /** What the result is multiplied by. Default 1. */
  gain?: number;
  /** Matrices stacked in the rows, each drawn for itself: 4 for an LSTM's weights, 3 for a GRU's. Default 1. */
  blocks?: number;
}

/**
 * Initial weights.
 *
 * @namespace
 */
export const init = {
  /** Sets all elements to one value. @throws {ArgumentError} when it is not finite in the parameter's element type @throws {DisposedError} */
  constant(parameter: Parameter, value: number): void {
    const { block } = placed(parameter);
    checkStaysFinite("value", value, block, checkNumber("value", value));
    parameter.update((values) => void values.fill(value));
  },

  /** Draws from [low, high). @throws {ArgumentError} unless low ≤ high, finite in the parameter's element type @throws {DisposedError} */
  uniform(parameter: Parameter, low: number, high: number, options: Pick<InitOptions, "generator"> = {}): void {
    const { block, generator } = optionsOf(parameter, options, ["generator"]);
    checkStaysFinite("low", low, block, checkNumber("low", low));
    checkStaysFinite("high", high, block, checkNumber("high", high, low));
    checkStaysFinite("high", high, block, high - low);
    parameter.update((values) => {
      for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * generator.uniform();
    });
  },

  /**
   * Draws from the normal distribution of this mean and standard deviation.
   *
   * @throws {ArgumentError} unless std ≥ 0 and the draws are finite in the parameter's element type @throws {DisposedError}
   */
  normal(parameter: Parameter, mean = 0, std = 1, options: Pick<InitOptions, "generator"> = {}): void {
    const { block, generator } = optionsOf(parameter, options, ["generator"]);
    checkStaysFinite("mean", mean, block, checkNumber("mean", mean));
    checkStaysFinite("std", std, block, Math.abs(mean) + FARTHEST * checkNumber("std", std, 0));
    parameter.update((values) => {
      for (let i = 0; i < values.length; i++) values[i] = mean + std * generator.normal();
    });
  },

  /**
   * Draws from ±gain·√(6/(fan_in + fan_out)). Of filters [O, C, KH, KW], as of conv2d, fan_in is C·KH·KW and fan_out O·KH·KW.
   *
   * @throws {ShapeError} unless the parameter has two axes or more, whose rows the blocks divide
   * @throws {ArgumentError} unless gain ≥ 0 @throws {DisposedError}
   * Source: torch.nn.init.xavier_uniform_; Glorot & Bengio, AISTATS 2010.
   */
  xavierUniform(parameter: Parameter, options: InitOptions = {}): void {
    const { block, generator, gain, rows, columns, taps } = matrixOf(parameter, options, 0);
    const bound = gain * Math.sqrt(6 / (rows * taps + columns));
    checkStaysFinite("gain", gain, block, 2 * bound);
    init.uniform(parameter, -bound, bound, { generator });
  },

  /**
   * Draws from the normal distribution of standard deviation gain·√(2/(fan_in + fan_out)).
   *
   * @throws {ShapeError} as xavierUniform @throws {ArgumentError} unless gain ≥ 0 @throws {DisposedError}
   * Source: torch.nn.init.xavier_normal_.
   */
  xavierNormal(parameter: Parameter, options: InitOptions = {}): void {
    const { block, generator, gain, rows, columns, taps } = matrixOf(parameter, options, 0);
    const std = gain * Math.sqrt(2 / (rows * taps + columns));
    checkStaysFinite("gain", gain, block, FARTHEST * std);
    init.normal(parameter, 0, std, { generator });
  },

  /**
   * Draws from the normal distribution of standard deviation gain·√(2/fan_in): what goes through ReLUs keeps its size. Filters: as xavierUniform.
   *
   * @throws {ShapeError} as xavierUniform @throws {ArgumentError} unless gain ≥ 0 @throws {DisposedError}
   * Source: torch.nn.init.kaiming_normal_ with nonlinearity "relu"; He et al., ICCV 2015.
   */
  kaimingNormal(parameter: Parameter, options: InitOptions = {}): void {
    const { block, generator, gain, columns } = matrixOf(parameter, options, 0);
    const std = gain * Math.sqrt(2 / columns);
    checkStaysFinite("gain", gain, block, FARTHEST * std);
    init.normal(parameter, 0, std, { generator });
  },

  /**
   * A random orthogonal matrix times gain: rows (or, where there are more rows than columns, columns) of length gain at right angles
   * to one another, uniform over all such matrices. With blocks, each is a matrix of its own: an LSTM's weight_hh wants 4.
   *
   * @throws {ShapeError} as xavierUniform @throws {ArgumentError} @throws {DisposedError}
   *
   * @example
   * const recurrent = lstm.parameters().find(({ name }) => name === "weight_hh_l0");
   * init.orthogonal(recurrent, { blocks: 4 });
   * Source: torch.nn.init.orthogonal_; Saxe, McClelland & Ganguli, arXiv:1312.6120.
   */
  orthogonal(parameter: Parameter, options: InitOptions = {}): void {
    const { block, generator, gain, rows, columns, blocks } = matrixOf(parameter, options);
    checkStaysFinite("gain", gain, block, gain); // no element is greater
    parameter.update((values) => {
      for (let b = 0; b < blocks; b++) {
        const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
        const q = orthonormalRows(count, length, generator);
        const from = b * rows * columns;
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < columns; c++) {
            values[from + r * columns + c] = gain * ((rows <= columns ? q[r]?.[c] : q[c]?.[r]) as number);
          }
        }
      }
    });
  },

  /**
   * Sets the bias of every forget gate of an LSTM: in bias_ih to the value, in bias_hh to 0, whose sum counts.
   *
   * @param value default 1: remember, until told otherwise
   * @throws {ArgumentError} when it has no such biases
   * Source: Gers, Schmidhuber & Cummins, Neural Computation 12 (2000); Jozefowicz et al., ICML 2015.
   */
  forgetGateBias(lstm: { parameters(): Parameter[]; hiddenSize: number }, value = 1): void {
    checkNumber("value", value);
    const biases = gateBiases("lstm", lstm, "an LSTM", hasCellState);
    const H = lstm.hiddenSize;
    for (const bias of biases) checkStaysFinite("value", value, placed(bias).block, value);
    for (const bias of biases) {
      bias.update((values: FloatArray) => void values.fill(isOfInput(bias) ? value : 0, H, 2 * H)); // gates i f g o
    }
  },

  /**
   * Memories of all lengths from the beginning: with u uniform in [1, longest − 1] for each unit, the gate that keeps (an LSTM's f, a GRU's z)
   * gets the bias log u, so that what the unit holds shrinks by 1/(1 + u) a step, and an LSTM's input gate gets −log u, so that it takes as
   * much in. In bias_ih they are these, in bias_hh 0: their sum counts. For what is to be remembered while nothing happens.
   *
   * @param longest steps that something has to be remembered for, at least 2
   * @throws {ArgumentError} when it is no LSTM and no GRU, or has no biases; unless longest is a number of at least 2 @throws {DisposedError}
   *
   * @example
   * init.chrono(lstm, 100);
   * Source: Tallec & Ollivier, ICLR 2018, arXiv:1804.11188 (chrono initialization); a GRU's z is 1 − g there.
   */
  chrono(layer: LSTM | GRU, longest: number, options: Pick<InitOptions, "generator"> = {}): void {
    const biases = gateBiases("layer", layer, "an LSTM or a GRU", (kind) => hasCellState(kind) || kind.name === "GRU");
    const { generator } = optionsOf(biases[0] as Parameter, options, ["generator"]);
    checkNumber("longest", longest, 2);
    const { hiddenSize: H } = layer;
    const isLSTM = hasCellState(layer.kind);
    for (const bias of biases) {
      bias.update((values) => {
        values.fill(0, isLSTM ? 0 : H, 2 * H); // gates i f g o, and r z n
        if (!isOfInput(bias)) return;
        for (let h = 0; h < H; h++) {
          const keep = Math.log(1 + (longest - 2) * generator.uniform());
          if (isLSTM) values[h] = -keep;
          values[H + h] = keep;
        }
      });
    }
  },
};

interface Drawing {
  block: ParameterBlock;
  generator: Generator;
}

interface MatrixDrawing extends Drawing {
  gain: number;
  blocks: number;
  /** Of one block; columns are all that lies behind the first axis, taps what lies behind the second. */
  rows: number;
  columns: number;
  taps: number;
}

/** @throws {ArgumentError} @throws {DisposedError} */
function placed(parameter: Parameter): Place {
  const place = placeOf(parameter);
  if (!place) throw new ArgumentError("parameter", "a parameter (of layer.parameters())", show(parameter));
  place.block.assertAlive();
  return place;
}

/** The biases of a recurrent layer's gates, of all its cells. @throws {ArgumentError} unless it is of such a kind and has some */
function gateBiases(argument: string, layer: unknown, expected: string, isSuch: (kind: CellKind) => boolean): Parameter[] {
  const biases =
    layer instanceof Recurrent && isSuch(layer.kind) ? (layer as LSTM).parameters().filter(({ name }) => name.startsWith("bias_")) : [];
  if (biases.length === 0) throw new ArgumentError(argument, `${expected} with biases`, show(layer));
  return biases;
}

/** As an LSTM's, whose gates are i f g o. */
function hasCellState({ states }: CellKind): boolean {
  return states.length > 1;
}

function isOfInput({ name }: Parameter): boolean {
  return name.startsWith("bias_ih");
}

function optionsOf(parameter: Parameter, options: InitOptions, names: string[]): Drawing & Pick<InitOptions, "gain" | "blocks"> {
  const { block } = placed(parameter);
  const { generator = block.runtime.generator, gain, blocks } = checkOptions(options, names);
  if (!(generator instanceof Generator)) throw new ArgumentError("generator", "a Generator", show(generator));
  return { block, generator, gain, blocks };
}

function matrixOf(parameter: Parameter, options: InitOptions, leastGain?: number): MatrixDrawing {
  const { gain = 1, blocks = 1, ...drawing } = optionsOf(parameter, options, ["generator", "gain", "blocks"]);
  checkNumber("gain", gain, leastGain);
  checkPositive("blocks", blocks);
  const [all = 0, inputs = 0, ...others] = parameter.shape;
  if (inputs === 0 || all % blocks !== 0) {
    throw new ShapeError(parameter.name, `a matrix of ${blocks} blocks of rows`, show([...parameter.shape]));
  }
  const taps = sizeOf(others);
  return { ...drawing, gain, blocks, rows: all / blocks, columns: inputs * taps, taps };
}

/** Whether what an argument leads to is finite in the parameter's element type. @throws {ArgumentError} */
function checkStaysFinite(argument: string, given: number, { dtype }: ParameterBlock, value: number): void {
  if (!Number.isFinite(inDType(value, dtype))) throw new ArgumentError(argument, `a number that stays finite in ${dtype}`, show(given));
}
