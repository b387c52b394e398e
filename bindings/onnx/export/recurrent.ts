/** Recurrent layers: a node of ONNX for each stacked layer, both directions in it. */
import type { Parameter } from "../../parameters.js";
import type { Attribute } from "./messages.js";
import { type GateSource, gatesInOrder, joined, numbersOf } from "./numbers.js";
import type { Place } from "./place.js";

/** What the layers that ONNX has operators for have in common. */
export interface RecurrentLayer {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bidirectional: boolean;
  readonly batchFirst: boolean;
  readonly residual?: boolean;
  readonly storage?: string;
  parameters(): Parameter[];
}

/** How ONNX has a kind of cell. */
export interface OnnxCell {
  readonly op: "RNN" | "GRU" | "LSTM";
  /** For each gate of ONNX, in its order. */
  readonly gates: readonly GateSource[];
  /** For one direction. */
  readonly activations: readonly string[];
  readonly alpha?: readonly number[];
  readonly beta?: readonly number[];
  /** Whether there are peepholes. */
  readonly peepholes?: boolean;
  readonly others?: Readonly<Record<string, Attribute>>;
}

/** One layer of the stack. */
interface Level {
  readonly cell: OnnxCell;
  readonly layer: RecurrentLayer;
  readonly level: number;
  /** Features in. */
  readonly I: number;
  /** Of what its parameters are called, a direction each. */
  readonly suffixes: readonly string[];
}

export function addRecurrent(place: Place, layer: RecurrentLayer, cell: OnnxCell): void {
  const { inputSize, hiddenSize: H, numLayers: L, bidirectional } = layer;
  const { graph, options } = place;
  const D = bidirectional ? 2 : 1;
  place.reads(inputSize);
  const parts = cell.op === "LSTM" ? ["h", "c"] : ["h"];
  const starts = parts.map((part) => (options.states ? split(place, place.stateInput(part, L * D, H), part, L, D) : undefined));
  const ends: string[][] = parts.map(() => []);
  let x = place.timeFirst();
  for (let level = 0; level < L; level++) {
    const suffixes = ["", "_reverse"].slice(0, D).map((direction) => `_l${level}${direction}`);
    const own: Level = { cell, layer, level, I: level === 0 ? inputSize : D * H, suffixes };
    const start = parts.map((part, i) => starts[i]?.[level] ?? learned(place, own, part));
    const outputs = options.states ? ["Y", ...parts.map((part) => `Y_${part}`)] : ["Y"];
    const [Y = "", ...end] = graph.nodeOf(cell.op, `${place.layer}${suffixes[0]}`, {
      inputs: [x, ...weights(place, own), place.lengths, ...start, ...(cell.peepholes ? [peepholes(place, own)] : [])],
      outputs,
      attributes: attributesOf(own, D),
    });
    for (const [i, value] of end.entries()) ends[i]?.push(value);
    const y = beside(place, Y, D, H);
    x = layer.residual && level > 0 ? place.node("Add", [y, x]) : y;
  }
  place.gives(x, D * H, "time first");
  for (const [i, part] of parts.entries()) if (options.states) place.stateOutput(part, together(place, ends[i] as string[]), L * D, H);
}

/** Directions are an axis of ONNX's own: the features of both beside one another. */
function beside(place: Place, Y: string, D: number, H: number): string {
  if (D === 1) return place.node("Squeeze", [Y, place.graph.integers([1])]);
  const swapped = place.node("Transpose", [Y], { perm: { ints: [0, 2, 1, 3] } });
  return place.node("Reshape", [swapped, place.graph.integers([0, 0, D * H])]);
}

/** A state of all layers, in a value for each. */
function split(place: Place, state: string, part: string, L: number, D: number): readonly string[] {
  if (L === 1) return [state];
  const sizes = place.graph.integers(new Array(L).fill(D));
  const outputs = Array.from({ length: L }, (_, level) => `${part}_l${level}`);
  return place.graph.nodeOf("Split", `${place.layer}.Split`, { inputs: [state, sizes], outputs, attributes: { axis: { i: 0 } } });
}

