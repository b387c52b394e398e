/** Random CRFs, small enough for all their paths, and what the library says of them beside the twin. */
import { expect } from "vitest";
import { type FloatType, Frame, Generator, type Runtime } from "../../bindings/index.js";
import { CRF, type CRFConstraints, CRFLoss } from "../../bindings/sequence.js";
import { type Chain, enumerated, forwardBackward, gradientOf, viterbi } from "../reference/crf.js";
import { expectEach } from "./compare.js";
import { parameterOf } from "./runtime.js";

/** A batch, its CRF's parameters, and what is forbidden. */
export interface Case {
  readonly K: number;
  readonly T: number;
  readonly N: number;
  readonly batchFirst: boolean;
  readonly lengths: number[] | undefined;
  readonly constraints: CRFConstraints | undefined;
  /** As the parameters lie: start, end, transitions. */
  readonly parameters: Float64Array;
  /** In the tensor's order; padding is NaN. */
  readonly emissions: Float64Array;
  readonly targets: Int32Array;
}

export interface CaseOptions {
  /** Paths of one sequence at most. */
  readonly most?: number;
  /** Scores are whole halves from −2 to 2: sums are exact, and ties abound. */
  readonly coarse?: boolean;
  /** Scores reach from −size to size. */
  readonly size?: number;
}

/** A case of this seed, in which every sequence has an allowed path. */
export function drawCase(seed: number, { most = 4096, coarse = false, size = 3 }: CaseOptions = {}): Case {
  const random = new Generator(seed);
  const K = 1 + random.integer(5);
  let T = 1 + random.integer(6);
  while (K ** T > most) T--;
  const N = 1 + random.integer(4);
  const batchFirst = random.integer(2) === 1;
  const number = () => (coarse ? (random.integer(9) - 4) / 2 : Math.fround((2 * random.uniform() - 1) * size));
  const lengths = random.integer(2) === 1 ? Array.from({ length: N }, () => 1 + random.integer(T)) : undefined;
  const targets = new Int32Array(T * N).fill(-7);
  const paths = Array.from({ length: N }, (_, n) => Array.from({ length: lengths?.[n] ?? T }, () => random.integer(K)));
  const emissions = new Float64Array(T * N * K).fill(Number.NaN);
  for (const [n, path] of paths.entries()) {
    for (const [t, tag] of path.entries()) {
      const row = batchFirst ? n * T + t : t * N + n;
      targets[row] = tag;
      for (let j = 0; j < K; j++) emissions[row * K + j] = number();
    }
  }
  const constraints = random.integer(2) === 1 ? constraintsBeside(paths, K, random) : undefined;
  return {
    K,
    T,
    N,
    batchFirst,
    lengths,
    constraints,
    parameters: Float64Array.from({ length: 2 * K + K * K }, number),
    emissions,
    targets,
  };
}

/** About half of what these paths do not need. */
function constraintsBeside(paths: readonly number[][], K: number, random: Generator): CRFConstraints {
  const tags = Array.from({ length: K }, (_, k) => k);
  const drawn = <V>(all: readonly V[], used: (value: V) => boolean) => all.filter((value) => !used(value) && random.integer(2) === 1);
  const follows = ([i, j]: readonly [number, number]) =>
    paths.some((path) => path.some((tag, t) => t > 0 && path[t - 1] === i && tag === j));
  return {
    forbiddenStarts: drawn(tags, (tag) => paths.some((path) => path[0] === tag)),
    forbiddenTransitions: drawn(
      tags.flatMap((i) => tags.map((j) => [i, j] as [number, number])),
      follows,
    ),
    forbiddenEnds: drawn(tags, (tag) => paths.some((path) => path.at(-1) === tag)),
  };
}

