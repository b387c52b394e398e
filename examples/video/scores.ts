/** How sure a difference is. */
import { pairedInterval, sumOver } from "../shared/interval.js";
import { isRight, type System, type Tested } from "./folds.js";

/** By how many points ours is better: over actions of creatures drawn anew, whose eight directions are no independent witnesses. */
export function intervalOf(tested: readonly Tested[], ours: System, other: System, seed: number): [number, number] {
  const groups = new Map<string, Tested[]>();
  for (const each of tested) {
    const name = `${each.clip.creature} ${each.clip.action}`;
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  const [ahead, sizes] = [new Float64Array(groups.size), new Float64Array(groups.size)];
  for (const [g, group] of [...groups.values()].entries()) {
    sizes[g] = group.length;
    ahead[g] = group.reduce((sum, each) => sum + Number(isRight(each, ours)) - Number(isRight(each, other)), 0);
  }
  return pairedInterval(groups.size, (drawn) => (100 * sumOver(drawn, ahead)) / sumOver(drawn, sizes), seed);
}
