/** The exports of a binary as kernels: names and argument positions come from the generated file. Pointers are bytes, lengths are elements. */

import { FormatError } from "./errors.js";
import { bindCommonKernels, bindKernels, type CommonKernels, type Kernels, type Raw, SEQUENCE_FIELDS } from "./generated/kernels.js";
import type { LinearMemory } from "./memory.js";
import type { FloatType, WeightStorage } from "./tensor.js";
import type { RawExports } from "./wasm.js";

export type { CommonKernels, Kernels };

/**
 * The exports of one element type by their TypeScript names: lstmForward is lstm_forward_f32 or lstm_forward_f64. bf16, int8: those that read
 * weights stored so, the others of f32.
 *
 * @throws {FormatError}
 */
export function kernelsOf(exports: RawExports, storage: WeightStorage): Kernels {
  return bindKernels((name) => {
    const own = exports[`${name}_${storage}`];
    return own ?? exported(exports, `${name}_${storage === "f64" ? storage : "f32"}`);
  });
}

/** @internal The binary of int8, and what layers need beside its kernels. */
export interface Int8 {
  readonly exports: RawExports;
  /** The description of a recurrent cell, with room for the codes of what layers of it read (assembly/layout.ts). */
  withCodes<Kind extends { H: number; P: number; K: number; scratch(extent: never): SequenceFields }>(
    kind: Kind,
    cells: readonly { readonly I: number }[],
  ): Kind;
  /** Bytes of scratch of an affine layer. */
  denseScratch(I: number): number;
}

/** Whether the binary has those of an element type: one of f32 alone has no others. */
export function hasKernels(exports: RawExports, dtype: FloatType): boolean {
  return exports[`gemm_${dtype}`] !== undefined;
}

/** Those that know no element type. @throws {FormatError} */
export function commonKernelsOf(exports: RawExports): CommonKernels {
  return bindCommonKernels((name) => exported(exports, name));
}

/** @throws {FormatError} when the binary lacks it, as one of another version of the package would */
function exported(exports: RawExports, name: string): Raw & { value: number } {
  const value = exports[name];
  if (!value) throw new FormatError(`build: expected a binary of this version of the package, got one without ${name}`);
  return value;
}

type SequenceField = (typeof SEQUENCE_FIELDS)[number];
export type SequenceFields = Partial<Record<SequenceField, number>>;

/** Where the fields of the descriptor lie. */
export interface SequenceLayout {
  readonly size: number;
  readonly offsets: Readonly<Record<SequenceField, number>>;
}

/** @throws {FormatError} when the binary has another */
export function sequenceLayout(exports: RawExports): SequenceLayout {
  const offsets = Object.fromEntries(SEQUENCE_FIELDS.map((field, i) => [field, 4 * i]));
  const size = 4 * SEQUENCE_FIELDS.length;
  if (exported(exports, "Sequence_size").value === size) return { size, offsets: offsets as SequenceLayout["offsets"] };
  throw new FormatError("build: expected a binary of this version of the package, got one of another");
}

/** Writes some fields of the descriptor at ptr; the others stay. */
export function writeSequence(memory: LinearMemory, layout: SequenceLayout, ptr: number, fields: SequenceFields): void {
  const words = new Uint32Array(memory.memory.buffer, ptr, layout.size / 4);
  for (const [field, value] of Object.entries(fields)) words[layout.offsets[field as SequenceField] / 4] = value;
}
