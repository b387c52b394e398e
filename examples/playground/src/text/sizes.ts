/** The sizes that everything here goes by. */

/** Characters of a text: fewer teach nothing, more take long to learn and to keep. */
export const LEAST = 500;
export const MOST = 2_000_000;
/** What of the book is taken at first: enough to learn from, and soon gone through. */
export const OF_BOOK = 300_000;

/** Characters of a sequence, and sequences of a step. */
export const LENGTH = 64;
export const BATCH = 16;
/** Sequences that a pass over a short text has at least, overlapping; and how far apart they begin at least. */
export const SEQUENCES = 1024;
export const LEAST_STRIDE = 8;

/** The share of the text that is held out, at its end, and the most sequences of that. */
export const HELD_OUT = 0.05;
export const MOST_HELD_OUT = 128;

/** Characters that are written, on demand and while it learns. */
export const WRITTEN = 400;
export const SAMPLE = 200;
