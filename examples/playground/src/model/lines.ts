/** An output as lines over time, where it is a sequence. */
import type { Output } from "./opened";

export interface Course {
  readonly label: string;
  readonly values: readonly number[];
}

/** Steps fewer than these are no course, and more lines than these no picture. */
const [FEWEST, MOST_LINES] = [4, 4];

/** Of the first sequence, each feature a line; undefined where there is no axis of time. */
export function coursesOf({ shape, data }: Pick<Output, "shape" | "data">): readonly Course[] | undefined {
  const axis = timeAxis(shape);
  if (axis === undefined) return undefined;
  const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const isLast = axis === shape.length - 1;
  const steps = Math.min(shape[axis] as number, Math.floor((data.length - 1) / stride) + 1);
  if (steps < FEWEST) return undefined;
  const width = isLast ? 1 : Math.min(shape.at(-1) as number, MOST_LINES);
  return Array.from({ length: width }, (_, c) => ({
    label: isLast ? "value" : `feature ${c}`,
    values: Array.from({ length: steps }, (_, t) => data[t * stride + c] as number),
  }));
}

/** The longest that is not the last; the last where it is the only one. */
function timeAxis(shape: readonly number[]): number | undefined {
  const axes = shape.map((size, axis) => ({ size, axis })).filter(({ size, axis }) => size >= FEWEST && axis < shape.length - 1);
  if (axes.length > 0) return axes.reduce((a, b) => (b.size > a.size ? b : a)).axis;
  return (shape.at(-1) ?? 0) >= 2 * FEWEST ? shape.length - 1 : undefined;
}
