/** Timing by interleaved rounds: what is compared is timed in turn, so that the machine's moods hit all alike. */

/** One thing to time. */
export interface Case {
  /** Such as "lstm-forward/T100-N1-I128-H128"; f64 ends in "-f64". */
  readonly id: string;
  /** Such as "wasm-rnn/baseline". */
  readonly contender: string;
  /** Floating-point operations of one call, or 0. */
  readonly flops: number;
  /** Elements of one call, where they say more than flops. */
  readonly elements?: number;
  /** Bytes that one call loads, where they bound it. */
  readonly bytes?: number;
  /** Throws unless the result is right; called once before timing. */
  validate(): void;
  run(): void;
}

export interface Timing {
  readonly minMs: number;
  readonly medianMs: number;
}

/** Wall time of a sample: long against the clock's resolution, short against the machine's moods. */
const SAMPLE_MS = 2;

/** Times the cases round by round; `seconds` is the budget of each. */
export function measure(cases: readonly Case[], seconds: number): Map<Case, Timing> {
  const calls = new Map(cases.map((one) => [one, warmUp(one, seconds)]));
  const samples = new Map(cases.map((one) => [one, [] as number[]]));
  const deadline = performance.now() + cases.length * seconds * 1000;
  const rounds = seconds < 0.5 ? 3 : 9;
  for (let round = 0; round < rounds || performance.now() < deadline; round++) {
    for (const one of cases) samples.get(one)?.push(sample(one, calls.get(one) as number));
  }
  return new Map(
    cases.map((one) => {
      const sorted = (samples.get(one) as number[]).sort((a, b) => a - b);
      return [one, { minMs: sorted[0] as number, medianMs: sorted[sorted.length >> 1] as number }];
    }),
  );
}

/** Calls until V8 has optimised; how many calls make a sample. */
function warmUp(one: Case, seconds: number): number {
  const until = performance.now() + Math.min(200, seconds * 500);
  let calls = 0;
  const begin = performance.now();
  while (performance.now() < until || calls < 2) {
    one.run();
    calls++;
  }
  const each = (performance.now() - begin) / calls;
  return Math.max(1, Math.round(SAMPLE_MS / each));
}

function sample(one: Case, calls: number): number {
  const begin = performance.now();
  for (let i = 0; i < calls; i++) one.run();
  return (performance.now() - begin) / calls;
}

/** @throws when got is further from wanted than `tolerance` of its norm */
export function assertClose(what: string, got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  let error = 0;
  let norm = 0;
  for (let i = 0; i < wanted.length; i++) {
    error += ((got[i] as number) - (wanted[i] as number)) ** 2;
    norm += (wanted[i] as number) ** 2;
  }
  if (!(Math.sqrt(error) <= tolerance * Math.sqrt(norm)))
    throw new Error(`${what}: relative error ${Math.sqrt(error / norm)}, at most ${tolerance} allowed`);
}

/** Numbers in [−0.5, 0.5) that are the same every time. */
export function numbers(length: number, scale = 1): Float64Array {
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) values[i] = (((i * 2654435761) >>> 0) / 2 ** 32 - 0.5) * scale;
  return values;
}
