/** The task of the prompts: what a network that has only heard made voices understands of a person who speaks in sentences. */
import { rmSync } from "node:fs";
import pc from "picocolors";
import * as v from "valibot";
import { AdamW, createRuntime, fit, loadModel, OneCycleLR, predict, type Runtime } from "wasm-rnn";
import { CTCLoss, characterErrorRate, ctcBeam, ctcGreedy, loadOperators } from "wasm-rnn/sequence";
import { terminalReporter } from "wasm-rnn/terminal";
import { INTERRUPTED, untilCtrlC } from "../shared/program.js";
import { readSaved } from "../shared/saved.js";
import { checkpointOf, placeOf } from "../shared/saving.js";
import { grouped, printable, width, wrap } from "../shared/text.js";
import { loud } from "./augment.js";
import { FEATURES } from "./features.js";
import { features, secondsOf, statisticsOf } from "./front-end.js";
import { heardBy, inOrder } from "./hearing.js";
import { letterScore } from "./letters.js";
import { commandFor, fileOf, type Options, runOf } from "./options.js";
import { readPrompts, soundOf } from "./prompts-data.js";
import { labelsOf, Transcriber, textOf } from "./prompts-model.js";
import { reportPrompts } from "./prompts-report.js";
import { type Reading, readings, SOME } from "./readings.js";
import { STATISTICS } from "./saved.js";
import { soundIn } from "./use.js";
import { VOICES } from "./voices.js";

/** Of a full run, and of one that only shows that all is in place. */
const FULL = { training: 3000, watched: 160, hidden: 128, epochs: 12, voices: VOICES };
const QUICK = { training: 24, watched: 8, hidden: 16, epochs: 1, voices: SOME };
const BATCH = 16;
/** Of twice that the loss rises again where the cycle is at its height. */
const LR = 0.005;
/** Of the search, tuned on the readings that are watched: followed side by side, weight of the counted letters, bonus of each letter. */
const [BEAM, WEIGHT, BONUS] = [16, 0.5, 1.2];
/** How loud everything is made that is not augmented, decibels. */
const LOUDNESS = -22;

/** @returns the program's exit code */
export async function prompts(options: Options): Promise<number> {
  using rt = await createRuntime({ seed: options.seed });
  await loadOperators(rt);
  if (options.use !== undefined) return await transcribeText(rt, options.save, options.use);
  const code = await untilCtrlC((signal) => learnAndTest(rt, options, signal));
  if (code !== undefined) return code;
  if (!options.quick) console.log(`\n  interrupted; what goes on from the last pass:\n  ${commandFor({ resume: true }, options)}`);
  return INTERRUPTED;
}

async function learnAndTest(rt: Runtime, options: Options, signal: AbortSignal): Promise<number> {
  const size = options.quick ? QUICK : FULL;
  const place = placeOf(options, fileOf(options));
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const found = readPrompts(options.data);
  const { training, watched } = readings({ ...size, ...options, without: new Set(found.prompts.map(({ text }) => text)) });
  const { model, seconds } = await learn(rt, training, watched, options, signal);
  place.write(model.save());
  if (!options.quick) rmSync(`${options.save}.checkpoint`, { force: true });
  const tested = options.quick ? watched : found.prompts.map((prompt) => ({ text: prompt.text, samples: soundOf(prompt) })); // once, at the end
  const logits = await predict(
    model,
    tested.map(({ samples }) => stepsOf(model, samples)),
    { features: FEATURES },
  );
  const score = letterScore(
    training.map(({ text }) => text),
    WEIGHT,
    BONUS,
  );
  const said = logits.map((each) => textOf(ctcBeam(each, { beamWidth: BEAM, score })[0]?.labels ?? []));
  const greedily = logits.map((each) => textOf(ctcGreedy(each)));
  reportPrompts({ ...found, ...options, texts: tested.map(({ text }) => text), said, greedily, seconds });
  console.log(`\n  kept as ${printable(options.save)}; it transcribes:\n  ${pc.cyan(commandFor({ use: "mine.wav" }, options))}`);
  return 0;
}

async function learn(rt: Runtime, training: readonly Reading[], watched: readonly Reading[], options: Options, signal: AbortSignal) {
  const { seed, quick, resume } = options;
  const { hidden, epochs } = quick ? QUICK : FULL;
  const checkpoint = checkpointOf(options, runOf(options));
  const heard = heardBy(training, seed);
  const minutes = Math.max(1, Math.round(secondsOf(heard) / 60));
  console.log(`  ${grouped(training.length)} texts read by made voices, ${minutes} ${minutes === 1 ? "minute" : "minutes"}`);
  console.log(`  ${watched.length} others by other voices to watch\n`);
  const model = new Transcriber(rt, { hidden, statistics: statisticsOf(heard.map(({ frames }) => frames)) });
  const optimizer = new AdamW(model.parameters(), { lr: LR, weightDecay: 0.01 });
  const totalSteps = epochs * Math.ceil(heard.length / BATCH);
  const begin = performance.now();
  await fit(model, {
    data: inOrder(heard, model.statistics, BATCH, seed),
    validation: watched.map(({ text, samples }) => ({ x: stepsOf(model, samples), y: labelsOf(text) })),
    ...{ features: FEATURES, loss: new CTCLoss(rt, { zeroInfinity: true }), optimizer, epochs, batchSize: BATCH, clipNorm: 1 },
    ...{ schedule: new OneCycleLR(optimizer, { maxLr: LR, totalSteps }), scheduleEvery: "step" },
    metrics: [{ cer: characterErrorRate({ decode: ctcGreedy }) }],
    ...{ callbacks: terminalReporter({ unit: "readings" }), signal },
    ...(!quick && { checkpoint, resume }),
  });
  return { model, seconds: (performance.now() - begin) / 1000 };
}

function stepsOf({ statistics }: Transcriber, samples: Float32Array): Float32Array {
  return features(loud(samples, LOUDNESS), statistics);
}

/** By the network alone. @throws {UserError} when either file is not what it should be */
async function transcribeText(rt: Runtime, saved: string, file: string): Promise<number> {
  const samples = soundIn(file);
  const model = transcriberIn(rt, saved);
  const [logits] = await predict(model, [stepsOf(model, samples)], { features: FEATURES });
  const text = logits ? textOf(ctcGreedy(logits)) : "";
  for (const line of wrap(text || "nothing was recognised", width() - 2)) console.log(`  ${line}`);
  return 0;
}

function transcriberIn(rt: Runtime, file: string): Transcriber {
  return readSaved(file, "speech, of its prompts", (bytes) => {
    const model = loadModel<Transcriber>(rt, bytes, { classes: { Transcriber } });
    return model instanceof Transcriber && v.is(STATISTICS, model.statistics) ? { model } : undefined;
  }).model;
}
