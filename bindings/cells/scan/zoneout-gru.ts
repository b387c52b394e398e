import { checkNumber } from "../../checks.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";
import type { CellSteps, ScanLayerOptions } from "./cell.js";
import { gruStep, weightsOf } from "./gates.js";
import type { CellPass } from "./pass.js";
import { ScanLayer } from "./scan-layer.js";

/** Options of ZoneoutGRU. */
export interface ZoneoutGRUOptions extends ScanLayerOptions {
  /** Probability, in [0, 1), with which an element of h stays as it was. Default 0.1. */
  zoneoutH?: number;
}

/**
 * GRU (reset after) with zoneout. While training, each element of h keeps its old value with a probability, drawn anew at every step; after `eval()`, and in
 * a stream, it is the mean of both, p·old + (1 − p)·new. Weights are a GRU's.
 *
 * @example
 * const gru = new ZoneoutGRU(rt, { inputSize: 3, hiddenSize: 64, zoneoutH: 0.1 });
 * const { output, state } = gru.forward(x); // state.h
 * @throws {ArgumentError} on options it cannot take, or a runtime without operators @throws {MemoryError}
 * Source: Krueger et al., arXiv:1606.01305, section 3.
 */
export class ZoneoutGRU extends ScanLayer {
  readonly zoneoutH: number;

  constructor(runtime: Runtime, options: ZoneoutGRUOptions) {
    const { zoneoutH = 0.1 } = options ?? {};
    checkNumber("zoneoutH", zoneoutH, 0, 1);
    super(runtime, options, { name: "ZoneoutGRU", states: ["h"], options: ["zoneoutH"], parameters: weightsOf(3) });
    this.zoneoutH = zoneoutH;
  }

  /** @internal */
  protected override cell(pass: CellPass, x: Tensor): CellSteps {
    const recurrent = pass.linear("hh");
    return { x: pass.linear("ih")(x), step: (z, { h }) => ({ h: pass.zoned(gruStep(z, recurrent(h), h), h, this.zoneoutH) }) };
  }
}
