/** A clip as the network sees it: eight frames, one brightness and contrast for all creatures; and seen a little otherwise each time. */
import type { Generator } from "wasm-rnn";
import type { Clip } from "./clips.js";
import { FRAME, SIDE } from "./render.js";

export const STEPS = 8;
/** Brightness, and what the creature covers. */
export const CHANNELS = 2;
/** Pixels of a side. */
export const VIEW = 24;
export const FEATURES = CHANNELS * VIEW * VIEW;

/** How a clip is looked at. */
export interface Look {
  /** The frame of each step. */
  readonly order: readonly number[];
  readonly isMirrored: boolean;
  /** How much wider and taller it is, and where its middle is, in pixels of the view; radians. */
  readonly zoom: readonly [number, number];
  readonly shift: readonly [number, number];
  readonly turn: number;
  readonly contrast: number;
  readonly brightness: number;
}

/** As it is: each frame for as many of the eight steps as the others. */
export function plain({ frames }: Pick<Clip, "frames">): Look {
  const order = Array.from({ length: STEPS }, (_, t) => Math.floor((t * frames.length) / STEPS));
  return { order, isMirrored: false, zoom: [1, 1], shift: [0, 0], turn: 0, contrast: 1, brightness: 0 };
}

/** Of so many clips only the outlines are seen: what does not depend on a creature's colours. */
const OUTLINES = 0.3;

/** Other than it is by chance. */
export function varied({ frames }: Pick<Clip, "frames">, random: Generator): Look {
  const around = (reach: number) => reach * (2 * random.uniform() - 1);
  const bend = 2 ** around(0.5);
  const order = Array.from({ length: STEPS }, (_, t) => Math.floor(frames.length * ((t + random.uniform()) / STEPS) ** bend));
  return {
    ...{
      order,
      isMirrored: random.uniform() < 0.5,
      zoom: [2 ** around(0.45), 2 ** around(0.45)],
      shift: [around(2.5), around(2.5)],
      turn: around(0.2),
    },
    ...{ contrast: random.uniform() < OUTLINES ? 0 : 2 ** around(0.5), brightness: around(0.3) },
  };
}

/** @returns STEPS · FEATURES numbers */
export function view({ frames }: Pick<Clip, "frames">, look: Look): Float32Array {
  const { mean, deviation } = lightOf(frames);
  const [gain, lift] = [look.contrast / Math.max(1, deviation), look.brightness];
  const [cos, sin] = [Math.cos(look.turn), Math.sin(look.turn)].map((value) => (SIDE / VIEW) * value) as [number, number];
  const x = new Float32Array(STEPS * FEATURES);
  const pixels = VIEW * VIEW;
  for (let row = 0; row < VIEW; row++) {
    for (let column = 0; column < VIEW; column++) {
      const across = (column + 0.5 - VIEW / 2 - look.shift[0]) / look.zoom[0];
      const down = (row + 0.5 - VIEW / 2 - look.shift[1]) / look.zoom[1];
      const left = (cos * across - sin * down) * (look.isMirrored ? -1 : 1) + SIDE / 2 - 0.5;
      const top = sin * across + cos * down + SIDE / 2 - 0.5;
      const [x0, y0] = [Math.floor(left), Math.floor(top)];
      if (x0 < 0 || y0 < 0 || x0 >= SIDE - 1 || y0 >= SIDE - 1) continue; // nothing is there
      const [a, b] = [left - x0, top - y0];
      const at = y0 * SIDE + x0;
      for (let t = 0; t < STEPS; t++) {
        const frame = frames[look.order[t] as number] as Uint8Array;
        const cover = between(frame, FRAME / 2 + at, a, b);
        const light = between(frame, at, a, b);
        const to = t * FEATURES + row * VIEW + column;
        x[to] = gain * (light - mean * cover) + (lift * cover) / 255;
        x[to + pixels] = cover / 255;
      }
    }
  }
  return x;
}

/** Between four pixels. */
function between(frame: Uint8Array, at: number, a: number, b: number): number {
  const upper = (1 - a) * (frame[at] as number) + a * (frame[at + 1] as number);
  const lower = (1 - a) * (frame[at + SIDE] as number) + a * (frame[at + SIDE + 1] as number);
  return (1 - b) * upper + b * lower;
}

/** Brightness of a clip where it covers anything: the mean of it, from 0 to 1, and the deviation, to 255. */
function lightOf(frames: readonly Uint8Array[]): { mean: number; deviation: number } {
  let [covered, sum, squares] = [1e-9, 0, 0];
  for (const frame of frames) {
    for (let i = 0; i < FRAME / 2; i++) {
      const cover = frame[FRAME / 2 + i] as number;
      if (cover === 0) continue;
      const light = frame[i] as number;
      covered += cover;
      sum += light;
      squares += (light * light) / cover;
    }
  }
  const mean = sum / covered;
  return { mean, deviation: 255 * Math.sqrt(Math.max(0, squares / covered - mean * mean)) };
}
