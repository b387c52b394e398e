/** One step of an RNN, LSTM or GRU, for loops of one's own: all that is not the cell, which the layers' kernels know. */
import { checkBoolean, checkOptions, checkPositive, show } from "../checks.js";
import { ArgumentError, ShapeError, StaleError } from "../errors.js";
import type { Slots } from "../graph/slots.js";
import { checkConstruction } from "../layers/doors.js";
import { Layer } from "../layers/layer.js";
import type { BackwardPlan, ChainOptions, LayerOptions } from "../layers/passes.js";
import { type PlannedBackward, planBackward } from "../layers/recurrent/backward.js";
import type { CellKind, StateAddresses, StatePart } from "../layers/recurrent/cell-kind.js";
import type { Core } from "../layers/recurrent/core.js";
import { Descriptors } from "../layers/recurrent/descriptors.js";
import { runForward } from "../layers/recurrent/forward.js";
import { PackedWeights, recurrentShapes } from "../layers/recurrent/packed.js";
import { RowMover } from "../layers/recurrent/row-mover.js";
import { rowOrder } from "../layers/recurrent/row-order.js";
import type { Tape } from "../layers/tape.js";
import type { Runtime } from "../runtime.js";
import type { FloatArray, Tensor } from "../tensor.js";

/** Options of RNNCell, LSTMCell and GRUCell, by PyTorch's names. */
export interface RecurrentCellOptions extends LayerOptions {
  /** Features of a step, I. */
  inputSize: number;
  /** Hidden units, H. */
  hiddenSize: number;
  /** Whether there are biases. Default true. */
  bias?: boolean;
}

/** @internal States of a cell by name; a missing one is zeros, a missing gradient 0. */
export interface Parts {
  readonly h?: Tensor | undefined;
  readonly c?: Tensor | undefined;
}

/** What RNNCell, LSTMCell and GRUCell share. */
export abstract class RecurrentCell extends Layer {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly #core: Core;

