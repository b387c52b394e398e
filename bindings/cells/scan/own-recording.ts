/** What a layer of operators records outside of frames, and the way back over it. */
import { Arena } from "../../graph/arena.js";
import { Backward } from "../../graph/backward.js";
import type { Node } from "../../graph/node.js";
import type { Runtime } from "../../runtime.js";
import type { Tensor } from "../../tensor.js";

/** @internal Of the last forward; it may be gone back over many times. */
export class OwnRecording {
  readonly #runtime: Runtime;
  /** Gradients of what the cells compute. */
  readonly #pieces: Arena;
  #nodes: readonly Node[] = [];

  /** @param layer for messages @param owner lives as long as this */
  constructor(runtime: Runtime, layer: string, owner: object) {
    this.#runtime = runtime;
    this.#pieces = new Arena(runtime.memory, `the next backward of this ${layer}`, owner);
  }

  /** Runs operators, whose results go to an arena. */
  run<R>(arena: Arena, work: () => R): R {
    const nodes: Node[] = [];
    this.#runtime.scope = { arena, nodes };
    try {
      const done = work();
      this.#nodes = nodes;
      return done;
    } finally {
      this.#runtime.scope = null;
    }
  }

  /**
   * A pass that has all its memory.
   *
   * @param asked what gradients are wanted of, beside parameters
   * @param ends results, each with the address of its gradient, or 0
   */
  plan(asked: readonly Tensor[], ends: readonly (readonly [Tensor, number])[]): Backward {
    this.#pieces.rewind();
    try {
      const pass = new Backward(this.#runtime, this.#pieces, this.#nodes, asked);
      for (const [tensor, ptr] of ends) if (ptr) pass.give(tensor, ptr);
      pass.plan(this.#nodes);
      return pass;
    } catch (error) {
      this.#pieces.release();
      throw error;
    }
  }

  dispose(): void {
    this.#nodes = [];
    this.#pieces.dispose();
  }
}
