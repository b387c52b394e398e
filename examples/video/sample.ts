/** A few clips in one picture, a row each, which quick runs and the tests read; its licence lies beside it. */
import { readFileSync } from "node:fs";
import type { Clip } from "./clips.js";
import { type Picture, readPng } from "./png.js";
import { FRAME, SIDE } from "./render.js";

const FOLDER = new URL("./sample/", import.meta.url);

type Row = Omit<Clip, "frames"> & { readonly frames: number };

export function sampleClips(): Clip[] {
  const rows: Row[] = JSON.parse(readFileSync(new URL("clips.json", FOLDER), "utf8"));
  const sheet = readPng(readFileSync(new URL("clips.png", FOLDER)), "clips.png");
  return rows.map((row, r) => ({ ...row, frames: Array.from({ length: row.frames }, (_, i) => frameAt(sheet, i, r)) }));
}

/** The frame that stands in a column and a row. */
export function frameAt({ width, data }: Picture, column: number, row: number): Uint8Array {
  const frame = new Uint8Array(FRAME);
  for (let i = 0; i < FRAME / 2; i++) {
    const at = 4 * ((row * SIDE + Math.floor(i / SIDE)) * width + column * SIDE + (i % SIDE));
    const cover = data[at + 3] as number;
    frame[i] = Math.round(((data[at] as number) * cover) / 255);
    frame[FRAME / 2 + i] = cover;
  }
  return frame;
}

/** Clips as such a picture: grey, and clear where nothing is. */
export function sheetOf(clips: readonly Pick<Clip, "frames">[]): Picture {
  const [width, height] = [SIDE * Math.max(...clips.map(({ frames }) => frames.length)), SIDE * clips.length];
  const data = new Uint8Array(4 * width * height);
  for (const [row, { frames }] of clips.entries()) {
    for (const [column, frame] of frames.entries()) {
      for (let i = 0; i < FRAME / 2; i++) {
        const at = 4 * ((row * SIDE + Math.floor(i / SIDE)) * width + column * SIDE + (i % SIDE));
        const cover = frame[FRAME / 2 + i] as number;
        data.fill(cover === 0 ? 0 : Math.min(255, Math.round((255 * (frame[i] as number)) / cover)), at, at + 3);
        data[at + 3] = cover;
      }
    }
  }
  return { width, height, data };
}
