/** What goes on in a network while it reads a sequence, and what its answer owes to each step. */
import type { Tensor } from "wasm-rnn";
import { stepThrough, type Values } from "./cells.js";
import { CLASSES, FEATURES, type Steps } from "./lessons.js";
import type { Network } from "./networks.js";
import { type CellName, UNITS } from "./sizes.js";

export interface Trace {
  readonly cell: CellName;
  readonly steps: number;
  readonly values: Values;
  /** The layer's own states, [T, H]. */
  readonly output: Float32Array;
  /** How likely each class is for the network after each step, [T, classes]. */
  readonly answers: Float32Array;
  /** ‖∂L/∂x⟨t⟩‖ for each step, L = −y of the class that it answers at the end. */
  readonly gradient: Float32Array;
}

export function traceOf(network: Network, sequence: Steps): Trace {
  const { cell, lesson, layer, head, embedding, model } = network;
  const inputs = FEATURES[lesson];
  const steps = embedding ? sequence.length : sequence.length / inputs;
  const { runtime } = model;
  const given = embedding ? runtime.tensor(sequence, [steps, 1], { dtype: "i32" }) : runtime.tensor(sequence, [steps, 1, inputs]);
  try {
    const x = embedding?.forward(given) ?? given;
    const { output, state } = layer.forward(x);
    const seen = output.toArray() as Float32Array;
    const answers = answersOf(head.forward(output), CLASSES[lesson].length);
    const gradient = gradientOf(network, x, state.h, steps, answers.slice(-CLASSES[lesson].length));
    const weights = Object.fromEntries(layer.parameters().map((parameter) => [parameter.name, parameter.toArray()]));
    const values = stepThrough(cell, weights, x.toArray(), { steps, inputs, units: UNITS });
    return { cell, steps, values, output: seen, answers, gradient };
  } finally {
    given.dispose();
  }
}

/** Softmax of [T, 1, classes]. */
function answersOf(logits: Tensor, classes: number): Float32Array {
  const values = logits.toArray() as Float32Array;
  for (let at = 0; at < values.length; at += classes) {
    const row = values.subarray(at, at + classes);
    const largest = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    row.set(powers.map((power) => power / sum));
  }
  return values;
}

/** From the last step alone back through time, by the layer's own backward. */
function gradientOf({ layer, head, model }: Network, x: Tensor, h: Tensor, steps: number, last: Float32Array): Float32Array {
  const dLogits = new Float32Array(last.length);
  dLogits[last.indexOf(Math.max(...last))] = -1;
  head.forward(h); // [1, 1, H]
  const given = model.runtime.tensor(dLogits, [1, 1, last.length]);
  const dH = head.backward(given);
  const dX = layer.backward(null, { h: dH }).dX.toArray();
  given.dispose();
  model.zeroGrad();
  const size = x.size / steps;
  return Float32Array.from({ length: steps }, (_, t) => Math.hypot(...dX.subarray(t * size, (t + 1) * size)));
}