function together(place: Place, states: readonly string[]): string {
  return states.length === 1 ? (states[0] as string) : place.node("Concat", states, { axis: { i: 0 } });
}

function attributesOf({ cell, layer }: Level, D: number): Record<string, Attribute> {
  const { activations, alpha = [], beta = [], others = {} } = cell;
  const each = <Item>(items: readonly Item[]) => Array.from({ length: D }, () => items).flat();
  return {
    hidden_size: { i: layer.hiddenSize },
    ...(D === 2 && { direction: { text: "bidirectional" } }),
    activations: { texts: each(activations) },
    ...(alpha.length > 0 && { activation_alpha: { floats: each(alpha) } }),
    ...(beta.length > 0 && { activation_beta: { floats: each(beta) } }),
    ...others,
  };
}

/** A parameter of each direction, one after another; undefined where the layer has none. */
function numbers(place: Place, { layer, suffixes }: Level, name: string): Float32Array[] | undefined {
  const found = suffixes.map((suffix) => layer.parameters().find((parameter) => parameter.name === name + suffix));
  if (!found[0]) return undefined;
  return found.map((parameter) => numbersOf(`${place.layer}.${parameter?.name}`, parameter as Parameter));
}

/** W [D, G·H, I], R [D, G·H, H] and B [D, 2·G·H]. */
function weights(place: Place, own: Level): string[] {
  const { cell, layer, I, suffixes, level } = own;
  const [H, D, G] = [layer.hiddenSize, suffixes.length, cell.gates.length];
  const ordered = (name: string, columns: number) =>
    numbers(place, own, name)?.map((array) => gatesInOrder(array, cell.gates, H, columns)) as Float32Array[];
  const constant = (name: string, arrays: readonly Float32Array[], shape: readonly number[]) =>
    place.graph.constant(`${place.layer}_l${level}.${name}`, joined(arrays), shape);
  const matrix = (name: string, arrays: readonly Float32Array[], columns: number) => {
    if (layer.storage !== "int8") return constant(name, arrays, [D, G * H, columns]);
    const rounded = place.graph.rounded(`${place.layer}_l${level}.${name}`, joined(arrays), [D * G * H, columns], 0);
    return place.node("Reshape", [rounded, place.graph.integers([D, G * H, columns])]);
  };
  const W = matrix("W", ordered("weight_ih", I), I);
  const R = matrix("R", ordered("weight_hh", H), H);
  const [bx, ba] = [ordered("bias_ih", 1), ordered("bias_hh", 1)];
  if (!bx) return [W, R, ""];
  const both = bx.flatMap((array, d) => [array, ba[d] as Float32Array]);
  return [W, R, constant("B", both, [D, 2 * G * H])];
}

/** P [D, 3H]: of i, o and f in place of i, f and o. */
function peepholes(place: Place, own: Level): string {
  const { layer, suffixes, level } = own;
  const H = layer.hiddenSize;
  const arrays = numbers(place, own, "weight_ch") as Float32Array[];
  const ordered = arrays.map((array) => gatesInOrder(array, [{ from: 0 }, { from: 2 }, { from: 1 }], H, 1));
  return place.graph.constant(`${place.layer}_l${level}.P`, joined(ordered), [suffixes.length, 3 * H]);
}

/** An initial state that is learned, the same for every sequence; "" where it is zeros. */
function learned(place: Place, own: Level, part: string): string {
  const { layer, suffixes, level } = own;
  const found = numbers(place, own, `${part}0`);
  if (!found) return "";
  const [D, H] = [suffixes.length, layer.hiddenSize];
  const value = place.graph.constant(`${place.layer}_l${level}.${part}0`, joined(found), [D, 1, H]);
  const { graph } = place;
  const shape = place.node("Concat", [graph.integers([D]), place.batchSize(), graph.integers([H])], { axis: { i: 0 } });
  return place.node("Expand", [value, shape]);
}
