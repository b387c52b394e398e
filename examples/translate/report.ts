/** The translations beside those of two systems that learn no network, and ten of them to read. */
import pc from "picocolors";
import { Generator } from "wasm-rnn";
import type { Measure, Result } from "../shared/results.js";
import { printable, width, wrap } from "../shared/text.js";
import type { Parts } from "./data.js";
import type { HelpPair } from "./help.js";
import { type Lexicon, wordForWord } from "./lexicon.js";
import { Neighbours } from "./retrieval.js";
import { intervalOf, scoreOf, sumsOf } from "./scores.js";
import type { Pair } from "./tidy.js";

/** How much better than the better baseline it is to be, in chrF: fixed by what was watched, before anything was tested. */
const LEAD = 10;
const SHOWN = 10;

/** What needs no network. */
export function baselinesOf(learned: readonly Pair[], words: Lexicon, pairs: readonly Pair[]): { name: string; said: string[] }[] {
  const neighbours = new Neighbours(learned);
  return [
    { name: "nearest neighbour's translation", said: pairs.map(({ en }) => neighbours.translate(en)) },
    { name: "word for word (IBM model 1)", said: pairs.map(({ en }) => wordForWord(words, en)) },
  ];
}

export function resultOf(
  { learned, tested }: Parts,
  said: readonly string[],
  { words, seed, seconds }: { words: Lexicon; seed: number; seconds: number },
): Result {
  const ours = sumsOf(tested, said);
  const others = baselinesOf(learned, words, tested).map(({ name, said }) => ({ name, sums: sumsOf(tested, said) }));
  const measures = (["chrF", "BLEU"] as const).map((name): Measure => {
    const baselines = others.map((other) => ({
      name: other.name,
      value: scoreOf(name, other.sums),
      interval: intervalOf(name, ours, other.sums, seed),
    }));
    const goal = Math.max(...baselines.map(({ value }) => value)) + LEAD;
    return { name, unit: "", digits: 1, better: "higher", value: scoreOf(name, ours), baselines, ...(name === "chrF" && { goal }) };
  });
  return {
    ...{ example: "translate", data: "English to German, LibreOffice's help", split: "pages never seen" },
    ...{ seed, seconds, measures },
  };
}

/** Drawn, not chosen. */
export function samplesToRead(tested: readonly HelpPair[], said: readonly string[], seed: number): string[] {
  const random = new Generator(seed);
  const places = tested.map((_, i) => i);
  const drawn = Array.from({ length: Math.min(SHOWN, places.length) }, () => places.splice(random.integer(places.length), 1)[0] as number);
  return drawn
    .sort((a, b) => a - b)
    .flatMap((i) => {
      const { en, de } = tested[i] as HelpPair;
      return ["", ...lines("English", en, pc.dim), ...lines("said", said[i] as string, pc.cyan), ...lines("reference", de, (text) => text)];
    });
}

function lines(title: string, text: string, paint: (text: string) => string): string[] {
  return wrap(printable(text), width() - 14).map((line, i) => `  ${pc.dim((i === 0 ? title : "").padEnd(10))} ${paint(line)}`);
}
