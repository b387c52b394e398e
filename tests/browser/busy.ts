/** `fit` on the page's own thread, and what the page notices of it. */
import type { Sample } from "../../bindings/index.js";

type Library = typeof import("../../bindings/index.js");

export interface Noticed {
  /** Milliseconds of the optimizer's steps, each from its forward to its end, the first ones left out. */
  readonly steps: number[];
  /** What the browser calls long tasks, over 50 ms by the clock, that began after the first steps, and those before. */
  readonly long: number[];
  readonly early: number[];
  /** Milliseconds between frames, and from an input event to its listener. */
  readonly frames: number[];
  readonly inputs: number[];
  /** How often a timer of 10 ms came. */
  readonly timers: number;
  readonly total: number;
}

/** Until the engine has optimised the code. The trace has a mark "warm" behind them, and "done" at the end. */
const FIRST_STEPS = 20;

/** An LSTM of 128 units over 20 steps of 32 sequences, with a validation, and all that is called on the way. */
export function trainLSTM(lib: Library, seconds: number): Promise<Noticed> {
  return watched(lib, async (rt, step) => {
    const layers = {
      embedding: new lib.Embedding(rt, { numEmbeddings: 60, embeddingDim: 32 }),
      lstm: new lib.LSTM(rt, { inputSize: 32, hiddenSize: 128 }),
      head: new lib.Dense(rt, { inputSize: 128, outputSize: 60 }),
    };
    const data = samples(640, () => 20);
    await step(new lib.Sequential(rt, layers), { data, validation: data.slice(0, 320), epochs: 1000, batchSize: 32 }, seconds);
  });
}

/** Short steps, and much around them: many samples, sorted by their lengths, and large checkpoints. */
export function trainOnMany(lib: Library): Promise<Noticed> {
  return watched(lib, async (rt, step) => {
    const layers = {
      embedding: new lib.Embedding(rt, { numEmbeddings: 100_000, embeddingDim: 4 }),
      gru: new lib.GRU(rt, { inputSize: 4, hiddenSize: 8 }),
      head: new lib.Dense(rt, { inputSize: 8, outputSize: 60 }),
    };
    const save = () => {};
    const data = samples(300_000, (i) => 1 + (i % 4));
    await step(
      new lib.Sequential(rt, layers),
      { data, epochs: 2, batchSize: 2048, bucketByLength: true, checkpoint: { save, every: 40 } },
      1e3,
    );
  });
}

function samples(count: number, lengthOf: (i: number) => number): Sample[] {
  return Array.from({ length: count }, (_, i) => {
    const x = Int32Array.from({ length: lengthOf(i) }, (_, t) => (i * 7 + t * t) % 60);
    return { x, y: x };
  });
}

type Model = InstanceType<Library["Sequential"]>;
type Options = Omit<Parameters<Library["fit"]>[1], "loss" | "optimizer">;

async function watched(
  lib: Library,
  work: (
    rt: Awaited<ReturnType<Library["createRuntime"]>>,
    train: (model: Model, options: Options, seconds: number) => Promise<void>,
  ) => Promise<void>,
): Promise<Noticed> {
  const tasks: { startTime: number; duration: number }[] = [];
  const [steps, inputs, frames]: [number[], number[], number[]] = [[], [], []];
  let [timers, on, last, warm] = [0, true, performance.now(), Number.POSITIVE_INFINITY];
  const observer = new PerformanceObserver((list) => void tasks.push(...list.getEntries()));
  observer.observe({ entryTypes: ["longtask"] });
  const onInput = ({ timeStamp }: Event) => performance.now() > warm && inputs.push(performance.now() - timeStamp);
  addEventListener("mousedown", onInput);
  const timer = setInterval(() => performance.now() > warm && timers++, 10);
  const frame = () => {
    const now = performance.now();
    if (last > warm) frames.push(now - last);
    last = now;
    if (on) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);

  const rt = await lib.createRuntime({ seed: 1 });
  await work(rt, async (model, options, seconds) => {
    const [optimizer, forward] = [new lib.Adam(model.parameters()), model.forward.bind(model)];
    const update = optimizer.step.bind(optimizer);
    let start = 0;
    const timed = (x: Parameters<Model["forward"]>[0], how?: object) => {
      start = performance.now();
      return forward(x, how);
    };
    optimizer.step = () => {
      update();
      steps.push(performance.now() - start);
      if (steps.length === FIRST_STEPS) warm = performance.mark("warm").startTime;
      if (performance.now() > warm + 1000 * seconds) end.abort();
    };
    const end = new AbortController();
    const whole = { runtime: rt, forward: timed, namedParameters: () => model.namedParameters() };
    const modes = { namedLayers: () => model.namedLayers(), train: () => model.train(), eval: () => model.eval() };
    const trained = { ...whole, ...modes };
    await lib
      .fit(trained, { ...options, loss: new lib.CrossEntropyLoss(rt), optimizer, signal: end.signal })
      .catch((error) => end.signal.aborted || Promise.reject(error));
  });
  on = false;
  clearInterval(timer);
  const total = performance.mark("done").startTime - warm;
  await new Promise((resolve) => setTimeout(resolve, 300)); // what was observed comes later
  observer.disconnect();
  removeEventListener("mousedown", onInput);
  rt.dispose();
  const durationsOf = (late: boolean) => tasks.filter(({ startTime }) => startTime > warm === late).map(({ duration }) => duration);
  return {
    ...{ steps: steps.slice(FIRST_STEPS), long: durationsOf(true), early: durationsOf(false) },
    ...{ frames, inputs, timers, total },
  };
}
