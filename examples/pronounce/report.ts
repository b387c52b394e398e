/** The network beside what needs none, on words that nothing was learned from. */
import pc from "picocolors";
import { type Baseline, type Measure, type Result, show } from "../shared/results.js";
import { grouped } from "../shared/text.js";
import { align } from "./alignment.js";
import { byContext, byLetter } from "./baselines.js";
import { arpabet, type Parts, type Word } from "./data.js";
import type { Spellers } from "./model.js";
import { JointModel } from "./ngram.js";
import { type Hypothesis, opinions } from "./opinion.js";
import { intervalOf, nearest, PHONE_ERRORS, type Rate, rateOf, type Score, scoreOf, WORD_ERRORS } from "./score.js";

/** Weight of the n-gram's logarithm beside the networks'. */
const SECOND_OPINION = 0.5;
/** Of what the n-gram cannot spell. */
const IMPOSSIBLE = -100;
const GOAL = 30;
const EXAMPLES = 8;
const PHONES_OF_A_LINE = 9;

/** Somebody's phones for the words. */
interface Speaker {
  readonly name: string;
  readonly said: readonly (readonly number[])[];
  readonly scores: readonly Score[];
}

/** Of the hypotheses the one that all find likely. */
export function together(hypotheses: readonly Hypothesis[], spelling: string, ngram: JointModel): readonly number[] {
  const worth = ({ phones, logProbability }: Hypothesis) =>
    logProbability + SECOND_OPINION * Math.max(IMPOSSIBLE, ngram.logProbability(spelling, phones));
  const ranked = hypotheses.map((own) => ({ own, worth: worth(own) }));
  return ranked.reduce((best, next) => (next.worth > best.worth ? next : best)).own.phones;
}

/** All speakers on these words, the network with the n-gram first. */
async function speakersOf(model: Spellers, learned: readonly Word[], words: readonly Word[]): Promise<[Speaker, ...Speaker[]]> {
  const aligned = align(learned);
  const [letter, context, ngram] = [byLetter(learned, aligned), byContext(learned, aligned), new JointModel(learned, aligned)];
  const spoken = new Map(words.map(({ spelling }) => [spelling, ngram.speak(spelling)]));
  const spellings = words.map(({ spelling }) => spelling);
  const all = await opinions(model, spellings, (spelling) => [spoken.get(spelling) ?? []]);
  const speaker = (name: string, speak: (word: Word, w: number) => readonly number[]): Speaker => {
    const said = words.map(speak);
    return { name, said, scores: words.map((word, w) => scoreOf(word, said[w] as readonly number[])) };
  };
  return [
    speaker("two LSTMs with CTC, and joint n-gram", ({ spelling }, w) => together(all[w] as Hypothesis[], spelling, ngram)),
    speaker("the LSTMs alone", (_, w) => all[w]?.[0]?.phones ?? []),
    speaker("the joint n-gram alone", ({ spelling }) => spoken.get(spelling) ?? []),
    speaker("widest context known", ({ spelling }) => context(spelling)),
    speaker("letter by letter", ({ spelling }) => letter(spelling)),
  ];
}

/** Prints all of it. */
export async function report(
  model: Spellers,
  { learned, tested }: Parts,
  { seed, seconds, quick }: { seed: number; seconds: number; quick: boolean },
): Promise<Result> {
  const [ours, ...others] = await speakersOf(model, learned, tested);
  const measure = (rate: Rate, goal?: number): Measure => ({
    ...{ name: rate.name, unit: "%", digits: 1, better: "lower", value: rateOf(ours.scores, rate), ...(goal !== undefined && { goal }) },
    baselines: others.map(
      ({ name, scores }): Baseline => ({
        ...{ name, value: rateOf(scores, rate), interval: intervalOf(tested, ours.scores, scores, rate, seed) },
      }),
    ),
  });
  const result: Result = {
    ...{ example: "pronounce", data: `${grouped(learned.length)} words of the CMU Pronouncing Dictionary`, split: "by word family" },
    ...{ seed, seconds, measures: [measure(WORD_ERRORS, GOAL), measure(PHONE_ERRORS)] },
  };
  show(result, ours.name, { quick });
  showErrors(tested, ours);
  return result;
}

/** Some of the words that went wrong, spread over the alphabet; long ones are left out, so that each has a line. */
function showErrors(words: readonly Word[], { said, scores }: Speaker): void {
  const wrong = words.flatMap((word, w) => {
    const [own, right] = [said[w] as readonly number[], nearest(word, said[w] as readonly number[])];
    return (scores[w] as Score).edits > 0 && Math.max(own.length, right.length) <= PHONES_OF_A_LINE
      ? [[word.spelling, own, right] as const]
      : [];
  });
  console.log(`\n  ${pc.bold("some of what went wrong".padEnd(44))}${pc.dim("and what the dictionary says")}`);
  for (let i = 0; i < EXAMPLES; i++) {
    const [spelling, own, right] = wrong[Math.floor(((i + 0.5) * wrong.length) / EXAMPLES)] ?? [];
    if (own && right) console.log(`  ${spelling?.padEnd(14)} ${pc.yellow(arpabet(own).padEnd(28))} ${arpabet(right)}`);
  }
}
