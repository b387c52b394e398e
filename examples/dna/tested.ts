/** What is said of each window by a network, and by the baselines, that did not learn it. */
import { CLASSES, type Window } from "./data.js";
import { foldsOf } from "./folds.js";
import { inRuntime, learn, logitsOf, type Settings } from "./learn.js";
import { best, NaiveBayes } from "./naive-bayes.js";

export const FOLDS = 10;
/** StatLog's: what comes before is learned, the rest is tested. */
export const LEARNED = 2000;

export interface Tested {
  readonly windows: readonly Window[];
  /** Of each window a place in CLASSES. */
  readonly ours: Int32Array;
  readonly bayes: Int32Array;
  readonly most: Int32Array;
}

interface Sides {
  readonly learned: readonly Window[];
  readonly tested: readonly Window[];
}

/** @param logits what the network said of each tested window */
export function testedOf({ learned, tested }: Sides, logits: readonly Float32Array[]): Tested {
  const bayes = new NaiveBayes(learned);
  const counts = CLASSES.map((_, label) => learned.filter((window) => window.label === label).length);
  return {
    windows: tested,
    ours: Int32Array.from(logits, best),
    bayes: Int32Array.from(tested, ({ bases }) => best(bayes.logits(bases))),
    most: new Int32Array(tested.length).fill(best(counts)),
  };
}

/** StatLog's sides, if the rows lie in its order; copies are on both. */
export function statLog(windows: readonly Window[], learned = LEARNED): Sides {
  return { learned: windows.slice(0, learned), tested: windows.slice(learned) };
}

/** Each fold tested by an ensemble that learned the others. @param onFold is told what was found in it */
export async function testFolds(
  windows: readonly Window[],
  folds: number,
  settings: Settings,
  { signal, onFold }: { signal: AbortSignal; onFold: (fold: number, tested: Tested) => void },
): Promise<Tested> {
  const foldOf = foldsOf(windows, folds, settings.seed);
  const all: Tested[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const sides = { learned: windows.filter((_, i) => foldOf[i] !== fold), tested: windows.filter((_, i) => foldOf[i] === fold) };
    const own = { ...settings, seed: settings.seed + fold + 1 };
    const logits = await inRuntime(own.seed, async (rt) => logitsOf(await learn(rt, sides.learned, own, { signal }), sides.tested));
    all.push(testedOf(sides, logits));
    onFold(fold, all.at(-1) as Tested);
  }
  const join = (key: "ours" | "bayes" | "most") => Int32Array.from(all.flatMap((each) => [...each[key]]));
  return { windows: all.flatMap((each) => each.windows), ours: join("ours"), bayes: join("bayes"), most: join("most") };
}
