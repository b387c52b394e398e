/**
 * Losses over sequences, loss and gradient, of f32. CTC's elements are the points of its lattice, forward and back: no exponential each, but sums of
 * numbers of any size. A CRF's are its exponentials and logarithms, five of each tag and step, to be held against those of activations.ts; its flops
 * are three products of one row by K×K a step. It does both one after the other.
 */
import type { Runtime } from "wasm-rnn";
import { CRF, CRFLoss, CTCLoss, loadOperators } from "wasm-rnn/sequence";
import { gradientOf } from "../../tests/reference/crf.js";
import { ctcSequence } from "../../tests/reference/ctc.js";
import { assertClose, type Case, numbers } from "../harness.js";

/** Steps, sequences, symbols, labels of a target. */
const CTC = { T: 500, N: 16, C: 32, L: 50 } as const;
/** Steps, sequences, tags. */
const TAGS = { T: 100, N: 16, K: 32 } as const;

export async function lossCases(rt: Runtime): Promise<Case[]> {
  await loadOperators(rt);
  return [ctcCase(rt), crfCase(rt)];
}

function ctcCase(rt: Runtime): Case {
  const { T, N, C, L } = CTC;
  const values = numbers(T * N * C, 4);
  const logits = rt.tensor(values, [T, N, C]);
  const targets = Array.from({ length: N }, (_, n) => Array.from({ length: L }, (_, l) => 1 + ((7 * l + 3 * n) % (C - 1))));
  const labels = rt.tensor(Int32Array.from(targets.flat()), [N, L]);
  const criterion = new CTCLoss(rt, { reduction: "sum" });
  const gradientOfRow = (n: number) => {
    const rows = Array.from({ length: T }, (_, t) => Array.from(values.subarray((t * N + n) * C, (t * N + n + 1) * C)));
    return ctcSequence(rows, targets[n] as number[], 0);
  };
  return {
    id: `ctc/T${T}-N${N}-C${C}-L${L}`,
    contender: `wasm-rnn/${rt.build}`,
    flops: 0,
    elements: 2 * T * N * (2 * L + 1),
    run: () => void criterion.forward(logits, labels),
    validate() {
      const { loss, gradient } = criterion.forward(logits, labels);
      const wanted = Array.from({ length: N }, (_, n) => gradientOfRow(n));
      assertClose(`${this.id} loss`, [loss], [wanted.reduce((sum, each) => sum + each.loss, 0)], 1e-5);
      const got = gradient.data;
      const want = Array.from(got, (_, i) => wanted[Math.floor(i / C) % N]?.gradient[Math.floor(i / (N * C))]?.[i % C] as number);
      assertClose(`${this.id} gradient`, got, want, 1e-4);
    },
  };
}

function crfCase(rt: Runtime): Case {
  const { T, N, K } = TAGS;
  const values = numbers(T * N * K, 4);
  const emissions = rt.tensor(values, [T, N, K]);
  const tags = Array.from({ length: N }, (_, n) => Array.from({ length: T }, (_, t) => (7 * t + 3 * n) % K));
  const labels = rt.tensor(
    Int32Array.from({ length: T * N }, (_, i) => tags[i % N]?.[Math.floor(i / N)] as number),
    [T, N],
  );
  const crf = new CRF(rt, { numTags: K });
  const criterion = new CRFLoss(crf, { reduction: "sum" });
  const [start, end, flat] = crf.parameters().map((parameter) => [...parameter.toArray()]) as [number[], number[], number[]];
  const transitions = Array.from({ length: K }, (_, k) => flat.slice(k * K, (k + 1) * K));
  const run = () => crf.backward(criterion.forward(crf.forward(emissions), labels).gradient);
  return {
    id: `crf/T${T}-N${N}-K${K}`,
    contender: `wasm-rnn/${rt.build}`,
    flops: 6 * T * N * K * K,
    elements: 5 * T * N * K,
    run: () => void run(),
    validate() {
      const got = run().data;
      const want = tags.map((path, n) => {
        const rows = Array.from({ length: T }, (_, t) => Array.from(values.subarray((t * N + n) * K, (t * N + n + 1) * K)));
        return gradientOf({ K, emissions: rows, start, end, transitions }, path).emissions;
      });
      assertClose(
        `${this.id} gradient`,
        got,
        Array.from(got, (_, i) => want[Math.floor(i / K) % N]?.[Math.floor(i / (N * K))]?.[i % K] as number),
        1e-4,
      );
    },
  };
}
