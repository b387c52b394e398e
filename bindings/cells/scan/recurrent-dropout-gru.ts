import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import type { CellSteps } from "./cell.js";
import { gruStep, weightsOf } from "./gates.js";
import type { CellPass } from "./pass.js";
import { checkDropped, droppers, NAMES, type RecurrentDropoutOptions } from "./recurrent-dropout.js";
import { ScanLayer } from "./scan-layer.js";

/**
 * GRU (reset after) with dropout inside of the recurrence, of the candidate n or of the h that the gates read; off after `eval()` and in a stream. Weights are
 * a GRU's.
 *
 * @example
 * const gru = new RecurrentDropoutGRU(rt, { inputSize: 3, hiddenSize: 64, recurrentDropout: 0.25 });
 * const { output, state } = gru.forward(x); // state.h
 * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError}
 * Source: Semeniuta et al., arXiv:1603.05118, equation (11); Gal & Ghahramani, arXiv:1512.05287, one mask for all gates.
 */
export class RecurrentDropoutGRU extends ScanLayer {
  readonly recurrentDropout: number;
  readonly dropped: "candidate" | "state";

  constructor(runtime: Runtime, options: RecurrentDropoutOptions) {
    const { recurrentDropout, dropped } = checkDropped(options);
    super(runtime, options, { name: "RecurrentDropoutGRU", states: ["h"], options: NAMES, parameters: weightsOf(3) });
    this.recurrentDropout = recurrentDropout;
    this.dropped = dropped;
  }

  /** @internal */
  protected override cell(pass: CellPass, x: Tensor): CellSteps {
    const recurrent = pass.linear("hh");
    const [ofH, ofN] = droppers(pass, this.hiddenSize, this);
    return { x: pass.linear("ih")(x), step: (z, { h }) => ({ h: gruStep(z, recurrent(ofH(h)), h, ofN) }) };
  }
}
