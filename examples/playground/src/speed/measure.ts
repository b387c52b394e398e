/** Timing in turns, as the project's bench does it: what is compared takes turns, so that the machine's moods hit all alike. */
import type { Timing } from "./result";

/** How long to measure, beyond getting ready. */
export interface Pace {
  readonly seconds: number;
  /** At least, where that takes longer. */
  readonly rounds: number;
}

/** A sample is as many steps of the clock: pages get a clock of 0.1 or 1 ms, against attacks that need a better one. */
const TICKS = 50;

/** Milliseconds from one time that the clock can tell to the next. */
export function clockTick(): number {
  const ticks = Array.from({ length: 9 }, () => {
    const begin = performance.now();
    let now = begin;
    while (now === begin) now = performance.now();
    return now - begin;
  });
  return median(ticks); // a longer one has waited for something else
}

/** What is timed in turns. */
export interface Contender {
  run(): void;
  /** Calls between two looks at the clock. */
  readonly batch: number;
  /** Milliseconds of a call, one mean a round. */
  readonly samples: number[];
}

/** Rounds in which all take turns. @param onRound with the share of the time that is over */
export function measure(contenders: readonly Contender[], { seconds, rounds }: Pace, tick: number, onRound: (share: number) => void): void {
  const begin = performance.now();
  const sampleMs = sampleLength(tick);
  for (let round = 1, share = 0; share < 1; round++) {
    for (const { run, batch, samples } of contenders) samples.push(sample(run, batch, sampleMs));
    share = Math.min(1, round / rounds, (performance.now() - begin) / (seconds * 1000));
    onRound(share);
  }
}

export function timingOf({ samples }: Contender): Timing {
  return { min: 1000 * Math.min(...samples), median: 1000 * median(samples) };
}

/** Calls it until the browser has compiled it as well as it can. */
export function warmedUp(run: () => void, ms: number, tick: number): Contender {
  const begin = performance.now();
  let calls = 0;
  do {
    run();
    calls++;
  } while (calls < 2 || performance.now() - begin < ms);
  const each = (performance.now() - begin) / calls;
  return { run, batch: Math.max(1, Math.floor(sampleLength(tick) / (2 * each))), samples: [] };
}

function sampleLength(tick: number): number {
  return Math.max(2, TICKS * tick);
}

/** Milliseconds of a call, the mean over a sample: as many batches as fill it, since the first calls were slower than these. */
function sample(run: () => void, batch: number, sampleMs: number): number {
  const begin = performance.now();
  let [calls, elapsed] = [0, 0];
  do {
    for (let i = 0; i < batch; i++) run();
    calls += batch;
    elapsed = performance.now() - begin;
  } while (elapsed < sampleMs);
  return elapsed / calls;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
