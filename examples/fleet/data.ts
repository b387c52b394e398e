/** The large file: stretches of real motes' readings, a line each, and among them lines that no program should choke on. */
import { once } from "node:events";
import { createWriteStream, renameSync } from "node:fs";
import { placesOfMay, type Reading } from "../sensor-faults/data.js";
import { UserError } from "../shared/program.js";

/** Readings of a stretch, five seconds apart: two to five minutes. */
const [SHORTEST, LONGEST] = [24, 56];
/** From one stretch to the next, among all that there are: a prime, so that none comes twice. */
const STEP = 7919;

/** What has been met in the wild, made of a good line. */
const POISON: readonly ((line: string) => string)[] = [
  (line) => line.slice(0, line.length / 2),
  (line) => line.replace("[[", "[[NaN,"),
  (line) => line.replace(/\[\[[\d.]+/, "[[null"),
  (line) => line.replace(/\[\[[\d.]+,/, "[["),
  (line) => line.replace(/"x":.*/, '"x":[]}'),
  () => "sensor offline",
];

/** Mote, first reading and length of the i-th stretch. */
function* stretches(motes: readonly (readonly Reading[])[], count: number): Generator<[number, number, number]> {
  const starts = Math.min(...motes.map(({ length }) => length)) - LONGEST + 1;
  const all = motes.length * starts * (LONGEST - SHORTEST + 1);
  if (count > all) throw new UserError(`--sequences: there are ${all} stretches of the readings, none twice`);
  for (let i = 0; i < count; i++) {
    const place = (i * STEP) % all;
    const start = Math.floor(place / motes.length) % starts;
    yield [place % motes.length, start, SHORTEST + Math.floor(place / (motes.length * starts))];
  }
}

/** @param poison how many of the lines are malformed, spread evenly */
export function* linesOf(count: number, poison: number): Generator<string> {
  const motes = placesOfMay().flatMap(({ motes }) => motes);
  const spoiled = (lines: number) => Math.floor((lines * poison) / count);
  let i = 0;
  for (const [mote, start, length] of stretches(motes, count)) {
    const readings = (motes[mote] as readonly Reading[]).slice(start, start + length);
    const line = JSON.stringify({
      id: `mote-${mote}/${start}+${length}`,
      x: readings.map(({ temperature, humidity }) => [temperature, humidity]),
    });
    const spoil = spoiled(i + 1) > spoiled(i) ? POISON[spoiled(i) % POISON.length] : undefined;
    yield `${spoil ? spoil(line) : line}\n`;
    i++;
  }
}

/** A line at a time: the file may be larger than the memory. It is there as a whole or not at all. */
export async function writeSequences(file: string, count: number, poison: number): Promise<void> {
  const unfinished = `${file}.tmp`;
  const out = createWriteStream(unfinished);
  for (const line of linesOf(count, poison)) if (!out.write(line)) await once(out, "drain");
  await new Promise<void>((resolve, reject) => out.once("error", reject).end(resolve));
  renameSync(unfinished, file);
}
