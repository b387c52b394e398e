/** Which memory of a plan is in use while a graph is laid out: what nothing needs any more, the next results take. */
import type { Arena } from "../graph/arena.js";
import { bytesPer, type Tensor } from "../tensor.js";

interface Piece {
  readonly ptr: number;
  readonly bytes: number;
  /** Names that stand for it. */
  uses: number;
}

export class Pieces {
  readonly #arena: Arena;
  readonly #of = new WeakMap<Tensor, Piece>();
  /** Of the node at work. */
  #fresh: Piece[] = [];

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** A tensor that has been made in a piece of its own, or in that of another. */
  made(tensor: Tensor, base: Tensor | undefined): void {
    if (base) {
      const piece = this.#of.get(base);
      if (piece) this.#of.set(tensor, piece);
      return;
    }
    const piece = { ptr: tensor.pointer(), bytes: tensor.size * bytesPer(tensor.dtype), uses: 0 };
    this.#of.set(tensor, piece);
    this.#fresh.push(piece);
  }

  /** A name stands for it from now on. */
  hold(tensor: Tensor): void {
    const piece = this.#of.get(tensor);
    if (piece) piece.uses++;
  }

  /** A name is not needed any more. */
  drop(tensor: Tensor): void {
    const piece = this.#of.get(tensor);
    if (piece && --piece.uses === 0) this.#arena.give(piece.ptr, piece.bytes);
  }

  /** The node at work is laid out: what it made for itself alone is free. */
  settle(): void {
    for (const piece of this.#fresh) if (piece.uses === 0) this.#arena.give(piece.ptr, piece.bytes);
    this.#fresh = [];
  }
}
