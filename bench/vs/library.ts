/** The package as it is built: this folder has a package of its own and does not find it by its name. */
const library: typeof import("wasm-rnn") = await import(new URL("../../dist/index.js", import.meta.url).href);

export const { Adam, createRuntime, Frame, GRU, LSTM, RNN } = library;

/** Its kernels of int8. */
export const { loadInt8 }: typeof import("wasm-rnn/int8") = await import(new URL("../../dist/int8.js", import.meta.url).href);

/** Its operators. */
export const operators: typeof import("wasm-rnn/ops") = await import(new URL("../../dist/ops.js", import.meta.url).href);

/** Its losses of sequences, and attention. */
export const sequence: typeof import("wasm-rnn/sequence") = await import(new URL("../../dist/sequence.js", import.meta.url).href);
