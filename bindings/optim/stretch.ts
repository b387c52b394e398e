/** Where parameters lie: those that are neighbours in memory are worked on at once. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { type Parameter, type ParameterBlock, placeOf } from "../parameters.js";

/** @internal Parameters that lie side by side in one block. */
export interface Stretch {
  readonly block: ParameterBlock;
  readonly offset: number;
  size: number;
  /** Elements of each parameter. */
  readonly sizes: number[];
}

/** @internal A copy of a list of parameters. @throws {ArgumentError} unless each is one, and there once */
export function checkParameters(parameters: readonly Parameter[]): readonly Parameter[] {
  if (!Array.isArray(parameters) || parameters.length === 0) {
    throw new ArgumentError("parameters", "an array of parameters (of layer.parameters())", show(parameters));
  }
  const copy = new Set<Parameter>();
  const { length } = parameters;
  for (let i = 0; i < length; i++) {
    const parameter = parameters[i];
    if (!placeOf(parameter)) {
      const expected = "a parameter (spread the lists: [...a.parameters(), ...b.parameters()])";
      throw new ArgumentError(`parameters[${i}]`, expected, show(parameter));
    }
    if (copy.has(parameter)) throw new ArgumentError("parameters", "each parameter once", "one of them twice");
    copy.add(parameter);
  }
  return Object.freeze([...copy]);
}

/** @internal Where the parameters lie, neighbours joined. @throws {ArgumentError} @throws {DisposedError} */
export function stretchesOf(parameters: readonly Parameter[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const parameter of checkParameters(parameters)) {
    const place = placeOf(parameter) as NonNullable<ReturnType<typeof placeOf>>;
    place.block.assertAlive();
    const last = stretches.at(-1);
    if (last && last.block === place.block && last.offset + last.size === place.offset) {
      last.size += place.size;
      last.sizes.push(place.size);
    } else {
      stretches.push({ ...place, sizes: [place.size] });
    }
  }
  return stretches;
}

/** @internal Those of layers that are not frozen, with gradients taken, so that nothing fails halfway. @throws {MemoryError} */
export function trainedStretchesOf(parameters: readonly Parameter[]): Stretch[] {
  const trained = stretchesOf(parameters).filter(({ block }) => block.requiresGrad);
  for (const { block } of trained) block.gradient();
  return trained;
}
