/** Keeps the newest training in IndexedDB, not more often than a disk likes. */
import { forget, keep, kept } from "../shared/store";
import { isRun, type Run } from "./run";

const KEY = "text.run";
/** Milliseconds from one write to the next, while it trains. */
const APART = 10_000;

let waiting: Run | undefined;
let last = Number.NEGATIVE_INFINITY;

/** @returns whether it is kept as far as can be told */
export async function keepRun(run: Run, now: boolean): Promise<boolean> {
  waiting = run;
  return now || performance.now() - last > APART ? flush() : true;
}

async function flush(): Promise<boolean> {
  if (!waiting) return true;
  const run = waiting;
  waiting = undefined;
  last = performance.now();
  return keep(KEY, run);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) flush(); // it may never come back
});

export function forgetRun(): Promise<void> {
  waiting = undefined;
  return forget(KEY);
}

export async function keptRun(): Promise<Run | undefined> {
  const run = await kept<unknown>(KEY);
  return isRun(run) ? run : undefined;
}
