/** Metrics of sequences in `fit`: a small tagger, measured in training and validation, stopped by them, saved and resumed. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { evaluate, fit, predict, type Runtime, type Sample } from "../../bindings/index.js";
import { bleu, characterErrorRate, chrf, phoneErrorRate, spanF1, wordErrorRate } from "../../bindings/sequence.js";
import { partsOf, runOf } from "../helpers/resumable.js";
import { testRuntime } from "../helpers/runtime.js";

let rt: Runtime;
beforeEach(async () => {
  rt = await testRuntime({ seed: 1 });
});
afterEach(() => {
  rt.dispose();
});

const labels = ["O", "B-X", "I-X"]; // of the three classes
const metrics = [
  { spans: spanF1({ labels }), cer: characterErrorRate(), per: phoneErrorRate({ end: 2 }) },
  { wer: wordErrorRate({ separator: 0 }), bleu: bleu({ smoothing: "epsilon" }), chrf: chrf() },
] as const;

test("reports are those by hand of what the model predicts; resumed, they have the same bits", async () => {
  const earlyStopping = { patience: 3, monitor: "spans", mode: "max" } as const;
  const saved: Uint8Array[] = [];
  const checkpoint = { every: 1, save: (bytes: Uint8Array) => void saved.push(bytes.slice()) };
  const whole = partsOf(rt);
  const history = await fit(whole.model, { ...runOf(whole), metrics, earlyStopping, checkpoint });
  const scores = history.epochs.map(({ validation }) => validation?.spans as number);
  expect(new Set(scores).size).toBeGreaterThan(1);
  expect(history.bestEpoch).toBe(1 + scores.indexOf(Math.max(...scores)));
  for (const step of [3, 19]) {
    const parts = partsOf(rt, { seed: 77 });
    const again = await fit(parts.model, { ...runOf(parts), metrics, earlyStopping, resume: saved[step - 1] as Uint8Array });
    expect(again.epochs).toEqual(history.epochs);
    parts.dispose();
  }

  const data = runOf(whole).validation as { x: Int32Array; y: Int32Array }[];
  const said = (await predict(whole.model, data)).map(({ data, shape: [T = 0, C = 0] }) =>
    Array.from({ length: T }, (_, t) => {
      const logits = data.slice(t * C, (t + 1) * C);
      return logits.indexOf(Math.max(...logits));
    }),
  );
  const named = (classes: ArrayLike<number>) => Array.from(classes, (c) => labels[c] as string);
  const tagged = data.map(({ y }, i) => ({ reference: named(y), hypothesis: named(said[i] as number[]) }));
  const pairs = data.map(({ y }, i) => ({ reference: y, hypothesis: said[i] as number[] }));
  for (const batchSize of [1, 4, 32]) {
    const got = await evaluate(whole.model, { data, loss: whole.loss, metrics, batchSize });
    expect(got.spans).toBe(spanF1().of(tagged).f1);
    expect(got.cer).toBe(characterErrorRate().of(pairs).rate);
    expect(got.bleu).toBe(
      bleu({ smoothing: "epsilon" }).of(pairs.map(({ reference, hypothesis }) => ({ references: [reference], hypothesis }))).bleu,
    );
    expect(got.chrf).toBe(chrf().of(pairs).chrf);
  }
  whole.dispose();
});

test("what is thrown comes through, and of one output of several the name is in it", async () => {
  const parts = partsOf(rt);
  const wrong = { ...runOf(parts), epochs: 1, metrics: [{ spans: spanF1({ labels: ["O"] }) }] };
  await expect(fit(parts.model, wrong)).rejects.toThrow(/^(target|prediction)\[\d\]: expected an integer in 0 … 0/);
  const data = (runOf(parts).validation as Sample[]).map(({ x, y }) => ({ x, y: { tags: y } }));
  const { model } = parts;
  const named = {
    ...{ runtime: rt, namedParameters: () => [], train: () => {}, eval: () => {} },
    forward: (x: never, more: never) => ({ tags: model.forward(x, more) }),
  };
  const loss = { tags: parts.loss };
  const got = await evaluate(named as never, { data, loss, metrics: { tags: [{ spans: spanF1({ labels }) }] } } as never);
  const alone = await evaluate(model, {
    data: runOf(parts).validation as Sample[],
    loss: parts.loss,
    metrics: [{ spans: spanF1({ labels }) }],
  });
  expect((got as Record<string, number>)["tags.spans"]).toBe(alone.spans);
  parts.dispose();
});
