/** What attention is for, measured: copying and reversing long sequences, with it and without, from the same budget. README.md says more. */
import pc from "picocolors";
import { Adam, CrossEntropyLoss, createRuntime, fit, Generator, OneCycleLR } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { terminalReporter } from "wasm-rnn/terminal";
import { heatMap } from "../shared/heat-map.js";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { keepPicture } from "../shared/svg.js";
import { draw, scoreOf, type Task } from "./data.js";
import { build, KINDS, type Kind } from "./model.js";
import { type Options, parseOptions } from "./options.js";
import { picture } from "./picture.js";
import { percent, type Row, resultOf, table } from "./report.js";

const BATCH = 32;
const STEPS_PER_EPOCH = 50;
const MEASURED = 200;

interface Measured {
  readonly row: Row;
  /** Of each token that was said, over the source. */
  readonly weights: readonly ArrayLike<number>[];
}

/** One network on one task, and with attention how it looked at the first of the sequences that it had not learned. */
async function measure(options: Options, task: Task, kind: Kind, seed: number, signal: AbortSignal): Promise<Measured> {
  using rt = await createRuntime({ seed });
  await loadOperators(rt);
  const model = build(rt, kind, options);
  const random = new Generator(seed);
  const held = Array.from({ length: MEASURED }, () => draw(task, options, random));
  const optimizer = new Adam(model.parameters(), { lr: options.lr });
  const perEpoch = Math.min(options.steps, STEPS_PER_EPOCH);
  const title = pc.bold(`${task} ${kind}`.padEnd(22));
  const { onProgress, onEnd } = terminalReporter({ title, unit: "sequences" });
  const begin = performance.now();
  await fit(model, {
    data: () => model.samples(Array.from({ length: perEpoch * BATCH }, () => draw(task, options, random))), // fresh ones every epoch
    shuffle: false,
    loss: new CrossEntropyLoss(rt),
    optimizer,
    schedule: new OneCycleLR(optimizer, { maxLr: options.lr, totalSteps: options.steps }),
    scheduleEvery: "step",
    epochs: Math.max(1, Math.round(options.steps / STEPS_PER_EPOCH)),
    batchSize: BATCH,
    clipNorm: 1,
    ...{ signal, callbacks: { onProgress, onEnd } },
  });
  const sources = held.map(({ source }) => source);
  const said = model.greedy(sources, { length: options.length + 1 });
  const row: Row = { task, kind, seed, said: said.map(({ tokens }) => tokens), wanted: held.map(({ target }) => target) };
  const { tokens, sequences } = scoreOf(row.said, row.wanted);
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.log(`  ${title} seed ${seed}  tokens ${percent(tokens)}  sequences ${percent(sequences)}  ${seconds} s`);
  return { row, weights: said[0]?.weights ?? [] };
}

/** All tasks and networks of one seed. */
async function measureAll(options: Options, seed: number, signal: AbortSignal): Promise<Measured[]> {
  const all: Measured[] = [];
  for (const task of options.tasks) {
    for (const kind of KINDS) all.push(await measure(options, task, kind, seed, signal));
  }
  return all;
}

async function main(): Promise<number> {
  const options = parseOptions();
  const rows: Row[] = [];
  let drawn: Measured | undefined;
  for (const seed of options.seeds) {
    const begin = performance.now();
    const measured = await untilCtrlC((signal) => measureAll(options, seed, signal));
    if (!measured) return INTERRUPTED;
    const own = measured.map(({ row }) => row);
    rows.push(...own);
    drawn = measured.findLast(({ weights }) => weights.length > 0) ?? drawn;
    if (!options.record) continue;
    const result = resultOf(own, { seed, seconds: (performance.now() - begin) / 1000 });
    show(result, "with attention");
    record(result);
  }
  console.log(`\n${table(rows, options, `${BATCH} sequences of ${options.length}`).join("\n")}`);
  if (drawn) {
    console.log(`\n  ${pc.bold(`where the decoder looked (${drawn.row.task})`)} ${pc.dim("token by token from above")}`);
    for (const line of heatMap(drawn.weights)) console.log(line);
    if (options.picture !== undefined) keepPicture(options.picture, picture(drawn.row, drawn.weights));
  }
  return 0;
}

await run(main);
