/** Why LSTMs exist, measured: RNN, LSTM and GRU on two tasks that need a long memory, from the same budget. README.md says more. */
import { Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import { Adam, CosineAnnealingLR, CrossEntropyLoss, createRuntime, evaluate, fit, Generator, MSELoss } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { count, list, number, oneOf, run, seed, UserError } from "../shared/program.js";
import { adding, copy, type Task } from "./data.js";
import { build, type Gates, KINDS, type Kind } from "./model.js";
import { drawNorms, gradientNorms, type Norms, PIECES } from "./norms.js";

const BATCH = 32;
const STEPS_PER_EPOCH = 100;
const MEASURED = 256;

interface Options {
  readonly steps: number;
  readonly hidden: number;
  readonly lengths: readonly number[];
  readonly tasks: readonly Task["name"][];
  readonly kinds: readonly Kind[];
  readonly lr: number;
  readonly schedule: "cosine" | "constant";
  readonly clip: number;
  readonly gates: Gates;
  readonly seed: number;
}

interface Row {
  readonly task: Task;
  readonly T: number;
  readonly kind: Kind;
  readonly result: number;
}

function gates(text: string): Gates {
  if (text === "chrono") return text;
  const bias = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(bias)) throw new InvalidArgumentError("Expected chrono or a number.");
  return bias;
}

function parseOptions(): Options {
  const options = new Command()
    .name("npm run example long-memory --")
    .option("--steps <n>", "optimizer steps for each network", count, 4000)
    .option("--hidden <n>", "units", count, 32)
    .option("--lengths <list>", `steps of a sequence, multiples of ${PIECES}`, list(count), [100, 200])
    .option("--tasks <list>", "adding, copy", list(oneOf("adding", "copy")), ["adding", "copy"])
    .option("--kinds <list>", KINDS.join(", "), list(oneOf(...KINDS)), [...KINDS])
    .option("--lr <rate>", "Adam's rate at first", number({ above: 0 }), 0.02)
    .option("--schedule <name>", "of the rate: cosine, down to 0, or constant", oneOf("cosine", "constant"), "cosine")
    .option("--clip <norm>", "the gradient's greatest norm", number({ above: 0 }), 1)
    .option("--gates <how>", "how they begin: chrono, or the bias of the LSTM's forget gate", gates, "chrono")
    .option("--seed <n>", "of everything random", seed, 1)
    .addOption(new Option("--quick", "a run of a few seconds").implies({ steps: 100, lengths: [40] }))
    .parse()
    .opts<Options>();
  const odd = options.lengths.find((T) => T % PIECES !== 0);
  if (odd !== undefined) throw new UserError(`--lengths: expected multiples of ${PIECES}, got ${odd}`);
  return options;
}

/** One network on one task: how much gradient it lets through at first, and what it has learned in the end. */
async function measure(options: Options, task: Task, T: number, kind: Kind): Promise<{ row: Row; norms: Norms[] }> {
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
    callbacks: { onProgress, onEnd },
  });
  const { loss: error, accuracy } = await evaluate(model, {
    ...{ data: held, features: task.features, loss, metrics: task === copy ? ["accuracy"] : [] },
  });
  const row = { task, T, kind, result: accuracy ?? error };
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.log(`  ${title}  ${task.measure} ${row.result.toFixed(4)}  ${seconds} s`);
  return { row, norms };
}

async function main(): Promise<number> {
  const options = parseOptions();
  const [rows, norms]: [Row[], Norms[]] = [[], []];
  for (const task of [adding, copy].filter(({ name }) => options.tasks.includes(name))) {
    for (const T of options.lengths) {
      for (const kind of options.kinds) {
        const measured = await measure(options, task, T, kind);
        rows.push(measured.row);
        norms.push(...measured.norms);
      }
    }
  }
  const budget = pc.bold(`after ${options.steps} steps of ${BATCH} sequences each`);
  console.log(`\n  ${budget} ${pc.dim(`on ${MEASURED} sequences that were not learned`)}`);
  for (const { task, T } of rows.filter(({ kind }) => kind === options.kinds[0])) {
    const cells = rows.filter((row) => row.task === task && row.T === T).map(({ kind, result }) => `${kind} ${result.toFixed(4)}`);
    console.log(`  ${task.name.padEnd(7)} T ${String(T).padEnd(4)} ${cells.join("   ")}   ${pc.dim(`${task.measure}; ${task.naive}`)}`);
  }
  for (const T of new Set(norms.map((entry) => entry.T))) {
    drawNorms(
      T,
      norms.filter((entry) => entry.T === T),
    );
  }
  return 0;
}

await run(main);
