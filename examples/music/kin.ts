/** Which pieces are kin: what has long passages in common, in whatever key, shall not be on both sides of a split. */
import { isKey, isWait, stepsOf } from "./events.js";

/** Notes of a passage: one in common is enough. */
const PASSAGE = 12;

interface Told {
  readonly events: Int32Array;
}

/** Each passage of bass and lead, as the steps of time and of pitch from note to note. */
export function passagesOf({ events }: Told): Set<string> {
  const steps: string[] = [];
  let [wait, before] = [0, 0];
  for (const event of events) {
    if (isWait(event)) wait += stepsOf(event);
    if (!isKey(event)) continue;
    if (before > 0) steps.push(`${wait}:${event - before}`);
    [wait, before] = [0, event];
  }
  return new Set(steps.slice(PASSAGE - 2).map((_, i) => steps.slice(i, i + PASSAGE - 1).join(" ")));
}

function areKin(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].some((passage) => b.has(passage));
}

/** Those that are kin of kin are of one family. */
export function familiesOf<Piece extends Told>(pieces: readonly Piece[]): Piece[][] {
  const passages = pieces.map(passagesOf);
  const family = pieces.map((_, i) => i);
  for (let i = 0; i < pieces.length; i++) {
    for (let j = 0; j < i; j++) {
      if (family[i] === family[j] || !areKin(passages[i] as Set<string>, passages[j] as Set<string>)) continue;
      const [from, to] = [family[i], family[j] as number];
      for (let k = 0; k < family.length; k++) if (family[k] === from) family[k] = to;
    }
  }
  return [...new Set(family)].map((one) => pieces.filter((_, i) => family[i] === one));
}