  protected constructor(
    runtime: Runtime,
    kindOf: (hiddenSize: number) => CellKind,
    options: RecurrentCellOptions,
    others: readonly string[] = [],
  ) {
    const given = checkConstruction(runtime, options, ["inputSize", "hiddenSize", "bias", "generator", ...others]);
    const { bias = true } = given;
    const I = checkPositive("inputSize", given.inputSize);
    const H = checkPositive("hiddenSize", given.hiddenSize);
    checkBoolean("bias", bias);
    const kind = kindOf(H);
    const cells = [{ suffix: "", I, shapes: kind.parameters(I) }];
    super(runtime, `${kind.name}Cell`, given, recurrentShapes(cells, bias));
    this.inputSize = I;
    this.hiddenSize = H;
    const { block, buffers, dtype } = this;
    const packed = new PackedWeights(block, buffers, kind, cells, dtype);
    this.#core = {
      ...{ runtime, dtype, storage: dtype, kind, packed, I, L: 1, D: 1, batchFirst: false, dropout: 0, residual: false },
      descriptors: new Descriptors(runtime, dtype, kind, packed),
      mover: new RowMover(runtime, dtype, H, 1),
    };
    block.fillUniform(1 / Math.sqrt(H), this.generator);
  }

  /** @internal One step. @param argument names a part of the state in messages */
  protected stepForward(x: Tensor, state: Parts, argument: (part: "h" | "c") => string): Parts {
    const { tape, record } = this.forwardTape({});
    const shape = this.#stateShape(x);
    const names = this.#names;
    const given = names.map((name) => (state[name] === undefined ? 0 : this.shaped(argument(name), state[name], shape)));
    const saved = names.map((name) => (tape.isOwn ? this.saved(state[name], tape.arena) : undefined));
    this.restart(tape, "x", x);
    this.#core.packed.packForward();
    return this.filling(tape, () => {
      const { slots, arena } = tape;
      const N = x.size / this.inputSize;
      const order = rowOrder(this.runtime, slots, { T: 1, N }, null, false, false);
      const start = given.map((ptr, i) => this.kept(`start ${i}`, ptr, saved[i] as FloatArray | undefined, slots));
      const done = runForward(this.#core, { tape, order, record, x: x.pointer("x"), rows: N, start, generator: null });
      const [h, c] = done.end.map((ptr) => this.result(arena, ptr, shape)) as [Tensor, Tensor?];
      if (record) this.note(tape, { x }, { x, output: h, T: 1, N, order, dropout: [] });
      if (record) this.#addNode(tape, x, state, { h, c });
      return { h, c };
    });
  }

  #addNode(tape: Tape, x: Tensor, start: Parts, end: Parts): void {
    const tensors = ({ h, c }: Parts) => [h, c].filter((tensor) => tensor !== undefined);
    this.addNode(tape, [x, ...tensors(start)], tensors(end), (gradients) => {
      this.recordingOf(tape);
      const of = (tensor: Tensor | undefined) => (tensor ? gradients.of(tensor) : 0);
      const names = this.#names;
      const dEnd = names.map((name) => of(end[name]));
      const planned = this.#planned(tape, dEnd, gradients.slots, gradients.wants(x));
      gradients.run(planned.run);
      if (planned.dX) gradients.give(x, planned.dX);
      for (const [i, name] of names.entries()) if (start[name]) gradients.give(start[name], planned.dStart[i] as number);
    });
  }

  /** @internal Back over the last step outside of frames. @returns dX null where it is not asked for */
  protected stepBack(dState: Parts, options: ChainOptions, argument: (part: "h" | "c") => string): { dX: Tensor | null; dState: Parts } {
    const { dX: wantsDX = true } = checkOptions(options, ["dX"]);
    checkBoolean("dX", wantsDX);
    const tape = this.ownTape;
    const { x, output } = this.recordingOf(tape);
    const names = this.#names;
    const given = names.map((name) => (dState[name] === undefined ? 0 : this.shaped(argument(name), dState[name], output.shape)));
    const parts = names.map((name) => dState[name]);
    return this.refilling(parts, (slots, arena, saved) => {
      const end = given.map((ptr, i) => this.kept(`end ${i}`, ptr, saved[i], slots));
      const planned = this.#planned(tape, end, slots, wantsDX);
      planned.run();
      const [h, c] = planned.dStart.map((ptr) => this.result(arena, ptr, output.shape));
      return { dX: wantsDX ? this.result(arena, planned.dX, x.shape) : null, dState: { h, c } };
    });
  }

  /** @internal */
  protected override planned(tape: Tape, dy: number, slots: Slots, wantsDX: boolean): BackwardPlan {
    return this.#planned(tape, [dy, 0], slots, wantsDX);
  }

  #planned(tape: Tape, end: StateAddresses, slots: Slots, wantsDX: boolean): PlannedBackward {
    const { order, N } = this.recordingOf(tape);
    if (!order) throw new StaleError(`backward: expected a recording of this ${this.name}, got another`);
    return planBackward(this.#core, {
      tape,
      order,
      dropout: [],
      slots,
      above: 0,
      end,
      learned: false,
      rows: N,
      wantsDX,
      learns: this.requiresGrad,
    });
  }

  /** Of the parts of its state. */
  get #names(): readonly StatePart["name"][] {
    return this.#core.kind.states.map(({ name }) => name);
  }

  /** [N, H], or [H] for one row without a batch. */
  #stateShape(x: Tensor): number[] {
    this.address("x", x);
    const { shape } = x;
    const [I, H] = [this.inputSize, this.hiddenSize];
    if (shape.length > 2 || shape.at(-1) !== I) throw new ShapeError("x", `[N, ${I}] or [${I}]`, show([...shape]));
    return [...shape.slice(0, -1), H];
  }
}

/** @internal How a state of one tensor is named in messages. */
export const alone = (name: string) => () => name;

/** @internal A copy of a state of h and c. @throws {ArgumentError} */
export function pairOf(argument: string, state: unknown, isWhole: boolean): Parts {
  if (typeof state !== "object" || state === null || "dtype" in state) throw new ArgumentError(argument, "{ h, c }", show(state));
  const parts = checkOptions(state as Parts, ["h", "c"], argument);
  for (const name of ["h", "c"] as const)
    if (isWhole && parts[name] === undefined) throw new ArgumentError(`${argument}.${name}`, "a Tensor", show(parts[name]));
  return parts;
}
