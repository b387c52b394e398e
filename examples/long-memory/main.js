/** Why LSTMs exist, measured: RNN, LSTM and GRU on two tasks that need a long memory, from the same budget. README.md says more. */
import { Command } from "commander";
import pc from "picocolors";
import {
  Adam,
  CrossEntropyLoss,
  createRuntime,
  Dense,
  evaluate,
  fit,
  Generator,
  GRU,
  init,
  LastStep,
  LSTM,
  MSELoss,
  RNN,
  Sequential,
} from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { drawNorms, gradientNorms } from "./norms.js";
import { adding, copy } from "./tasks.js";

const BATCH = 32;
const STEPS_PER_EPOCH = 100;
const KINDS = /** @type {const} */ (["RNN", "LSTM", "GRU"]);

const options = new Command()
  .name("npm run example long-memory --")
  .option("--steps <n>", "optimizer steps for each network", Number, 4000)
  .option("--hidden <n>", "units", Number, 32)
  .option("--lengths <list>", "steps of a sequence", (text) => text.split(",").map(Number), [100, 200])
  .option("--tasks <list>", "adding, copy", (text) => text.split(","), ["adding", "copy"])
  .option("--lr <rate>", "Adam's rate", Number, 0.01)
  .option("--seed <n>", "of everything random", Number, 1)
  .parse()
  .opts();

const rows = [];
const norms = [];
for (const task of [adding, copy].filter(({ name }) => options.tasks.includes(name))) {
  for (const T of options.lengths) {
    for (const kind of KINDS) {
      const rt = await createRuntime({ seed: options.seed });
      const model = build(rt, kind, task);
      const random = new Generator(options.seed);
      const loss = task === adding ? new MSELoss(rt) : new CrossEntropyLoss(rt);
      const draw = (count) => Array.from({ length: count }, () => task.draw(T, random));
      const validation = draw(256);
      if (task === adding) norms.push({ T, kind, values: gradientNorms(model, draw(BATCH), T) });
      const start = performance.now();
      const optimizer = new Adam(model.parameters(), { lr: options.lr });
      const epochs = Math.max(1, Math.round(options.steps / STEPS_PER_EPOCH));
      const perEpoch = Math.min(options.steps, STEPS_PER_EPOCH) * BATCH;
      function* fresh() {
        for (let i = 0; i < perEpoch; i++) yield task.draw(T, random);
      }
      const metrics = task === copy ? /** @type {const} */ (["accuracy"]) : [];
      const title = pc.bold(`${task.name} ${T} ${kind}`.padEnd(16));
      const { onProgress, onEnd } = terminalReporter({ title, unit: "sequences" });
      const settings = { loss, optimizer, epochs, batchSize: BATCH, features: task.features, clipNorm: 1 };
      await fit(model, { data: fresh, ...settings, callbacks: { onProgress, onEnd } });
      const { loss: error, accuracy } = await evaluate(model, { data: validation, loss, metrics, features: task.features });
      const seconds = (performance.now() - start) / 1000;
      rows.push({ task, T, kind, result: accuracy ?? error, seconds });
      console.log(`  ${title}  ${task.measure} ${(accuracy ?? error).toFixed(4)}  ${seconds.toFixed(0)} s`);
      rt.dispose();
    }
  }
}
console.log(
  `\n  ${pc.bold(`after ${options.steps} steps of ${BATCH} sequences each`)} ${pc.dim("on 256 sequences that were not learned")}`,
);
for (const { task, T } of rows.filter(({ kind }) => kind === "RNN")) {
  const cells = rows.filter((row) => row.task === task && row.T === T).map(({ kind, result }) => `${kind} ${result.toFixed(4)}`);
  console.log(`  ${task.name.padEnd(7)} T ${String(T).padEnd(4)} ${cells.join("   ")}   ${pc.dim(`${task.measure}; ${task.naive}`)}`);
}
for (const T of options.tasks.includes(adding.name) ? options.lengths : [])
  drawNorms(
    T,
    norms.filter((entry) => entry.T === T),
  );

/**
 * @param {import("wasm-rnn").Runtime} rt
 * @param {typeof KINDS[number]} kind
 * @param {import("./tasks.js").Task} task
 */
function build(rt, kind, task) {
  const sizes = { inputSize: task.features, hiddenSize: options.hidden };
  const layer = { RNN: () => new RNN(rt, sizes), LSTM: () => new LSTM(rt, sizes), GRU: () => new GRU(rt, sizes) }[kind]();
  if (layer instanceof LSTM) init.forgetGateBias(layer, 1);
  const head = new Dense(rt, { inputSize: options.hidden, outputSize: task.outputs });
  return task === adding ? new Sequential(rt, { layer, last: new LastStep(rt), head }) : new Sequential(rt, { layer, head });
}
