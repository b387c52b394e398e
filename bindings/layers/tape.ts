/** What a forward pass keeps for its backward pass. */
import type { Arena } from "../graph/arena.js";
import { Slots } from "../graph/slots.js";
import type { Tensor } from "../tensor.js";
import type { RowOrder } from "./recurrent/row-order.js";

/** A tensor that a backward pass reads, as it was when the forward pass read or gave it. */
export interface Read {
  readonly name: string;
  readonly tensor: Tensor;
  readonly version: number;
}

/** What a forward noted: the backward reads it. */
export interface Recording {
  readonly x: Tensor;
  readonly output: Tensor;
  /** Version of the parameters. */
  readonly version: number;
  /** What must be unchanged. */
  readonly reads: readonly Read[];
  readonly T: number;
  readonly N: number;
  /** Of a recurrent layer: the order of rows, the dropout between its layers, whether it began where it has learned to, if it has. */
  readonly order?: RowOrder;
  readonly dropout?: readonly Seeds[];
  readonly learned?: boolean;
}

/** What decides which elements are dropped between two layers. */
export type Seeds = readonly [number, number];

/** @internal The memory of one call of a layer, in a frame; or of its last one outside of frames, in an arena of the layer's own. */
export class Tape {
  readonly arena: Arena;
  /** Whether the next call takes this memory again. */
  readonly isOwn: boolean;
  readonly slots: Slots;
  /** null: nothing to go back over. */
  recording: Recording | null = null;

  constructor(arena: Arena, isOwn: boolean) {
    this.arena = arena;
    this.isOwn = isOwn;
    this.slots = new Slots(arena);
  }

  /** Makes the results of the last call stale and forgets its recording. Of a call in a frame there are none yet. */
  restart(): void {
    if (this.isOwn) this.arena.rewind();
    this.slots.clear();
    this.recording = null;
  }
}
