/** A creature's frames as small pictures of one scale: how bright a place is, and how much of it the creature covers. */
import type { Picture } from "./png.js";
import type { Place } from "./sprites.js";

/** Pixels of a side. */
export const SIDE = 32;
const PIXELS = SIDE * SIDE;
/** Numbers of a frame: PIXELS of brightness times cover, then PIXELS of cover, from 0 to 255. */
export const FRAME = 2 * PIXELS;

/** One on top of the others. */
export interface Piece {
  readonly sheet: Picture;
  readonly place: Place;
}

/** A square, seen from where the creature stands. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** Of pieces that reach farther out, as a sword does once in a while, this share is cut. */
const CUT = 0.1;

/** One around most of the pieces, which are in its middle. */
export function boxAround(pieces: Iterable<Piece>): Box {
  const places = Array.from(pieces, ({ place }) => place);
  const most = (reach: (place: Place) => number) =>
    places.map(reach).sort((a, b) => a - b)[Math.floor((1 - CUT) * (places.length - 1))] ?? 0;
  const [left, right] = [-most(({ offsetX }) => offsetX), most(({ width, offsetX }) => width - offsetX)];
  const [top, bottom] = [-most(({ offsetY }) => offsetY), most(({ height, offsetY }) => height - offsetY)];
  const side = Math.max(right - left, bottom - top);
  return { left: (left + right - side) / 2, top: (top + bottom - side) / 2, side };
}

/** The pieces, the first one at the bottom, in FRAME numbers. */
export function render(pieces: readonly Piece[], { left, top, side }: Box): Uint8Array {
  const [width, height] = [side, side].map(Math.ceil) as [number, number];
  const light = new Float32Array(width * height);
  const cover = new Float32Array(width * height);
  for (const { sheet, place } of pieces) {
    const [x0, y0] = [Math.round(-place.offsetX - left), Math.round(-place.offsetY - top)];
    for (let y = Math.max(0, -y0); y < Math.min(place.height, height - y0, sheet.height - place.y); y++) {
      for (let x = Math.max(0, -x0); x < Math.min(place.width, width - x0, sheet.width - place.x); x++) {
        const from = 4 * ((place.y + y) * sheet.width + place.x + x);
        const alpha = (sheet.data[from + 3] as number) / 255;
        if (alpha === 0) continue;
        const to = (y0 + y) * width + x0 + x;
        light[to] = (light[to] as number) * (1 - alpha) + alpha * luma(sheet.data, from);
        cover[to] = (cover[to] as number) * (1 - alpha) + alpha * 255;
      }
    }
  }
  const frame = new Uint8Array(FRAME);
  frame.set(shrunk(light, width, height, side), 0);
  frame.set(shrunk(cover, width, height, side), PIXELS);
  return frame;
}

/** Source: ITU-R BT.601. */
function luma(data: Uint8Array, at: number): number {
  return 0.299 * (data[at] as number) + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number);
}

/** Each of SIDE × SIDE places is the mean of what of a picture is in it. */
function shrunk(values: Float32Array, width: number, height: number, side: number): Float32Array {
  const scale = SIDE / side;
  const rows = new Float32Array(SIDE * width);
  spread(height, scale, (y, row, share) => {
    for (let x = 0; x < width; x++) (rows[row * width + x] as number) += share * (values[y * width + x] as number);
  });
  const all = new Float32Array(PIXELS);
  spread(width, scale, (x, column, share) => {
    for (let row = 0; row < SIDE; row++) (all[row * SIDE + column] as number) += share * (rows[row * width + x] as number);
  });
  return all.map((value) => Math.min(255, Math.round(value)));
}

/** Tells how much of each place in a line the pixels cover. */
function spread(length: number, scale: number, give: (from: number, to: number, share: number) => void): void {
  for (let i = 0; i < length; i++) {
    const [begin, end] = [i * scale, Math.min(SIDE, (i + 1) * scale)];
    for (let to = Math.floor(begin); to < end; to++) give(i, to, Math.min(end, to + 1) - Math.max(begin, to));
  }
}
