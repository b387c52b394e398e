/** A MIDI file of one's own, continued by a saved model. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { basename } from "node:path";
import pc from "picocolors";
import { loadModel, type Runtime } from "wasm-rnn";
import { readBytes, UserError } from "../shared/program.js";
import { readSaved } from "../shared/saved.js";
import { placeOf } from "../shared/saving.js";
import { grouped, printable } from "../shared/text.js";
import { type Continued, continued, type Wish } from "./continuation.js";
import { readMidi, writtenMidi } from "./midi.js";
import { Composer } from "./model.js";
import { picture } from "./roll.js";
import type { Score } from "./score.js";

/** @throws {UserError} when the file is no model of this example */
export function readModel(rt: Runtime, file: string): Composer {
  return readSaved(file, "music", (bytes) => {
    const model = loadModel(rt, bytes, { classes: { Composer } });
    return model instanceof Composer ? { model } : undefined;
  }).model;
}

/** @throws {UserError} when it is no MIDI file that can be read */
export function readScore(file: string): Score {
  return readMidi(readBytes(file, "MIDI file"), basename(file));
}

/** Where music is written, and its picture beside it. */
export interface Places {
  readonly notices: readonly string[];
  write(done: Continued): void;
}

const pictureBeside = (out: string) => out.replace(/\.midi?$/i, ".svg");

/** What lies there is kept aside, unless a quick run may replace it. @param out ends in .mid @throws {UserError} when no file can be written there */
export function placesOf(out: string, mayReplace = false): Places {
  const svg = pictureBeside(out);
  for (const file of touched(out)) {
    if (existsSync(file) && !statSync(file).isFile()) throw new UserError(`cannot write ${out} and ${svg}: ${file} is not a file`);
  }
  const [music, drawing] = [out, svg].map((save) => placeOf({ save, quick: mayReplace }, save)) as [Place, Place];
  return {
    notices: [music, drawing].flatMap(({ notice }) => notice ?? []),
    write(done) {
      const [midi, drawn] = [writtenMidi(done.score), Buffer.from(picture(done))]; // both of them, or none
      music.write(midi);
      drawing.write(drawn);
      sayWritten(done, out, svg);
    },
  };
}

type Place = ReturnType<typeof placeOf>;

/** The files that writing there makes, or makes others. */
function touched(out: string): string[] {
  return [out, pictureBeside(out)].flatMap((file) => [file, `${file}.bak`]);
}

function sayWritten(done: Continued, out: string, svg: string): void {
  const fresh = done.score.notes.filter(({ start }) => start >= done.from).length;
  const { notes, bar } = done.score;
  console.log(
    `  ${printable(done.score.name)}: ${counted(notes.length - fresh, "note")} in ${counted(Math.ceil(done.from / bar), "bar")} given, ${grouped(fresh)} added`,
  );
  console.log(`  written to ${pc.cyan(printable(out))}, drawn in ${pc.cyan(printable(svg))}`);
}

/** @throws {UserError} when what is written would take the place of what is read */
export function refuseSame(file: string, out: string): void {
  const same = touched(out).find((name) => existsSync(name) && realpathSync(name) === realpathSync(file));
  if (same !== undefined) throw new UserError(`--out: ${same} is the file that is given`);
}

export function use(model: Composer, score: Score, wish: Wish, places: Places): void {
  places.write(continued(model, score, wish));
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}
