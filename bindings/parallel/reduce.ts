/** Gradients of parts of a batch, added one after another in the runtime of the caller. */
import { Buffers } from "../buffers.js";
import type { Runtime } from "../runtime.js";
import type { Section, Sections } from "./sections.js";

/** Adds up what workers send, in the order of the calls. */
export class Reduction {
  readonly #sections: readonly Section[];
  readonly #buffers: Buffers;
  readonly #isDirect: boolean;

  /** @param outputs that are learned: of several each adds up beside the gradients, having a weight of its own */
  constructor(runtime: Runtime, { list }: Sections, outputs: number) {
    this.#sections = list;
    this.#buffers = new Buffers(runtime.memory);
    this.#isDirect = outputs === 1;
  }

  /** @param gradients of a part, section after section; of what is not trained they are not looked at */
  add(gradients: Uint8Array): void {
    const incoming = this.#buffers.get("incoming", Math.max(...this.#sections.map(({ bytes }) => bytes)));
    for (const [i, { block, from, bytes }] of this.#sections.entries()) {
      if (!block.requiresGrad || block.size === 0) continue;
      const y = this.#sumOf(i);
      block.runtime.memory.bytes.set(gradients.subarray(from, from + bytes), incoming);
      block.runtime.kernels(block.dtype).addTo({ y, x: incoming, n: block.size });
    }
  }

  /** The end of an output's parts: their sum times a factor has been added to the gradients then. */
  finish(factor: number): void {
    for (const [i, { block, bytes }] of this.#sections.entries()) {
      if (!block.requiresGrad || block.size === 0) continue;
      const kernels = block.runtime.kernels(block.dtype);
      const x = this.#sumOf(i);
      if (factor !== 1) kernels.scale({ x, n: block.size, s: factor });
      if (this.#isDirect) continue;
      kernels.addTo({ y: block.gradient(), x, n: block.size });
      block.runtime.memory.bytes.fill(0, x, x + bytes);
    }
  }

  dispose(): void {
    this.#buffers.dispose();
  }

  #sumOf(i: number): number {
    const { block, bytes } = this.#sections[i] as Section;
    return this.#isDirect ? block.gradient() : this.#buffers.get(`sum ${i}`, bytes);
  }
}
