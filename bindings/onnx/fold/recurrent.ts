/**
 * RNN, LSTM and GRU of ONNX in JavaScript, with every attribute: the definition, one number after another, in doubles.
 * Source: onnx.ai/onnx/operators (RNN, LSTM, GRU); what it leaves open as ONNX Runtime 1.30 does it: clip acts on pre-activations, input_forget is
 * f = 1 − i, padding of Y is 0, a sequence of no steps has states of 0.
 */
import { arrayFor, type Constant } from "../constant.js";
import type { Cell, RecurrentNode, Sizes } from "../recurrent-node.js";

type Numbers = ArrayLike<number>;

/** One direction's weights. */
interface Weights {
  readonly W: Numbers;
  readonly R: Numbers;
  readonly B: Numbers | undefined;
  readonly P: Numbers | undefined;
}

/** Y, Y_h and, of an LSTM, Y_c. */
export function recurrent(node: RecurrentNode, inputs: readonly (Constant | undefined)[]): Constant[] {
  const [x, w, r, b, lengths, h0, c0, p] = inputs;
  const { sizes, cell, clip } = node;
  const { T, N, D, H } = sizes;
  const { type } = x as Constant;
  const Y = arrayFor(type, T * D * N * H);
  const [Yh, Yc] = [arrayFor(type, D * N * H), arrayFor(type, D * N * H)];
  const at = placesOf(sizes, node.isBatchFirst);
  const part = (values: Constant | undefined, d: number) =>
    values?.data.subarray((d * values.data.length) / D, ((d + 1) * values.data.length) / D);
  if (lengths) node.checkLengths(lengths.data);
  for (let d = 0; d < D; d++) {
    const weights: Weights = { W: part(w, d) as Numbers, R: part(r, d) as Numbers, B: part(b, d), P: part(p, d) };
    const activations = node.activations(d);
    const isReverse = node.direction === "reverse" || d === 1;
    for (let n = 0; n < N; n++) {
      const length = lengths ? (lengths.data[n] as number) : T;
      if (length === 0) continue;
      const read = (state: Constant | undefined) => Float64Array.from({ length: H }, (_, k) => state?.data[at.state(d, n) + k] ?? 0);
      let [h, c] = [read(h0), read(c0)];
      for (let s = 0; s < length; s++) {
        const t = isReverse ? length - 1 - s : s;
        const input = (x as Constant).data.subarray(at.x(t, n), at.x(t, n) + sizes.I);
        [h, c] = STEPS[cell](input, h, c, { ...sizes, weights, activations, clip, node });
        Y.set(h, at.y(t, d, n));
      }
      Yh.set(h, at.state(d, n));
      Yc.set(c, at.state(d, n));
    }
  }
  const [whole, state] = node.shapes;
  const results = [
    { type, shape: whole, data: Y },
    { type, shape: state, data: Yh },
  ];
  return cell === "LSTM" ? [...results, { type, shape: state, data: Yc }] : results;
}

/** Where rows of x, Y and the states begin. */
function placesOf({ T, N, D, H, I }: Sizes, isBatchFirst: boolean) {
  return {
    x: (t: number, n: number) => (isBatchFirst ? n * T + t : t * N + n) * I,
    y: (t: number, d: number, n: number) => (isBatchFirst ? (n * T + t) * D + d : (t * D + d) * N + n) * H,
    state: (d: number, n: number) => (isBatchFirst ? n * D + d : d * N + n) * H,
  };
}

interface Context extends Sizes {
  readonly weights: Weights;
  readonly activations: readonly ((x: number) => number)[];
  readonly clip: number;
  readonly node: RecurrentNode;
}

type State = Float64Array<ArrayBuffer>;
type Step = (x: Numbers, h: State, c: State, context: Context) => [State, State];

/** W·x of one unit of a gate, and its bias; R·h likewise. */
function products({ weights: { W, R, B }, H, I }: Context, gates: number) {
  const sum = (M: Numbers, row: number, v: Numbers, size: number) => {
    let total = 0;
    for (let k = 0; k < size; k++) total += (M[row * size + k] as number) * (v[k] as number);
    return total;
  };
  return {
    wx: (gate: number, k: number, x: Numbers) => sum(W, gate * H + k, x, I) + (B?.[gate * H + k] ?? 0),
    rh: (gate: number, k: number, h: Numbers) => sum(R, gate * H + k, h, H) + (B?.[(gates + gate) * H + k] ?? 0),
  };
}

const within = (x: number, clip: number) => Math.min(Math.max(x, -clip), clip);

const RNN: Step = (x, h, c, context) => {
  const { wx, rh } = products(context, 1);
  const [f] = context.activations as [(x: number) => number];
  return [h.map((_, k) => f(within(wx(0, k, x) + rh(0, k, h), context.clip))), c];
};

const LSTM: Step = (x, h, c, context) => {
  const { wx, rh } = products(context, 4);
  const { weights, H, clip, node } = context;
  const [f, g, last] = context.activations as [(x: number) => number, (x: number) => number, (x: number) => number];
  const peek = (gate: number, k: number, state: number) => (weights.P?.[gate * H + k] ?? 0) * state;
  const next = new Float64Array(H);
  const out = h.map((_, k) => {
    const old = c[k] as number;
    const sum = (gate: number) => wx(gate, k, x) + rh(gate, k, h);
    const i = f(within(sum(0) + peek(0, k, old), clip));
    const forget = node.coupled ? 1 - i : f(within(sum(2) + peek(2, k, old), clip));
    next[k] = forget * old + i * g(within(sum(3), clip));
    return f(within(sum(1) + peek(1, k, next[k] as number), clip)) * last(next[k] as number);
  });
  return [out, next];
};

const GRU: Step = (x, h, c, context) => {
  const { wx, rh } = products(context, 3);
  const { clip, node, H } = context;
  const [f, g] = context.activations as [(x: number) => number, (x: number) => number];
  const gate = (which: number) => Float64Array.from({ length: H }, (_, k) => f(within(wx(which, k, x) + rh(which, k, h), clip)));
  const [z, r] = [gate(0), gate(1)];
  const reset = h.map((value, k) => value * (r[k] as number));
  const out = h.map((old, k) => {
    const recurrentPart = node.resetAfter ? (r[k] as number) * rh(2, k, h) : rh(2, k, reset);
    const candidate = g(within(wx(2, k, x) + recurrentPart, clip));
    return (1 - (z[k] as number)) * candidate + (z[k] as number) * old;
  });
  return [out, c];
};

const STEPS: Readonly<Record<Cell, Step>> = { RNN, LSTM, GRU };
