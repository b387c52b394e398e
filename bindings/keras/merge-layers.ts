/** Keras' layers of several inputs. */
import { show } from "../checks.js";
import { checkRank, Refusal, sameAs, type Value } from "./builder.js";
import type { Add } from "./layers.js";

const several = (inputs: readonly Value[]): void => {
  if (inputs.length < 2) throw new Refusal(`expected two inputs or more, got ${inputs.length}`);
};

/** Element by element. */
export const merging =
  (op: string): Add =>
  (layer, inputs, builder) => {
    several(inputs);
    if (op === "subtract" && inputs.length > 2) throw new Refusal(`expected two inputs, got ${inputs.length}`);
    return builder.op(layer.name, op, inputs, sameAs(inputs));
  };

export const addConcatenate: Add = (layer, inputs, builder) => {
  several(inputs);
  const [first] = inputs as [Value];
  const { axis = -1 } = layer.config;
  if (typeof axis !== "number" || !Number.isInteger(axis) || axis === 0)
    throw new Refusal(`axis: expected one from 1 on, or -1, got ${show(axis)}`);
  const rank = first.shape?.length;
  for (const input of inputs) if (rank !== undefined) checkRank(input, rank, `${rank} axes`);
  const place = axis < 0 && rank !== undefined ? axis + rank : axis;
  if (rank !== undefined && (place < 1 || place >= rank)) throw new Refusal(`axis: expected one of ${rank} axes, got ${axis}`);
  const sizes = inputs.map(({ shape }) => shape?.[place] ?? null);
  const size = sizes.includes(null) ? null : (sizes as number[]).reduce((sum, each) => sum + each, 0);
  const shape = first.shape?.map((each, d) => (d === place ? size : each));
  return builder.op(layer.name, "concat", inputs, shape, { axis: rank !== undefined && place === rank - 1 ? -1 : axis });
};
