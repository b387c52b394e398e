/** Each sentence is tested once, by what has learned the nine other folds. */
import { createRuntime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { lexicon, majority, naiveBayes } from "./baselines.js";
import { FOLDS, type Sentence } from "./data.js";
import { type Logits, learn, logitsOf, type Settings } from "./learn.js";

export const SYSTEMS = [
  "three BiLSTMs and a regression",
  "the BiLSTMs alone",
  "the regression alone (NB-SVM)",
  "naive Bayes",
  "a lexicon (AFINN)",
  "the more frequent class",
] as const;
export type System = (typeof SYSTEMS)[number];

/** Whether each system is right about each sentence, 1 or 0. */
export type Judged = Readonly<Record<System, readonly number[]>>;

/** @param onFold is told how many are done */
export async function testEach(
  sentences: readonly Sentence[],
  settings: Settings & { readonly seed: number },
  onFold: (done: number) => void,
): Promise<Judged> {
  const right = Object.fromEntries(SYSTEMS.map((name) => [name, sentences.map(() => 0)])) as Record<System, number[]>;
  for (let fold = 0; fold < FOLDS; fold++) {
    const learned = sentences.filter((sentence) => sentence.fold !== fold);
    const tested = sentences.flatMap((sentence, i) => (sentence.fold === fold ? [{ ...sentence, i }] : []));
    using rt = await createRuntime({ seed: settings.seed });
    await loadOperators(rt);
    const model = await learn(rt, learned, settings);
    const said = await logitsOf(
      model,
      tested.map(({ text }) => text),
    );
    const judges = [naiveBayes(learned), lexicon(), majority(learned)];
    for (const [n, { text, class: y, i }] of tested.entries()) {
      const { together, networks, regression } = said[n] as Logits;
      const areGlad = [together > 0, networks > 0, regression > 0, ...judges.map((judge) => judge(text))];
      for (const [s, isGlad] of areGlad.entries()) right[SYSTEMS[s] as System][i] = Number(Number(isGlad) === y);
    }
    onFold(fold + 1);
  }
  return right;
}
