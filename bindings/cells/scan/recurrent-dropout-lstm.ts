import { add } from "../../ops/binary.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import type { CellState, CellSteps } from "./cell.js";
import { lstmStep, weightsOf } from "./gates.js";
import type { CellPass } from "./pass.js";
import { checkDropped, droppers, NAMES, type RecurrentDropoutOptions } from "./recurrent-dropout.js";
import { ScanLayer } from "./scan-layer.js";

/**
 * LSTM with dropout inside of the recurrence, of the candidate g or of the h that the gates read; off after `eval()` and in a stream. Weights are an LSTM's.
 *
 * @example
 * const lstm = new RecurrentDropoutLSTM(rt, { inputSize: 3, hiddenSize: 64, recurrentDropout: 0.25 });
 * const { output, state } = lstm.forward(x); // state.h, state.c
 * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError}
 * Source: Semeniuta et al., arXiv:1603.05118, equation (8); Gal & Ghahramani, arXiv:1512.05287, equation (7), one mask for all gates.
 */
export class RecurrentDropoutLSTM extends ScanLayer {
  readonly recurrentDropout: number;
  readonly dropped: "candidate" | "state";

  constructor(runtime: Runtime, options: RecurrentDropoutOptions) {
    const { recurrentDropout, dropped } = checkDropped(options);
    super(runtime, options, { name: "RecurrentDropoutLSTM", states: ["h", "c"], options: NAMES, parameters: weightsOf(4) });
    this.recurrentDropout = recurrentDropout;
    this.dropped = dropped;
  }

  /** @internal */
  protected override cell(pass: CellPass, x: Tensor): CellSteps {
    const recurrent = pass.linear("hh");
    const [ofH, ofG] = droppers(pass, this.hiddenSize, this);
    const step = (z: Tensor, { h, c }: CellState & { c: Tensor }) => lstmStep(add(z, recurrent(ofH(h))), c, ofG);
    return { x: pass.linear("ih")(x), step };
  }
}
