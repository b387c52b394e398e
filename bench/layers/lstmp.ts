/**
 * LSTMP at a quarter of its units projected, with peepholes and a bound, beside the LSTM of as many units (recurrent.ts): a streaming step, a
 * sequence forward, a training step (forward, backward, Adam). Flops: 2·T·N·(4H·(I + P) + P·H), and in training 2·T·N·(4H·(I + 2P) + 2P·H) more.
 */
import { Adam, Frame, type Runtime } from "wasm-rnn";
import { LSTMP, loadOperators } from "wasm-rnn/cells";
import { lstmpForward } from "../../tests/reference/lstmp.js";
import { assertClose, type Case, numbers } from "../harness.js";
import { suffix } from "../raw.js";

const SEQUENCES = [
  [100, 1, 256],
  [100, 32, 128],
  [100, 64, 256],
] as const;

export async function lstmpCases(rt: Runtime, dtype: "f32" | "f64", quick: boolean): Promise<Case[]> {
  await loadOperators(rt);
  const sequences = quick ? SEQUENCES.slice(0, -1) : SEQUENCES;
  return [
    ...[64, 256].map((H) => stepCase(rt, dtype, H)),
    ...sequences.flatMap(([T, N, H]) => [forwardCase(rt, dtype, T, N, H), trainCase(rt, dtype, T, N, H)]),
  ];
}

function make(rt: Runtime, dtype: "f32" | "f64", H: number) {
  const P = H / 4;
  const layer = new LSTMP(rt, { inputSize: H, hiddenSize: H, projSize: P, peepholes: true, cellClip: 0.1, dtype });
  const weights = Object.fromEntries(layer.parameters().map((parameter) => [parameter.name.slice(0, -3), parameter.toArray()]));
  /** The naive twin's output. */
  const twin = (x: Float64Array, T: number, N: number) =>
    lstmpForward({ T, N, I: H, H, P }, x, new Float64Array(N * P), new Float64Array(N * H), weights, 0.1).output;
  return { layer, P, twin };
}

const tolerance = (dtype: "f32" | "f64") => (dtype === "f32" ? 1e-5 : 1e-12);
const flopsOf = (H: number, P: number) => 2 * (4 * H * (H + P) + P * H);

function stepCase(rt: Runtime, dtype: "f32" | "f64", H: number): Case {
  const { layer, P, twin } = make(rt, dtype, H);
  const stream = layer.stream();
  const x = numbers(H);
  return {
    id: `lstmp-step/N1-I${H}-H${H}-P${P}${suffix(dtype)}`,
    contender: `wasm-rnn/${rt.build}`,
    flops: flopsOf(H, P),
    bytes: (flopsOf(H, P) / 2) * (dtype === "f32" ? 4 : 8),
    run: () => stream.step(),
    validate() {
      stream.input.set(x);
      stream.step();
      assertClose(this.id, stream.output, twin(x, 1, 1), tolerance(dtype));
      stream.reset();
    },
  };
}

function forwardCase(rt: Runtime, dtype: "f32" | "f64", T: number, N: number, H: number): Case {
  const { layer, P, twin } = make(rt, dtype, H);
  const values = numbers(T * N * H);
  const x = rt.tensor(values, [T, N, H], { dtype });
  const frame = new Frame(rt);
  return {
    id: `lstmp-forward/T${T}-N${N}-I${H}-H${H}-P${P}${suffix(dtype)}`,
    contender: `wasm-rnn/${rt.build}`,
    flops: T * N * flopsOf(H, P),
    run: () => void frame.run(() => layer.forward(x)),
    validate() {
      const some = values.subarray(0, 2 * N * H);
      const short = rt.tensor(some, [2, N, H], { dtype });
      assertClose(this.id, frame.run(() => layer.forward(short)).output.data, twin(some, 2, N), tolerance(dtype));
      short.dispose();
    },
  };
}

/** Its gradients are held to differences and to PyTorch by the tests; here that what it goes back over is right. */
function trainCase(rt: Runtime, dtype: "f32" | "f64", T: number, N: number, H: number): Case {
  const { layer, P, twin } = make(rt, dtype, H);
  const values = numbers(T * N * H);
  const x = rt.tensor(values, [T, N, H], { dtype });
  const dOutput = rt.tensor(numbers(T * N * P, 0.01), [T, N, P], { dtype });
  const adam = new Adam(layer.parameters(), { lr: 1e-4 });
  return {
    id: `lstmp-train/T${T}-N${N}-I${H}-H${H}-P${P}${suffix(dtype)}`,
    contender: `wasm-rnn/${rt.build}`,
    flops: T * N * (flopsOf(H, P) + 2 * (4 * H * (H + 2 * P) + 2 * P * H)),
    run() {
      adam.zeroGrad();
      layer.forward(x);
      layer.backward(dOutput, undefined, { dX: false }); // x is data here, as for the peers
      adam.step();
    },
    validate() {
      const some = values.subarray(0, 2 * N * H);
      const short = rt.tensor(some, [2, N, H], { dtype });
      assertClose(this.id, layer.forward(short).output.data, twin(some, 2, N), tolerance(dtype));
      short.dispose();
    },
  };
}
