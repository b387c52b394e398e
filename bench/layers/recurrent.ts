/**
 * RNN, LSTM, GRU, MinGRU and MinLSTM: a streaming step, a sequence forward, a training step (forward, backward, Adam).
 * Flops: 2·T·N·G·H·(I + K), and in training 2·T·N·G·H·(I + 2K) more: nobody asks for dX. K is what the recurrent product reads: H, or 0.
 */
import { Adam, Frame, GRU, LSTM, RNN, type Runtime } from "wasm-rnn";
import { loadOperators, MinGRU, MinLSTM } from "wasm-rnn/cells";
import { gruBackward, gruForward } from "../../tests/reference/gru.js";
import { lstmBackward, lstmForward } from "../../tests/reference/lstm.js";
import { minBackward, minForward } from "../../tests/reference/min-cells.js";
import { rnnBackward, rnnForward } from "../../tests/reference/rnn.js";
import { assertClose, type Case, numbers } from "../harness.js";
import { suffix } from "../raw.js";

const KINDS = {
  rnn: { Layer: RNN, G: 1, recurrent: true },
  lstm: { Layer: LSTM, G: 4, recurrent: true },
  gru: { Layer: GRU, G: 3, recurrent: true },
  mingru: { Layer: MinGRU, G: 2, recurrent: false },
  minlstm: { Layer: MinLSTM, G: 3, recurrent: false },
} as const;
type Kind = keyof typeof KINDS;

const SEQUENCES = [
  [100, 1, 64],
  [100, 1, 128],
  [100, 1, 256],
  [100, 32, 128],
  [100, 64, 256],
] as const;

/** T, N, I, H: nothing is a multiple of a tile or a vector. */
const RAGGED = [33, 7, 37, 75] as const;

export async function recurrentCases(rt: Runtime, dtype: "f32" | "f64", quick: boolean): Promise<Case[]> {
  await loadOperators(rt);
  const kinds = Object.keys(KINDS) as Kind[];
  const sequences = quick ? SEQUENCES.slice(0, -1) : SEQUENCES;
  return kinds.flatMap((kind) => [
    ...[64, 128, 256].map((H) => stepCase(rt, dtype, kind, H)),
    ...[...sequences.map(([T, N, H]) => [T, N, H, H] as const), RAGGED].flatMap(([T, N, I, H]) => [
      forwardCase(rt, dtype, kind, { T, N, I, H }),
      trainCase(rt, dtype, kind, { T, N, I, H }),
    ]),
  ]);
}

/** Features that the recurrent product reads. */
const productOf = (kind: Kind, H: number) => (KINDS[kind].recurrent ? H : 0);

interface Dims {
  readonly T: number;
  readonly N: number;
  readonly I: number;
  readonly H: number;
}

function make(rt: Runtime, dtype: "f32" | "f64", kind: Kind, I: number, H: number) {
  const layer = new KINDS[kind].Layer(rt, { inputSize: I, hiddenSize: H, dtype });
  const named = layer.parameters().map((each) => [each.name.replace(/^(w|b).*_(ih|hh)_l0$/, "$1$2"), each.toArray()]);
  return { layer, weights: Object.fromEntries(named) as Record<"wih" | "whh" | "bih" | "bhh", Float64Array> };
}

/** The naive twin: the output, and from dOutput the gradients in the order of the parameters. */
function twin(kind: Kind, dims: Dims, x: Float64Array, weights: ReturnType<typeof make>["weights"], dOutput?: Float64Array) {
  const start = dims.N * dims.H;
  if (kind === "lstm") {
    const tape = lstmForward(dims, x, null, null, weights);
    const gradients = dOutput && lstmBackward(dims, tape, dOutput, null, null);
    return { output: tape.a.subarray(start), gradients };
  }
  if (kind === "gru") {
    const tape = gruForward(dims, x, null, weights, true);
    const gradients = dOutput && gruBackward(dims, tape, dOutput, null);
    return { output: tape.a.subarray(start), gradients };
  }
  if (kind !== "rnn") {
    const tape = minForward(dims, x, null, weights, kind === "mingru" ? "MinGRU" : "MinLSTM", false);
    const gradients = dOutput && minBackward(dims, tape, dOutput, null);
    return { output: tape.a.subarray(start), gradients };
  }
  const tape = rnnForward(dims, x, null, weights);
  return { output: tape.a.subarray(start), gradients: dOutput && rnnBackward(dims, tape, dOutput, null) };
}

