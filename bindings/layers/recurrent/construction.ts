/** The options of a recurrent layer, checked at the door. */
import { checkBoolean, checkNumber, checkPositive } from "../../checks.js";
import type { Runtime } from "../../runtime.js";
import { checkConstruction, checkStored } from "../doors.js";
import type { RecurrentOptions } from "./options.js";

/** More would be a mistake: each layer has parameters of its own, by name. */
const MOST_LAYERS = 1024;

const OPTIONS = [
  "inputSize",
  "hiddenSize",
  "numLayers",
  "bias",
  "bidirectional",
  "batchFirst",
  "dropout",
  "residual",
  "learnedState",
  "weights",
  "generator",
];

/** @internal What was given, and in full. @param others names of further options, which the kind of layer checks @throws {ArgumentError} */
export function checkRecurrent(runtime: Runtime, options: RecurrentOptions, others: readonly string[]) {
  const given = checkConstruction(runtime, options, [...OPTIONS, ...others]);
  const {
    numLayers: L = 1,
    bias = true,
    bidirectional = false,
    batchFirst = false,
    dropout = 0,
    residual = false,
    learnedState = false,
  } = given;
  const I = checkPositive("inputSize", given.inputSize);
  const H = checkPositive("hiddenSize", given.hiddenSize);
  checkPositive("numLayers", L, MOST_LAYERS);
  for (const [name, value] of Object.entries({ bias, bidirectional, batchFirst, residual, learnedState })) checkBoolean(name, value);
  checkNumber("dropout", dropout, 0, 1);
  const weights = checkStored(runtime, given, ["bf16"]);
  const D: 1 | 2 = bidirectional ? 2 : 1;
  return { given, I, H, L, D, bias, batchFirst, dropout, residual, learnedState, weights };
}
