import { checkBoolean, checkNumber, checkPositive, show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { inDType } from "../fits.js";
import { bindMoreCellKernels } from "../generated/more-cells.js";
import { dtypeOf } from "../layers/doors.js";
import {
  type CellKind,
  cState,
  type GateGroup,
  hState,
  mainGroup,
  STACKED_GRADIENTS,
  stackedParameters,
} from "../layers/recurrent/cell-kind.js";
import type { RecurrentOptions } from "../layers/recurrent/options.js";
import { Recurrent } from "../layers/recurrent/recurrent.js";
import { loadedKernels } from "../ops/load.js";
import type { Runtime } from "../runtime.js";
import type { FloatType, Tensor, WeightStorage } from "../tensor.js";

/** Options of LSTMP: each of the first three alone, or with the others; without any it is an LSTM. */
export interface LSTMPOptions extends Omit<RecurrentOptions, "weights"> {
  /** Features of h, P, fewer than hiddenSize: h = W_hr·(o ∘ tanh c), and the next step and layer read these alone. Default: no projection. */
  projSize?: number;
  /** Whether i and f look at c⟨t−1⟩ and o at c⟨t⟩, each unit at its own. Default false. */
  peepholes?: boolean;
  /** c⟨t⟩ is kept within ± this; where it is at the bound, no gradient goes through it. Default: no bound. */
  cellClip?: number;
}

/** What an LSTM has not. */
interface Own {
  readonly projSize: number | undefined;
  readonly peepholes: boolean;
  readonly cellClip: number | undefined;
}

const OWN = ["projSize", "peepholes", "cellClip"];

/** @throws {ArgumentError} */
function checkOwn(H: number, dtype: FloatType, options: LSTMPOptions & { weights?: unknown }): Own {
  const { projSize, peepholes = false, cellClip, weights } = options;
  if (projSize !== undefined && checkPositive("projSize", projSize) >= H)
    throw new ArgumentError("projSize", `a positive integer less than hiddenSize, ${H}`, show(projSize));
  checkBoolean("peepholes", peepholes);
  if (cellClip !== undefined) {
    const bound = inDType(checkNumber("cellClip", cellClip, 0), dtype);
    if (bound === 0 || !Number.isFinite(bound))
      throw new ArgumentError("cellClip", `a positive number that ${dtype} holds`, show(cellClip));
  }
  if (weights !== undefined && weights !== "int8") throw new ArgumentError("weights", '"int8", or none, for an LSTMP', show(weights));
  return { projSize, peepholes, cellClip };
}

/** The two halves of an f64, lower first. */
function wordsOf(value: number): [number, number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return [view.getUint32(4), view.getUint32(0)];
}

const projection = (P: number): GateGroup => ({
  ...{ first: 0, gates: 1, units: P, weights: "weightsN" },
  transposed: { weight_hr: "weightsNHT" },
  biases: {},
});

function kindOf(H: number, { projSize, peepholes, cellClip = Number.POSITIVE_INFINITY }: Own): CellKind {
  const P = projSize ?? H;
  const projects = P < H;
  const [boundLow, boundHigh] = wordsOf(cellClip);
  const kernels = (runtime: Runtime, dtype: WeightStorage) => loadedKernels(runtime, dtype, bindMoreCellKernels);
  return {
    ...{ name: "LSTMP", H, P, K: P },
    states: [hState(P), cState(H)],
    groups: projects ? [mainGroup(4, H), projection(P)] : [mainGroup(4, H)],
    parameters: (I) => ({
      ...stackedParameters(4, H, P)(I),
      ...(projects && { weight_hr: [P, H] }),
      ...(peepholes && { weight_ch: [3 * H] }),
    }),
    gradients: { ...STACKED_GRADIENTS, weight_hr: "dWr", weight_ch: "dPeepholes" },
    read: { weight_ch: "peepholes" },
    constants: { weightsN: 0, boundLow, boundHigh },
    tape: ({ M, Hp }) => ({ gates: M * 4 * Hp, ...(projects && { m: M * H }) }),
    scratch: ({ chunkRows, N, Hp }) => ({ gates: chunkRows * 4 * Hp, ...(projects && { m: N * H }) }),
    backwardScratch: ({ M, N, Hp, Pp }) => ({
      ...{ dz: M * 4 * Hp, da: N * Pp, dc: N * Hp },
      ...(projects && { dn: M * Pp, dm: N * Hp }),
    }),
    forward: (runtime, storage, sequence) => kernels(runtime, storage).lstmpForward(sequence),
    backward: (runtime, dtype, sequence) => kernels(runtime, dtype).lstmpBackward(sequence),
  };
}

/**
 * Long short-term memory with a projection, peepholes and a bounded state, each where it is asked for: large cells whose recurrent
 * product stays small, as speech recognisers have them. Gates i f g o; weights by PyTorch's names and shapes (`weight_ih_l0` [4H, I],
 * `weight_hh_l0` [4H, P], `weight_hr_l0` [P, H]) and `weight_ch_l0` [3H], the peepholes of i, f and o; all drawn uniformly from ±1/√H.
 * The output and h are [.., P], c is [.., H]. Its kernels are the operators': `await loadOperators(rt)` first.
 *
 * @example
 * await loadOperators(rt);
 * const lstm = new LSTMP(rt, { inputSize: 3, hiddenSize: 64, projSize: 16, peepholes: true, cellClip: 3 });
 * const { output, state } = lstm.forward(rt.tensor(samples, [T, N, 3]));
 * @throws {ArgumentError} on options it cannot take, and for a runtime without operators, @throws {MemoryError}
 * Source: Sak, Senior & Beaufays, arXiv:1402.1128 (projection); Gers, Schraudolph & Schmidhuber, JMLR 3 (2002) (peepholes); torch.nn.LSTM's proj_size.
 */
export class LSTMP extends Recurrent<{ h: Tensor; c: Tensor }> {
  /** Features of h; undefined: hiddenSize. */
  readonly projSize: number | undefined;
  readonly peepholes: boolean;
  /** Bound of |c|; undefined: none. */
  readonly cellClip: number | undefined;

  constructor(runtime: Runtime, options: LSTMPOptions) {
    let own = {} as Own;
    super(
      runtime,
      (H, given) => {
        const dtype = dtypeOf(runtime, given);
        own = checkOwn(H, dtype, given);
        loadedKernels(runtime, dtype, bindMoreCellKernels); // rather here than in the first forward
        return kindOf(H, own);
      },
      options,
      OWN,
    );
    this.projSize = own.projSize;
    this.peepholes = own.peepholes;
    this.cellClip = own.cellClip;
  }

  /** @internal */
  override describe() {
    const { cellClip } = this;
    return cellClip === undefined ? super.describe() : { ...super.describe(), cellClip };
  }
}
