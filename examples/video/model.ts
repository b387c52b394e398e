/** Eight frames → convolutions see what is in each, and what has changed → two GRUs, forwards and backwards, follow it → an action. */
import { Dense, Dropout, GRU, init, Model, ParameterTensor, type Runtime, type Tensor } from "wasm-rnn";
import { concat, conv2d, max, maxPool2d, mean, mul, pad, relu, reshape, slice, sub } from "wasm-rnn/ops";
import { CHANNELS, VIEW } from "./views.js";

export interface Settings {
  /** What it tells apart, in the order of its outputs. */
  readonly actions: readonly string[];
  /** Of the three convolutions. */
  readonly filters: readonly [number, number, number];
  readonly features: number;
  readonly hidden: number;
  readonly dropout: number;
}

/** Actions that a network tells apart, and what the name of one is: it goes to a terminal. */
const [FEWEST, MOST] = [2, 64];
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,40}$/u;

function areNames(actions: unknown): boolean {
  const isName = (name: unknown) => typeof name === "string" && NAME.test(name);
  return Array.isArray(actions) && actions.length >= FEWEST && actions.length <= MOST && actions.every(isName);
}

export class Watcher extends Model<ReturnType<typeof layersOf>> {
  static override readonly name = "Watcher";

  readonly actions: readonly string[];

  constructor(rt: Runtime, settings: Settings) {
    if (!areNames(settings.actions)) throw new RangeError(`expected ${FEWEST} to ${MOST} actions, printable names of 1 to 40 characters`);
    super(rt, layersOf(rt, settings), settings);
    this.actions = settings.actions;
  }

  /** @param x [T, N, FEATURES] @returns logits [N, actions] */
  forward(x: Tensor): Tensor {
    const { see, follow, ends, say } = this.layers;
    const [T, N] = x.shape as [number, number];
    const changes = T === 1 ? mul(x, 0) : pad(sub(slice(x, [[1, T]]), slice(x, [[0, T - 1]])), [[1, 0], [0, 0], [0, 0]]); // biome-ignore format: axes
    let seen = concat(
      [x, changes].map((each) => reshape(each, [T * N, CHANNELS, VIEW, VIEW])),
      1,
    );
    for (const filter of this.filters) seen = relu(filter(seen));
    const steps = relu(see.forward(reshape(seen, [T, N, seen.size / (T * N)])));
    const { output } = follow.forward(steps);
    return say.forward(ends.forward(concat([mean(output, { axes: 0 }), max(output, { axes: 0 })], -1)));
  }

  private get filters(): ((x: Tensor) => Tensor)[] {
    const { first, second, third, firstBias, secondBias, thirdBias } = this.layers;
    const halved = (x: Tensor) => maxPool2d(x, { kernelSize: 2 });
    return [
      (x) => conv2d(x, first, firstBias, { stride: 2, padding: 2 }),
      (x) => halved(conv2d(x, second, secondBias, { padding: 1 })),
      (x) => halved(conv2d(x, third, thirdBias, { padding: 1 })),
    ];
  }
}

/** Sides of the filters, and of a picture that was halved three times. */
const TAPS = [5, 3, 3] as const;
const LAST = VIEW / 8;

function layersOf(rt: Runtime, { actions, filters, features, hidden, dropout }: Settings) {
  const weight = (from: number, to: number, side: number) => new ParameterTensor(rt, [to, from, side, side], { init: init.kaimingNormal });
  const bias = (of: number) => new ParameterTensor(rt, [of], { init: (it) => init.constant(it, 0) });
  const [a, b, c] = filters;
  return {
    ...{
      first: weight(2 * CHANNELS, a, TAPS[0]),
      firstBias: bias(a),
      second: weight(a, b, TAPS[1]),
      secondBias: bias(b),
      third: weight(b, c, TAPS[2]),
      thirdBias: bias(c),
    },
    see: new Dense(rt, { inputSize: c * LAST * LAST, outputSize: features }),
    follow: new GRU(rt, { inputSize: features, hiddenSize: hidden, bidirectional: true }),
    ends: new Dropout(rt, { p: dropout }),
    say: new Dense(rt, { inputSize: 4 * hidden, outputSize: actions.length }),
  };
}
