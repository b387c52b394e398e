/** A contact sheet: one clip in each row, its eight frames as the network sees them, without their variety. */
import type { Clip } from "./clips.js";
import type { Picture } from "./png.js";
import { FRAME, SIDE } from "./render.js";
import { plain, STEPS } from "./views.js";

/** Pixels of the sheet for one of a frame, and between two frames. */
const [SCALE, GAP] = [2, 4];
/** From one frame to the next. */
export const CELL = SCALE * SIDE + GAP;
const GROUND = 200;

/** @param margin pixels at the left, for the rows' numbers */
export function contactSheet(clips: readonly Pick<Clip, "frames">[], margin = 0): Picture {
  const [width, height] = [margin + STEPS * CELL + GAP, clips.length * CELL + GAP];
  const sheet = { width, height, data: new Uint8Array(4 * width * height).fill(255) };
  for (const [row, clip] of clips.entries()) {
    for (const [t, frame] of plain(clip).order.entries()) {
      draw(clip.frames[frame] as Uint8Array, sheet, margin + GAP + t * CELL, GAP + row * CELL);
    }
  }
  return sheet;
}

/** Over a grey ground. */
function draw(frame: Uint8Array, sheet: Picture, left: number, top: number): void {
  for (let i = 0; i < FRAME / 2; i++) {
    const light = (frame[i] as number) + GROUND * (1 - (frame[FRAME / 2 + i] as number) / 255);
    square(sheet, left + SCALE * (i % SIDE), top + SCALE * Math.floor(i / SIDE), SCALE, Math.min(255, Math.round(light)));
  }
}

/** Of one grey, from 0 to 255. */
export function square({ width, data }: Picture, left: number, top: number, size: number, light: number): void {
  for (let y = top; y < top + size; y++) {
    for (let at = y * width + left; at < y * width + left + size; at++) data.fill(light, 4 * at, 4 * at + 3);
  }
}
