/**
 * What several workers cost, and what they may gain: a step of fitParallel over its parts, with one worker and with two, beside the same parts in this
 * thread. A model of the cost is fitted to it, which says what 8 and 16 cores would do:
 *
 *     t(w) = fixed + max(⌈P/w⌉·part, P·reduction)
 *
 * P parts of a batch; `fixed`, what one thread does once a step (broadcast, the optimizer, the first message and the last sum), and `part`, what a worker takes for
 * one, are the line through the times with one worker over P; `reduction`, what the main thread does for each part, is timed by itself: beyond
 * part/reduction workers that thread is what all wait for.
 */
import { availableParallelism } from "node:os";
import { Adam, createRuntime, Dense, fit, LastStep, LSTM, MSELoss, type Runtime, Sequential } from "wasm-rnn";
import { createPool, fitParallel, type Pool } from "wasm-rnn/parallel";
import type { Promised } from "./promise.js";

/** Parts a batch; samples a part; time steps and features of a sample. */
const PARTS = [2, 4, 8, 16];
const MICRO_BATCH = 8;
const [STEPS, FEATURES] = [50, 32];
/** Optimizer steps of a run; the first ones build the model in the workers, and compile. */
const [RUN, WARM_UP] = [12, 3];
const CORES = [8, 16];

/** Milliseconds. */
interface Times {
  readonly here: number;
  readonly one: number;
  readonly two: number;
}

export const workers: Promised = {
  id: "workers/cost",
  async run({ builds, quick, print }) {
    const build = builds.at(-1) as (typeof builds)[number];
    const contenders: Record<string, Record<string, number>> = {};
    await using one = await createPool({ workers: 1 });
    await using two = await createPool({ workers: 2 });
    print(`workers: ${availableParallelism()} hardware threads here; two of one core show overhead, not speed-up`);
    for (const H of quick ? [64] : [64, 128, 256]) {
      using rt = await createRuntime({ build });
      await validate(rt, H, [one, two]);
      const times = await timesOf(rt, H, { one, two, rounds: quick ? 2 : 6 });
      const [fixed, part] = lineThrough(PARTS.map((P) => [P, (times.get(P) as Times).one]));
      const [, local] = lineThrough(PARTS.map((P) => [P, (times.get(P) as Times).here]));
      const { broadcast, reduction, bytes } = copyTimes(rt, H);
      const quantities: Record<string, number> = { fixed, part, local, broadcast, reduction, bytes };
      print(
        `H ${H}: ${(bytes / 1024).toFixed(0)} KB of parameters; a part ${ms(part)} in a worker, ${ms(local)} in this thread; fixed ${ms(fixed)} a step, of it broadcast ${ms(broadcast)}; reduction ${ms(reduction)} a part`,
      );
      for (const [P, { here, one, two }] of times) {
        Object.assign(quantities, { [`P${P}/here`]: here, [`P${P}/one`]: one, [`P${P}/two`]: two });
        const model = (w: number) => fixed + Math.max(Math.ceil(P / w) * part, P * reduction);
        for (const cores of CORES) quantities[`P${P}/predicted${cores}`] = model(cores);
        const predicted = CORES.map((cores) => `${cores} cores ${ms(model(cores))} (${(here / model(cores)).toFixed(1)}×)`).join(", ");
        print(
          `  P ${String(P).padEnd(3)} this thread ${ms(here)}  one worker ${ms(one)}  two ${ms(two)} (model, on cores of their own: ${ms(model(2))})  predicted: ${predicted}`,
        );
      }
      contenders[`wasm-rnn/${build}/H${H}`] = quantities;
    }
    print(
      "the prediction takes a core for each worker and one more for the main thread, all as fast as one alone, and memory that is as fast for all",
    );
    return { contenders, ratios: {} };
  },
};

/** Two workers give the bits of one. */
async function validate(rt: Runtime, H: number, pools: readonly Pool[]): Promise<void> {
  const [first, second] = await Promise.all(
    pools.map(async (pool) => {
      using subject = subjectOf(rt, H, 5);
      await fitParallel(subject.model, { ...subject.options(4), pool, microBatch: MICRO_BATCH });
      return subject.model.parameters().flatMap((parameter) => [...parameter.toArray()]);
    }),
  );
  const differs = first?.findIndex((value, i) => !Object.is(value, second?.[i]));
  if (differs !== -1) throw new Error(`workers/cost: two workers gave other bits than one, first in number ${differs}`);
}

