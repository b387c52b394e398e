/** What the picture of some steps shows: their probabilities, and the stretches of speech among them. */
import type { History } from "../history";
import { STEP_SECONDS, type Stretch } from "./ear";

/** Where a stretch is seen. */
export interface Shown {
  /** Steps, and parts of them. */
  readonly from: number;
  readonly to: number;
  /** Nothing while it goes on. */
  readonly stretch?: Stretch;
}

/** @param to the step after the last @returns the probability of each step, and the stretches in order */
export function shown(history: History<Stretch>, from: number, to: number): { probabilities: Float32Array; stretches: Shown[] } {
  const probabilities = Float32Array.from({ length: to - from }, (_, i) => history.at(from + i)[0] as number);
  const over = history.heard.map((stretch): Shown => ({ from: stretch.start / STEP_SECONDS, to: stretch.end / STEP_SECONDS, stretch }));
  return { probabilities, stretches: [...over, ...goingOn(history, from)].filter((each) => each.from < to && each.to > from) };
}

/** Whether somebody is speaking in the last step. */
export function isSpeaking(history: History<Stretch>): boolean {
  return history.at(history.end - 1)[1] === 1;
}

/** What a chunk has taken, in the mean. */
export function microseconds(history: History<Stretch>): number {
  return history.at(history.end - 1)[2] as number;
}

/** Speech that is not over yet, as far as it is behind a step. */
function goingOn(history: History<Stretch>, from: number): Shown[] {
  let began = history.end;
  while (began > from && history.at(began - 1)[1] === 1) began--;
  const isKnown = (history.heard.at(-1)?.step ?? -1) >= began; // the sound ended with it
  return began < history.end && !isKnown ? [{ from: began, to: history.end }] : [];
}
