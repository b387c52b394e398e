/** The network beside what needs none, on pieces that nothing was learned from. */
import pc from "picocolors";
import { pairedInterval, sumOver } from "../shared/interval.js";
import { type Baseline, type Result, show } from "../shared/results.js";
import { grouped } from "../shared/text.js";
import type { Fold, Piece } from "./data.js";
import { EVENTS, isDrum, isKey, isLength, isWait } from "./events.js";
import { familiesOf } from "./kin.js";
import { withMemory } from "./memory.js";
import { NgramModel, unigramLogs } from "./ngram.js";

/** The share of the 3-gram's nats that are to be saved. */
const SAVED = 0.25;
const TRIGRAM = "3-gram, Kneser–Ney";
const KINDS = { waits: isWait, drums: isDrum, keys: isKey, lengths: isLength };

/** Of each piece, and of each of its events, the logarithms of its chances: by the network, and by each baseline. */
export interface Judged {
  readonly piece: Piece;
  readonly ours: Float64Array;
  readonly others: ReadonlyMap<string, Float64Array>;
}

/** The pieces of one fold. @param ours of each, by the network of this fold */
export function judge({ learned, watched }: Fold, pieces: readonly Piece[], ours: readonly Float64Array[]): Judged[] {
  const events = ({ events }: Piece) => events;
  const trigram = new NgramModel(learned.map(events)).tune(watched.map(events));
  const unigram = unigramLogs(learned.map(events));
  return pieces.map((piece, p) => {
    const logs = trigram.logs(piece.events);
    const others = new Map([
      ["3-gram that learns the piece as it goes", withMemory(piece.events, logs)],
      [TRIGRAM, logs],
      ["unigram", unigram(piece.events)],
      ["uniform", new Float64Array(piece.events.length).fill(-Math.log(EVENTS))],
    ]);
    return { piece, ours: ours[p] as Float64Array, others };
  });
}

const nats = (logs: Float64Array) => -logs.reduce((a, b) => a + b, 0);

/** Mean over all events: a piece counts for as much as it has. */
function meanOf(judged: readonly Judged[], of: (one: Judged) => Float64Array): number {
  return judged.reduce((sum, one) => sum + nats(of(one)), 0) / judged.reduce((sum, { piece }) => sum + piece.events.length, 0);
}

/** By how much ours is better, over families of pieces drawn anew. */
function intervalOf(judged: readonly Judged[], name: string, seed: number): [number, number] {
  const families = familiesOf(judged.map((one) => ({ ...one, events: one.piece.events })));
  const lengths = families.map((family) => family.reduce((sum, { piece }) => sum + piece.events.length, 0));
  const better = families.map((family) =>
    family.reduce((sum, { ours, others }) => sum + nats(others.get(name) as Float64Array) - nats(ours), 0),
  );
  return pairedInterval(families.length, (drawn) => sumOver(drawn, better) / sumOver(drawn, lengths), seed);
}

/** Half of the pieces are easier, half are harder: by the nats of an event. */
export function typical(judged: readonly Judged[]): Piece {
  const inOrder = judged.toSorted((a, b) => meanOf([a], ({ ours }) => ours) - meanOf([b], ({ ours }) => ours));
  return (inOrder[Math.floor(inOrder.length / 2)] as Judged).piece;
}

/** Prints all of it. */
export function report(judged: readonly Judged[], { seed, seconds, quick }: { seed: number; seconds: number; quick: boolean }): Result {
  const names = [...(judged[0] as Judged).others.keys()];
  const baselines = names.map((name): Baseline => {
    const value = meanOf(judged, ({ others }) => others.get(name) as Float64Array);
    return { name, value, interval: intervalOf(judged, name, seed) };
  });
  const goal = (1 - SAVED) * (baselines.find(({ name }) => name === TRIGRAM) as Baseline).value;
  const value = meanOf(judged, ({ ours }) => ours);
  const result: Result = {
    ...{ example: "music", data: `${judged.length} pieces of music for two games`, split: "five folds, by piece", seed, seconds },
    measures: [{ name: "nats per event", unit: "", digits: 3, better: "lower", value, baselines, goal }],
  };
  show(result, "an LSTM, the past in sight", { quick });
  showKinds(judged);
  return result;
}

function showKinds(judged: readonly Judged[]): void {
  console.log(`\n  ${pc.bold("of each kind".padEnd(16))}${pc.dim("events     ours   3-gram")}`);
  for (const [kind, is] of Object.entries(KINDS)) {
    const mean = (of: (one: Judged) => Float64Array) => {
      const chosen = judged.map((one) => of(one).filter((_, i) => is(one.piece.events[i] as number)));
      return { nats: chosen.reduce((sum, logs) => sum + nats(logs), 0), events: chosen.reduce((sum, { length }) => sum + length, 0) };
    };
    const [ours, other] = [mean(({ ours }) => ours), mean(({ others }) => others.get(TRIGRAM) as Float64Array)];
    const of = ({ nats, events }: typeof ours) => (nats / Math.max(1, events)).toFixed(3).padStart(9);
    console.log(`  ${kind.padEnd(14)}${grouped(ours.events).padStart(8)}${pc.cyan(of(ours))}${of(other)}`);
  }
}
