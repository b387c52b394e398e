/**
 * wasm-rnn/int8: models whose weights are whole numbers of a byte, to be run: a quarter of the file, and faster products.
 *
 * @module wasm-rnn/int8
 */

export { type LoadInt8Options, loadInt8 } from "./int8/load.js";
export { type Calibrated, type QuantizedLayer, type QuantizeOptions, type QuantizeReport, quantize } from "./int8/quantize.js";
export { loadQuantized, saveQuantized } from "./int8/save.js";
