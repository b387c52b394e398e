/** What needs no network: a threshold on the distance from a running mean. All about it is chosen in the places that are learned. */
import { Generator } from "wasm-rnn";
import type { Place } from "./data.js";
import { drifted } from "./drift.js";
import { distances, type RunningMean } from "./features.js";
import { bestThreshold, type Levels } from "./scores.js";

/** A mean that forgets over 50 readings and gives way to steam as to all else. */
export const PLAIN: readonly RunningMean[] = [{ memory: 50, limit: Number.POSITIVE_INFINITY }];
/** Means of all kinds to choose from. */
export const MANY: readonly RunningMean[] = [20, 50, 100, 200, 1000].flatMap((memory) =>
  [0.5, 2, Number.POSITIVE_INFINITY].map((limit) => ({ memory, limit })),
);
const THRESHOLDS = Array.from({ length: 60 }, (_, i) => (i + 1) / 4);
/** How often the places are looked at in other weather, as the network does. */
const WEATHERS = 3;

export interface Rule {
  readonly mean: RunningMean;
  readonly threshold: number;
}

/** How far temperature or humidity is above its mean, in degrees; two per cent count like one. */
export function levelsOf({ motes }: Pick<Place, "motes">, mean: RunningMean): Levels {
  return motes.map((mote) => {
    const [warmer, damper] = [
      distances(
        mote.map(({ temperature }) => temperature),
        mean,
      ),
      distances(
        mote.map(({ humidity }) => humidity),
        mean,
      ),
    ];
    return warmer.map((value, i) => Math.max(value, (damper[i] as number) / 2));
  });
}

/** The best of them in some places, as they are and in other weather. */
export function bestRule(places: readonly Place[], means: readonly RunningMean[], seed: number): Rule {
  const random = new Generator(seed);
  const others = Array.from({ length: WEATHERS }, () =>
    places.map(({ name, motes }) => ({ name, motes: motes.map((mote) => drifted(mote, random)) })),
  );
  const all = [...places, ...others.flat()];
  const rules = means.map((mean) => ({
    mean,
    ...bestThreshold(
      all,
      all.map((place) => levelsOf(place, mean)),
      THRESHOLDS,
    ),
  }));
  return rules.reduce((best, rule) => (rule.f1 > best.f1 ? rule : best));
}
