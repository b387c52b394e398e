/** What a saved model says of a clip of one's own. */
import pc from "picocolors";
import { readBytes, UserError } from "../shared/program.js";
import { width } from "../shared/text.js";
import { watch } from "./learn.js";
import type { Watcher } from "./model.js";
import { MOST_PIXELS, type Picture, readPng, sizeOf } from "./png.js";
import { boxAround, type Piece, render } from "./render.js";

/** Frames of a clip: more say no more. */
const MOST_FRAMES = 256;
/** Pixels of a side. */
const LONGEST_SIDE = 4096;
/** A colour is the background's if no part of it differs by more. */
const ALIKE = 8;

/** @param files one picture of square frames in a row, or a picture for each frame @throws {UserError} when they are none */
export function clipOf(files: readonly string[]): { frames: Uint8Array[] } {
  if (files.length > MOST_FRAMES) throw new UserError(`--use: expected at most ${MOST_FRAMES} frames, got ${files.length}`);
  const [first, ...others] = picturesIn(files) as [Picture, ...Picture[]];
  const other = others.findIndex(({ width, height }) => width !== first.width || height !== first.height) + 1;
  if (other > 0) throw new UserError(`--use: ${files[other]}: expected a frame as large as ${files[0]}, ${first.width} × ${first.height}`);
  const places = others.length > 0 ? [first, ...others].map((sheet) => placeIn(sheet, 0, sheet.width)) : inRow(first, files[0] as string);
  const pieces = places.filter(({ place }) => place.width > 0);
  if (pieces.length === 0) throw new UserError("--use: there is nothing to be seen in these frames, all of one colour");
  const box = boxAround(pieces);
  return { frames: places.map((piece) => render(piece.place.width > 0 ? [piece] : [], box)) };
}

/** Refused before the first one is unpacked. */
function picturesIn(files: readonly string[]): Picture[] {
  let pixels = 0;
  const all = files.map((file) => {
    const bytes = readBytes(file, "picture");
    const { width, height } = sizeOf(bytes, file);
    if (Math.max(width, height) > LONGEST_SIDE)
      throw new UserError(`--use: ${file}: expected at most ${LONGEST_SIDE} pixels a side, got ${width} × ${height}`);
    pixels += width * height;
    if (pixels > MOST_PIXELS) throw new UserError(`--use: expected at most ${MOST_PIXELS} pixels in all files together`);
    return { bytes, file };
  });
  return all.map(({ bytes, file }) => cleared(readPng(bytes, file)));
}

function inRow(sheet: Picture, file: string): Piece[] {
  const { width, height } = sheet;
  const frames = width / height;
  if (!Number.isInteger(frames) || frames < 2 || frames > MOST_FRAMES)
    throw new UserError(
      `--use: ${file}: expected square frames in a row, 2 to ${MOST_FRAMES}, got ${width} × ${height}; frames that are not square go in a file each`,
    );
  return Array.from({ length: frames }, (_, i) => placeIn(sheet, i * height, height));
}

/** A picture without clear places: what has the colour of its corner is the background. */
function cleared(picture: Picture): Picture {
  const { data } = picture;
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return picture;
  const all = data.slice();
  for (let i = 0; i < data.length; i += 4)
    if ([0, 1, 2].every((c) => Math.abs((data[i + c] as number) - (data[c] as number)) <= ALIKE)) all[i + 3] = 0;
  return { ...picture, data: all };
}

/** What is seen in some columns; where it stands is the same place in all frames. */
function placeIn(sheet: Picture, from: number, columns: number): Piece {
  let [left, top, right, bottom] = [columns, sheet.height, 0, 0];
  for (let y = 0; y < sheet.height; y++) {
    for (let x = 0; x < columns; x++) {
      if (sheet.data[4 * (y * sheet.width + from + x) + 3] === 0) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), y + 1];
    }
  }
  const [width, height] = [Math.max(0, right - left), Math.max(0, bottom - top)];
  return { sheet, place: { x: from + left, y: top, width, height, offsetX: -left, offsetY: -top } };
}

/** The actions, the likeliest first, and a bar for each. */
export async function use(model: Watcher, clip: { frames: readonly Uint8Array[] }): Promise<void> {
  const [probabilities = []] = await watch(model, "in order", [clip], 0);
  if (!probabilities.every(Number.isFinite)) throw new UserError("the model's numbers are too large to say anything of this clip");
  const { actions } = model;
  const ranked = actions.map((action, a) => ({ action, p: probabilities[a] as number })).sort((one, other) => other.p - one.p);
  const longest = Math.max(...actions.map(({ length }) => length));
  console.log();
  for (const [i, { action, p }] of ranked.entries()) {
    const line = `  ${action.padEnd(longest)}  ${(100 * p).toFixed(1).padStart(5)} %`;
    const bar = "▇".repeat(Math.max(0, Math.round(p * (width() - longest - 14))));
    console.log(i === 0 ? `${pc.bold(pc.cyan(line))}  ${pc.cyan(bar)}` : `${line}  ${pc.dim(bar)}`);
  }
}
