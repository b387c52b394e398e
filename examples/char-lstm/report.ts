/** What is printed before and after the training. */
import pc from "picocolors";
import { pairedInterval, sumOver } from "../shared/interval.js";
import type { Baseline, Measure, Result } from "../shared/results.js";
import { bars, grouped, parametersOf, passage, shellWord, width, wrap } from "../shared/text.js";
import { batchesPerPass, copiedShare } from "./data.js";
import { bitsOfEach, bitsPerCharacter } from "./model.js";
import { NgramModel, ordersUpTo } from "./ngram.js";
import type { Session } from "./session.js";

/** Longer ones know less of what is new (measured on the book: 6 has 2.308 bits, 7 has 2.392). */
const LONGEST = 6;

/** @param notice what the person at the keyboard may want to prevent */
export function printHeader({ run, corpus, vocabulary, tokens, model, first }: Session, notice = ""): void {
  const { hidden, layers, embed, batch, length, lr, seed } = run.settings;
  const copied = copiedShare(corpus.training, corpus.heldOut);
  const parameters = parametersOf(model);
  const stack = layers === 1 ? `LSTM of ${hidden} units` : `${layers} LSTM layers of ${hidden} units`;
  const from = first > 0 ? `from step ${first} to ${run.steps}` : `${run.steps} steps`;
  const passes = (run.steps / batchesPerPass(tokens.length, run.settings)).toFixed(1);
  const rows = {
    text: `${corpus.title}: ${grouped(tokens.length)} characters, ${vocabulary.size - 1} different ones`,
    "held out": `${corpus.split}: ${grouped([...corpus.heldOut].length)} characters`,
    copied: copied > 0 ? pc.yellow(`${(100 * copied).toFixed(0)} % of it stand word for word in the training text too`) : "",
    model: `embedding of ${embed}, ${stack}, ${grouped(parameters)} parameters (${run.build} build)`,
    training: `${from} (${passes} epochs) of ${batch} × ${length} characters, rate ${lr}, seed ${seed}; losses in bits per character`,
    saving: notice && pc.yellow(notice),
  };
  const lines = Object.entries(rows).flatMap(([name, value]) => {
    return value ? wrap(value, width() - 13).map((line, i) => `  ${pc.dim((i ? "" : name).padEnd(9))} ${line}`) : [];
  });
  console.log(`\n${lines.join("\n")}\n`);
}

/** Held-out bits per character, beside those of n-grams counted on the same training text. */
export async function printResult({ run, corpus, vocabulary, tokens, model }: Session): Promise<void> {
  const heldOut = vocabulary.encode(corpus.heldOut);
  const surcharge = vocabulary.unknownSurcharge(heldOut);
  const orders = ordersUpTo(LONGEST, vocabulary.size);
  const ngrams = new NgramModel(tokens, orders.length, vocabulary.size);
  const { layers, hidden } = run.settings;
  const rows = orders.map((order) => ({ name: `${order}-gram`, value: ngrams.bits(heldOut, order) + surcharge }));
  const value = (await bitsPerCharacter(model, heldOut)) + surcharge;
  rows.push({ name: `LSTM, ${layers > 1 ? `${layers} × ` : ""}${hidden} units`, value });
  console.log(`\n  ${pc.bold("held-out text, bits per character")} ${pc.dim("(less is better)")}\n${bars(rows, 3)}`);
  if (surcharge > 0) console.log(pc.dim(`  (${surcharge.toFixed(3)} of each for naming characters that training did not show twice)`));
}

/** Characters of the held-out text that are drawn together for an interval: a few sentences. */
const BLOCK = 1024;

/** The figures of the book, to be kept, with intervals. */
export async function resultOf({ run, corpus, vocabulary, tokens, model }: Session, seconds: number): Promise<Result> {
  const { seed } = run.settings;
  const heldOut = vocabulary.encode(corpus.heldOut);
  const orders = ordersUpTo(LONGEST, vocabulary.size);
  const ngrams = new NgramModel(tokens, orders.length, vocabulary.size);
  const ours = blocksOf(await bitsOfEach(model, heldOut));
  const lengths = blocksOf(new Float64Array(heldOut.length - 1).fill(1));
  const mean = (drawn: Int32Array, of: Float64Array) => sumOver(drawn, of) / sumOver(drawn, lengths);
  const whole = Int32Array.from(lengths, (_, i) => i);
  const baselines = orders.toReversed().map((order): Baseline => {
    const theirs = blocksOf(ngrams.bitsOfEach(heldOut, order));
    const interval = pairedInterval(ours.length, (drawn) => mean(drawn, theirs) - mean(drawn, ours), seed);
    return { name: `${order}-gram`, value: mean(whole, theirs), interval };
  });
  const measure: Measure = {
    ...{ name: "bits per character", unit: "", digits: 3, better: "lower", value: mean(whole, ours), baselines },
  };
  return {
    ...{ example: "char-lstm", data: `${corpus.title}, ${run.steps} steps`, split: `${corpus.split} held out` },
    ...{ seed, seconds, measures: [measure] },
  };
}

/** Sums. */
function blocksOf(bits: Float64Array): Float64Array {
  return Float64Array.from({ length: Math.ceil(bits.length / BLOCK) }, (_, i) =>
    bits.subarray(i * BLOCK, (i + 1) * BLOCK).reduce((a, b) => a + b, 0),
  );
}

export function printPage(text: string, title?: string): void {
  const lines = passage(text, width() - 6).map((line) => `  ${pc.dim("│")} ${line}`);
  console.log(["", ...(title ? [`  ${pc.bold(title)}`] : []), ...lines].join("\n"));
}

export function printNext(file: string, steps: number): void {
  const name = shellWord(file);
  const rows = {
    continue: `npm start -- --resume ${name} --steps ${2 * steps}`,
    write: `npm start -- --model ${name} --sample 400`,
    "your own": "npm start -- --text my.txt --hidden 256 --layers 1 --epochs 3 --seed 7",
    help: "npm start -- --help",
  };
  for (const [what, how] of Object.entries(rows)) console.log(`  ${pc.dim(what.padEnd(8))} ${pc.cyan(how)}`);
}
