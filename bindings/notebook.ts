/** The entry `wasm-rnn/notebook`. */
export * from "./notebook/functions.js";
