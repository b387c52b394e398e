/** Prefixes of label sequences as a trie, and the best of those that may follow. */

/** @internal A prefix. */
export class Prefix {
  /** Those that the beam holds, or needs for their ends. */
  readonly children = new Set<Prefix>();
  /** log p_b and log p_n, and the next. */
  blank = Number.NEGATIVE_INFINITY;
  label = Number.NEGATIVE_INFINITY;
  nextBlank = Number.NEGATIVE_INFINITY;
  nextLabel = Number.NEGATIVE_INFINITY;
  inBeam = false;
  /** By class; where there is a score. */
  worth: Float64Array | undefined;

  /** @param bonus Σ of the scores of its labels */
  constructor(
    readonly parent: Prefix | undefined,
    readonly last: number,
    readonly bonus: number,
  ) {}

  child(label: number): Prefix | undefined {
    for (const child of this.children) if (child.last === label) return child;
    return undefined;
  }

  get labels(): number[] {
    const labels: number[] = [];
    for (let node: Prefix = this; node.parent; node = node.parent) labels.push(node.last);
    return labels.reverse();
  }
}

/** @internal A node, or one that would be: its parent and label. */
export interface Candidate {
  readonly node: Prefix;
  /** −1: the node itself. */
  readonly label: number;
  readonly score: number;
}

/** @internal log(e^a + e^b) */
export function totalOf(a: number, b: number): number {
  const most = a > b ? a : b;
  return most === Number.NEGATIVE_INFINITY ? most : most + Math.log1p(Math.exp((a > b ? b : a) - most));
}

/** @internal In place. */
export function logSoftmax(z: Float64Array): void {
  const top = z.reduce((a, b) => (a > b ? a : b));
  const norm = top + Math.log(z.reduce((sum, v) => sum + Math.exp(v - top), 0));
  for (let c = 0; c < z.length; c++) (z[c] as number) -= norm;
}

/** @internal Puts a candidate in its place among the best. */
export function keep(best: Candidate[], candidate: Candidate, most: number): void {
  if (candidate.score === Number.NEGATIVE_INFINITY) return;
  let at = best.length;
  while (at > 0 && isBefore(candidate, best[at - 1] as Candidate)) at--;
  if (at === most) return;
  best.splice(at, 0, candidate);
  if (best.length > most) best.pop();
}

function isBefore(a: Candidate, b: Candidate): boolean {
  if (a.score !== b.score) return a.score > b.score;
  const [own, other] = [a, b].map(({ node, label }) => (label < 0 ? node.labels : [...node.labels, label])) as [number[], number[]];
  const at = own.findIndex((label, i) => label !== other[i]);
  return at < 0 || (at < other.length && (own[at] as number) < (other[at] as number));
}

/** @internal The node of a candidate, with log p_n. */
export function grown(node: Prefix, last: number, probability: number): Prefix {
  const child = node.child(last) ?? new Prefix(node, last, node.bonus + (node.worth ? (node.worth[last] as number) : 0));
  node.children.add(child);
  [child.nextBlank, child.nextLabel] = [Number.NEGATIVE_INFINITY, probability];
  return child;
}

/** @internal Lets go of what the beam has left, and nothing in it begins with. */
export function forget(node: Prefix): void {
  for (let at: Prefix | undefined = node; at?.parent && !at.inBeam && at.children.size === 0; at = at.parent) at.parent.children.delete(at);
}
