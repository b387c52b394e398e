/** What became of the prompts: error rates, beside what needs no ears, and some of them to read. */
import pc from "picocolors";
import { characterErrorRate, wordErrorRate } from "wasm-rnn/sequence";
import { pairedInterval, sumOver } from "../shared/interval.js";
import { type Result, record, show } from "../shared/results.js";
import { width } from "../shared/text.js";
import type { Prompts } from "./prompts-data.js";

export interface PromptsRun extends Pick<Prompts, "wordless" | "missing"> {
  /** What was said: of the prompts, or in a quick run of what is watched. */
  readonly texts: readonly string[];
  readonly quick: boolean;
  /** By the search with the letters' probabilities, and by the network alone. */
  readonly said: readonly string[];
  readonly greedily: readonly string[];
  readonly seed: number;
  readonly seconds: number;
  readonly record: boolean;
}

const SHOWN = 8;

export function reportPrompts(run: PromptsRun): void {
  const { texts, said, greedily, wordless, missing, quick } = run;
  const result = resultOf(run);
  show(result, "network, letters counted");
  const isSingle = texts.map((text) => !text.includes(" "));
  const pairs = (hypotheses: readonly string[], chosen: (i: number) => boolean = () => true) =>
    texts.flatMap((reference, i) => (chosen(i) ? [{ reference, hypothesis: hypotheses[i] as string }] : []));
  const letters = (...chosen: Parameters<typeof pairs>) => `${(100 * characterErrorRate().of(pairs(...chosen)).rate).toFixed(1)} %`;
  const words = (100 * wordErrorRate().of(pairs(said)).rate).toFixed(1);
  console.log(`\n  without the counted letters ${letters(greedily)}; of the words ${words} % wrong`);
  if (!quick) {
    console.log(
      `  of prompts of one word ${letters(said, (i) => isSingle[i] as boolean)}, of longer ones ${letters(said, (i) => !isSingle[i])}`,
    );
    console.log(pc.dim(`  left out: ${wordless.length} where nothing is said, ${missing.length} without a recording`));
  }
  console.log();
  const step = Math.max(1, Math.floor(texts.length / SHOWN));
  for (let i = step >> 1; i < texts.length; i += step) {
    console.log(pc.dim(`  text   ${cut(texts[i] as string)}`));
    console.log(`  heard  ${cut(said[i] || "nothing")}`);
  }
  if (run.record) record(result);
}

function cut(text: string): string {
  const room = width() - 10;
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

function resultOf({ texts, said, seed, seconds, quick }: PromptsRun): Result {
  const frequent = mostFrequent(texts);
  const [ours, empty, always] = [said, texts.map(() => ""), texts.map(() => frequent)].map((hypotheses) => errors(texts, hypotheses));
  const lengths = texts.map(({ length }) => length);
  const baseline = (name: string, edits: readonly number[]) => {
    const better = (drawn: Int32Array) => (100 * (sumOver(drawn, edits) - sumOver(drawn, ours as number[]))) / sumOver(drawn, lengths);
    return { name, value: percent(edits, lengths), interval: pairedInterval(texts.length, better, seed) };
  };
  return {
    ...{ example: "speech", task: "prompts", seed, seconds },
    data: "made voices reading other texts; test: Asterisk's English voice, its transcribed prompts",
    split: quick ? `${texts.length} readings that were watched` : `${texts.length} prompts by a person; no goal`,
    measures: [
      {
        ...{ name: "character error rate", unit: "%", digits: 1, better: "lower", value: percent(ours as number[], lengths) },
        baselines: [baseline("nothing at all", empty as number[]), baseline("always the most frequent prompt", always as number[])],
      },
    ],
  };
}

function errors(texts: readonly string[], hypotheses: readonly string[]): number[] {
  const cer = characterErrorRate();
  return texts.map((reference, i) => cer.of([{ reference, hypothesis: hypotheses[i] as string }]).distance);
}

function percent(edits: readonly number[], lengths: readonly number[]): number {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return (100 * sum(edits)) / sum(lengths);
}

function mostFrequent(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}
