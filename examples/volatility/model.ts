/** What is known of the last days → some small LSTMs → by how much tomorrow's mean and the logarithm of its variance are not what GARCH says. */
import { Dense, Dropout, LSTM, Model, type Runtime, type Tensor } from "wasm-rnn";
import { add, mul } from "wasm-rnn/ops";

export interface Sizes {
  readonly features: number;
  readonly units: number;
  /** Networks that begin otherwise and see other days. */
  readonly members: number;
}

/** Of them in a file. */
const MOST = 20;

/** One network: features [T, N, F] → [T, N, 2], the mean in deviations and the logarithm of the variance, 0 and 0 being GARCH's. */
function memberOf(rt: Runtime, { features, units }: Sizes) {
  const head = new Dense(rt, { inputSize: units, outputSize: 2 });
  for (const parameter of head.parameters()) parameter.set(new Float32Array(parameter.toArray().length)); // begins as GARCH
  return {
    input: new Dropout(rt, { p: 0.1 }),
    lstm: new LSTM(rt, { inputSize: features, hiddenSize: units }),
    output: new Dropout(rt, { p: 0.2 }),
    head,
  };
}

export class Member extends Model<ReturnType<typeof memberOf>> {
  static override readonly name = "Member";

  constructor(rt: Runtime, sizes: Sizes) {
    super(rt, memberOf(rt, sizes), { ...sizes });
  }

  override forward(x: Tensor): Tensor {
    const { input, lstm, output, head } = this.layers;
    return head.forward(output.forward(lstm.forward(input.forward(x)).output));
  }
}

export class Volatility extends Model<Record<string, Member>> {
  static override readonly name = "Volatility";
  readonly sizes: Sizes;
  readonly members: readonly Member[];

  constructor(rt: Runtime, sizes: Sizes) {
    const count = sizes.members;
    if (!Number.isInteger(count) || count < 1 || count > MOST) throw new RangeError(`expected 1 to ${MOST} members, got ${count}`);
    const members = Array.from({ length: count }, () => new Member(rt, sizes));
    super(rt, Object.fromEntries(members.map((member, i) => [`member${i}`, member])), { ...sizes });
    this.sizes = sizes;
    this.members = members;
  }

  /** What they say in the mean. */
  override forward(x: Tensor): Tensor {
    const said = this.members.map((member) => member.forward(x));
    return mul(
      said.reduce((a, b) => add(a, b)),
      1 / said.length,
    );
  }
}
