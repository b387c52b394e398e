/** The music of two games, from Debian packages: pieces without their loops, kin together, in parts. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { debianFolders } from "../shared/debian.js";
import { UserError } from "../shared/program.js";
import { eventsOf } from "./events.js";
import { familiesOf } from "./kin.js";
import { readMidi } from "./midi.js";
import { type Score, withoutLoops } from "./score.js";

/** Debian packages, and where their music lies. */
const SOURCES = {
  "planetblupi-music-midi": "usr/share/planetblupi/music",
  "openttd-openmsx": "usr/share/games/openttd/baseset/openmsx",
};
/** Events of a piece that are used: none shall weigh ten times as much as others. */
export const LONGEST = 4096;
/** Of what is learned, watched and tested: a fold is tested on two of them, and watches the next one. */
const PARTS = 10;
export const FOLDS = 5;

export interface Piece {
  readonly name: string;
  readonly score: Score;
  readonly events: Int32Array;
}

export interface Fold {
  readonly learned: readonly Piece[];
  readonly watched: readonly Piece[];
  readonly tested: readonly Piece[];
}

/** @param data a folder of the person's own with the packages' files in it @throws {UserError} when they cannot be had */
export function allPieces(data?: string): Piece[] {
  const packages = Object.keys(SOURCES);
  const folders = debianFolders(packages, data);
  return Object.values(SOURCES).flatMap((place, p) => {
    const folder = join(folders[p] as string, place);
    if (!existsSync(folder)) throw new UserError(`--data: there is no ${place} of the Debian package ${packages[p]} in ${data}`);
    const names = readdirSync(folder).filter((name) => name.endsWith(".mid"));
    return names.sort().map((name) => pieceOf(readMidi(readFileSync(join(folder, name)), name)));
  });
}

export function pieceOf(score: Score): Piece {
  const once = withoutLoops(score);
  return { name: score.name, score: once, events: eventsOf(once).subarray(0, LONGEST) };
}

/** Of a quick run. */
const QUICK_EVENTS = 256;

export function shortened(pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece) => ({ ...piece, events: piece.events.subarray(0, QUICK_EVENTS) }));
}

/** The pieces in parts of about as many events, those that are kin in the same one: the longest families first, each to the part that has least. */
export function partsOf(pieces: readonly Piece[]): Piece[][] {
  const size = (some: readonly Piece[]) => some.reduce((sum, { events }) => sum + events.length, 0);
  const parts: Piece[][] = Array.from({ length: PARTS }, () => []);
  for (const family of familiesOf(pieces).sort((a, b) => size(b) - size(a))) {
    const least = parts.reduce((best, part) => (size(part) < size(best) ? part : best));
    least.push(...family);
  }
  return parts;
}

export function foldOf(parts: readonly (readonly Piece[])[], fold: number): Fold {
  const [first, second, third] = [2 * fold, 2 * fold + 1, (2 * fold + 2) % PARTS];
  const at = (...some: number[]) => parts.flatMap((part, p) => (some.includes(p) ? part : []));
  return {
    tested: at(first, second),
    watched: at(third),
    learned: parts.flatMap((part, p) => (p === first || p === second || p === third ? [] : part)),
  };
}
