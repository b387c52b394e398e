/** Tasks of a page out of Chromium's trace. */

/** An event of Chromium's trace; times in microseconds, `tdur` the thread's own. */
export interface Traced {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly tdur?: number;
}

/** The processor's milliseconds of the page's tasks between two marks. */
export function tasksBetween(trace: readonly Traced[], begin: string, end: string): number[] {
  const [from, to] = [begin, end].map((mark) => trace.find(({ name }) => name === mark)) as [Traced, Traced];
  const isWithin = ({ pid, tid, ts }: Traced) => pid === from.pid && tid === from.tid && ts > from.ts && ts < to.ts;
  return trace.filter((event) => event.name.endsWith("RunTask") && isWithin(event)).map(({ tdur }) => (tdur ?? 0) / 1000);
}
