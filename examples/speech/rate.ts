/** Samples a second: what a telephone carries. */
export const RATE = 8000;
