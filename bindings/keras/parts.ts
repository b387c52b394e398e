/** The parts of a plan, made. */
import { isPlain } from "../by-name.js";
import { ActivatedGRU } from "../cells/scan/activated-gru.js";
import { ActivatedLSTM } from "../cells/scan/activated-lstm.js";
import { ActivatedRNN } from "../cells/scan/activated-rnn.js";
import { isArray, show } from "../checks.js";
import { FormatError, MemoryError, WasmRnnError } from "../errors.js";
import { Dense } from "../layers/dense.js";
import { Dropout } from "../layers/dropout.js";
import { Embedding } from "../layers/embedding.js";
import { LayerNorm } from "../layers/layer-norm.js";
import { ParameterTensor } from "../layers/parameter-tensor.js";
import { LastStep, MaxPool, MeanPool } from "../layers/pool.js";
import { GRU } from "../layers/recurrent/gru.js";
import { LSTM } from "../layers/recurrent/lstm.js";
import { RNN } from "../layers/recurrent/rnn.js";
import { Softmax } from "../layers/softmax.js";
import type { Part } from "../model.js";
import type { Runtime } from "../runtime.js";
import { OPERATIONS } from "./operations.js";
import type { GraphPlan, PartPlan } from "./plan.js";

type PartClass = new (runtime: Runtime, options: never) => Part;

const CLASSES = new Map<string, PartClass>(
  Object.entries({
    ...{ LSTM, GRU, RNN, ActivatedLSTM, ActivatedGRU, ActivatedRNN, Dense, Embedding, LayerNorm, Dropout, Softmax },
    ...{ LastStep, MeanPool, MaxPool },
  }),
);

/** An operation that also says where sequences end. */
export const MASK = "mask";

/** Parts whose cells are written with operators. */
export const needsOperators = ({ type }: PartPlan): boolean => type.startsWith("Activated");

function partOf(runtime: Runtime, { type, options }: PartPlan): Part {
  if (type !== "ParameterTensor") return new (CLASSES.get(type) as PartClass)(runtime, options as never);
  const { shape, ...others } = options as { shape: number[] };
  return new ParameterTensor(runtime, shape, others);
}

/** All parts by name; none, where one cannot be made. @throws {FormatError} @throws {MemoryError} */
export function makeParts(runtime: Runtime, parts: GraphPlan["parts"]): Record<string, Part> {
  const made: [string, Part][] = [];
  try {
    for (const [name, plan] of parts) made.push([name, ofFile(name, () => partOf(runtime, plan))]);
    return Object.fromEntries(made);
  } catch (error) {
    for (const [, part] of made) part.dispose();
    throw error;
  }
}

/** Makes what a file says: what is wrong with that is the file's fault. */
export function ofFile<Made>(place: string, make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof WasmRnnError) || cause instanceof MemoryError || cause instanceof FormatError) throw cause;
    throw new FormatError(`keras: ${place}: ${cause.message}`, { cause });
  }
}

/** A plan that came out of a file. @throws {FormatError} when it names what there is not, or reads what comes later */
export function checkPlan(plan: unknown): GraphPlan {
  const { parts, inputs, outputs, steps, shapes = {} } = Object(plan) as Partial<GraphPlan>;
  const isSize = (size: unknown) => size === null || (Number.isInteger(size) && (size as number) >= 0);
  if (!isPlain(shapes) || !Object.values(shapes).every((shape) => isArray(shape) && shape.every(isSize)))
    throw new FormatError(`keras: expected shapes by the ids of steps, got ${show(shapes)}`);
  const isPair = (pair: unknown) => isArray(pair) && pair.length === 2 && typeof pair[0] === "string";
  const listed = [parts, inputs, outputs, steps].every(isArray) && parts?.every(isPair) && outputs?.every(isPair);
  if (!listed) throw new FormatError(`keras: expected a plan of parts, inputs, outputs and steps, got ${show(plan)}`);
  const { parts: all, inputs: ids, steps: calls, outputs: ends } = plan as GraphPlan;
  const names = new Set(all.map(([name]) => name));
  for (const [name, part] of all)
    if (!isPlain(part) || !isPlain(part.options) || !(part.type === "ParameterTensor" || CLASSES.has(part.type)))
      throw new FormatError(`keras: expected ${[...CLASSES.keys()].join(", ")} for ${show(name)}, got ${show(Object(part).type)}`);
  const known = new Set(ids);
  const check = (list: unknown, of: ReadonlySet<string>) => {
    for (const name of isArray(list) ? list : [undefined])
      if (!of.has(name as string)) throw new FormatError(`keras: expected a step to read what is there, got ${show(name)}`);
  };
  for (const step of calls) {
    const { id, from, part, op, uses = [] } = Object(step) as GraphPlan["steps"][number];
    check(from, known);
    check(uses, names);
    if (part !== undefined) check([part], names);
    else if (typeof op !== "string" || !(op === MASK || Object.hasOwn(OPERATIONS, op)))
      throw new FormatError(`keras: expected an operation, got ${show(op)}`);
    known.add(id);
  }
  check(
    ends.map(([, id]) => id),
    known,
  );
  return plan as GraphPlan;
}
