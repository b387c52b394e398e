/** Which steps the picture shows, and where in it. */

/** Pixels of a step, and around the curves. */
export const STEP_WIDTH = 4;
export const LEFT = 52;
export const TOP = 40;
const BOTTOM = 22;

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Steps: the first, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Seconds of a step. */
  readonly step: number;
}

export function xOf({ from }: Frame, step: number): number {
  return LEFT + (step - from) * STEP_WIDTH;
}

export function yOf({ height }: Frame, probability: number): number {
  return TOP + (1 - probability) * (height - TOP - BOTTOM);
}

/** Which steps to show: the last ones, or where each stays in its place, the page of steps that is being filled. @param count that fit */
export function lastSteps(
  { first, end }: { readonly first: number; readonly end: number },
  count: number,
  isStill: boolean,
): [from: number, to: number] {
  const from = isStill ? Math.floor(Math.max(0, end - 1) / count) * count : end - count;
  return [Math.max(first, from), end];
}
