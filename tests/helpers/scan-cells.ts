/** Every layer of wasm-rnn/cells whose cell is of operators. */
import {
  ActivatedGRU,
  ActivatedLSTM,
  ActivatedRNN,
  CoupledLSTM,
  LayerNormGRU,
  LayerNormLSTM,
  RecurrentDropoutGRU,
  RecurrentDropoutLSTM,
  type ScanLayer,
  type ScanLayerOptions,
  ZoneoutGRU,
  ZoneoutLSTM,
} from "../../bindings/cells.js";
import type { Runtime } from "../../bindings/index.js";

export const SCAN_CLASSES = {
  ...{ ActivatedGRU, ActivatedLSTM, ActivatedRNN, CoupledLSTM, LayerNormGRU, LayerNormLSTM },
  ...{ RecurrentDropoutGRU, RecurrentDropoutLSTM, ZoneoutGRU, ZoneoutLSTM },
};

/** One of each, with options that are not the default. */
export const SCAN_KINDS: readonly [name: keyof typeof SCAN_CLASSES, options: object][] = [
  ["ActivatedRNN", { activations: ["Elu"], activationAlpha: [0.7] }],
  ["ActivatedLSTM", { activations: ["HardSigmoid", "Softsign", "ScaledTanh"], activationAlpha: [0.25, 1.5], activationBeta: [0.45, 0.6] }],
  ["ActivatedGRU", { activations: ["Sigmoid", "LeakyRelu"], resetAfter: false }],
  ["CoupledLSTM", { gate: "input" }],
  ["LayerNormLSTM", { eps: 1e-3 }],
  ["LayerNormGRU", {}],
  ["ZoneoutLSTM", { zoneoutH: 0.2, zoneoutC: 0.4 }],
  ["ZoneoutGRU", { zoneoutH: 0.3 }],
  ["RecurrentDropoutLSTM", { dropped: "state" }],
  ["RecurrentDropoutGRU", { recurrentDropout: 0.4 }],
];

export function makeScan(rt: Runtime, name: string, options: ScanLayerOptions & object): ScanLayer {
  return new SCAN_CLASSES[name as keyof typeof SCAN_CLASSES](rt, options);
}
