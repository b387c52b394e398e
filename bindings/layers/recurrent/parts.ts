/** States and gradients as they come from outside. */
import { checkOptions } from "../../checks.js";
import { ArgumentError } from "../../errors.js";
import { Tensor } from "../../tensor.js";
import type { RecurrentState } from "./options.js";

/** @internal A copy of the parts of a state; what is none stays as it is. @throws {ArgumentError} on a part too many */
export function partsOf<State extends Partial<RecurrentState> | undefined>(argument: string, state: State): State {
  if (typeof state !== "object" || state === null || state instanceof Tensor) return state;
  return checkOptions(state, ["h", "c"], argument); // an LSTM's fits a layer without c
}

/** @internal A result whose dX was not asked for. */
export function withoutDX<State>(dState: State): { dX: Tensor; dState: State } {
  return {
    get dX(): Tensor {
      throw new ArgumentError("dX", "a backward pass that computes it", "one with { dX: false }");
    },
    dState,
  };
}
