/** What is trained: the parameters of the optimizer. */
import { ArgumentError } from "../errors.js";
import { type Parameter, type ParameterBlock, placeOf } from "../parameters.js";

/** @internal An optimizer, as far as its parameters go. */
export interface Training {
  readonly parameters?: readonly Parameter[];
  zeroGrad(): void;
}

/**
 * @internal The optimizer's parameters that are trained now, those of frozen layers left out; of an optimizer that does not show its
 * own, the model's.
 * @throws {ArgumentError} when none of them is the model's
 */
export function trainedParameters({ parameters }: Training, named: readonly [string, Parameter][]): Parameter[] {
  const own = new Set(named.map(([, parameter]) => parameter));
  const given = parameters ?? [...own];
  const shared = given.filter((parameter) => own.has(parameter));
  if (shared.length === 0) throw new ArgumentError("optimizer", "one over parameters of this model", "one that shares none with it");
  const trained = given.filter((parameter) => parameter.requiresGrad !== false);
  if (!shared.some((parameter) => parameter.requiresGrad !== false))
    throw new ArgumentError("optimizer", "one over a parameter of this model that is not frozen", "frozen ones alone");
  return trained;
}

/** @internal Sets all gradients to zero: the optimizer's, and those of the model that it does not know, so that none grows. */
export function zeroGradients(optimizer: Training, named: readonly [string, Parameter][]): void {
  optimizer.zeroGrad();
  const known = new Set(optimizer.parameters);
  const others = new Set<ParameterBlock>();
  for (const [, parameter] of named) {
    const block = known.has(parameter) && parameter.requiresGrad !== false ? undefined : placeOf(parameter)?.block;
    if (block) others.add(block);
  }
  for (const block of others) block.zeroGrad();
}

/**
 * @internal Takes parameters for one run: of two at once each would add its gradients to the other's, and clear them.
 * @returns gives them back
 * @throws {ArgumentError} when another run has one of them
 */
export function takeForTraining(parameters: readonly Parameter[]): () => void {
  const trained = parameters.filter(({ requiresGrad }) => requiresGrad).map((parameter) => placeOf(parameter)?.block);
  const blocks = new Set(trained.filter((block) => block !== undefined));
  for (const { inTraining } of blocks)
    if (inTraining) throw new ArgumentError("model", "one that no other fit is training (await that first)", "one in training");
  for (const block of blocks) block.inTraining = true;
  return () => {
    for (const block of blocks) block.inTraining = false;
  };
}
