/** A sheet of what the network got wrong: a row of eight frames for each clip, and what it is said to be. */
import pc from "picocolors";
import { ACTIONS } from "./clips.js";
import { isRight, type Tested } from "./folds.js";
import type { Picture } from "./png.js";
import { CELL, contactSheet, square } from "./sheet.js";

/** Rows of the sheet; of more clips every so many-th is shown. */
const ROWS = 20;
/** Pixels left of the frames, for the number of the row, and of a digit's dot. */
const [MARGIN, DOT] = [32, 3];
const INK = 40;
/** Three by five dots each: an octal number for each row. */
const DIGITS = ["75557", "26227", "71747", "71717", "55711", "74717", "74757", "71111", "75757", "75717"];

/** Spread over all clips that are wrong. */
export function wrongOnes(tested: readonly Tested[]): Tested[] {
  const wrong = tested.filter((each) => !isRight(each, "network"));
  const rows = Math.min(ROWS, wrong.length);
  return Array.from({ length: rows }, (_, i) => wrong[Math.floor((i * wrong.length) / rows)] as Tested);
}

/** Grey, the rows numbered from 1. */
export function sheetOfWrong(wrong: readonly Tested[]): Picture {
  const sheet = contactSheet(
    wrong.map(({ clip }) => clip),
    MARGIN,
  );
  for (let row = 0; row < wrong.length; row++) {
    for (const [d, digit] of [...String(row + 1)].entries()) {
      for (const [y, bits] of [...(DIGITS[Number(digit)] as string)].entries()) {
        for (let x = 0; x < 3; x++)
          if ((Number(bits) >> (2 - x)) & 1) square(sheet, 4 + (4 * d + x) * DOT, row * CELL + 28 + y * DOT, DOT, INK);
      }
    }
  }
  return sheet;
}

/** What each row is, and what the network took it for. */
export function wrongLines(wrong: readonly Tested[]): string[] {
  return wrong.map(({ clip, guesses, probabilities }, r) => {
    const said = guesses.network;
    const percent = Math.round(100 * (probabilities[said] as number));
    const truth = `${String(r + 1).padStart(4)}  ${clip.creature.padEnd(24)} ${pc.green(clip.action.padEnd(7))}`;
    return `${truth} ${pc.yellow((ACTIONS[said] as string).padEnd(7))} ${pc.dim(`${percent} %, seen from ${clip.direction}`)}`;
  });
}
