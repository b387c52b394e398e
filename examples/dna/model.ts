/** Bases by threes → a bidirectional GRU over the window → what it understood at each place → one of three classes. */
import { Dense, Dropout, GRU, Model, type Runtime, type Tensor } from "wasm-rnn";
import { add, div, permute, reshape } from "wasm-rnn/ops";
import { BASES, CLASSES, WINDOW } from "./data.js";

/** Bases that are read in one step: as many as say an amino acid. */
const CODON = 3;
const STEPS = WINDOW / CODON;
/** Of each direction. */
const UNITS = 32;
/** Numbers that are kept of each step. */
const KEPT = 8;

/** Readers in a file. */
const MOST = 20;

function partsOf(rt: Runtime) {
  return {
    gru: new GRU(rt, { inputSize: CODON * BASES.length, hiddenSize: UNITS, bidirectional: true }),
    dropout: new Dropout(rt, { p: 0.5 }),
    step: new Dense(rt, { inputSize: 2 * UNITS, outputSize: KEPT }),
    head: new Dense(rt, { inputSize: STEPS * KEPT, outputSize: CLASSES.length }),
  };
}

export class Reader extends Model<ReturnType<typeof partsOf>> {
  constructor(rt: Runtime) {
    super(rt, partsOf(rt));
  }

  /** @param codes in each row one of BASES, or none that is known: [60, N, 4] @returns logits [N, 3] */
  override forward(codes: Tensor): Tensor {
    const { gru, dropout, step, head } = this.layers;
    const N = codes.shape[1] as number;
    const byStep = permute(reshape(codes, [STEPS, CODON, N, BASES.length]), [0, 2, 1, 3]);
    const { output } = gru.forward(reshape(byStep, [STEPS, N, CODON * BASES.length]));
    const kept = permute(step.forward(dropout.forward(output)), [1, 0, 2]); // [N, STEPS, KEPT]
    return head.forward(reshape(kept, [N, STEPS * KEPT]));
  }
}

/** Several that have learned the same from other beginnings: the mean of what they say. */
export class Ensemble extends Model<Record<string, Reader>> {
  static override readonly name = "Ensemble";

  constructor(rt: Runtime, { members }: { readonly members: number }) {
    if (!Number.isInteger(members) || members < 1 || members > MOST) throw new RangeError(`expected 1 to ${MOST} members, got ${members}`);
    super(rt, Object.fromEntries(Array.from({ length: members }, (_, i) => [`reader${i + 1}`, new Reader(rt)])), { members });
  }

  override forward(codes: Tensor): Tensor {
    const [first, ...others] = Object.values(this.layers).map((reader) => reader.forward(codes)) as [Tensor, ...Tensor[]];
    return div(others.reduce(add, first), others.length + 1);
  }
}
