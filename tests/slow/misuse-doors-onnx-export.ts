/** Doors: models as files of ONNX. */
import { GRU, LSTM, Sequential } from "../../bindings/index.js";
import { exportOnnx } from "../../bindings/onnx.js";
import type { Door } from "./misuse-judge.js";

// biome-ignore lint/suspicious/noExplicitAny: called with what does not fit
type Loose = any;

export const onnxExportDoors: Door[] = [
  {
    name: "exportOnnx",
    open(w) {
      const lstm = new LSTM(w.rt, { inputSize: 3, hiddenSize: 4, bidirectional: true });
      const model = w.own(new Sequential(w.rt, { lstm, gru: new GRU(w.rt, { inputSize: 8, hiddenSize: 2, learnedState: true }) }));
      const options = { axes: ["T", 2], lengths: true, states: true, dtype: "f32" };
      return { args: [model, options], call: (...args) => (exportOnnx as Loose)(...args) };
    },
  },
];
