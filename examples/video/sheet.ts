/** A contact sheet: one clip in each row, its eight frames as the network sees them, without their variety. */
import type { Clip } from "./clips.js";
import type { Picture } from "./png.js";
import { FRAME, SIDE } from "./render.js";
import { plain, STEPS } from "./views.js";

/** Pixels of the sheet for one of a frame, and between two frames. */
const [SCALE, GAP] = [2, 4];
const CELL = SCALE * SIDE + GAP;
const GROUND = 200;

export function contactSheet(clips: readonly Clip[]): Picture {
  const [width, height] = [STEPS * CELL + GAP, clips.length * CELL + GAP];
  const data = new Uint8Array(4 * width * height).fill(255);
  for (const [row, clip] of clips.entries()) {
    for (const [t, frame] of plain(clip).order.entries()) {
      draw(clip.frames[frame] as Uint8Array, { width, height, data }, GAP + t * CELL, GAP + row * CELL);
    }
  }
  return { width, height, data };
}

/** Over a grey ground. */
function draw(frame: Uint8Array, { width, data }: Picture, left: number, top: number): void {
  for (let y = 0; y < SCALE * SIDE; y++) {
    for (let x = 0; x < SCALE * SIDE; x++) {
      const from = Math.floor(y / SCALE) * SIDE + Math.floor(x / SCALE);
      const light = (frame[from] as number) + GROUND * (1 - (frame[FRAME / 2 + from] as number) / 255);
      data.fill(Math.min(255, light), 4 * ((top + y) * width + left + x), 4 * ((top + y) * width + left + x) + 3);
    }
  }
}
