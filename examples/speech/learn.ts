/** Training: made voices, a network, people to watch. */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { AdamW, fit, Generator, OneCycleLR, type Runtime } from "wasm-rnn";
import { CTCLoss, characterErrorRate, ctcGreedy } from "wasm-rnn/sequence";
import { terminalReporter } from "wasm-rnn/terminal";
import { UserError } from "../shared/program.js";
import { grouped } from "../shared/text.js";
import { klettres, madeSpeakers, type Sound, type Speaker, strings } from "./data.js";
import { FEATURES } from "./features.js";
import { features, type Statistics, statisticsOf } from "./front-end.js";
import { lessons, pass, primer, secondsOf } from "./lessons.js";
import type { Recogniser } from "./listen.js";
import { build } from "./model.js";
import type { Options } from "./options.js";
import { SYMBOLS } from "./symbols.js";
import { FEW, VOICES } from "./voices.js";

/** Of a full run, and of one that only shows that all is in place. The first passes are over symbols by themselves. */
const FULL = {
  voices: VOICES,
  symbols: SYMBOLS,
  breaths: 8,
  single: 3000,
  lessons: 2000,
  passes: { single: 3, strings: 4 },
  units: 160,
  batch: 8,
  people: 2,
  watched: 60,
};
const QUICK = {
  voices: FEW,
  symbols: SYMBOLS.filter((symbol) => symbol.length === 1),
  ...{ breaths: 2, single: 24, lessons: 24, passes: { single: 1, strings: 1 }, units: 32, batch: 8, people: 1, watched: 2 },
};
const LR = 0.004;
/** What is watched is the same for every seed. */
const WATCHED_SEED = 7;

export interface Learned extends Recogniser {
  readonly speakers: readonly Speaker[];
  /** Of the fit alone. */
  readonly seconds: number;
}

export async function learn(rt: Runtime, { seed, quick, data, save, resume }: Options, signal: AbortSignal): Promise<Learned> {
  const { voices, symbols, breaths, passes, units, batch, ...size } = quick ? QUICK : FULL;
  const checkpoint = `${save}.checkpoint`;
  if (resume && !existsSync(checkpoint)) throw new UserError(`--resume: there is no checkpoint ${checkpoint}`);
  const speakers = madeSpeakers(voices, symbols, breaths, data);
  const watched = (await klettres(data, size.people)).flatMap((person, i) =>
    strings(person, size.watched, new Generator(WATCHED_SEED + i)),
  );
  const isMade = voices.map(({ program }) => program === "espeak-ng");
  const kinds = [true, false].map((kind) => speakers.filter((_, i) => isMade[i] === kind)).filter(({ length }) => length > 0);
  const random = new Generator(seed);
  const single = primer(kinds, size.single, random);
  const all = lessons(kinds, size.lessons, random);
  const statistics = statisticsOf(all.map(({ frames }) => frames));
  const model = build(rt, 1 + SYMBOLS.length, units);
  const parameters = model.parameters().reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  console.log(
    `  ${voices.length} made voices, ${single.length} symbols by themselves, ${grouped(all.length)} strings of ${grouped(secondsOf(all) / 60)} minutes`,
  );
  console.log(`  ${watched.length} strings of people's letters to watch; ${grouped(parameters)} parameters\n`);

  const optimizer = new AdamW(model.parameters(), { lr: LR, weightDecay: 0.01 });
  const totalSteps = passes.single * Math.ceil(single.length / batch) + passes.strings * Math.ceil(all.length / batch);
  const epochs = passes.single + passes.strings;
  mkdirSync(dirname(save), { recursive: true });
  const begin = performance.now();
  await fit(model, {
    data: (epoch: number) => pass(epoch < passes.single ? single : all, statistics, batch, new Generator(1000 * seed + epoch)),
    validation: samplesOf(watched, statistics),
    ...{
      features: FEATURES,
      loss: new CTCLoss(rt, { zeroInfinity: true }),
      optimizer,
      epochs,
      batchSize: batch,
      clipNorm: 1,
      signal,
    },
    ...{ schedule: new OneCycleLR(optimizer, { maxLr: LR, totalSteps, pctStart: 0.05 }), scheduleEvery: "step" },
    metrics: [{ ser: characterErrorRate({ decode: ctcGreedy }) }],
    earlyStopping: { patience: epochs, monitor: "ser", mode: "min" }, // none stops early: the best pass's weights are taken
    callbacks: terminalReporter({ unit: "strings" }),
    ...(!quick && { checkpoint: { file: checkpoint }, resume }),
  });
  rmSync(checkpoint, { force: true });
  return { model, symbols: SYMBOLS, statistics, speakers, seconds: (performance.now() - begin) / 1000 };
}

export function samplesOf(sounds: readonly Sound[], statistics: Statistics): { x: Float32Array; y: number[] }[] {
  return sounds.map(({ labels, samples }) => ({ x: features(samples, statistics), y: [...labels] }));
}
