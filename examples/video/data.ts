/** The clips: of the Debian package, or of a small sample that lies beside this file; and which families are tested together. */
import { debianFolders } from "../shared/debian.js";
import { UserError } from "../shared/program.js";
import { type Clip, clipsOf, distinct, type Family } from "./clips.js";
import { creaturesIn } from "./creatures.js";
import { sampleClips } from "./sample.js";

const PACKAGE = "flare-game";

export interface Data {
  readonly clips: readonly Clip[];
  /** What was found and why some were left out, in words. */
  readonly notes: readonly string[];
}

/** Each is tested by networks that have seen none of its families. */
export const FOLDS: readonly (readonly Family[])[] = [
  ["ant"],
  ["goblin"],
  ["skeleton"],
  ["wyvern"],
  ["zombie"],
  ["minotaur", "grave"],
  ["human"],
];
export const QUICK_FOLDS: readonly (readonly Family[])[] = [
  ["ant", "goblin"],
  ["skeleton", "zombie"],
];

/** @param folder the person's own, with the package's tree @throws {UserError} when the package cannot be had, or the folder holds something else */
export function loadClips({ quick, data: folder }: { readonly quick: boolean; readonly data?: string }): Data {
  if (quick) return { clips: sampleClips(), notes: [] };
  const [root = ""] = debianFolders([PACKAGE], folder);
  const { creatures, dyed } = found(root);
  const all = creatures.map(clipsOf);
  const { clips, repeated, ambiguous } = distinct(all.flatMap(({ found }) => found));
  const odd = all.reduce((sum, { odd }) => sum + odd, 0);
  return {
    clips,
    notes: [
      `${creatures.length} creatures; ${dyed} more are one of these dyed, or add to one`,
      `${repeated} clips look like another of the same action: taken once`,
      `${ambiguous} look like one of another action, ${odd} are of one frame or of one creature alone: left out`,
    ],
  };
}

function found(root: string): ReturnType<typeof creaturesIn> {
  try {
    return creaturesIn(root);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new UserError(
      `--data: expected what the Debian package ${PACKAGE} unpacks, got ${root} without ${(error as NodeJS.ErrnoException).path}`,
    );
  }
}

/** What a fold learns from, and what it is tested on. */
export function partsOf(clips: readonly Clip[], fold: readonly Family[]): { learned: Clip[]; tested: Clip[] } {
  const isTested = ({ family }: Clip) => fold.includes(family);
  return { learned: clips.filter((clip) => !isTested(clip)), tested: clips.filter(isTested) };
}
