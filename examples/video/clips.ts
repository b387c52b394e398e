/** Clips of creatures: what each does, seen from one direction, as small frames; those that look the same are taken once, or not at all. */
import { createHash } from "node:crypto";
import type { Creature } from "./creatures.js";
import { boxAround, type Piece, render } from "./render.js";
import { DIRECTIONS } from "./sprites.js";

/** What is learned. */
export const ACTIONS = ["stance", "run", "swing", "cast", "shoot", "block", "hit", "die"] as const;
export type Action = (typeof ACTIONS)[number];
/** Creatures that share art, by a word of their names. */
const FAMILIES = {
  human: ["male/", "stealth"],
  ant: ["ant"],
  goblin: ["goblin"],
  skeleton: ["skeleton"],
  wyvern: ["wyvern"],
  zombie: ["zombie"],
  minotaur: ["minotaur"],
  grave: ["grave"],
} as const;
export type Family = keyof typeof FAMILIES;
export const FAMILY_NAMES = Object.keys(FAMILIES) as Family[];

export interface Clip {
  readonly creature: string;
  readonly family: Family;
  readonly action: Action;
  readonly direction: number;
  /** Number of frames, duration and type as the game has them: hidden from all but a baseline. */
  readonly timing: string;
  /** FRAME numbers each. */
  readonly frames: readonly Uint8Array[];
}

/** A clip before it is known whether another one looks the same. */
interface Found {
  readonly clip: Clip;
  /** The same of clips whose frames are the same, pixel by pixel. */
  readonly look: string;
}

/** @throws {RangeError} on a creature of no family */
export function familyOf(name: string): Family {
  const found = FAMILY_NAMES.find((family) => FAMILIES[family].some((word) => name.includes(word)));
  if (found === undefined) throw new RangeError(`${name} is of no family`);
  return found;
}

/** Every action from every direction, at one scale for all clips of a creature; left out are clips of one frame, and of an action that it has alone. */
export function clipsOf(creature: Creature): { found: Found[]; odd: number } {
  const { name, animations } = creature;
  const box = boxAround(everyPiece(creature));
  const found: Found[] = [];
  let odd = 0;
  for (const [a, { action: called, timing, places }] of animations.entries()) {
    const action = ACTIONS.find((each) => each === called);
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const pieces = places.map((_, frame) => creature.pieces(a, frame, direction)).filter(({ length }) => length > 0);
      if (action === undefined || pieces.length < 2) odd++;
      else {
        const frames = pieces.map((all) => render(all, box));
        found.push({ look: lookOf(pieces), clip: { creature: name, family: familyOf(name), action, direction, timing, frames } });
      }
    }
  }
  return { found, odd };
}

function* everyPiece({ animations, pieces }: Creature): Generator<Piece> {
  for (const [a, { places }] of animations.entries())
    for (let frame = 0; frame < places.length; frame++)
      for (let direction = 0; direction < DIRECTIONS; direction++) yield* pieces(a, frame, direction);
}

function lookOf(frames: readonly (readonly Piece[])[]): string {
  const digest = createHash("sha1");
  for (const pieces of frames) {
    for (const { sheet, place } of pieces) {
      digest.update(`${place.width} ${place.height} ${place.offsetX} ${place.offsetY};`);
      for (let y = place.y; y < place.y + place.height; y++)
        digest.update(sheet.data.subarray(4 * (y * sheet.width + place.x), 4 * (y * sheet.width + place.x + place.width)));
    }
    digest.update("|");
  }
  return digest.digest("hex");
}

/** Each look once if it has one meaning, else not at all. */
export function distinct(found: readonly Found[]): { clips: Clip[]; repeated: number; ambiguous: number } {
  const looks = new Map<string, Clip[]>();
  for (const { clip, look } of found) looks.set(look, [...(looks.get(look) ?? []), clip]);
  const clips: Clip[] = [];
  let ambiguous = 0;
  for (const same of looks.values()) {
    if (same.every(({ action }) => action === same[0]?.action)) clips.push(same[0] as Clip);
    else ambiguous += same.length;
  }
  return { clips, ambiguous, repeated: found.length - ambiguous - clips.length };
}
