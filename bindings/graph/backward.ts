/** A backward pass over a recording: its nodes from the last to the first, each tensor's gradient whole before its node's turn. */
import type { Runtime } from "../runtime.js";
import { bytesPer, type Tensor } from "../tensor.js";
import type { Arena } from "./arena.js";
import type { Gradients, Node } from "./node.js";
import { Slots } from "./slots.js";

/** Memory of a gradient: of several tensors, where an operator hands on what reaches it. */
interface Piece {
  readonly ptr: number;
  readonly bytes: number;
  users: number;
}

/** @internal All memory is taken while it is planned; a plan that fails has changed nothing. Pieces serve again as soon as nobody needs them. */
export class Backward implements Gradients {
  slots: Slots;
  readonly #runtime: Runtime;
  readonly #arena: Arena;
  /** Tensors that gradients are asked for, and all that depends on one, or on parameters that are trained. */
  readonly #needed: Set<Tensor>;
  readonly #asked: ReadonlySet<Tensor>;
  readonly #of = new Map<Tensor, Piece>();
  readonly #pieces = new Map<number, Piece>();
  readonly #work: (() => void)[] = [];
  /** Where losses begin: pieces that hold 1. */
  readonly #ones = new Set<Piece>();
  /** What the node at hand has taken. */
  #own: Piece[] = [];

  constructor(runtime: Runtime, arena: Arena, nodes: readonly Node[], asked: readonly Tensor[]) {
    this.#runtime = runtime;
    this.#arena = arena;
    this.#asked = new Set(asked);
    this.#needed = new Set(asked);
    this.slots = new Slots(this);
    for (const node of nodes) {
      if (!node.learns?.() && !node.inputs.some((input) => this.wants(input))) continue;
      for (const output of node.outputs) this.#needed.add(output);
    }
  }

  /** Whether anything that is trained or asked for leads to it. */
  reaches(tensor: Tensor): boolean {
    return this.#needed.has(tensor) || tensor.isTrained;
  }

  /** Plans all nodes. */
  plan(nodes: readonly Node[]): void {
    this.#own = []; // what it begins with
    for (let i = nodes.length - 1; i >= 0; i--) this.#planNode(nodes[i] as Node);
    for (const tensor of this.#asked) if (!this.#of.has(tensor)) this.into(tensor);
  }

  #planNode(node: Node): void {
    const { outputs } = node;
    if (outputs.some((output) => this.#of.has(output)) && (node.learns?.() || node.inputs.some((input) => this.wants(input)))) {
      this.slots = new Slots(this);
      node.plan(this);
    }
    for (const piece of this.#own) if (piece.users === 0) this.#free(piece);
    this.#own = [];
    for (const output of outputs) if (!this.#asked.has(output)) this.#leave(output);
  }

  /** Runs the plan: nothing can fail. */
  carryOut(): void {
    for (const step of this.#work) step();
  }

  /** Address of the gradient of a tensor that was asked for; 0 of another. */
  asked(tensor: Tensor): number {
    return this.#asked.has(tensor) ? this.of(tensor) : 0;
  }

  of(tensor: Tensor): number {
    return this.#of.get(tensor)?.ptr ?? 0;
  }

  isOne(tensor: Tensor): boolean {
    const piece = this.#of.get(tensor);
    return piece !== undefined && this.#ones.has(piece);
  }

  /** Begins with ∂L/∂loss = 1. */
  seed(loss: Tensor): void {
    const ptr = this.take(bytesOf(loss));
    if (!this.#of.has(loss)) this.#ones.add(this.#pieces.get(ptr) as Piece);
    this.run(() => void this.#runtime.view(loss.dtype, ptr, 1).fill(1));
    this.give(loss, ptr);
  }

  wants(tensor: Tensor): boolean {
    return this.reaches(tensor);
  }

  /** @internal As `Source`: a piece for the node at hand. */
  take(bytes: number): number {
    const piece = { ptr: this.#arena.take(bytes), bytes, users: 0 };
    this.#pieces.set(piece.ptr, piece);
    this.#own.push(piece);
    return piece.ptr;
  }

  give(tensor: Tensor, ptr: number): void {
    if (!this.wants(tensor)) return;
    if (!this.#of.has(tensor) && !tensor.isTrained) {
      this.#set(tensor, this.#pieceAt(ptr, tensor));
      return;
    }
    const y = this.into(tensor);
    this.run(() => this.#kernels(tensor).addTo({ y, x: ptr, n: tensor.size }));
  }

  into(tensor: Tensor): number {
    if (tensor.isTrained) return tensor.gradientAddress();
    const old = this.#of.get(tensor);
    if (old?.users === 1) {
      this.#ones.delete(old);
      return old.ptr;
    }
    const bytes = bytesOf(tensor);
    const ptr = this.take(bytes);
    const { memory } = this.#runtime;
    this.run(old ? () => memory.copy(ptr, old.ptr, bytes) : () => void memory.bytes.fill(0, ptr, ptr + bytes));
    if (old) this.#leave(tensor);
    this.#set(tensor, this.#pieces.get(ptr) as Piece);
    return ptr;
  }

  run(work: () => void): void {
    this.#work.push(work);
  }

  #set(tensor: Tensor, piece: Piece): void {
    piece.users++;
    this.#of.set(tensor, piece);
  }

  /** What was not taken here, as the gradient that a loss has made, is never written or given back: it has a user for ever. */
  #pieceAt(ptr: number, tensor: Tensor): Piece {
    let piece = this.#pieces.get(ptr);
    if (!piece) {
      piece = { ptr, bytes: bytesOf(tensor), users: 1 };
      this.#pieces.set(ptr, piece);
    }
    return piece;
  }

  #leave(tensor: Tensor): void {
    const piece = this.#of.get(tensor);
    if (!piece) return;
    this.#of.delete(tensor);
    piece.users--;
    if (piece.users === 0 && !this.#own.includes(piece)) this.#free(piece);
  }

  #free(piece: Piece): void {
    this.#pieces.delete(piece.ptr);
    this.#arena.give(piece.ptr, piece.bytes);
  }

  #kernels({ dtype }: Tensor) {
    return this.#runtime.kernels(dtype as "f32" | "f64");
  }
}

function bytesOf({ size, dtype }: Tensor): number {
  return size * bytesPer(dtype);
}
