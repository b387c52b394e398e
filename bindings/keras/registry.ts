/** The Keras layers that are supported, by their class names. */
import * as layers from "./layers.js";
import { addConcatenate, merging } from "./merge-layers.js";
import { addBidirectional, addRecurrent } from "./recurrent.js";
import * as time from "./time-layers.js";

const MERGES = {
  Add: merging("add"),
  Multiply: merging("multiply"),
  Subtract: merging("subtract"),
  Average: merging("average"),
  Maximum: merging("maximum"),
  Minimum: merging("minimum"),
  Concatenate: addConcatenate,
};

/** Names of those that take several inputs. */
export const MERGING: ReadonlySet<string> = new Set(Object.keys(MERGES));

/** By class name. */
export const LAYERS: ReadonlyMap<string, layers.Add> = new Map(
  Object.entries({
    LSTM: addRecurrent,
    GRU: addRecurrent,
    SimpleRNN: addRecurrent,
    Bidirectional: addBidirectional,
    Dense: layers.addDense,
    TimeDistributed: layers.addTimeDistributed,
    Embedding: layers.addEmbedding,
    Masking: layers.addMasking,
    Dropout: layers.addDropout,
    SpatialDropout1D: layers.addDropout,
    Activation: layers.addActivation,
    Softmax: layers.addSoftmax,
    ReLU: layers.addReLU,
    LeakyReLU: layers.addLeakyReLU,
    ELU: layers.addELU,
    LayerNormalization: layers.addLayerNormalization,
    BatchNormalization: layers.addBatchNormalization,
    Flatten: layers.addFlatten,
    Reshape: layers.addReshape,
    Permute: layers.addPermute,
    RepeatVector: layers.addRepeatVector,
    Conv1D: time.addConv1D,
    GlobalAveragePooling1D: time.addGlobalAveragePooling,
    GlobalMaxPooling1D: time.addGlobalMaxPooling,
    MaxPooling1D: time.addMaxPooling,
    AveragePooling1D: time.addAveragePooling,
    ...MERGES,
  }),
);
