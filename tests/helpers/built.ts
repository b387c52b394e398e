/** The package as it was built, for tests in folders with packages of their own, from which its name leads nowhere. */
export { createRuntime } from "wasm-rnn";
export { loadInt8 } from "wasm-rnn/int8";
