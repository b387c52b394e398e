/** What a recording is made of. */
import type { Tensor } from "../tensor.js";
import type { Arena } from "./arena.js";
import type { Slots } from "./slots.js";

/** @internal A backward pass, as a node plans its part: first all memory is taken, node by node, then all runs. */
export interface Gradients {
  /** Memory for this node's part alone; what is given to a tensor lasts until that tensor's own node is done. */
  readonly slots: Slots;
  /** Address of ∂L/∂tensor, an output of the node; 0 where nothing reaches it. */
  of(tensor: Tensor): number;
  /** Whether what reaches an output of the node is the number 1, as of a loss. */
  isOne(tensor: Tensor): boolean;
  /** Whether ∂L/∂tensor, an input of the node, is needed. */
  wants(tensor: Tensor): boolean;
  /** Says that a part of ∂L/∂tensor will lie here, in memory of `slots`, or where that of an output lies. */
  give(tensor: Tensor, ptr: number): void;
  /** Address of ∂L/∂tensor, to add to: zeros where nothing has reached it yet. */
  into(tensor: Tensor): number;
  /** Work to be done once nothing can fail any more. */
  run(work: () => void): void;
}

/** @internal One call of a layer, a loss or an operator. */
export interface Node {
  /** What was called: the operator's name, or the layer's class. */
  readonly name: string;
  /** The layer, where it was one. */
  readonly layer?: object;
  /** Whether it was a loss, whose value is what others make of it. */
  readonly isLoss?: boolean;
  /** What gradients go to: tensors of real numbers. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Whether it has parameters of its own that are trained now. */
  learns?(): boolean;
  /** Plans its part of a backward pass. @throws {StaleError} when what it goes over has changed */
  plan(gradients: Gradients): void;
}

/** @internal The frame at work: where results go, and what they are noted in. */
export interface Scope {
  readonly arena: Arena;
  /** null: nothing is recorded. */
  readonly nodes: Node[] | null;
  /** Where numbers among the operands lie, where results do not stay. Default: the arena. */
  readonly constants?: Arena;
  /** Told of each operator that is applied: what does it once more, over the same memory; or in what tensor the result lies. */
  readonly trace?: (output: Tensor, forward: (() => void) | undefined, base: Tensor | undefined) => void;
}
