/** In the worker: what is asked of a stream, by its name. */
import { checkData, checkIndex, readNumbers } from "../checks.js";
import type { StreamStateCopy } from "../layers/stream-parts.js";
import type { ModelStream } from "../model-stream.js";

/** A stream and how many rows it has. */
export interface HeldStream {
  readonly stream: ModelStream;
  readonly N: number;
}

/** Calls, of which each has the stream's number before its arguments. @param find throws where there is none */
export function streamCalls(find: (id: unknown) => HeldStream) {
  const of = (id: unknown) => find(id).stream;
  return {
    step: (_: unknown, id: unknown, sample: ArrayLike<number>, rows?: ArrayLike<number>) => step(find(id), sample, rows),
    join: (_: unknown, id: unknown, states?: StreamStateCopy[]) => of(id).join(states),
    // Without a row it is all of them, with one that is undefined it is refused: the arguments go on as they came.
    leave: (_: unknown, id: unknown, ...row: number[]) => of(id).leave(...(row as [number])),
    reset: (_: unknown, id: unknown, ...row: number[]) => of(id).reset(...(row as [number])),
    getState: (_: unknown, id: unknown, row: number) => of(id).getState(row),
    setState: (_: unknown, id: unknown, row: number, states: StreamStateCopy[]) => of(id).setState(row, states),
    state: (_: unknown, id: unknown) => of(id).state,
    restore: (_: unknown, id: unknown, states: StreamStateCopy[]) => {
      of(id).state = states;
    },
  };
}

function step({ stream, N }: HeldStream, sample: ArrayLike<number>, rows?: ArrayLike<number>): unknown {
  const { input } = stream;
  const I = input.length / N;
  if (rows === undefined) {
    input.set(checkData("sample", sample, input.length, input instanceof Int32Array));
    stream.step();
    return stream.output.slice();
  }
  const places = Array.from(readNumbers("rows", rows), (row, i) => checkIndex(`rows[${i}]`, row, N));
  const values = checkData("sample", sample, places.length * I, input instanceof Int32Array);
  for (const [n, row] of places.entries()) for (let i = 0; i < I; i++) input[row * I + i] = values[n * I + i] as number;
  stream.step(places);
  const { output } = stream;
  const O = output.length / N;
  const gave = output.slice(0, places.length * O);
  for (const [n, row] of places.entries()) gave.set(output.subarray(row * O, (row + 1) * O), n * O);
  return gave;
}
