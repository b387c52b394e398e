/** The parameters of a model as one stretch of bytes, block after block: what is handed to workers, and what comes back as gradients. */
import { show } from "../checks.js";
import { ArgumentError } from "../errors.js";
import { type Parameter, type ParameterBlock, placeOf } from "../parameters.js";
import { bytesPer } from "../tensor.js";

/** A block of parameters, and where it lies in the bytes. */
export interface Section {
  readonly block: ParameterBlock;
  readonly from: number;
  readonly bytes: number;
}

/** Where each block lies: every element at a multiple of its size. */
const ALIGNMENT = 8;

/** The blocks of a model in the order of its names. */
export class Sections {
  readonly list: readonly Section[];
  /** Of all. */
  readonly bytes: number;

  /** @throws {ArgumentError} on a parameter that no layer of the package made */
  constructor(named: readonly (readonly [string, Parameter])[]) {
    const blocks = new Set<ParameterBlock>();
    for (const [name, parameter] of named) {
      const block = placeOf(parameter)?.block;
      if (!block)
        throw new ArgumentError("model", "parameters of layers, which lie in the runtime's memory", `${name}, ${show(parameter)}`);
      blocks.add(block);
    }
    let from = 0;
    this.list = [...blocks].map((block) => {
      const section = { block, from, bytes: block.size * bytesPer(block.dtype) };
      from += Math.ceil(section.bytes / ALIGNMENT) * ALIGNMENT;
      return section;
    });
    this.bytes = from;
  }

  /** Moves with every change of a value. */
  get version(): string {
    return this.list.map(({ block }) => block.version).join();
  }

  get trained(): boolean[] {
    return this.list.map(({ block }) => block.requiresGrad);
  }

  /** Writes all values. */
  copyTo(target: Uint8Array): void {
    for (const { block, from, bytes } of this.list) {
      const at = block.pointer();
      target.set(block.runtime.memory.bytes.subarray(at, at + bytes), from);
    }
  }

  /** Takes all values. */
  copyFrom(source: Uint8Array): void {
    for (const { block, from, bytes } of this.list) {
      block.runtime.memory.bytes.set(source.subarray(from, from + bytes), block.pointer());
      block.version++;
    }
  }

  /** Writes the gradients of what is trained; what is not stays as it was in the target. */
  gradientsTo(target: Uint8Array): void {
    for (const { block, from, bytes } of this.list) {
      if (!block.requiresGrad) continue;
      const at = block.gradient();
      target.set(block.runtime.memory.bytes.subarray(at, at + bytes), from);
    }
  }
}
