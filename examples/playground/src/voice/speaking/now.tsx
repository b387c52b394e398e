/** Whether somebody is speaking just now, and how long it takes to know. */
import type { Signal } from "@preact/signals";
import type { History } from "../history";
import { STEP_SECONDS, type Stretch } from "./ear";
import { isSpeaking, microseconds } from "./shown";

interface NowProps {
  readonly history: History<Stretch>;
  /** How many steps were heard: changes with `history`. */
  readonly steps: Signal<number>;
  readonly isLive: boolean;
}

export function Now({ history, steps, isLive }: NowProps) {
  if (steps.value === 0) return null;
  const speaks = isSpeaking(history);
  const [needed, given] = [microseconds(history), 1e6 * STEP_SECONDS];
  return (
    <p class="row now">
      {isLive && <strong class={speaks ? "speaks" : undefined}>{speaks ? "Somebody is speaking" : "Nobody is speaking"}</strong>}
      <span class="figures">
        It needs {Math.round(needed)} µs of each {given / 1000} ms: {((100 * needed) / given).toFixed(1)} % of the time.
      </span>
    </p>
  );
}
