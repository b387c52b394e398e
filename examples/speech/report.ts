/** The person never heard before: error rates beside those that need no network, and what is taken for what. */
import pc from "picocolors";
import { predict } from "wasm-rnn";
import { ctcBeam, ctcGreedy, editDistance } from "wasm-rnn/sequence";
import { pairedInterval, sumOver } from "../shared/interval.js";
import type { Measure, Result } from "../shared/results.js";
import { width, wrap } from "../shared/text.js";
import type { Sound } from "./data.js";
import { FEATURES } from "./features.js";
import { features } from "./front-end.js";
import type { Recogniser } from "./listen.js";

/** What several systems say to the same sounds; ours first. */
export interface Trial {
  readonly sounds: readonly Sound[];
  readonly systems: readonly { readonly name: string; readonly said: readonly (readonly number[])[] }[];
}

/** By the network, greedily, as a listener would while it is said. */
export async function greedily(recogniser: Recogniser, sounds: readonly Sound[]): Promise<number[][]> {
  return (await logitsOf(recogniser, sounds)).map((logits) => [...ctcGreedy(logits)]);
}

/** By the network where it is known that one symbol is said, as the nearest neighbour knows it. */
export async function singly(recogniser: Recogniser, sounds: readonly Sound[]): Promise<number[][]> {
  const score = (prefix: readonly number[]) => (prefix.length === 0 ? 0 : Number.NEGATIVE_INFINITY);
  const beamWidth = recogniser.symbols.length + 1;
  return (await logitsOf(recogniser, sounds)).map((logits) => {
    const labels = ctcBeam(logits, { beamWidth, score }).find((hypothesis) => hypothesis.labels.length === 1)?.labels;
    return labels ? [...labels] : [];
  });
}

function logitsOf({ model, statistics }: Recogniser, sounds: readonly Sound[]) {
  return predict(
    model,
    sounds.map(({ samples }) => features(samples, statistics)),
    { features: FEATURES },
  );
}

/** Errors over symbols; of whole strings also the share that is not right. */
export function measuresOf(name: string, { sounds, systems }: Trial, seed: number, ofStrings = false): Measure[] {
  const edits = systems.map(({ said }) => sounds.map(({ labels }, i) => editDistance(labels, said[i] ?? []).distance));
  const lengths = sounds.map(({ labels }) => labels.length);
  const measure = (what: string, errors: readonly number[][], over: readonly number[], hasGoal: boolean): Measure => {
    const [ours = [], ...others] = errors;
    const percent = (values: readonly number[]) => (100 * sum(values)) / sum(over);
    const baselines = others.map((theirs, i) => {
      const better = (drawn: Int32Array) => (100 * (sumOver(drawn, theirs) - sumOver(drawn, ours))) / sumOver(drawn, over);
      return { name: systems[i + 1]?.name ?? "", value: percent(theirs), interval: pairedInterval(sounds.length, better, seed) };
    });
    const goal = hasGoal ? { goal: (100 * (Math.ceil(sum(others[0] ?? []) / 2) - 1)) / sum(over) } : {}; // fewer than half the errors
    return { name: what, unit: "%", digits: 1, better: "lower", value: percent(ours), baselines, ...goal };
  };
  const wrong = edits.map((each) => each.map((distance) => Number(distance > 0)));
  return [
    measure(`symbol error rate, ${name}`, edits, lengths, true),
    ...(ofStrings
      ? [
          measure(
            `string error rate, ${name}`,
            wrong,
            sounds.map(() => 1),
            false,
          ),
        ]
      : []),
  ];
}

export function resultOf(
  measures: Measure[],
  voices: number,
  strings: number,
  { seed, seconds }: { seed: number; seconds: number },
): Result {
  return {
    ...{ example: "speech", seed, seconds, measures },
    data: `${voices} made voices saying letters, the words that spell them, digits; test: Asterisk's English voice`,
    split: `a person never heard; ${strings} strings of 2 to 8 joined recordings`,
  };
}

/** Which symbols are taken for which when each is said by itself. */
export function confusions({ sounds, systems }: Trial, symbols: readonly string[]): string[] {
  const wrong = sounds.flatMap(({ labels: [label = 0] }, i) => {
    const said = systems[0]?.said[i] ?? [];
    return said.length === 1 && said[0] === label ? [] : [`${nameOf(symbols, [label])} → ${nameOf(symbols, said)}`];
  });
  return wrap(wrong.length === 0 ? "none" : wrong.join(", "), width() - 4).map((line) => `  ${pc.dim(line)}`);
}

export function nameOf(symbols: readonly string[], labels: readonly number[]): string {
  return labels.map((label) => symbols[label - 1]).join(" ") || "nothing";
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
