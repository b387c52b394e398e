import { checkNumber } from "../../checks.js";
import { add } from "../../ops/binary.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import type { CellState, CellSteps, ScanLayerOptions } from "./cell.js";
import { lstmStep, weightsOf } from "./gates.js";
import type { CellPass } from "./pass.js";
import { ScanLayer } from "./scan-layer.js";

/** Options of ZoneoutLSTM. */
export interface ZoneoutLSTMOptions extends ScanLayerOptions {
  /** Probability, in [0, 1), with which an element of h stays as it was. Default 0.05. */
  zoneoutH?: number;
  /** The same for c. Default 0.5. */
  zoneoutC?: number;
}

/**
 * LSTM with zoneout. While training, each element of c and of h keeps its old value with a probability, drawn anew at every step; after `eval()`, and in a
 * stream, it is the mean of both, p·old + (1 − p)·new. The new h is made of the new c as it was before its own zoneout. Weights are an LSTM's.
 *
 * @example
 * const lstm = new ZoneoutLSTM(rt, { inputSize: 3, hiddenSize: 64, zoneoutC: 0.5, zoneoutH: 0.05 });
 * const { output, state } = lstm.forward(x); // state.h, state.c
 * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError}
 * Source: Krueger et al., arXiv:1606.01305, equations (7) and (8); the defaults are its character model's.
 */
export class ZoneoutLSTM extends ScanLayer {
  readonly zoneoutH: number;
  readonly zoneoutC: number;

  constructor(runtime: Runtime, options: ZoneoutLSTMOptions) {
    const { zoneoutH = 0.05, zoneoutC = 0.5 } = options ?? {};
    for (const [name, p] of Object.entries({ zoneoutH, zoneoutC })) checkNumber(name, p, 0, 1);
    super(runtime, options, { name: "ZoneoutLSTM", states: ["h", "c"], options: ["zoneoutH", "zoneoutC"], parameters: weightsOf(4) });
    this.zoneoutH = zoneoutH;
    this.zoneoutC = zoneoutC;
  }

  /** @internal */
  protected override cell(pass: CellPass, x: Tensor): CellSteps {
    const recurrent = pass.linear("hh");
    const step = (z: Tensor, { h, c }: CellState & { c: Tensor }) => {
      const next = lstmStep(add(z, recurrent(h)), c);
      return { h: pass.zoned(next.h, h, this.zoneoutH), c: pass.zoned(next.c, c, this.zoneoutC) };
    };
    return { x: pass.linear("ih")(x), step };
  }
}
