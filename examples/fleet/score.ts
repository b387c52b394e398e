/** From lines to results: a pure function of model and lines, and so the same bytes wherever it runs. */
import * as v from "valibot";
import { predict, type Sequential } from "wasm-rnn";
import { FEATURES, featuresOf } from "../sensor-faults/features.js";

/** Changes with what is made of a line: results of before are then others' results. */
export const VERSION = "1";

/** Beyond it no sensor can measure. */
const GREATEST = 1e6;
const MOST_READINGS = 10_000;

const Value = v.pipe(v.number(), v.minValue(-GREATEST), v.maxValue(GREATEST));
const Sequence = v.object({
  id: v.pipe(v.string(), v.maxLength(200)),
  x: v.pipe(v.array(v.strictTuple([Value, Value])), v.minLength(1), v.maxLength(MOST_READINGS)),
});

/** Logits that a reading is faulty: the highest of a sequence and which reading's it is, from 0, and the last. */
export interface Score {
  readonly id: string;
  readonly peak: number;
  readonly at: number;
  readonly last: number;
}
/** A line that is no sequence. */
export interface Rejected {
  readonly reason: string;
}
export type Scored = Score | Rejected;

export const isRejected = (scored: Scored): scored is Rejected => "reason" in scored;

/** A result for each line of what nobody could read. */
export const setAside = (lines: number, reason: string): Rejected[] =>
  Array.from({ length: lines }, () => ({ reason: `given up: ${reason}` }));

/** @returns a result for each line; a malformed one is told why, and is in nobody's way */
export async function scoreLines(model: Sequential, lines: readonly string[], batchSize: number): Promise<Scored[]> {
  const read = lines.map(readLine);
  const good = read.flatMap((each) => ("reason" in each ? [] : [each]));
  const x = good.map((each) => featuresOf(each.x.map(([temperature, humidity]) => ({ temperature, humidity }))).flat());
  const logits = x.length === 0 ? [] : await predict(model, x, { features: FEATURES, batchSize });
  let next = 0;
  return read.map((each) => ("reason" in each ? each : { id: each.id, ...scoreOf(logits[next++]?.data ?? []) }));
}

function scoreOf(logits: ArrayLike<number>): Omit<Score, "id"> {
  let at = 0;
  for (let t = 1; t < logits.length; t++) if ((logits[t] as number) > (logits[at] as number)) at = t;
  return { peak: logits[at] as number, at, last: logits[logits.length - 1] as number };
}

function readLine(line: string): v.InferOutput<typeof Sequence> | Rejected {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { reason: "no JSON" }; // what the engine says of it is another text in every version
  }
  const { success, output, issues } = v.safeParse(Sequence, value, { abortEarly: true });
  if (success) return output;
  const [{ message, path = [] }] = issues;
  return { reason: `${path.map(({ key }) => String(key)).join(".") || "the line"}: ${message}` };
}
