/** What needs no network. Each learns from some clips, and guesses the action of another. */
import { ACTIONS, type Clip } from "./clips.js";
import { FEATURES, plain, STEPS, view } from "./views.js";

export type Guess = (clip: Clip) => number;

/** The action that most clips have. */
export function byMajority(learned: readonly Clip[]): Guess {
  return byWhat(learned, () => "");
}

/** The action that most clips of this number of frames, duration and type have, all of which the network does not see. */
export function byTiming(learned: readonly Clip[]): Guess {
  return byWhat(learned, ({ timing }) => timing);
}

/** The action that most clips of as many frames have: what the network, too, can see, of the frames that are the same among the eight. */
export function byNumber(learned: readonly Clip[]): Guess {
  return byWhat(learned, ({ frames }) => String(frames.length));
}

/** What was never met is taken for the most frequent action. */
function byWhat(learned: readonly Clip[], what: (clip: Clip) => string): Guess {
  const usual = (clips: readonly Clip[]) => {
    const counts = ACTIONS.map((action) => clips.filter((clip) => clip.action === action).length);
    return counts.indexOf(Math.max(...counts));
  };
  const known = new Map([...new Set(learned.map(what))].map((key) => [key, usual(learned.filter((clip) => what(clip) === key))]));
  const otherwise = usual(learned);
  return (clip) => known.get(what(clip)) ?? otherwise;
}

/** The action of the clip whose frames, laid over each other, look most alike. */
export function byMeanFrame(learned: readonly Clip[]): Guess {
  const all = learned.map((clip) => ({ mean: meanFrame(clip), action: ACTIONS.indexOf(clip.action) }));
  return (clip) => {
    const own = meanFrame(clip);
    let [best, nearest] = [Number.POSITIVE_INFINITY, 0];
    for (const { mean, action } of all) {
      let distance = 0;
      for (let i = 0; i < FEATURES && distance < best; i++) distance += ((own[i] as number) - (mean[i] as number)) ** 2;
      if (distance < best) [best, nearest] = [distance, action];
    }
    return nearest;
  };
}

function meanFrame(clip: Clip): Float32Array {
  const x = view(clip, plain(clip));
  return Float32Array.from({ length: FEATURES }, (_, i) => {
    let sum = 0;
    for (let t = 0; t < STEPS; t++) sum += x[t * FEATURES + i] as number;
    return sum / STEPS;
  });
}
