/** A case on a build, ready to be called. */
import { Adam, Frame, LSTM, type Runtime } from "wasm-rnn";
import { matmul } from "wasm-rnn/ops";
import type { Work } from "./cases";
import { isClose, naiveElement, naiveLstm, type Weights } from "./naive";

export interface Workload {
  run(): void;
  /** Whether the result is right; before anything is timed. */
  isRight(): boolean;
}

/** Numbers in [−0.5, 0.5) that are the same every time. */
export function numbers(length: number, scale = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => (((i * 2654435761) >>> 0) / 2 ** 32 - 0.5) * scale);
}

/** @param rt with the operators loaded */
export function workload(rt: Runtime, work: Work): Workload {
  if (work.kind === "product") return product(rt, work);
  const { T, N, H } = work;
  const lstm = new LSTM(rt, { inputSize: H, hiddenSize: H });
  if (work.kind === "step") return step(lstm, H);
  const values = numbers(T * N * H);
  const x = rt.tensor(values, [T, N, H]);
  const frame = new Frame(rt);
  const first = (data: ArrayLike<number>) =>
    Float32Array.from({ length: T * H }, (_, i) => data[Math.floor(i / H) * N * H + (i % H)] as number);
  const forwardIsRight = () => {
    const { output } = frame.run(() => lstm.forward(x));
    return isClose(first(output.data), naiveLstm(first(values), T, H, weightsOf(lstm)));
  };
  if (work.kind === "forward") return { run: () => void frame.run(() => lstm.forward(x)), isRight: forwardIsRight };

  const dOutput = rt.tensor(numbers(T * N * H, 0.01), [T, N, H]);
  const adam = new Adam(lstm.parameters(), { lr: 1e-4 });
  return {
    run() {
      adam.zeroGrad();
      lstm.forward(x);
      lstm.backward(dOutput, undefined, { dX: false }); // x is data: nobody asks for its gradient
      adam.step();
    },
    isRight: () => forwardIsRight() && gradientIsRight(rt, lstm, first(values), work),
  };
}

function step(lstm: LSTM, H: number): Workload {
  const stream = lstm.stream();
  const x = numbers(H);
  stream.input.set(x);
  return {
    run: () => stream.step(),
    isRight() {
      stream.reset();
      stream.step();
      return isClose(stream.output, naiveLstm(x, 1, H, weightsOf(lstm)));
    },
  };
}

function product(rt: Runtime, { M, K, N }: Extract<Work, { kind: "product" }>): Workload {
  const [left, right] = [numbers(M * K), numbers(K * N).reverse()];
  const [a, b] = [rt.tensor(left, [M, K]), rt.tensor(right, [K, N])];
  const frame = new Frame(rt);
  const corners = [0, M - 1].flatMap((m) => [0, 1, N - 1].map((n) => [m, n] as const));
  return {
    run: () => void frame.run(() => matmul(a, b)),
    isRight() {
      const { data } = frame.run(() => matmul(a, b));
      const got = corners.map(([m, n]) => data[m * N + n] as number);
      return isClose(
        got,
        corners.map((corner) => naiveElement(left, right, corner, K, N)),
      );
    },
  };
}

/** One weight's gradient against the difference that it makes, where only the first sequence counts. */
function gradientIsRight(rt: Runtime, lstm: LSTM, x: Float32Array, { T, N, H }: { T: number; N: number; H: number }): boolean {
  const dFirst = numbers(T * H, 0.01);
  const spread = new Float32Array(T * N * H);
  for (let t = 0; t < T; t++) spread.set(dFirst.subarray(t * H, (t + 1) * H), t * N * H);
  const all = rt.tensor(
    Float32Array.from({ length: T * N * H }, (_, i) => x[Math.floor(i / (N * H)) * H + (i % H)] as number),
    [T, N, H],
  );
  const dOutput = rt.tensor(spread, [T, N, H]);
  lstm.zeroGrad();
  lstm.forward(all);
  lstm.backward(dOutput, undefined, { dX: false });
  const got = lstm.parameters().find(({ name }) => name.startsWith("weight_hh"))?.grad[0] as number;
  lstm.zeroGrad();
  for (const each of [all, dOutput]) each.dispose();
  const weights = weightsOf(lstm);
  const loss = (change: number) => {
    const whh = Float64Array.from(weights.whh);
    whh[0] = (whh[0] as number) + change;
    return naiveLstm(x, T, H, { ...weights, whh }).reduce((sum, h, i) => sum + h * (dFirst[i] as number), 0);
  };
  return isClose([got], [(loss(1e-4) - loss(-1e-4)) / 2e-4]);
}

function weightsOf(lstm: LSTM): Weights {
  const of = (start: string) =>
    lstm
      .parameters()
      .find(({ name }) => name.startsWith(start))
      ?.toArray() ?? [];
  return { wih: of("weight_ih"), whh: of("weight_hh"), bih: of("bias_ih"), bhh: of("bias_hh") };
}
