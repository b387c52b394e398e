/** Why LSTMs exist, measured: RNN, LSTM and GRU on two tasks that need a long memory, from the same budget. README.md says more. */
import pc from "picocolors";
import { Adam, CosineAnnealingLR, CrossEntropyLoss, createRuntime, fit, Generator, MSELoss, predict } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { keepPicture } from "../shared/svg.js";
import { adding, copy, type Task } from "./data.js";
import { build, type Kind } from "./model.js";
import { drawNorms, gradientNorms, type Norms } from "./norms.js";
import { type Options, parseOptions } from "./options.js";
import { picture } from "./picture.js";
import { meanOf, type Row, resultOf } from "./report.js";

const BATCH = 32;
const STEPS_PER_EPOCH = 100;
const MEASURED = 256;

/** One network on one task: how much gradient it lets through at first, and what it has learned in the end. */
async function measure(options: Options, task: Task, T: number, kind: Kind, signal: AbortSignal): Promise<{ row: Row; norms: Norms[] }> {
  using rt = await createRuntime({ seed: options.seed });
  const network = build(rt, kind, task, T, options.hidden, options.gates);
  const { model } = network;
  const random = new Generator(options.seed);
  const draw = (length: number) => Array.from({ length }, () => task.draw(T, random));
  const held = draw(MEASURED);
  const norms = task === adding ? [{ T, kind, values: gradientNorms(network, draw(BATCH), T) }] : [];
  const loss = task === adding ? new MSELoss(rt) : new CrossEntropyLoss(rt);
  const optimizer = new Adam(model.parameters(), { lr: options.lr });
  const perEpoch = Math.min(options.steps, STEPS_PER_EPOCH);
  const title = pc.bold(`${task.name} ${T} ${kind}`.padEnd(16));
  const { onProgress, onEnd } = terminalReporter({ title, unit: "sequences" });
  const begin = performance.now();
  const epochs = Math.max(1, Math.round(options.steps / STEPS_PER_EPOCH));
  await fit(model, {
    data: () => draw(perEpoch * BATCH), // fresh ones every epoch
    shuffle: false,
    features: task.features,
    loss,
    optimizer,
    ...(options.schedule === "cosine" && { schedule: new CosineAnnealingLR(optimizer, { tMax: epochs * perEpoch }) }),
    scheduleEvery: "step",
    epochs,
    batchSize: BATCH,
    clipNorm: options.clip,
    ...{ signal, callbacks: { onProgress, onEnd } },
  });
  const said = await predict(
    model,
    held.map(({ x }) => x),
    { features: task.features },
  );
  const row = { task, T, kind, results: held.map(({ y }, n) => task.score((said[n] as { data: Float32Array }).data, y)) };
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.log(`  ${title}  ${task.measure} ${meanOf(row.results).toFixed(4)}  ${seconds} s`);
  return { row, norms };
}

/** All that is asked for, one after another. */
async function measureAll(options: Options, signal: AbortSignal): Promise<{ rows: Row[]; norms: Norms[] }> {
  const [rows, norms]: [Row[], Norms[]] = [[], []];
  for (const task of [adding, copy].filter(({ name }) => options.tasks.includes(name))) {
    for (const T of options.lengths) {
      for (const kind of options.kinds) {
        const measured = await measure(options, task, T, kind, signal);
        rows.push(measured.row);
        norms.push(...measured.norms);
      }
    }
  }
  return { rows, norms };
}

async function main(): Promise<number> {
  const options = parseOptions();
  const begin = performance.now();
  const measured = await untilCtrlC((signal) => measureAll(options, signal));
  if (!measured) return INTERRUPTED;
  const { rows, norms } = measured;
  const seconds = (performance.now() - begin) / 1000;
  const budget = pc.bold(`after ${options.steps} steps of ${BATCH} sequences each`);
  console.log(`\n  ${budget} ${pc.dim(`on ${MEASURED} sequences that were not learned`)}`);
  for (const { task, T } of rows.filter(({ kind }) => kind === options.kinds[0])) {
    const own = rows.filter((row) => row.task === task && row.T === T);
    const cells = own.map(({ kind, results }) => `${kind} ${meanOf(results).toFixed(4)}`);
    console.log(`  ${task.name.padEnd(7)} T ${String(T).padEnd(4)} ${cells.join("   ")}   ${pc.dim(`${task.measure}; ${task.naive}`)}`);
  }
  for (const T of new Set(norms.map((entry) => entry.T))) {
    drawNorms(
      T,
      norms.filter((entry) => entry.T === T),
    );
  }
  if (options.picture !== undefined) keepPicture(options.picture, picture(norms));
  if (options.record) {
    const result = resultOf(rows, { seed: options.seed, seconds });
    show(result, "LSTM");
    record(result);
  }
  return 0;
}

await run(main);
