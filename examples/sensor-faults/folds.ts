/** Each place is tested once, by detectors that have learned from the three others. */
import { createRuntime } from "wasm-rnn";
import type { Place } from "./data.js";
import { learn, listen, type Settings } from "./learn.js";
import type { Kind } from "./model.js";
import { bestRule, levelsOf, MANY, PLAIN } from "./rules.js";
import { bestThreshold, type Counts, countsOf, type Levels, together } from "./scores.js";

const LOGITS = Array.from({ length: 81 }, (_, i) => (i - 40) / 8);

export const SYSTEMS = ["GRU", "logistic regression", "threshold, mean chosen", "threshold, plain mean", "never an alarm"] as const;
export type System = (typeof SYSTEMS)[number];

export interface Tested {
  readonly place: Place;
  readonly counts: Readonly<Record<System, Counts>>;
  /** What the GRU said of it, and what is an alarm. */
  readonly logits: Levels;
  readonly threshold: number;
}

/** @param onFold is told how far it is @param signal checked between two networks */
export async function testEach(
  places: readonly Place[],
  settings: Settings,
  onFold: (done: number, of: number) => void,
  signal: AbortSignal,
): Promise<Tested[]> {
  const tested: Tested[] = [];
  for (const [p, place] of places.entries()) {
    const learned = places.filter((_, i) => i !== p);
    const gru = await detect("GRU", learned, place, settings, signal);
    const line = await detect("logistic regression", learned, place, settings, signal);
    const [chosen, plain] = [bestRule(learned, MANY, settings.seed), bestRule(learned, PLAIN, settings.seed)];
    const counts: Record<System, Counts> = {
      GRU: countsOf(place, gru.logits, gru.threshold),
      "logistic regression": countsOf(place, line.logits, line.threshold),
      "threshold, mean chosen": countsOf(place, levelsOf(place, chosen.mean), chosen.threshold),
      "threshold, plain mean": countsOf(place, levelsOf(place, plain.mean), plain.threshold),
      "never an alarm": countsOf(place, gru.logits, Number.POSITIVE_INFINITY),
    };
    tested.push({ place, counts, ...gru });
    onFold(p + 1, places.length);
  }
  return tested;
}

/** What is an alarm is chosen by networks that learn from two of the three places and hear the third. */
async function detect(kind: Kind, learned: readonly Place[], place: Place, settings: Settings, signal: AbortSignal) {
  const heard: Levels[] = [];
  for (const [i, watched] of learned.entries()) {
    const two = learned.filter((_, j) => j !== i);
    heard.push(await hear(kind, two, watched, settings, signal));
  }
  const { threshold } = bestThreshold(learned, heard, LOGITS);
  return { threshold, logits: await hear(kind, learned, place, settings, signal) };
}

async function hear(kind: Kind, learned: readonly Place[], place: Place, settings: Settings, signal: AbortSignal): Promise<Float32Array[]> {
  signal.throwIfAborted();
  using rt = await createRuntime({ seed: settings.seed });
  return listen(await learn(rt, kind, learned, settings), place);
}

export function allOf(tested: readonly Tested[], system: System): Counts {
  return together(tested.map(({ counts }) => counts[system]));
}

/** What is an alarm to a network of all places: by what those said that had not learned the place. */
export function thresholdOf(tested: readonly Tested[]): number {
  return bestThreshold(
    tested.map(({ place }) => place),
    tested.map(({ logits }) => logits),
    LOGITS,
  ).threshold;
}
