/** RNN and LSTM over whole sequences: everything but the cell, which the kernels know. */
import type { Buffers } from "../buffers.js";
import { checkBoolean, checkOneOf, checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { type SequenceFields, writeSequence } from "../kernels.js";
import type { Runtime } from "../runtime.js";
import { type FloatArray, type Lease, Tensor, type WeightStorage } from "../tensor.js";
import type { CellKind } from "./cell-kind.js";
import { type BackwardOptions, checkConstruction, dtypeOf, type ForwardOptions, Layer, type LayerOptions } from "./layer.js";
import { PackedWeights, recurrentShapes } from "./packed.js";
import { RecurrentStream } from "./recurrent-stream.js";
import type { Recording, Tape } from "./tape.js";

/** Options of RNN and LSTM, by PyTorch's names. */
export interface RecurrentOptions extends LayerOptions {
  /** Features of a step, I. */
  inputSize: number;
  /** Hidden units, H. */
  hiddenSize: number;
  /** Layers, each fed by the one below. Default 1. */
  numLayers?: number;
  /** Whether there are biases. Default true. */
  bias?: boolean;
  /**
   * How the kernels keep the weights. `"bf16"` (with dtype f32) halves what a step reads, for large layers that only run:
   * the sums stay f32, `backward` is refused. Default: the dtype.
   */
  weights?: "bf16";
}

/** h and, for an LSTM, c: each [numLayers, N, H], or [numLayers, H] for an unbatched sequence. */
export interface RecurrentState {
  h: Tensor;
  c?: Tensor;
}

/** Options of a recurrent layer's backward pass. */
export interface RecurrentBackwardOptions extends BackwardOptions {
  /** `false` leaves out the gradient of x, which a model's first layer has no use for: up to a quarter of the work. Default true. */
  dX?: boolean;
}

/** @internal A tape's values, canonical. */
export interface RecordedValues {
  readonly a: FloatArray;
  readonly c?: FloatArray;
  readonly gates?: FloatArray;
}

interface Dims {
  readonly T: number;
  readonly N: number;
  readonly batched: boolean;
}

/** Bytes of pre-activations whose input product is taken at once: they should still lie in L2 when their step comes. */
const CHUNK_BYTES = 256 * 1024;

export abstract class Recurrent<State extends RecurrentState> extends Layer {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  /** @internal */
  readonly kind: CellKind;
  /** @internal */
  readonly packed: PackedWeights;
  /** @internal How the packed weights are stored. */
  readonly storage: WeightStorage;

  protected constructor(runtime: Runtime, kind: CellKind, options: RecurrentOptions) {
    checkConstruction(runtime, options, ["inputSize", "hiddenSize", "numLayers", "bias", "weights", "generator"]);
    const I = checkPositive("inputSize", options.inputSize);
    const H = checkPositive("hiddenSize", options.hiddenSize);
    const L = checkPositive("numLayers", options.numLayers ?? 1);
    const bias = checkBoolean("bias", options.bias ?? true);
    if (options.weights !== undefined) {
      checkOneOf("weights", options.weights, ["bf16"]);
      checkOneOf("dtype", dtypeOf(runtime, options), ["f32"]);
    }
    super(runtime, kind.name, options, recurrentShapes(kind.gates, I, H, L, bias));
    this.kind = kind;
    this.storage = options.weights ?? this.dtype;
    this.inputSize = I;
    this.hiddenSize = H;
    this.numLayers = L;
    this.packed = new PackedWeights(this.block, this.buffers, kind.gates, I, H, L, bias, this.storage);
    this.block.fillUniform(1 / Math.sqrt(H), this.generator);
  }

  /**
   * Runs a whole sequence.
   *
   * @param x [T, N, I] (time, batch, features), or [T, I] for one sequence without a batch
   * @param options state: where to begin, default zeros; tape: see ForwardOptions
   * @returns output [T, N, H], the top layer's h at every step, and the final state of every layer; valid until the next
   * forward on the same tape. The state of one forward may be given to the next.
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, options: ForwardOptions & { state?: State | undefined } = {}): { output: Tensor; state: State } {
    const { tape, record } = this.forwardTape(options, ["state"]);
    const dims = this.#dims(x);
    const { T, N } = dims;
    const stateShape = this.#stateShape(dims);
    const given = this.#stateAddresses("state", options.state, stateShape);
    this.refuseOwn("x", x, tape.lease);
    const { hiddenSize: H, numLayers: L, kind } = this;
    const stateBytes = this.bytes(N * H);

    tape.restart();
    this.packed.packForward();
    return this.filling(tape.buffers, () => {
      const start = this.#keptState(options.state, given, tape.lease, tape.buffers);
      const hn = tape.buffers.get("hn", L * stateBytes);
      const cn = kind.hasCell ? tape.buffers.get("cn", L * stateBytes) : 0;
      let below = x.pointer("x");
      for (let layer = 0; layer < L; layer++) {
        const s = this.#prepare(tape, layer, dims, record, below);
        this.#begin(s.a, start.h, layer * stateBytes, stateBytes);
        if (kind.hasCell) this.#begin(s.c, start.c, layer * stateBytes, stateBytes);
        kind.forward(this.runtime.kernels(this.storage), s.ptr);
        this.runtime.memory.copy(hn + layer * stateBytes, s.a + T * stateBytes, stateBytes);
        if (kind.hasCell) this.runtime.memory.copy(cn + layer * stateBytes, s.c + (record ? T * stateBytes : 0), stateBytes);
        below = s.a + stateBytes;
      }
      if (record) tape.recording = { x, version: this.block.version, T, N };
      const output = this.result(tape.lease, below, dims.batched ? [T, N, H] : [T, H]);
      return { output, state: this.#state(tape, hn, cn, stateShape) };
    });
  }

  /**
   * Back through time over the last recorded forward. Adds to the gradients of the parameters.
   *
   * @param dOutput ∂L/∂output, of output's shape; null where the loss reads the final state alone
   * @param dState ∂L/∂state, each part optional
   * @param options tape: see BackwardOptions; dX: false leaves dX out, and reading it throws
   * @returns dX, of x's shape, and the gradient of the initial state; valid until the next backward
   * @throws {StaleError} when there is no recorded forward, or the parameters have changed or x was replaced since
   * @throws {ShapeError} @throws {DTypeError} @throws {DisposedError} @throws {MemoryError}
   */
  backward(dOutput: Tensor | null, dState: Partial<State> = {}, options: RecurrentBackwardOptions = {}): { dX: Tensor; dState: State } {
    if (this.storage === "bf16") throw new ArgumentError("weights", "f32 or f64 for a backward pass", '"bf16"');
    const tape = this.backwardTape(options, ["dX"]);
    const wantsDX = checkBoolean("dX", options.dX ?? true);
    const recording = this.recordingOf(tape);
    const { T, N, x } = recording;
    const batched = x.shape.length === 3;
    const { inputSize: I, hiddenSize: H, numLayers: L, kind } = this;
    const stateShape = this.#stateShape({ T, N, batched });
    const given = this.#stateAddresses("dState", dState, stateShape);
    const dy = dOutput === null ? 0 : this.shaped("dOutput", dOutput, batched ? [T, N, H] : [T, H]);
    const stateBytes = this.bytes(N * H);

    this.backwardLease.renew();
    this.packed.packBackward();
    return this.filling(this.workspace, () => {
      const end = this.#keptState(dState, given, this.backwardLease, this.workspace);
      let above = this.kept("dOutput", dOutput, dy, this.backwardLease, this.workspace);
      const dh0 = this.workspace.get("dh0", L * stateBytes);
      const dc0 = kind.hasCell ? this.workspace.get("dc0", L * stateBytes) : 0;
      const dX = wantsDX ? this.workspace.get("dX", this.bytes(T * N * I)) : 0;
      const sequences: number[] = [];
      for (let layer = L - 1; layer >= 0; layer--) {
        const dx = layer === 0 ? dX : this.workspace.get(`dx${layer % 2}`, this.bytes(T * N * H));
        const at = layer * stateBytes;
        const ends = {
          dLast: end.h && end.h + at,
          dcLast: end.c && end.c + at,
          da0: dh0 + at,
          dc0: dc0 && dc0 + at,
        };
        sequences.push(this.#prepareBackward(tape, layer, recording, above, dx, ends));
        above = dx;
      }
      for (const s of sequences) kind.backward(this.kernels, s); // nothing can fail from here on: gradients are added whole
      const dStart = this.#state({ lease: this.backwardLease }, dh0, dc0, stateShape);
      return wantsDX ? { dX: this.result(this.backwardLease, dX, x.shape), dState: dStart } : withoutDX(dStart);
    });
  }

  /**
   * One step at a time, with the state kept: `stream.input.set(x); stream.step(); use(stream.output)`.
   *
   * @param options batch: rows of a step, N; default 1
   */
  stream(
    options: { batch?: number } = {},
  ): RecurrentStream<State extends { c: Tensor } ? { h: FloatArray; c: FloatArray } : { h: FloatArray }> {
    this.block.assertAlive();
    checkOptions(options, ["batch"]);
    return new RecurrentStream(this, checkPositive("batch", options.batch ?? 1));
  }

  /** @internal The recorded forward, outside linear memory: a and c [T+1,N,H], gates [T,N,G,H] after activation. */
  recorded(tape: Tape): RecordedValues {
    const { T, N } = this.recordingOf(tape);
    const { hiddenSize: H, kind } = this;
    const read = (name: string, size: number) =>
      this.runtime.view(this.dtype, tape.buffers.get(name, this.bytes(size)), size) as FloatArray;
    const a = read("a0", (T + 1) * N * H).slice() as FloatArray;
    if (!kind.hasCell) return { a };
    const c = read("c0", (T + 1) * N * H).slice() as FloatArray;
    const gates = this.packed.gatesToCanonical(read("gates0", T * N * this.packed.width), T * N);
    return { a, c, gates };
  }

  /** @internal Makes the tape hold such values, as if a forward of x had recorded them; for one layer. */
  restore(tape: Tape, x: Tensor, values: RecordedValues): void {
    const dims = this.#dims(x);
    tape.restart();
    this.packed.packForward();
    this.#prepare(tape, 0, dims, true, x.pointer("x"));
    const write = (name: string, data: FloatArray) => {
      const ptr = tape.buffers.get(name, this.bytes(data.length));
      (this.runtime.view(this.dtype, ptr, data.length) as FloatArray).set(data);
    };
    write("a0", values.a);
    if (values.c) write("c0", values.c);
    if (values.gates) write("gates0", this.packed.gatesFromCanonical(values.gates, dims.T * dims.N));
    tape.recording = { x, version: this.block.version, T: dims.T, N: dims.N };
  }

  #dims(x: Tensor): Dims {
    this.address("x", x);
    const [T, N, I] = x.shape.length === 2 ? [x.shape[0], 1, x.shape[1]] : x.shape;
    if (x.shape.length < 2 || x.shape.length > 3 || I !== this.inputSize) {
      throw new ShapeError("x", `[T, N, ${this.inputSize}] or [T, ${this.inputSize}]`, show([...x.shape]));
    }
    return { T: T as number, N: N as number, batched: x.shape.length === 3 };
  }

  #stateShape({ N, batched }: Dims): number[] {
    return batched ? [this.numLayers, N, this.hiddenSize] : [this.numLayers, this.hiddenSize];
  }

  /** Addresses of the parts. An initial state is whole or absent; a gradient may lack parts: 0. */
  #stateAddresses(argument: "state" | "dState", state: Partial<State> | undefined, shape: number[]): { h: number; c: number } {
    if (state === undefined) return { h: 0, c: 0 };
    const { hasCell } = this.kind;
    if (typeof state !== "object" || state === null || state instanceof Tensor) {
      throw new ArgumentError(argument, hasCell ? "{ h, c }" : "{ h }", show(state));
    }
    const part = (name: "h" | "c") =>
      argument === "state" || state[name] !== undefined ? this.shaped(`${argument}.${name}`, state[name], shape) : 0;
    return { h: part("h"), c: hasCell ? part("c") : 0 };
  }

  /** The same, after `kept`. */
  #keptState(state: Partial<State> | undefined, at: { h: number; c: number }, lease: Lease, workspace: Buffers): { h: number; c: number } {
    return { h: this.kept("h", state?.h, at.h, lease, workspace), c: this.kept("c", state?.c, at.c, lease, workspace) };
  }

  #state(lease: Pick<Tape, "lease">, h: number, c: number, shape: number[]): State {
    const state: RecurrentState = { h: this.result(lease.lease, h, shape) };
    if (this.kind.hasCell) state.c = this.result(lease.lease, c, shape);
    return state as State;
  }

  /** Slot 0 of a state array: the given state or zeros. */
  #begin(slot: number, from: number, at: number, bytes: number): void {
    if (from) this.runtime.memory.copy(slot, from + at, bytes);
    else this.runtime.memory.bytes.fill(0, slot, slot + bytes);
  }

  /** Buffers and descriptor of one layer's forward. */
  #prepare(tape: Tape, layer: number, { T, N }: Dims, record: boolean, x: number): { ptr: number; a: number; c: number } {
    const { hiddenSize: H, kind, packed } = this;
    const { memory, sequence } = this.runtime;
    const step = N * packed.width;
    const chunk = Math.min(T, Math.max(1, Math.floor(CHUNK_BYTES / this.bytes(step))));
    const keepGates = record && kind.hasCell; // an RNN's a is all its backward needs
    const a = tape.buffers.get(`a${layer}`, this.bytes((T + 1) * N * H));
    const c = kind.hasCell ? tape.buffers.get(`c${layer}`, this.bytes((record ? T + 1 : 1) * N * H)) : 0;
    const gates = tape.buffers.get(`gates${keepGates ? layer : ""}`, this.bytes((keepGates ? T : chunk) * step));
    const ptr = tape.buffers.get(`sequence${layer}`, sequence.size);
    const { weights, bias } = packed.forward(layer);
    const I = packed.inputOf(layer);
    writeSequence(memory, sequence, ptr, { T, N, I, H, chunk, tape: record ? 1 : 0, carry: 0, x, a, c, gates, weights, bias });
    return { ptr, a, c };
  }

  /** Buffers and descriptor of one layer's backward, over what the forward left. */
  #prepareBackward(tape: Tape, layer: number, { T, N }: Recording, dOutput: number, dx: number, ends: SequenceFields): number {
    const { hiddenSize: H, kind, packed, workspace } = this;
    const { memory, sequence } = this.runtime;
    const padded = this.bytes(N * this.kernels.padded(H));
    const scratch = this.kernels.gemmTransposedScratch(packed.width, T * N, Math.max(this.inputSize, H)); // for every layer
    const ptr = tape.buffers.get(`sequence${layer}`, sequence.size);
    writeSequence(memory, sequence, ptr, {
      ...ends,
      dOutput,
      dx,
      dz: workspace.get("dz", this.bytes(T * N * packed.width)),
      da: workspace.get("da", padded),
      dc: kind.hasCell ? workspace.get("dc", padded) : 0,
      scratch: workspace.get("scratch", this.bytes(scratch)),
      ...packed.backward(layer),
      ...packed.gradients(layer),
    });
    return ptr;
  }
}

/** A result whose dX was not asked for. */
function withoutDX<State>(dState: State): { dX: Tensor; dState: State } {
  return {
    get dX(): Tensor {
      throw new ArgumentError("dX", "a backward pass that computes it", "one with { dX: false }");
    },
    dState,
  };
}
