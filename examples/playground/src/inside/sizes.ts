/** Which cells there are, and how large. */
export const CELLS = ["RNN", "LSTM", "GRU", "minGRU"] as const;
export type CellName = (typeof CELLS)[number];

/** Of the weights of the first visit; each further training begins with the next. */
export const FIRST_SEED = 2;

/** Units of each. */
export const UNITS = 16;
