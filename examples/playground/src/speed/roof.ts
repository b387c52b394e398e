/** The roofline: what a rate can be at most, by how often a number is used once it has been read. */
import { CASES, type Case, flopsOf, type Work } from "./cases";
import { type Build, ceilingOf, gflops, type Row, rowOf } from "./result";

/** Rows that a weight serves, once it is read, where there are many: the package's own block. */
const BLOCK = 24;

export interface Point {
  readonly of: Case;
  readonly build: Build;
  /** Multiplications for each weight that is read. */
  readonly uses: number;
  readonly rate: number;
}

export interface Roof {
  readonly points: readonly Point[];
  /** GFLOP/s of much arithmetic on few numbers. */
  readonly ceiling: number;
  /** GFLOP/s for each use of a weight: the best of those that use each but once. */
  readonly slope: number;
}

/** Weights that are read in one call, again where they are read again. */
function weightsRead(work: Work): number {
  const blocks = (rows: number) => Math.ceil(rows / BLOCK);
  if (work.kind === "product") return work.K * work.N * blocks(work.M);
  const { kind, T, N, H } = work;
  const [input, recurrent] = [blocks(T * N), T * blocks(N)];
  // Back through time there is the recurrent product once more, and two over all rows whose gradients take the place of weights.
  return 4 * H * H * (input + recurrent + (kind === "train" ? recurrent + 2 * input : 0));
}

export const usesOf = (work: Work): number => flopsOf(work) / 2 / weightsRead(work);

/** @returns nothing before a step and a product have been measured */
export function roofOf(rows: readonly Row[], builds: readonly Build[]): Roof | undefined {
  const points = CASES.flatMap((each) =>
    builds.flatMap((build): Point[] => {
      const timing = rowOf(rows, each)?.times[build];
      return timing ? [{ of: each, build, uses: usesOf(each.work), rate: gflops(each, timing) }] : [];
    }),
  );
  const slope = Math.max(0, ...points.filter(({ of }) => of.work.kind === "step").map(({ rate, uses }) => rate / uses));
  const ceiling = ceilingOf(rows);
  return slope > 0 && ceiling > 0 ? { points, ceiling, slope } : undefined;
}
