/** RNN, LSTM and GRU over whole sequences: everything but the cell, which the kernels know. */
import type { Buffers } from "../../buffers.js";
import { checkBoolean, checkLengths, checkNumber, checkOneOf, checkOptions, checkPositive, show } from "../../checks.js";
import { ArgumentError, ShapeError, StaleError } from "../../errors.js";
import type { Runtime } from "../../runtime.js";
import { type FloatArray, type Lease, Tensor, type WeightStorage } from "../../tensor.js";
import { checkConstruction, dtypeOf, Layer } from "../layer.js";
import type { Seeds, Tape } from "../tape.js";
import type { CellKind } from "./cell-kind.js";
import { Descriptors } from "./descriptors.js";
import type { RecordedValues, RecurrentBackwardOptions, RecurrentForwardOptions, RecurrentOptions, RecurrentState } from "./options.js";
import { type Cell, cellsOf, PackedWeights, recurrentShapes } from "./packed.js";
import { RowMover } from "./row-mover.js";
import { rowOrder } from "./row-order.js";
import { RecurrentStream } from "./stream.js";

interface Dims {
  readonly T: number;
  readonly N: number;
  readonly batched: boolean;
}

const OPTIONS = ["inputSize", "hiddenSize", "numLayers", "bias", "bidirectional", "batchFirst", "dropout", "weights", "generator"];

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

  /** @internal forward takes `lengths`. */
  readonly takesLengths = true;
  readonly bidirectional: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  /** 2 for a bidirectional layer. */
  readonly #directions: 1 | 2;
  readonly #mover: RowMover;
  readonly #descriptors: Descriptors;

  protected constructor(runtime: Runtime, kind: CellKind, options: RecurrentOptions, others: readonly string[] = []) {
    checkConstruction(runtime, options, [...OPTIONS, ...others]);
    const I = checkPositive("inputSize", options.inputSize);
    const H = checkPositive("hiddenSize", options.hiddenSize);
    const L = checkPositive("numLayers", options.numLayers ?? 1);
    const bias = checkBoolean("bias", options.bias ?? true);
    const bidirectional = checkBoolean("bidirectional", options.bidirectional ?? false);
    const batchFirst = checkBoolean("batchFirst", options.batchFirst ?? false);
    const dropout = checkNumber("dropout", options.dropout ?? 0, 0, 1);
    if (options.weights !== undefined) {
      checkOneOf("weights", options.weights, ["bf16"]);
      checkOneOf("dtype", dtypeOf(runtime, options), ["f32"]);
    }
    const cells = cellsOf(I, H, L, bidirectional ? 2 : 1);
    super(runtime, kind.name, options, recurrentShapes(kind.gates, cells, H, bias));
    this.kind = kind;
    this.storage = options.weights ?? this.dtype;
    this.inputSize = I;
    this.hiddenSize = H;
    this.numLayers = L;
    this.bidirectional = bidirectional;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.#directions = bidirectional ? 2 : 1;
    this.packed = new PackedWeights(this.block, this.buffers, kind, cells, H, this.storage);
    this.#descriptors = new Descriptors(runtime, this.dtype, kind, this.packed, this.workspace, H);
    this.#mover = new RowMover(runtime, this.dtype, this.workspace, H, this.#directions, kind.hasCell);
    this.block.fillUniform(1 / Math.sqrt(H), this.generator);
  }

  /** Features of the output: H, or 2H for a bidirectional layer. */
  get outputSize(): number {
    return this.#directions * this.hiddenSize;
  }

  /**
   * Runs whole sequences.
   *
   * @param x [T, N, I] (time, batch, features; with batchFirst [N, T, I]), or [T, I] for one sequence without a batch
   * @param options state: where to begin, default zeros; lengths: steps of each sequence; tape: see ForwardOptions
   * @returns output [T, N, outputSize] (laid out as x), the top layer's h at every step, zeros in the padding, and the final state of every layer,
   * each sequence's after its own last step; valid until the next forward on the same tape. The state of one forward may be given to the next.
   * @throws {ArgumentError} when a length is not in 1 … T
   * @throws {ShapeError} @throws {DTypeError} @throws {StaleError} @throws {DisposedError} @throws {MemoryError}
   */
  forward(x: Tensor, options: RecurrentForwardOptions<State> = {}): { output: Tensor; state: State } {
    const { tape, record } = this.forwardTape(options, ["state", "lengths"]);
    const dims = this.#dims(x);
    const { T, N } = dims;
    const lengths = options.lengths === undefined ? null : checkLengths("lengths", options.lengths, N, T);
    const stateShape = this.#stateShape(dims);
    const given = this.#stateAddresses("state", options.state, stateShape);
    this.refuseOwn("x", x, tape.lease);
    const { hiddenSize: H, numLayers: L, kind, kernels } = this;
    const D = this.#directions;
    const stateBytes = this.bytes(N * H);

    tape.restart();
    this.packed.packForward();
    return this.filling(tape.buffers, () => {
      const order = rowOrder(this.runtime, tape.buffers, dims, lengths, this.batchFirst, D === 2);
      const { M } = order;
      const take = (name: string, elements: number) => tape.buffers.get(name, this.bytes(elements));
      const start = this.#keptState(options.state, given, tape.lease, tape.buffers);
      const hn = take("final h", L * D * N * H);
      const cn = kind.hasCell ? take("final c", L * D * N * H) : 0;
      const output = order.direct && D === 1 ? 0 : take("output", T * N * D * H);
      const dropout: Seeds[] = [];
      let below = x.pointer("x");
      if (!order.direct) {
        below = take("x", M * this.inputSize);
        kernels.gatherRows({
          dst: below,
          ldd: this.inputSize,
          src: x.pointer("x"),
          lds: this.inputSize,
          index: order.order,
          M,
          width: this.inputSize,
        });
      }
      for (let layer = 0; layer < L; layer++) {
        const outs: number[] = [];
        for (let k = layer * D; k < (layer + 1) * D; k++) {
          const { I } = this.packed.cells[k] as Cell;
          const reversed = k % D === 1;
          const input = reversed ? take(`x${k}`, M * I) : below;
          if (reversed) kernels.gatherRows({ dst: input, ldd: I, src: below, lds: I, index: order.reverse, M, width: I });
          const s = this.#descriptors.forward(tape, k, order, record, input);
          this.#mover.begin(s.a, start.h && start.h + k * stateBytes, order);
          if (kind.hasCell) this.#mover.begin(s.c, start.c && start.c + k * stateBytes, order);
          kind.forward(this.runtime.kernels(this.storage), s.ptr);
          this.#mover.end(hn + k * stateBytes, s.a, order);
          if (kind.hasCell && record) this.#mover.end(cn + k * stateBytes, s.c, order);
          else if (kind.hasCell)
            kernels.gatherRows({ dst: cn + k * stateBytes, ldd: H, src: s.c, lds: H, index: order.place, M: N, width: H });
          outs.push(s.a + stateBytes);
        }
        const top = layer === L - 1;
        below = top ? this.#mover.top(output, outs, order, T * N) : this.#mover.joined(tape, layer, outs, order);
        if (!top && this.training && this.dropout > 0) {
          const seeds: Seeds = [this.generator.bits(), this.generator.bits()];
          const dropped = take(`dropped${layer}`, M * D * H);
          kernels.dropout({ y: dropped, x: below, n: M * D * H, p: this.dropout, seed0: seeds[0], seed1: seeds[1] });
          below = dropped;
          dropout.push(seeds);
        }
      }
      if (record) tape.recording = { x, version: this.block.version, T, N, order, dropout };
      const result = this.result(tape.lease, below, this.#shape(dims, D * H));
      return { output: result, state: this.#state(tape, hn, cn, stateShape) };
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
    const { x, order, dropout } = recording;
    if (!order || !dropout) throw new StaleError("backward: expected a recording of a recurrent layer, got another");
    const dims = this.#dims(x);
    const { T, N } = dims;
    const { hiddenSize: H, numLayers: L, kind, kernels } = this;
    const D = this.#directions;
    const { M } = order;
    const stateShape = this.#stateShape(dims);
    const given = this.#stateAddresses("dState", dState, stateShape);
    const dy = dOutput === null ? 0 : this.shaped("dOutput", dOutput, this.#shape(dims, D * H));
    const stateBytes = this.bytes(N * H);

    this.backwardLease.renew();
    this.packed.packBackward();
    return this.filling(this.workspace, () => {
      const take = (name: string, elements: number) => this.workspace.get(name, this.bytes(elements));
      const end = this.#keptState(dState, given, this.backwardLease, this.workspace);
      const above = this.kept("dOutput", dOutput, dy, this.backwardLease, this.workspace);
      const dh0 = take("dh0", L * D * N * H);
      const dc0 = kind.hasCell ? take("dc0", L * D * N * H) : 0;
      const dX = wantsDX ? take("dX", T * N * this.inputSize) : 0;
      const work: (() => void)[] = [];
      let dBelow = 0; // what reaches the output of the layer at hand, in the order of rows; unused for the top layer
      for (let layer = L - 1; layer >= 0; layer--) {
        const { I } = this.packed.cells[layer * D] as Cell;
        const dInput = layer > 0 ? take(`dx${layer % 2}`, M * I) : order.direct || !wantsDX ? dX : take("dx ordered", M * I);
        for (let k = layer * D; k < (layer + 1) * D; k++) {
          const reversed = k % D === 1;
          const dOut = this.#mover.gradientOf(work, layer === L - 1 ? above : dBelow, layer === L - 1, reversed, order);
          const dx = reversed && dInput ? take("dx reversed", M * Math.max(this.inputSize, D * H)) : dInput;
          const states = this.#mover.stateGradients(work, k, end, order);
          const s = this.#descriptors.backward(tape, k, order, { dOutput: dOut, dx, ...states.fields });
          work.push(() => kind.backward(kernels, s));
          work.push(() => this.#mover.unsorted(dh0 + k * stateBytes, states.fields.da0, order));
          if (kind.hasCell) work.push(() => this.#mover.unsorted(dc0 + k * stateBytes, states.fields.dc0, order));
          if (reversed && dx)
            work.push(() => kernels.scatterAddRows({ dst: dInput, ldd: I, src: dx, lds: I, index: order.reverse, M, width: I }));
        }
        const seeds = layer > 0 ? dropout[layer - 1] : undefined;
        if (seeds) work.push(() => kernels.dropout({ y: dInput, x: dInput, n: M * I, p: this.dropout, seed0: seeds[0], seed1: seeds[1] }));
        dBelow = dInput;
      }
      if (wantsDX && !order.direct) {
        work.push(() => this.#mover.scatter(dX, dBelow, order.order, order, this.inputSize, this.inputSize, T * N));
      }
      for (const step of work) step(); // nothing can fail from here on: gradients are added whole
      const dStart = this.#state({ lease: this.backwardLease }, dh0, dc0, stateShape);
      return wantsDX ? { dX: this.result(this.backwardLease, dX, x.shape), dState: dStart } : withoutDX(dStart);
    });
  }

  /**
   * One step at a time, with the state kept: `stream.input.set(x); stream.step(); use(stream.output)`.
   *
   * @param options batch: rows of a step, N; default 1
   * @throws {ArgumentError} for a bidirectional layer
   */
  stream(
    options: { batch?: number } = {},
  ): RecurrentStream<State extends { c: Tensor } ? { h: FloatArray; c: FloatArray } : { h: FloatArray }> {
    this.block.assertAlive();
    checkOptions(options, ["batch"]);
    if (this.bidirectional) throw new ArgumentError("bidirectional", "false for a stream, which knows no end to read from", "true");
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
    const order = rowOrder(this.runtime, tape.buffers, dims, null, false, false);
    this.#descriptors.forward(tape, 0, order, true, x.pointer("x"));
    const write = (name: string, data: FloatArray) => {
      const ptr = tape.buffers.get(name, this.bytes(data.length));
      (this.runtime.view(this.dtype, ptr, data.length) as FloatArray).set(data);
    };
    write("a0", values.a);
    if (values.c) write("c0", values.c);
    if (values.gates) write("gates0", this.packed.gatesFromCanonical(values.gates, dims.T * dims.N));
    tape.recording = { x, version: this.block.version, T: dims.T, N: dims.N, order, dropout: [] };
  }

  #dims(x: Tensor): Dims {
    this.address("x", x);
    const { shape } = x;
    const batched = shape.length === 3;
    if ((shape.length !== 2 && !batched) || shape.at(-1) !== this.inputSize) {
      const layout = this.batchFirst ? "[N, T" : "[T, N";
      throw new ShapeError("x", `${layout}, ${this.inputSize}] or [T, ${this.inputSize}]`, show([...shape]));
    }
    const [first, second] = [shape[0] as number, batched ? (shape[1] as number) : 1];
    return batched && this.batchFirst ? { T: second, N: first, batched } : { T: first, N: second, batched };
  }

  /** Shape of a tensor laid out as x. */
  #shape({ T, N, batched }: Dims, features: number): number[] {
    if (!batched) return [T, features];
    return this.batchFirst ? [N, T, features] : [T, N, features];
  }

  #stateShape({ N, batched }: Dims): number[] {
    const count = this.numLayers * this.#directions;
    return batched ? [count, N, this.hiddenSize] : [count, this.hiddenSize];
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
