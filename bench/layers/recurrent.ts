/** RNN and LSTM: a streaming step, a sequence forward, forward and backward. Flops: 2·T·N·G·H·(I + H), three times that with backward. */
import { LSTM, RNN, type Runtime } from "wasm-rnn";
import { lstmForward } from "../../tests/reference/lstm.js";
import { rnnForward } from "../../tests/reference/rnn.js";
import { assertClose, type Case, numbers } from "../harness.js";

const KINDS = { rnn: { Layer: RNN, G: 1 }, lstm: { Layer: LSTM, G: 4 } } as const;
type Kind = keyof typeof KINDS;

const SEQUENCES = [
  [100, 1, 64],
  [100, 1, 128],
  [100, 1, 256],
  [100, 32, 128],
  [100, 64, 256],
] as const;

export function recurrentCases(rt: Runtime, dtype: "f32" | "f64"): Case[] {
  const kinds = Object.keys(KINDS) as Kind[];
  return kinds.flatMap((kind) => [
    ...[64, 128, 256].map((H) => stepCase(rt, dtype, kind, H)),
    ...SEQUENCES.flatMap(([T, N, H]) => [forwardCase(rt, dtype, kind, T, N, H), trainCase(rt, dtype, kind, T, N, H)]),
  ]);
}

function make(rt: Runtime, dtype: "f32" | "f64", kind: Kind, H: number) {
  const layer = new KINDS[kind].Layer(rt, { inputSize: H, hiddenSize: H, dtype });
  const [wih, whh, bih, bhh] = layer.parameters().map((parameter) => parameter.toArray());
  return { layer, weights: { wih, whh, bih, bhh } as Record<"wih" | "whh" | "bih" | "bhh", Float64Array> };
}

/** The naive twin's output. */
function expected(kind: Kind, T: number, N: number, H: number, x: Float64Array, weights: ReturnType<typeof make>["weights"]): Float64Array {
  const dims = { T, N, I: H, H };
  const { a } = kind === "lstm" ? lstmForward(dims, x, null, null, weights) : rnnForward(dims, x, null, weights);
  return a.subarray(N * H);
}

function stepCase(rt: Runtime, dtype: "f32" | "f64", kind: Kind, H: number): Case {
  const { layer, weights } = make(rt, dtype, kind, H);
  const stream = layer.stream();
  const x = numbers(H);
  return {
    id: `${kind}-step/N1-I${H}-H${H}`,
    contender: `${rt.build} ${dtype}`,
    flops: 2 * KINDS[kind].G * H * 2 * H,
    run: () => stream.step(),
    validate() {
      stream.input.set(x);
      stream.step();
      assertClose(this.id, stream.output, expected(kind, 1, 1, H, x, weights), tolerance(dtype));
      stream.reset();
    },
  };
}

function forwardCase(rt: Runtime, dtype: "f32" | "f64", kind: Kind, T: number, N: number, H: number): Case {
  const { layer, weights } = make(rt, dtype, kind, H);
  const values = numbers(T * N * H);
  const x = rt.tensor(values, [T, N, H], { dtype });
  return {
    id: `${kind}-forward/T${T}-N${N}-I${H}-H${H}`,
    contender: `${rt.build} ${dtype}`,
    flops: 2 * T * N * KINDS[kind].G * H * 2 * H,
    run: () => void layer.forward(x, { tape: false }),
    validate() {
      const steps = Math.min(T, 3); // the naive twin is slow
      const short = rt.tensor(values.subarray(0, steps * N * H), [steps, N, H], { dtype });
      const wanted = expected(kind, steps, N, H, values.subarray(0, steps * N * H), weights);
      assertClose(this.id, layer.forward(short, { tape: false }).output.data, wanted, tolerance(dtype));
      short.dispose();
    },
  };
}

function trainCase(rt: Runtime, dtype: "f32" | "f64", kind: Kind, T: number, N: number, H: number): Case {
  const { layer } = make(rt, dtype, kind, H);
  const x = rt.tensor(numbers(T * N * H), [T, N, H], { dtype });
  const dOutput = rt.tensor(numbers(T * N * H, 0.01), [T, N, H], { dtype });
  return {
    id: `${kind}-forward-backward/T${T}-N${N}-I${H}-H${H}`,
    contender: `${rt.build} ${dtype}`,
    flops: 3 * 2 * T * N * KINDS[kind].G * H * 2 * H,
    run() {
      layer.forward(x);
      layer.backward(dOutput);
    },
    validate() {
      // The tests hold the gradients to PyTorch and finite differences; here, that this size gives finite, non-zero ones.
      layer.zeroGrad();
      this.run();
      const norm = Math.hypot(...layer.parameters().map(({ grad }) => Math.hypot(...Array.from(grad).slice(0, 1000))));
      if (!(norm > 0 && Number.isFinite(norm))) throw new Error(`${this.id}: gradient norm ${norm}`);
    },
  };
}

function tolerance(dtype: "f32" | "f64"): number {
  return dtype === "f32" ? 1e-5 : 1e-12;
}
