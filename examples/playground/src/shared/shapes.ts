/** What was kept, held against what it should be: it may be damaged, or of another version of the page. */

export type Shape = (value: unknown) => boolean;

export const isNumber: Shape = (value) => typeof value === "number";
export const isCount: Shape = (value) => Number.isInteger(value) && (value as number) >= 0;
export const isText: Shape = (value) => typeof value === "string";
export const isBytes: Shape = (value) => value instanceof Uint8Array;

export const oneOf =
  (...choices: readonly unknown[]): Shape =>
  (value) =>
    choices.includes(value);

export const maybe =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);

/** @param length any where it is not given */
export const listOf =
  (shape: Shape, length?: number): Shape =>
  (value) =>
    Array.isArray(value) && (length === undefined || value.length === length) && value.every(shape);

/** Of these fields; others may be there. */
export const objectOf =
  (fields: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(fields).every(([name, fits]) => fits((value as Record<string, unknown>)[name]));
