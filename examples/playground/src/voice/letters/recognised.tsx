/** The symbols that were recognised, with their times. After a pause a new line begins. */
import type { HeardStep } from "./ear";

/** Seconds. */
const PAUSE = 1;

/** In lines, with a pause between each two. */
export function lines(heard: readonly HeardStep[]): HeardStep[][] {
  const all: HeardStep[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const each of heard) {
    if (each.seconds - last >= PAUSE) all.push([]);
    all.at(-1)?.push(each);
    last = each.seconds;
  }
  return all;
}

export function Recognised({ heard }: { heard: readonly HeardStep[] }) {
  return (
    <div role="log" aria-label="Recognised" class="recognised">
      {lines(heard).map((line) => (
        <p key={line[0]?.step}>
          {line.map(({ symbol, seconds, step }) => (
            <span key={step}>
              <strong>{symbol}</strong> <small class="figures">{seconds.toFixed(2)} s</small>
            </span>
          ))}
        </p>
      ))}
    </div>
  );
}
