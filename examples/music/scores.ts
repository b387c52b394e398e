/** What a network says of pieces: of each event, the logarithm of its chance. */
import { Frame, type Runtime } from "wasm-rnn";
import { HEARD, SEEN } from "./echoes.js";
import { EVENTS } from "./events.js";
import type { Lesson } from "./lessons.js";
import type { Composer, Given } from "./model.js";

/** What is read of a piece. */
type Heard = Pick<Lesson, "before" | "sight">;

/** Events that are read at once. */
const CHUNK = 128;

/** Each piece read once from its beginning to its end, the state carried; all of them side by side. */
export function logsOf(model: Composer, lessons: readonly Lesson[]): Float64Array[] {
  const { runtime: rt } = model;
  const [N, longest] = [lessons.length, Math.max(...lessons.map(({ said }) => said.length))];
  const logs = lessons.map(({ said }) => new Float64Array(said.length));
  const [frames, wasTraining] = [[new Frame(rt), new Frame(rt)], model.layers.lstm.training];
  model.eval();
  let past: ReturnType<Composer["read"]>["state"] | undefined;
  for (let from = 0, turn = 0; from < longest; from += CHUNK, turn++) {
    const T = Math.min(CHUNK, longest - from);
    const given = givenOf(rt, lessons, from, T);
    const { logits, state } = (frames[turn % 2] as Frame).run(() => model.read(given, past));
    past = state; // lives in its frame until the turn after the next
    const values = logits.toArray();
    for (const tensor of Object.values(given)) tensor.dispose();
    for (const [n, { said }] of lessons.entries()) {
      for (let t = 0; t < Math.min(T, said.length - from); t++) {
        const row = values.subarray((t * N + n) * EVENTS, (t * N + n + 1) * EVENTS);
        (logs[n] as Float64Array)[from + t] = logSoftmaxAt(row, said[from + t] as number);
      }
    }
  }
  for (const frame of frames) frame.dispose();
  if (wasTraining) model.train();
  return logs;
}

/** The same T events of all pieces; those that are over go on as nothing. */
export function givenOf(rt: Runtime, lessons: readonly Heard[], from: number, T: number): Given {
  const N = lessons.length;
  const spread = <Numbers extends Int32Array | Float32Array>(to: Numbers, of: (lesson: Heard) => Numbers, each: number) => {
    for (const [n, lesson] of lessons.entries()) {
      const own = of(lesson).subarray(from * each, (from + T) * each);
      for (let i = 0; i < own.length; i++) to[i * N + n] = own[i] as number;
    }
    return rt.tensor(to, [T * each, N]);
  };
  const ints = (of: (lesson: Heard) => Int32Array, each: number) => spread(new Int32Array(T * N * each), of, each);
  return {
    event: ints(({ before }) => before, 1),
    signs: ints(({ sight }) => sight.signs, SEEN),
    heard: ints(({ sight }) => sight.heard, HEARD),
    chances: spread(new Float32Array(T * N * HEARD), ({ sight }) => sight.chances, HEARD),
  };
}

function logSoftmaxAt(logits: ArrayLike<number>, at: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) most = Math.max(most, logits[i] as number);
  let all = 0;
  for (let i = 0; i < logits.length; i++) all += Math.exp((logits[i] as number) - most);
  return (logits[at] as number) - most - Math.log(all);
}