/** The sequences as the twin takes them. */
export function chainsOf({
  K,
  T,
  N,
  batchFirst,
  lengths,
  constraints,
  parameters,
  emissions,
  targets,
}: Case): { chain: Chain; tags: number[] }[] {
  const { forbiddenStarts = [], forbiddenTransitions = [], forbiddenEnds = [] } = constraints ?? {};
  const start = Array.from({ length: K }, (_, j) => (forbiddenStarts.includes(j) ? -Infinity : parameters[j]));
  const end = Array.from({ length: K }, (_, j) => (forbiddenEnds.includes(j) ? -Infinity : parameters[K + j]));
  const forbidden = new Set(forbiddenTransitions.map(([i, j]) => i * K + j));
  const transitions = start.map((_, i) => start.map((_, j) => (forbidden.has(i * K + j) ? -Infinity : parameters[2 * K + i * K + j])));
  return Array.from({ length: N }, (_, n) => {
    const rows = Array.from({ length: lengths?.[n] ?? T }, (_, t) => (batchFirst ? n * T + t : t * N + n));
    const chain = { K, start, end, transitions, emissions: rows.map((row) => [...emissions.subarray(row * K, row * K + K)]) };
    return { chain, tags: rows.map((row) => targets[row]) };
  });
}

export function crfOf(rt: Runtime, { K, constraints, parameters }: Pick<Case, "K" | "constraints" | "parameters">, dtype: FloatType): CRF {
  const crf = new CRF(rt, { numTags: K, dtype, ...(constraints && { constraints }) });
  parameterOf(crf, "start_transitions").set(parameters.subarray(0, K));
  parameterOf(crf, "end_transitions").set(parameters.subarray(K, 2 * K));
  parameterOf(crf, "transitions").set(parameters.subarray(2 * K));
  return crf;
}

/** The tensors of a case. */
export function tensorsOf(rt: Runtime, { K, T, N, batchFirst, emissions, targets }: Case, dtype: FloatType) {
  const axes = batchFirst ? [N, T] : [T, N];
  return {
    emissions: rt.tensor(emissions, [...axes, K], { dtype, batchFirst }),
    targets: rt.tensor(targets, axes, { batchFirst }),
  };
}

/** Compares value, gradients, marginals and the best paths of a case with the twin's, and the twin's with all paths where there are few. */
export function checkCase(
  rt: Runtime,
  given: Case,
  dtype: FloatType,
  { tolerance, byPaths = true }: { tolerance: number; byPaths?: boolean },
): void {
  const { K, N, T, batchFirst, lengths } = given;
  const chains = chainsOf(given);
  using crf = crfOf(rt, given, dtype);
  using criterion = new CRFLoss(crf, { reduction: "sum" });
  using frame = new Frame(rt);
  const tensors = tensorsOf(rt, given, dtype);
  using emissions = tensors.emissions;
  using targets = tensors.targets;
  const result = frame.record(() => criterion.forward(emissions, targets, { lengths }));
  const [loss, de] = [result.loss, result.gradient.toArray()];
  frame.backward(result);
  const p = crf.marginals(emissions, { lengths }).toArray();
  const decoded = crf.decode(emissions, { lengths });
  let sum = 0;
  const want = { start: new Float64Array(K), end: new Float64Array(K), transitions: new Float64Array(K * K) };
  const wantDe = new Float64Array(T * N * K);
  const wantP = new Float64Array(T * N * K);
  for (const [n, { chain, tags }] of chains.entries()) {
    const found = byPaths ? enumerated(chain) : forwardBackward(chain);
    const gradient = gradientOf(chain, tags, found);
    sum += gradient.loss;
    for (const [t, row] of gradient.emissions.entries()) {
      const at = (batchFirst ? n * T + t : t * N + n) * K;
      wantDe.set(row, at);
      wantP.set(found.marginals[t], at);
    }
    for (let j = 0; j < K; j++) {
      want.start[j] += gradient.start[j];
      want.end[j] += gradient.end[j];
      for (let i = 0; i < K; i++) want.transitions[i * K + j] += gradient.transitions[i][j];
    }
    const best = byPaths ? (found as ReturnType<typeof enumerated>).best : viterbi(chain);
    expectEach("score", [decoded[n].score], [best.score], 1e-12, 1e-9);
    expect([...decoded[n].tags], `best path of ${n}`).toEqual(best.tags);
  }
  expectEach("loss", [loss], [sum], tolerance, tolerance);
  expectEach("dEmissions", de, wantDe, tolerance, tolerance);
  expectEach("marginals", p, wantP, tolerance, tolerance);
  expectEach("dStart", parameterOf(crf, "start_transitions").grad, want.start, tolerance, tolerance * N);
  expectEach("dEnd", parameterOf(crf, "end_transitions").grad, want.end, tolerance, tolerance * N);
  expectEach("dTransitions", parameterOf(crf, "transitions").grad, want.transitions, tolerance, tolerance * N * T);
}
