/** The task of the prompts: what a network that has only heard made voices understands of a person who speaks in sentences. */
import { AdamW, createRuntime, fit, OneCycleLR, predict } from "wasm-rnn";
import { CTCLoss, characterErrorRate, ctcBeam, ctcGreedy, loadOperators } from "wasm-rnn/sequence";
import { terminalReporter } from "wasm-rnn/terminal";
import { loud } from "./augment.js";
import { FEATURES } from "./features.js";
import { features, statisticsOf } from "./front-end.js";
import { heardBy, inOrder, secondsOf } from "./hearing.js";
import { letterScore } from "./letters.js";
import { readPrompts, soundOf } from "./prompts-data.js";
import { labelsOf, Transcriber, textOf } from "./prompts-model.js";
import { reportPrompts } from "./prompts-report.js";
import { readings } from "./readings.js";
import { FEW, VOICES } from "./voices.js";

export interface PromptsOptions {
  readonly seed: number;
  readonly quick: boolean;
  readonly record: boolean;
  readonly data?: string;
}

/** Of a full run, and of one that only shows that all is in place. */
const FULL = { training: 3000, watched: 160, hidden: 128, epochs: 12, prompts: Number.POSITIVE_INFINITY, voices: VOICES };
const QUICK = { training: 24, watched: 8, hidden: 16, epochs: 1, prompts: 12, voices: FEW };
const BATCH = 16;
const LR = 0.01;
/** Of the search, tuned on the readings that are watched. */
const [BEAM, WEIGHT, BONUS] = [12, 0.4, 0.6];
/** How loud what is not augmented is, decibels. */
const LOUDNESS = -22;

export async function learnPrompts({ seed, quick, record, data }: PromptsOptions): Promise<void> {
  const size = quick ? QUICK : FULL;
  const found = readPrompts(data);
  const without = new Set(found.prompts.map(({ text }) => text));
  const { training, watched } = readings({ ...size, seed, without, data });
  const heard = heardBy(training, seed);
  const statistics = statisticsOf(heard.map(({ frames }) => frames));
  const steps = (samples: Float32Array) => features(loud(samples, LOUDNESS), statistics);
  console.log(
    `  ${training.length} texts read by made voices, ${(secondsOf(heard) / 3600).toFixed(1)} hours; ${watched.length} others to watch\n`,
  );

  using rt = await createRuntime({ seed });
  await loadOperators(rt);
  const model = new Transcriber(rt, { hidden: size.hidden, statistics });
  const optimizer = new AdamW(model.parameters(), { lr: LR, weightDecay: 0.01 });
  const totalSteps = size.epochs * Math.ceil(heard.length / BATCH);
  const begin = performance.now();
  await fit(model, {
    data: inOrder(heard, statistics, BATCH, seed),
    validation: watched.map(({ text, samples }) => ({ x: steps(samples), y: labelsOf(text) })),
    ...{ features: FEATURES, loss: new CTCLoss(rt, { zeroInfinity: true }), optimizer, epochs: size.epochs, batchSize: BATCH, clipNorm: 1 },
    ...{ schedule: new OneCycleLR(optimizer, { maxLr: LR, totalSteps }), scheduleEvery: "step" },
    metrics: [{ cer: characterErrorRate({ decode: ctcGreedy }) }],
    callbacks: terminalReporter({ unit: "readings" }),
  });
  const seconds = (performance.now() - begin) / 1000;

  const prompts = found.prompts.slice(0, size.prompts);
  const logits = await predict(
    model,
    prompts.map((prompt) => steps(soundOf(prompt))),
    { features: FEATURES },
  ); // once, at the end
  const score = letterScore(
    training.map(({ text }) => text),
    WEIGHT,
    BONUS,
  );
  const said = logits.map((each) => textOf(ctcBeam(each, { beamWidth: BEAM, score })[0]?.labels ?? []));
  const greedily = logits.map((each) => textOf(ctcGreedy(each)));
  reportPrompts({ ...found, prompts, said, greedily, seed, seconds, record });
}
