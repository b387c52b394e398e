/** Layers whose recording can be read and written, canonical: what the notebook's caches hold. For one layer of one direction. */
import { bytesOf, type Core, dimsOf, shapeOf } from "../layers/recurrent/core.js";
import { LSTM } from "../layers/recurrent/lstm.js";
import { RNN } from "../layers/recurrent/rnn.js";
import { rowOrder } from "../layers/recurrent/row-order.js";
import type { Tape } from "../layers/tape.js";
import { type FloatArray, type Tensor, viewOf, zerosOf } from "../tensor.js";

/** a and, of an LSTM, c [T+1,N,H], gates [T,N,G,H] after activation. */
export interface RecordedValues {
  readonly a: FloatArray;
  readonly c?: FloatArray;
  readonly gates?: FloatArray;
}

/** An RNN that can go back over values from elsewhere. */
export class RecordedRNN extends RNN {
  /** As if a forward of x had recorded such values. */
  restore(x: Tensor, values: RecordedValues): void {
    const { ptr, shape, ...noted } = writeRecorded(this.core, this.ownTape, x, values);
    const output = this.result(this.ownTape.arena, ptr, shape);
    this.note(this.ownTape, { x }, { x, output, ...noted });
  }
}

/** As RecordedRNN; and what its own forward has recorded can be read. */
export class RecordedLSTM extends LSTM {
  recorded(): Required<RecordedValues> {
    const { T, N } = this.recordingOf(this.ownTape);
    const { core, ownTape, hiddenSize: H } = this;
    const read = (name: string, size: number) => viewOfSlot(core, ownTape, name, size).slice() as FloatArray;
    const gates = zerosOf(core.dtype, T * N * 4 * H) as FloatArray;
    const packed = read("gates0", T * N * core.packed.width);
    eachGate(core, T * N, (at, plain) => {
      gates[plain] = packed[at] as number;
    });
    return { a: read("a0", (T + 1) * N * H), c: read("c0", (T + 1) * N * H), gates };
  }

  /** As if a forward of x had recorded such values. */
  restore(x: Tensor, values: RecordedValues): void {
    const { ptr, shape, ...noted } = writeRecorded(this.core, this.ownTape, x, values);
    const output = this.result(this.ownTape.arena, ptr, shape);
    this.note(this.ownTape, { x }, { x, output, ...noted });
  }
}

/** Makes a tape hold such values; what is noted then, and the output's address and shape. */
function writeRecorded(core: Core, tape: Tape, x: Tensor, { a, c, gates }: RecordedValues) {
  const dims = dimsOf(x.shape, core.batchFirst);
  const { T, N } = dims;
  tape.restart();
  core.packed.packForward();
  const order = rowOrder(core.runtime, tape.slots, dims, null, false, false);
  const { states } = core.descriptors.forward(tape, 0, order, true, x.pointer("x"));
  viewOfSlot(core, tape, "a0", a.length).set(a);
  if (c) viewOfSlot(core, tape, "c0", c.length).set(c);
  if (gates) {
    const packed = viewOfSlot(core, tape, "gates0", T * N * core.packed.width).fill(0);
    eachGate(core, T * N, (at, plain) => {
      packed[at] = gates[plain] as number;
    });
  }
  const ptr = (states[0] as number) + bytesOf(core, N * core.kind.P);
  return { T, N, order, dropout: [], ptr, shape: shapeOf(dims, core.batchFirst, core.kind.P) };
}

function viewOfSlot(core: Core, tape: Tape, name: string, size: number): FloatArray {
  return viewOf(core.runtime.memory, core.dtype, tape.slots.get(name, bytesOf(core, size)), size) as FloatArray;
}

/** Pairs of positions, in gate layout (assembly/layout.ts) and in [rows,G,H]; beyond H there is zero. */
function eachGate({ kind, packed, runtime, dtype }: Core, rows: number, visit: (packed: number, plain: number) => void): void {
  const { H, groups } = kind;
  const G = groups[0]?.gates as number;
  const P = runtime.kernels(dtype).padded(1);
  for (let row = 0; row < rows; row++) {
    for (let g = 0; g < G; g++) {
      for (let h = 0; h < H; h++) visit(row * packed.width + (h - (h % P)) * G + g * P + (h % P), (row * G + g) * H + h);
    }
  }
}
