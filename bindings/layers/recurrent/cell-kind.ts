/** What a recurrent cell is, as data: the passes and streams of a layer know cells by this description alone. */
import type { SequenceFields } from "../../kernels.js";
import type { Runtime } from "../../runtime.js";
import type { FloatType, WeightStorage } from "../../tensor.js";

/** Names of fields of the descriptor (assembly/layout.ts). */
type Field = keyof SequenceFields;

/** @internal A part of the state. */
export interface StatePart {
  /** Its key in what people give and get. */
  readonly name: "h" | "c";
  /** Features. */
  readonly size: number;
  /** Its states at every step, and the gradients of its last and of its first. */
  readonly fields: { readonly states: Field; readonly dLast: Field; readonly dFirst: Field };
}

/** @internal Gates of the same inputs, which are packed, multiplied and stored together. The GRU's n stands apart from r and z (assembly/layout.ts). */
export interface GateGroup {
  /** Place of its first gate in its parameters. */
  readonly first: number;
  readonly gates: number;
  /** Units of a gate. */
  readonly units: number;
  /** Where the packed weights lie. */
  readonly weights: Field;
  /** The parameters in them, one over the other, and where each lies packed for the backward. */
  readonly transposed: Readonly<Record<string, Field>>;
  /** Where packed biases lie, and the parameters of which each is the sum, of two at most. */
  readonly biases: Partial<Readonly<Record<Field, readonly string[]>>>;
}

/** @internal How much a pass works on. */
export interface Extent {
  /** Rows of all steps, of the steps whose input product is taken at once, and of one step. */
  readonly M: number;
  readonly chunkRows: number;
  readonly N: number;
  /** Rounded up to whole panels: units of a gate, features of the output. */
  readonly Hp: number;
  readonly Pp: number;
}

/** @internal A cell of a size. It gives h, the first part of its state. */
export interface CellKind {
  readonly name: string;
  /** Units of a gate. */
  readonly H: number;
  /** Features that it gives at each step. */
  readonly P: number;
  /** Features that its recurrent product reads; 0: it has none. */
  readonly K: number;
  readonly states: readonly StatePart[];
  readonly groups: readonly GateGroup[];
  /** Shapes of the parameters, for so many features in; those named bias… are optional. */
  parameters(I: number): Readonly<Record<string, readonly number[]>>;
  /** Where the kernel adds the gradient of each. */
  readonly gradients: Readonly<Record<string, Field>>;
  /** Parameters that the kernel reads where they lie. */
  readonly read?: Readonly<Record<string, Field>>;
  /** Constants that the kernel asks for. */
  readonly constants?: SequenceFields;
  /** Elements of the buffers that a forward fills for its backward. */
  tape(extent: Extent): SequenceFields;
  /** Elements of what a forward needs beside its tape, or in its place. */
  scratch(extent: Extent): SequenceFields;
  /** Elements of the scratch of a backward. */
  backwardScratch(extent: Extent): SequenceFields;
  forward(runtime: Runtime, storage: WeightStorage, sequence: number): void;
  backward(runtime: Runtime, dtype: FloatType, sequence: number): void;
}

/** @internal What a cell gives, and is given back. */
export function hState(size: number): StatePart {
  return { name: "h", size, fields: { states: "a", dLast: "dLast", dFirst: "da0" } };
}

/** @internal What stays inside. */
export function cState(size: number): StatePart {
  return { name: "c", size, fields: { states: "c", dLast: "dcLast", dFirst: "dc0" } };
}

/** @internal For messages: "{ h, c }". */
export function namesOf(states: readonly StatePart[]): string {
  return `{ ${states.map(({ name }) => name).join(", ")} }`;
}

/** @internal PyTorch's names and shapes, of G gates. */
export function stackedParameters(G: number, H: number, K = H): CellKind["parameters"] {
  return (I) => ({ weight_ih: [G * H, I], weight_hh: [G * H, K], bias_ih: [G * H], bias_hh: [G * H] });
}

/** @internal Of those. */
export const STACKED_GRADIENTS = { weight_ih: "dWx", weight_hh: "dWa", bias_ih: "dbx", bias_hh: "dba" } as const;

/** @internal The group of all gates of a cell that sums both products in one chain. */
export function mainGroup(gates: number, units: number): GateGroup {
  return {
    ...{ first: 0, gates, units, weights: "weights" },
    transposed: { weight_ih: "weightsXT", weight_hh: "weightsHT" },
    biases: { bias: ["bias_ih", "bias_hh"] },
  };
}

/** @internal Addresses of the parts of a state, in their order; 0 for none. */
export type StateAddresses = readonly number[];
