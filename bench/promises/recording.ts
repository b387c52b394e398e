/** What a recording costs: a chain of layers trained through a frame, beside the same passes called by hand. */
import { CrossEntropyLoss, createRuntime, Dense, Frame, LSTM } from "wasm-rnn";
import { type Case, measure, numbers } from "../harness.js";
import type { Promised } from "./promise.js";

/** [T, N, H] */
const SIZES: readonly [number, number, number][] = [
  [1, 1, 8],
  [20, 4, 32],
  [50, 32, 128],
];
const CLASSES = 10;

export const recording: Promised = {
  id: "recording/lstm-dense",
  async run({ builds, quick, print }) {
    const build = builds.at(-1) as (typeof builds)[number];
    using rt = await createRuntime({ build });
    const quantities: Record<string, number> = {};
    for (const size of SIZES) {
      const { cases, end } = casesOf(rt, size);
      const [byHand = 0, recorded = 0] = [...measure(cases, quick ? 0.1 : 1)].map(([, { minMs }]) => minMs * 1000);
      const id = size.join("-");
      quantities[`${id}/byHandUs`] = byHand;
      quantities[`${id}/recordedUs`] = recorded;
      const more = recorded - byHand;
      print(
        `recording  T-N-H ${id.padEnd(10)} by hand ${byHand.toFixed(1).padStart(9)} µs  recorded ${recorded.toFixed(1).padStart(9)} µs  ${more.toFixed(1)} µs more, ${((100 * more) / byHand).toFixed(1)} %`,
      );
      end();
    }
    return { contenders: { [`wasm-rnn/${build}`]: quantities }, ratios: {} };
  },
};

function casesOf(
  rt: Awaited<ReturnType<typeof createRuntime>>,
  [T, N, H]: readonly [number, number, number],
): { cases: Case[]; end(): void } {
  const lstm = new LSTM(rt, { inputSize: H, hiddenSize: H });
  const head = new Dense(rt, { inputSize: H, outputSize: CLASSES });
  const loss = new CrossEntropyLoss(rt);
  const frame = new Frame(rt);
  const x = rt.tensor(numbers(T * N * H), [T, N, H]);
  const y = rt.tensor(
    Int32Array.from({ length: T * N }, (_, i) => i % CLASSES),
    [T, N],
  );
  const forward = () => loss.forward(head.forward(lstm.forward(x).output), y);
  const runs = {
    "by hand": () => {
      const { gradient } = forward();
      lstm.backward(head.backward(gradient), {}, { dX: false });
    },
    recorded: () => frame.backward(frame.record(forward)),
  };
  return {
    cases: Object.entries(runs).map(([contender, run]) => ({ id: `T${T}-N${N}-H${H}`, contender, flops: 0, validate() {}, run })),
    end() {
      for (const each of [x, y, frame, loss, head, lstm]) each.dispose();
    },
  };
}
