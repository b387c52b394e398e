/** A batch of samples: its inputs as tensors of one layout, padded, and what they are answered with. */
import { ArgumentError, ShapeError } from "../errors.js";
import { axesOf, type Layout, rowOf } from "../layout.js";
import type { Runtime } from "../runtime.js";
import type { DType, FloatType, Tensor } from "../tensor.js";
import type { Picked } from "./data.js";
import { answerOf, inputsOf, type Named, partsOf, readSequence, readTarget, type Sequence } from "./sample.js";
import type { TrainableByName } from "./trainable.js";

/** @internal A sequence of a batch. */
export interface Row {
  /** In the data. */
  readonly index: number;
  readonly x: Sequence;
}

/** @internal Sequences of one kind, side by side: an input of the model. */
export interface Batch extends Layout, Named {
  readonly rows: readonly [Row, ...Row[]];
  readonly tokens: boolean;
  /** Numbers a step. */
  readonly features: number;
  /** Where they differ. */
  readonly lengths: Int32Array | undefined;
}

/** @internal What an output should be for a sample. */
export interface Answer {
  /** In the data. */
  readonly index: number;
  readonly y: ArrayLike<number>;
  /** Whether y was a number alone. */
  readonly single: boolean;
}

/** @internal An output of the model, as far as its targets go. */
export interface Asking extends Named {
  readonly targets: "classes" | "numbers" | "labels";
}

/** @internal Samples that have been read. */
export interface Samples {
  /** One, or several by name. */
  readonly inputs: readonly [Batch, ...Batch[]];
  /** For each output, those of the samples. */
  readonly answers: readonly (readonly Answer[])[];
}

/**
 * @internal Reads every sample of a batch, once.
 *
 * @param outputs what the targets are; none: they are not read
 * @throws {ArgumentError} @throws {ShapeError} naming the sample
 */
export function readBatch(
  picked: readonly Picked[],
  { features, batchFirst, outputs }: { features: number; batchFirst: boolean; outputs: readonly Asking[] },
): Samples {
  const samples = picked.map(({ index, sample }) => {
    const { x, y } = partsOf(index, sample);
    const answers = outputs.map((output): Answer => {
      const answer = answerOf(index, y, output);
      return { index, y: readTarget(index, answer, output.targets !== "numbers", output.label), single: typeof answer === "number" };
    });
    const inputs = inputsOf(index, x).map(({ x, ...name }) => ({ ...name, x: readSequence(index, x, features, name.label) }));
    return { index, inputs, answers };
  });
  const [first] = samples as [(typeof samples)[number]];
  const inputs = first.inputs.map(({ key, label }) => {
    const rows = samples.map(({ index, inputs }): Row => {
      const input = inputs.find((input) => input.key === key);
      if (input && inputs.length === first.inputs.length) return { index, x: input.x };
      throw new ArgumentError(`x of sample ${index}`, `${namesIn(first.inputs)}, as sample ${first.index}`, namesIn(inputs));
    });
    return batchOf({ key, label }, rows as [Row, ...Row[]], batchFirst);
  });
  return { inputs: inputs as [Batch, ...Batch[]], answers: outputs.map((_, i) => samples.map(({ answers }) => answers[i] as Answer)) };
}

/** @internal The batch of one of its samples. */
export function aloneOf(inputs: Samples["inputs"], n: number): Samples["inputs"] {
  return inputs.map((input): Batch => {
    const row = input.rows[n] as Row;
    return { ...input, rows: [row], T: row.x.steps, N: 1, lengths: undefined };
  }) as [Batch, ...Batch[]];
}

function namesIn(inputs: readonly Named[]): string {
  return inputs[0]?.key === undefined ? "one sequence" : `sequences by the names ${inputs.map(({ key }) => key).join(", ")}`;
}

