/** What a forward pass keeps for its backward pass, and the workspace both use. */

import { Buffers } from "../buffers.js";
import { Owner } from "../dispose.js";
import { isTruly } from "../heir.js";
import type { Runtime } from "../runtime.js";
import { Lease, type Tensor } from "../tensor.js";
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
  /** Version of the parameters. */
  readonly version: number;
  /** What must be unchanged. */
  readonly reads: readonly Read[];
  readonly T: number;
  readonly N: number;
  /** Of a recurrent layer: the order of rows, and the dropout between its layers. */
  readonly order?: RowOrder;
  readonly dropout?: readonly Seeds[];
}

/** What decides which elements are dropped between two layers. */
export type Seeds = readonly [number, number];

/**
 * Made by `layer.tape()`. Give it to a forward and to its backward when two forwards of one layer are under way at once;
 * otherwise the layer's own tape serves.
 */
export class Tape extends Owner {
  /** @internal The layer that made it. */
  readonly owner: object;
  /** @internal */
  readonly buffers: Buffers;
  /** @internal */
  readonly lease: Lease;
  /** @internal null: nothing to go back over. */
  recording: Recording | null = null;
  readonly #tape = true;

  /** Whether it truly is one: a Proxy of one, or an heir, is not. */
  static override [Symbol.hasInstance]<T>(this: { readonly prototype: T }, value: unknown): value is T {
    return isTruly(this, value, (value) => #tape in value);
  }

  /** @internal Use `layer.tape()`. */
  constructor(owner: object, name: string, runtime: Runtime) {
    super("tape", runtime);
    this.owner = owner;
    this.buffers = new Buffers(runtime.memory);
    this.lease = new Lease(`the next forward of this ${name}`, this);
  }

  /** @internal Makes the results of the last forward stale and forgets its recording. */
  restart(): void {
    this.lease.renew();
    this.recording = null;
  }

  /** @internal The results in its workspace are gone. */
  protected override release(): void {
    this.buffers.dispose();
    this.lease.ended = true;
    this.recording = null;
  }
}
