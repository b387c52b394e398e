/** What attention is for, measured: copying and reversing long sequences, with it and without, from the same budget. README.md says more. */
import { Command, Option } from "commander";
import pc from "picocolors";
import { Adam, CrossEntropyLoss, createRuntime, fit, Generator, OneCycleLR } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { terminalReporter } from "wasm-rnn/terminal";
import { heatMap } from "../shared/heat-map.js";
import { count, list, number, oneOf, run, seed } from "../shared/program.js";
import { draw, type Score, type Sizes, scoreOf, TASKS, type Task } from "./data.js";
import { build, KINDS, type Kind } from "./model.js";

const BATCH = 32;
const STEPS_PER_EPOCH = 50;
const MEASURED = 200;

interface Options extends Sizes {
  readonly steps: number;
  readonly hidden: number;
  readonly tasks: readonly Task[];
  readonly lr: number;
  readonly seeds: readonly number[];
}

interface Row extends Score {
  readonly task: Task;
  readonly kind: Kind;
  readonly seed: number;
}

function parseOptions(): Options {
  return new Command()
    .name("npm run example copy-reversal --")
    .option("--steps <n>", "optimizer steps for each network", count, 1400)
    .option("--length <n>", "tokens of a sequence", count, 50)
    .option("--symbols <n>", "different tokens", count, 10)
    .option("--hidden <n>", "units, an even number", number({ min: 2, whole: true }), 64)
    .option("--tasks <list>", TASKS.join(", "), list(oneOf(...TASKS)), [...TASKS])
    .option("--lr <rate>", "Adam's greatest rate", number({ above: 0 }), 0.005)
    .option("--seeds <list>", "of everything random; each is a run of its own", list(seed), [1])
    .addOption(new Option("--quick", "a run of a few seconds").implies({ steps: 50, length: 8, lr: 0.01 }))
    .parse()
    .opts<Options>();
}

/** One network on one task, and with attention how it looked at the first of the sequences that it had not learned. */
async function measure(options: Options, task: Task, kind: Kind, seed: number): Promise<Row & { map: string[] | undefined }> {
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
    callbacks: { onProgress, onEnd },
  });
  const sources = held.map(({ source }) => source);
  const said = model.greedy(sources, { length: options.length + 1 });
  const wanted = held.map(({ target }) => target);
  const score = scoreOf(
    said.map(({ tokens }) => tokens),
    wanted,
  );
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.log(`  ${title} seed ${seed}  tokens ${percent(score.tokens)}  sequences ${percent(score.sequences)}  ${seconds} s`);
  const weights = said[0]?.weights;
  return { task, kind, seed, ...score, map: weights && weights.length > 0 ? heatMap(weights) : undefined };
}

const percent = (share: number) => `${(100 * share).toFixed(1).padStart(5)} %`;

/** The table: one line for each task and network, all seeds side by side. */
function table(rows: readonly Row[], { length, symbols, steps, seeds }: Options): string[] {
  const lines = [
    `  ${pc.bold(`after ${steps} steps of ${BATCH} sequences of ${length}`)} ${pc.dim(`on ${MEASURED} that were not learned`)}`,
    pc.dim(`  ${"".padEnd(24)}${"tokens right".padEnd(10 * seeds.length + 4)}whole sequences right`),
  ];
  for (const { task, kind } of rows.filter((row) => row.seed === seeds[0])) {
    const own = rows.filter((row) => row.task === task && row.kind === kind);
    const columns = (name: "tokens" | "sequences") => own.map((row) => percent(row[name]).padEnd(10)).join("");
    lines.push(
      `  ${task.padEnd(8)} ${kind.padEnd(14)} ${columns("tokens").padEnd(10 * seeds.length + 4)}${columns("sequences").trimEnd()}`,
    );
  }
  return [...lines, pc.dim(`  guessing: ${percent(1 / symbols).trim()} of the tokens`)];
}

async function main(): Promise<number> {
  const options = parseOptions();
  const rows: Row[] = [];
  let drawn: { task: Task; map: string[] } | undefined;
  for (const seed of options.seeds) {
    for (const task of options.tasks) {
      for (const kind of KINDS) {
        const { map, ...row } = await measure(options, task, kind, seed);
        rows.push(row);
        if (map) drawn = { task, map };
      }
    }
  }
  console.log(`\n${table(rows, options).join("\n")}`);
  if (drawn) {
    console.log(`\n  ${pc.bold(`where the decoder looked (${drawn.task})`)} ${pc.dim("token by token from above")}`);
    for (const line of drawn.map) console.log(line);
  }
  return 0;
}

await run(main);
