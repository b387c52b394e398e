/** What `loadModel` must be told of models that were loaded here and saved. */
import { ActivatedGRU } from "../cells/scan/activated-gru.js";
import { ActivatedLSTM } from "../cells/scan/activated-lstm.js";
import { ActivatedRNN } from "../cells/scan/activated-rnn.js";
import { KerasModel } from "./keras-model.js";

/**
 * The classes, by name, that a loaded model may be made of beside those of the main entry: for `loadModel`, once it was saved here.
 *
 * @example
 * const again = loadModel(rt, model.save(), { classes: kerasClasses });
 */
export const kerasClasses = { KerasModel, ActivatedLSTM, ActivatedGRU, ActivatedRNN };