/** Steps that the naive twin takes in good time. */
function checkedSteps({ T, N, I, H }: Dims): number {
  return Math.max(1, Math.min(T, 4, Math.floor(2e7 / (N * 4 * H * (I + H)))));
}

function stepCase(rt: Runtime, dtype: "f32" | "f64", kind: Kind, H: number): Case {
  const { layer, weights } = make(rt, dtype, kind, H, H);
  const stream = layer.stream();
  const x = numbers(H);
  return {
    id: `${kind}-step/N1-I${H}-H${H}${suffix(dtype)}`,
    contender: `wasm-rnn/${rt.build}`,
    flops: 2 * KINDS[kind].G * H * (H + productOf(kind, H)),
    bytes: KINDS[kind].G * H * (H + productOf(kind, H)) * (dtype === "f32" ? 4 : 8),
    run: () => stream.step(),
    validate() {
      stream.input.set(x);
      stream.step();
      assertClose(this.id, stream.output, twin(kind, { T: 1, N: 1, I: H, H }, x, weights).output, tolerance(dtype));
      stream.reset();
    },
  };
}

function forwardCase(rt: Runtime, dtype: "f32" | "f64", kind: Kind, dims: Dims): Case {
  const { T, N, I, H } = dims;
  const { layer, weights } = make(rt, dtype, kind, I, H);
  const values = numbers(T * N * I);
  const x = rt.tensor(values, [T, N, I], { dtype });
  const frame = new Frame(rt);
  return {
    id: `${kind}-forward/T${T}-N${N}-I${I}-H${H}${suffix(dtype)}`,
    contender: `wasm-rnn/${rt.build}`,
    flops: 2 * T * N * KINDS[kind].G * H * (I + productOf(kind, H)),
    run: () => void frame.run(() => layer.forward(x)),
    validate() {
      const steps = checkedSteps(dims);
      const some = values.subarray(0, steps * N * I);
      const short = rt.tensor(some, [steps, N, I], { dtype });
      const { output } = twin(kind, { ...dims, T: steps }, some, weights);
      assertClose(this.id, frame.run(() => layer.forward(short)).output.data, output, tolerance(dtype));
      short.dispose();
    },
  };
}

function trainCase(rt: Runtime, dtype: "f32" | "f64", kind: Kind, dims: Dims): Case {
  const { T, N, I, H } = dims;
  const { layer, weights } = make(rt, dtype, kind, I, H);
  const values = numbers(T * N * I);
  const dValues = numbers(T * N * H, 0.01);
  const x = rt.tensor(values, [T, N, I], { dtype });
  const dOutput = rt.tensor(dValues, [T, N, H], { dtype });
  const adam = new Adam(layer.parameters(), { lr: 1e-4 });
  return {
    id: `${kind}-train/T${T}-N${N}-I${I}-H${H}${suffix(dtype)}`,
    contender: `wasm-rnn/${rt.build}`,
    flops: 2 * T * N * KINDS[kind].G * H * (2 * I + 3 * productOf(kind, H)),
    run() {
      adam.zeroGrad();
      layer.forward(x);
      layer.backward(dOutput, undefined, { dX: false }); // x is data here, as for the peers
      adam.step();
    },
    validate() {
      const steps = checkedSteps(dims);
      const [some, dSome] = [values.subarray(0, steps * N * I), dValues.subarray(0, steps * N * H)];
      const short = rt.tensor(some, [steps, N, I], { dtype });
      const dShort = rt.tensor(dSome, [steps, N, H], { dtype });
      layer.zeroGrad();
      layer.forward(short);
      const { dX } = layer.backward(dShort);
      const { gradients } = twin(kind, { ...dims, T: steps }, some, weights, dSome);
      if (!gradients) throw new Error("no gradients");
      assertClose(`${this.id} dX`, dX.data, gradients.dx, 10 * tolerance(dtype));
      const { dwih, ...others } = gradients;
      const { dwhh, db, dbih = db, dbhh = db } = others as Partial<Record<"dwhh" | "db" | "dbih" | "dbhh", Float64Array>>;
      const wanted = { weight_ih_l0: dwih, weight_hh_l0: dwhh, bias_ih_l0: dbih, bias_hh_l0: dbhh } as Record<string, Float64Array>;
      for (const { name, grad } of layer.parameters()) {
        assertClose(`${this.id} ${name}`, grad, wanted[name] as Float64Array, 10 * tolerance(dtype));
      }
      short.dispose();
      dShort.dispose();
    },
  };
}

function tolerance(dtype: "f32" | "f64"): number {
  return dtype === "f32" ? 1e-5 : 1e-12;
}
