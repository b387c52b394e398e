/** Dropout inside of the recurrence: where it is, and how often it is drawn. */
import { checkNumber, checkOneOf } from "../../checks.js";
import { mul } from "../../ops/binary.js";
import type { Tensor } from "../../tensor.js";
import type { ScanLayerOptions } from "./cell.js";
import type { CellPass } from "./pass.js";

/** Options of RecurrentDropoutLSTM and RecurrentDropoutGRU. */
export interface RecurrentDropoutOptions extends ScanLayerOptions {
  /** Probability, in [0, 1), with which an element is dropped while training; the others are divided by 1 − p. Default 0.25. */
  recurrentDropout?: number;
  /**
   * What is dropped. `"candidate"` (default): elements of the candidate (g of an LSTM, n of a GRU), drawn anew at every step, so that the memory itself is
   * never dropped: Semeniuta et al., arXiv:1603.05118. `"state"`: elements of h where the recurrent product reads it, the same at every step of a sequence and for
   * all gates: Gal & Ghahramani, arXiv:1512.05287, and Keras' `recurrent_dropout`.
   */
  dropped?: "candidate" | "state";
}

/** @internal */
export const NAMES = ["recurrentDropout", "dropped"] as const;

/** @internal @throws {ArgumentError} */
export function checkDropped(
  options: RecurrentDropoutOptions | undefined,
): Required<Pick<RecurrentDropoutOptions, (typeof NAMES)[number]>> {
  const { recurrentDropout = 0.25, dropped = "candidate" } = options ?? {};
  checkNumber("recurrentDropout", recurrentDropout, 0, 1);
  return { recurrentDropout, dropped: checkOneOf("dropped", dropped, ["candidate", "state"]) };
}

type Change = (x: Tensor) => Tensor;

/** @internal What is done in a pass with h before its product, and with the candidate. */
export function droppers(pass: CellPass, H: number, { recurrentDropout: p, dropped }: ReturnType<typeof checkDropped>): [Change, Change] {
  const same: Change = (x) => x;
  if (!pass.training || p === 0) return [same, same];
  if (dropped === "candidate") return [same, (g) => mul(g, pass.dropped(g.shape, p))];
  const mask = pass.dropped([pass.N, H], p);
  return [(h) => mul(h, mask), same];
}