/** Least times of a step, by parts: all take turns. */
async function timesOf(
  rt: Runtime,
  H: number,
  { one, two, rounds }: { one: Pool; two: Pool; rounds: number },
): Promise<Map<number, Times>> {
  const least = new Map<number, Times>();
  for (let round = 0; round < rounds; round++) {
    for (const P of PARTS) {
      const here = await stepTime((options) => fit(options.model, { ...options.fit, batchSize: MICRO_BATCH, accumulate: P }), rt, H, P);
      const by = (pool: Pool) =>
        stepTime((options) => fitParallel(options.model, { ...options.fit, pool, microBatch: MICRO_BATCH }), rt, H, P);
      const now: Times = { here, one: await by(one), two: await by(two) };
      const before = least.get(P) ?? now;
      least.set(P, {
        ...{ here: Math.min(before.here, now.here), one: Math.min(before.one, now.one), two: Math.min(before.two, now.two) },
      });
    }
  }
  return least;
}

type Train = (options: { model: Sequential; fit: ReturnType<Subject["options"]> }) => Promise<unknown>;

/** The median over the steps of a run. */
async function stepTime(train: Train, rt: Runtime, H: number, P: number): Promise<number> {
  using subject = subjectOf(rt, H, RUN);
  const times: number[] = [];
  let [last, step] = [performance.now(), 0];
  const onProgress = (progress: { step: number }) => {
    if (progress.step === step) return;
    step = progress.step;
    const now = performance.now();
    if (step > WARM_UP) times.push(now - last);
    last = now;
  };
  await train({ model: subject.model, fit: { ...subject.options(P), callbacks: { onProgress } } });
  return times.sort((a, b) => a - b)[times.length >> 1] as number;
}

type Subject = ReturnType<typeof subjectOf>;

function subjectOf(rt: Runtime, H: number, steps: number) {
  rt.generator.state = [1, 2, 3, 4];
  const lstm = new LSTM(rt, { inputSize: FEATURES, hiddenSize: H });
  const model = new Sequential(rt, { lstm, last: new LastStep(rt), head: new Dense(rt, { inputSize: H, outputSize: 1 }) });
  const [loss, optimizer] = [new MSELoss(rt), new Adam(model.parameters(), { lr: 0.001 })];
  const x = Array.from({ length: 64 }, (_, n) => Float32Array.from({ length: STEPS * FEATURES }, (_, i) => Math.sin(n + i)));
  const samples = (P: number) =>
    Array.from({ length: steps * P * MICRO_BATCH }, (_, n) => ({ x: x[n % 64] as Float32Array, y: Math.cos(n) }));
  return {
    model,
    options: (P: number) => ({
      ...{ data: samples(P), loss, optimizer, features: FEATURES, batchSize: P * MICRO_BATCH, shuffle: false, clipNorm: 1 },
      callbacks: {} as { onProgress?(progress: { step: number }): void },
    }),
    [Symbol.dispose]() {
      for (const each of [model, loss, optimizer]) each.dispose();
    },
  };
}

/** Of the parameters' bytes: copied out of the runtime, and copied into it and added. */
function copyTimes(rt: Runtime, H: number): { broadcast: number; reduction: number; bytes: number } {
  const count = 4 * H * (FEATURES + H + 2) + H + 1;
  using sum = rt.zeros([count]);
  using part = rt.zeros([count]);
  const shared = new Float32Array(new SharedArrayBuffer(4 * count));
  const inner = rt as unknown as { kernels(dtype: "f32"): { addTo(args: { y: number; x: number; n: number }): void } };
  const at = (tensor: unknown) => (tensor as { pointer(): number }).pointer();
  const kernels = inner.kernels("f32");
  const broadcast = leastTime(() => shared.set(sum.data as Float32Array));
  const reduction = leastTime(() => {
    (part.data as Float32Array).set(shared);
    kernels.addTo({ y: at(sum), x: at(part), n: count });
  });
  return { broadcast, reduction, bytes: 4 * count };
}

function leastTime(work: () => void): number {
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  return Math.min(...times.slice(50));
}

/** Least squares. @returns what stands before and after x: [constant, slope] */
function lineThrough(points: readonly (readonly [number, number])[]): [number, number] {
  const n = points.length;
  const [x, y] = [0, 1].map((i) => points.reduce((sum, point) => sum + (point[i] as number), 0) / n) as [number, number];
  const slope = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  return [Math.max(0, y - slope * x), slope];
}

function ms(value: number): string {
  return `${value.toFixed(value < 1 ? 3 : 2)} ms`;
}
