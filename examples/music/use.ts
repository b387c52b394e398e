/** A MIDI file of one's own, continued by a saved model. */
import { existsSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import pc from "picocolors";
import { loadModel, type Runtime } from "wasm-rnn";
import { readBytes, UserError } from "../shared/program.js";
import { readSaved } from "../shared/saved.js";
import { writeWhole } from "../shared/saving.js";
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

/** Both of them, the picture beside the music. @param out ends in .mid */
export function writeContinued(done: Continued, out: string): void {
  const svg = out.replace(/\.midi?$/i, ".svg");
  writeWhole(out, writtenMidi(done.score));
  writeWhole(svg, Buffer.from(picture(done)));
  const fresh = done.score.notes.filter(({ start }) => start >= done.from).length;
  const { notes, bar } = done.score;
  console.log(
    `  ${printable(done.score.name)}: ${counted(notes.length - fresh, "note")} in ${counted(Math.ceil(done.from / bar), "bar")} given, ${grouped(fresh)} added`,
  );
  console.log(`  written to ${pc.cyan(printable(out))}, drawn in ${pc.cyan(printable(svg))}`);
}

/** @throws {UserError} when what is written would take the place of what is read */
export function refuseSame(file: string, out: string): void {
  if (existsSync(out) && realpathSync(out) === realpathSync(file)) throw new UserError(`--out: ${out} is the file that is given`);
}

export function use(model: Composer, score: Score, wish: Wish, out: string): void {
  writeContinued(continued(model, score, wish), out);
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}
