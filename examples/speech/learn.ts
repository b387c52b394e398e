/** Training: made voices, a network, people to watch. */
import { existsSync, rmSync } from "node:fs";
import { AdamW, CrossEntropyLoss, fit, Generator, OneCycleLR, type Runtime } from "wasm-rnn";
import { CTCLoss, characterErrorRate, ctcGreedy } from "wasm-rnn/sequence";
import { terminalReporter } from "wasm-rnn/terminal";
import { UserError } from "../shared/program.js";
import { type Checkpoint, checkpointOf } from "../shared/saving.js";
import { grouped, parametersOf } from "../shared/text.js";
import { klettres, madeSpeakers, type Speaker, strings } from "./data.js";
import { FEATURES } from "./features.js";
import { features, secondsOf, statisticsOf } from "./front-end.js";
import { lessons, pass, sampleOf } from "./lessons.js";
import type { Recogniser } from "./listen.js";
import { build } from "./model.js";
import { type Options, runOf } from "./options.js";
import { SYMBOLS } from "./symbols.js";
import { FEW, VOICES } from "./voices.js";

/** Of a full run, and of one that only shows that all is in place. */
const FULL = { voices: VOICES, symbols: SYMBOLS, breaths: 8, lessons: 8000, passes: [3, 2], units: 160, batch: 16, people: 2, watched: 60 };
const QUICK = {
  voices: FEW,
  symbols: SYMBOLS.filter((symbol) => symbol.length === 1),
  ...{ breaths: 2, lessons: 48, passes: [1, 1], units: 32, batch: 8, people: 1, watched: 2 },
};
/** Of the steps, and then of the strings. */
const RATES = [0.004, 0.0015] as const;
/** Of the blank among the steps: nine of ten are. */
const BLANK_WEIGHT = 0.1;
/** What is watched is the same for every seed. */
const WATCHED_SEED = 7;

export interface Learned extends Recogniser {
  readonly speakers: readonly Speaker[];
  /** Of no more use when the model is kept. */
  readonly checkpoints: readonly Checkpoint[];
  /** Of the fit alone. */
  readonly seconds: number;
}

/** A checkpoint of each stage; one lies there as soon as its stage has begun. A quick run leaves them alone. */
function checkpointsOf(options: Options): Checkpoint[] {
  if (options.quick) return [];
  const { save, resume } = options;
  const places = [`${save}.steps`, save];
  if (resume && !places.some((place) => existsSync(`${place}.checkpoint`)))
    throw new UserError(`--resume: there is no checkpoint ${save}.checkpoint`);
  if (!resume) rmSync(`${save}.checkpoint`, { force: true }); // of an older run: this one's second stage would be taken for begun
  return places.map((place) => checkpointOf({ save: place, resume: resume && existsSync(`${place}.checkpoint`) }, runOf(options)));
}

export async function learn(rt: Runtime, options: Options, signal: AbortSignal): Promise<Learned> {
  const { seed, quick, data, resume } = options;
  const { voices, symbols, breaths, passes, units, batch, ...size } = quick ? QUICK : FULL;
  const checkpoints = checkpointsOf(options);
  const speakers = madeSpeakers(voices, symbols, breaths, data);
  const watched = (await klettres(data, size.people)).flatMap((person, i) =>
    strings(person, size.watched, new Generator(WATCHED_SEED + i)),
  );
  const isMade = voices.map(({ program }) => program === "espeak-ng");
  const kinds = [true, false].map((kind) => speakers.filter((_, i) => isMade[i] === kind)).filter(({ length }) => length > 0);
  const random = new Generator(seed);
  const all = lessons(kinds, size.lessons, random);
  const statistics = statisticsOf(all.map(({ frames }) => frames));
  const model = build(rt, 1 + SYMBOLS.length, units);
  const parameters = parametersOf(model);
  console.log(`  ${voices.length} made voices, ${grouped(all.length)} strings of ${grouped(secondsOf(all) / 60)} minutes`);
  console.log(`  ${watched.length} strings of people's letters to watch; ${grouped(parameters)} parameters\n`);

  const begin = performance.now();
  for (const [stage, epochs] of passes.entries()) {
    const ofStrings = stage === 1;
    const optimizer = new AdamW(model.parameters(), { lr: RATES[stage] as number, weightDecay: 0.01 });
    const totalSteps = epochs * Math.ceil(all.length / batch);
    const checkpoint = checkpoints[stage];
    await fit(model, {
      data: (epoch: number) => pass(all, ofStrings, statistics, batch, new Generator(1000 * seed + 100 * stage + epoch)),
      validation: watched.map((sound) => sampleOf(sound, ofStrings, features(sound.samples, statistics))),
      ...{
        features: FEATURES,
        loss: ofStrings ? new CTCLoss(rt, { zeroInfinity: true }) : lossOfSteps(rt),
        optimizer,
        epochs,
        batchSize: batch,
      },
      ...{ clipNorm: 1, signal },
      ...{ schedule: new OneCycleLR(optimizer, { maxLr: RATES[stage] as number, totalSteps, pctStart: 0.15 }), scheduleEvery: "step" },
      ...(ofStrings && { metrics: [{ ser: characterErrorRate({ decode: ctcGreedy }) }] }),
      callbacks: terminalReporter({ unit: "strings" }),
      ...(checkpoint && { checkpoint, resume: resume && existsSync(checkpoint.file) }),
    });
  }
  return { model, symbols: SYMBOLS, statistics, speakers, checkpoints, seconds: (performance.now() - begin) / 1000 };
}

function lossOfSteps(rt: Runtime): CrossEntropyLoss {
  const weight = new Float32Array(1 + SYMBOLS.length).fill(1);
  weight[0] = BLANK_WEIGHT;
  return new CrossEntropyLoss(rt, { weight });
}
