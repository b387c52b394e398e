/** Each family is tested once, by what has learned from the others. */
import { createRuntime, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/ops";
import { byMajority, byMeanFrame, byNumber, byTiming } from "./baselines.js";
import { ACTIONS, type Clip, type Family } from "./clips.js";
import { partsOf } from "./data.js";
import { type Kind, learn, likeliest, type Training, watch } from "./learn.js";
import type { Watcher } from "./model.js";

export const SYSTEMS = [
  "network",
  "same network, frames shuffled",
  "same network, one frame",
  "nearest mean frame",
  "timing alone",
  "number of frames alone",
  "majority",
] as const;
export type System = (typeof SYSTEMS)[number];

const KINDS: Readonly<Record<string, Kind>> = {
  network: "in order",
  "same network, frames shuffled": "shuffled",
  "same network, one frame": "one frame",
};
const OTHERS = {
  "nearest mean frame": byMeanFrame,
  "timing alone": byTiming,
  "number of frames alone": byNumber,
  majority: byMajority,
} as const;

/** A clip, and what was said of it by those that have learned nothing of its family. */
export interface Tested {
  readonly clip: Clip;
  readonly guesses: Readonly<Record<System, number>>;
  /** The network's, of the actions. */
  readonly probabilities: readonly number[];
}

export interface Told {
  /** Which families have been tested, and how well. */
  onFold(fold: readonly Family[], tested: readonly Tested[]): void;
  /** The network that has learned nothing of them. */
  onNetwork(fold: readonly Family[], model: Watcher): Promise<void>;
}

export async function testEach(
  clips: readonly Clip[],
  folds: readonly (readonly Family[])[],
  training: Training,
  { onFold, onNetwork }: Told,
): Promise<Tested[]> {
  const all: Tested[] = [];
  for (const fold of folds) {
    const { learned, tested } = partsOf(clips, fold);
    const said = new Map<string, number[][]>();
    for (const [system, kind] of Object.entries(KINDS)) {
      using rt = await runtimeOf(training.seed);
      const model = await learn(rt, kind, learned, training);
      if (kind === "in order") await onNetwork(fold, model);
      said.set(system, await watch(model, kind, tested, training.seed));
    }
    const guessers = Object.entries(OTHERS).map(([system, make]) => [system, make(learned)] as const);
    const own = tested.map((clip, c) => {
      const probabilities = said.get("network")?.[c] as number[];
      const guesses = Object.fromEntries([
        ...[...said].map(([system, of]) => [system, likeliest(of[c] as number[])]),
        ...guessers.map(([system, guess]) => [system, guess(clip)]),
      ]) as Record<System, number>;
      return { clip, guesses, probabilities };
    });
    onFold(fold, own);
    all.push(...own);
  }
  return all;
}

/** A runtime of its own for each network, so that none depends on what was before it. */
export async function runtimeOf(seed: number): Promise<Runtime> {
  const rt = await createRuntime({ seed });
  await loadOperators(rt);
  return rt;
}

export function isRight({ clip, guesses }: Tested, system: System): boolean {
  return ACTIONS[guesses[system]] === clip.action;
}

/** In percent. */
export function accuracyOf(tested: readonly Tested[], system: System): number {
  return (100 * tested.filter((each) => isRight(each, system)).length) / tested.length;
}
