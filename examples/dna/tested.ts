/** What is said of each window by a network, and by the baselines, that did not learn it. */
import { Generator } from "wasm-rnn";
import { shuffled } from "../shared/numbers.js";
import { UserError } from "../shared/program.js";
import { CLASSES, NAMES, type Window } from "./data.js";
import { foldsOf } from "./folds.js";
import { inRuntime, learn, logitsOf, type Settings } from "./learn.js";
import { best, NaiveBayes } from "./naive-bayes.js";

export const FOLDS = 10;
/** What comes before is learned, the rest is tested: of StatLog's 3,186 windows, 2,000. */
const LEARNED = 2000 / 3186;

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

/** Of StatLog's windows its sides, if the rows lie in its order; copies are on both. @throws {UserError} when a class is missing on a side */
export function sidesOf(windows: readonly Window[]): Sides {
  const learned = Math.round(LEARNED * windows.length);
  const sides = { learned: windows.slice(0, learned), tested: windows.slice(learned) };
  for (const [name, side] of Object.entries(sides)) {
    const missing = CLASSES.findIndex((_, label) => !side.some((window) => window.label === label));
    if (missing === -1) continue;
    throw new UserError(`data: expected windows of each class, got no ${NAMES[missing]} among the ${side.length} that are ${name}`);
  }
  return sides;
}

/** In an order by chance, the classes mixed evenly, so that the rows' order tells nothing: any first ones are a sample. */
export function mixed(windows: readonly Window[], seed: number): Window[] {
  const order = shuffled(windows, new Generator(seed));
  const places = CLASSES.flatMap((_, label) => {
    const own = order.filter((window) => window.label === label);
    return own.map((window, i) => ({ window, place: (i + 0.5) / own.length }));
  });
  return places.sort((a, b) => a.place - b.place).map(({ window }) => window);
}

/** @throws {UserError} when a fold would be empty */
export function checkGroups(windows: readonly Window[], folds: number): void {
  const groups = new Set(windows.map(({ group }) => group)).size;
  if (groups < folds) throw new UserError(`data: expected at least ${folds} groups of related windows, one for each fold, got ${groups}`);
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
