/** A sheet of what the network got wrong: a row of eight frames for each clip, and what it is said to be. */
import pc from "picocolors";
import { ACTIONS } from "./clips.js";
import { isRight, type Tested } from "./folds.js";
import type { Picture } from "./png.js";
import { FRAME, SIDE } from "./render.js";
import { plain, STEPS } from "./views.js";

/** Rows of the sheet; of more clips every so many-th is shown. */
const ROWS = 20;
const ZOOM = 2;
/** Pixels left of the frames, for the number of the row, and of a digit's dot. */
const [MARGIN, DOT] = [32, 3];
const [GROUND, INK] = [200, 40];
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
  const [width, height] = [MARGIN + STEPS * SIDE * ZOOM, Math.max(1, wrong.length) * SIDE * ZOOM];
  const data = new Uint8Array(4 * width * height).fill(255);
  const dot = (x: number, y: number, size: number, light: number) => {
    for (let row = y; row < y + size; row++)
      for (let column = x; column < x + size; column++) data.fill(light, 4 * (row * width + column), 4 * (row * width + column) + 3);
  };
  for (let i = 0; i < width * height; i++) data.fill(GROUND, 4 * i, 4 * i + 3);
  for (const [r, { clip }] of wrong.entries()) {
    const top = r * SIDE * ZOOM;
    for (const [d, digit] of [...String(r + 1)].entries())
      for (const [y, bits] of [...(DIGITS[Number(digit)] as string)].entries())
        for (let x = 0; x < 3; x++) if ((Number(bits) >> (2 - x)) & 1) dot(4 + (4 * d + x) * DOT, top + 24 + y * DOT, DOT, INK);
    for (const [t, from] of plain(clip).order.entries()) {
      const frame = clip.frames[from] as Uint8Array;
      for (let i = 0; i < FRAME / 2; i++) {
        const light = (frame[i] as number) + GROUND * (1 - (frame[FRAME / 2 + i] as number) / 255);
        dot(MARGIN + (t * SIDE + (i % SIDE)) * ZOOM, top + Math.floor(i / SIDE) * ZOOM, ZOOM, Math.min(255, Math.round(light)));
      }
    }
  }
  return { width, height, data };
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
