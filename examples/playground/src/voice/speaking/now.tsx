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
  return (
    <p class="row now">
      {isLive && <strong class={speaks ? "speaks" : undefined}>{speaks ? "Somebody is speaking" : "Nobody is speaking"}</strong>}
      <span class="figures">
        It needs {Math.round(microseconds(history))} µs of each {Math.round(1000 * STEP_SECONDS)} ms.
      </span>
    </p>
  );
}