function batchOf(name: Named, rows: readonly [Row, ...Row[]], batchFirst: boolean): Batch {
  const first = usual(rows);
  const tokens = first.x.kind === "tokens";
  let T = 0;
  for (const { index, x } of rows) {
    if ((x.kind === "tokens") !== tokens) {
      const expected = `${tokens ? "tokens (an Int32Array)" : "numbers"}, as sample ${first.index}`;
      throw new ArgumentError(`${name.label} of sample ${index}`, expected, tokens ? "other numbers" : "tokens (an Int32Array)");
    }
    if (x.features !== first.x.features) {
      const expected = `${first.x.features} features a step, as sample ${first.index}`;
      throw new ShapeError(`${name.label} of sample ${index}`, expected, `${x.features}`);
    }
    T = Math.max(T, x.steps);
  }
  const lengths = rows.some(({ x }) => x.steps !== T) ? Int32Array.from(rows, ({ x }) => x.steps) : undefined;
  return { ...name, rows, T, N: rows.length, batchFirst, tokens, features: first.x.features, lengths };
}

/** A sample of the sort that most of a batch are, the earliest in the data: the others are the strangers, wherever they lie. */
function usual(rows: readonly Row[]): Row {
  const sorts = new Map<string, { count: number; first: Row }>();
  for (const row of rows) {
    const sort = `${row.x.kind === "tokens"} ${row.x.features}`;
    const known = sorts.get(sort);
    sorts.set(sort, { count: (known?.count ?? 0) + 1, first: known && known.first.index < row.index ? known.first : row });
  }
  const [most] = [...sorts.values()].sort((a, b) => b.count - a.count || a.first.index - b.first.index);
  return most?.first as Row;
}

/** From so many numbers on, a copy by the host is quicker than a loop, though it takes a view. */
const MANY = 16;

function copyInto(to: Float32Array | Float64Array | Int32Array, at: number, from: ArrayLike<number>, start: number, count: number): void {
  if (count >= MANY && from instanceof Float32Array) to.set(from.subarray(start, start + count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[start + i] as number;
}

/** x: tokens [T, N], or numbers [T, N, I]; batch-first [N, T, …]. Yours to dispose of. @throws {MemoryError} */
function inputOf(runtime: Runtime, dtype: FloatType, batch: Batch): Tensor {
  const { rows, tokens, features, batchFirst } = batch;
  const shape = tokens ? axesOf(batch) : [...axesOf(batch), features];
  return filled(runtime, shape, tokens ? "i32" : dtype, batchFirst, (data) => {
    for (const [n, { x }] of rows.entries()) {
      for (let t = 0; t < x.steps; t++) {
        copyInto(data, rowOf(batch, t, n) * features, x.values, t * features, features);
      }
    }
  });
}

/** @internal What a model is given: tensors of a batch, for as long as they are used. */
export interface Given {
  /** The model's forward on them. */
  through(model: TrainableByName): unknown;
  dispose(): void;
}

/** @internal @throws {MemoryError} */
export function give(runtime: Runtime, dtype: FloatType, inputs: Samples["inputs"]): Given {
  const tensors: Tensor[] = [];
  const dispose = () => {
    for (const tensor of tensors) tensor.dispose();
  };
  try {
    for (const input of inputs) tensors.push(inputOf(runtime, dtype, input));
  } catch (error) {
    dispose();
    throw error;
  }
  const byName = <V>(values: readonly V[]) => Object.fromEntries(values.map((value, i) => [inputs[i]?.key, value]));
  const [{ key, lengths }] = inputs;
  const differ = inputs.some(({ lengths }) => lengths);
  const x = key === undefined ? (tensors[0] as Tensor) : byName(tensors);
  const options = key === undefined ? { lengths } : { lengths: byName(inputs.map(({ lengths }) => lengths)) };
  return { through: (model) => (differ ? model.forward(x, options) : model.forward(x)), dispose };
}

/** @internal A tensor that `fill` writes straight into memory: no copy of a batch outside, and what does not fit is refused by name. */
export function filled(
  runtime: Runtime,
  shape: readonly number[],
  dtype: DType,
  batchFirst: boolean | undefined,
  fill: (data: Float32Array | Float64Array | Int32Array) => void,
): Tensor {
  const tensor = runtime.zeros(shape, batchFirst === undefined ? { dtype } : { dtype, batchFirst });
  fill(runtime.view(dtype, tensor.pointer(), tensor.size));
  return tensor;
}
