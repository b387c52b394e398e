/** A piano roll as a picture: what was given in one colour, what was added in the other. */
import { escaped, HEIGHT, PALETTE, WIDTH } from "../shared/svg.js";
import type { Continued } from "./continuation.js";
import type { Note } from "./score.js";

const { text: INK, ground: PAPER, first: GIVEN, second: ADDED } = PALETTE;
const [LEFT, RIGHT, TOP, DRUMS, BOTTOM] = [40, 14, 48, 84, 28];
/** Bars that are shown of what was given, before what was added. */
const BARS_BEFORE = 8;

/** An SVG document. */
export function picture({ score, from }: Continued): string {
  const { notes, bar, name } = score;
  const begin = Math.max(0, from - BARS_BEFORE * bar);
  const shown = notes.filter(({ start }) => start >= begin);
  const end = shown.reduce((last, { start }) => Math.max(last, (Math.floor(start / bar) + 1) * bar), from + bar);
  const x = (step: number) => LEFT + ((step - begin) / (end - begin)) * (WIDTH - LEFT - RIGHT);
  const bottom = HEIGHT - BOTTOM;
  const lanes = { keys: laneOf(shown, false, TOP, bottom - DRUMS - 8), drums: laneOf(shown, true, bottom - DRUMS, bottom) };
  const strokes = (isAdded: boolean, isDrum: boolean) => {
    const lane = isDrum ? lanes.drums : lanes.keys;
    const own = shown.filter((note) => note.start >= from === isAdded && (note.voice === "drums") === isDrum);
    const lines = own.map(({ start, length, pitch }) => {
      const [a, b] = [x(start), x(Math.min(end, start + (isDrum ? 1 : length)))];
      return `M${fixed(a)} ${fixed(lane.y(pitch))}h${fixed(Math.max(1.4, b - a - 0.6))}`;
    });
    return `<path d="${lines.join("")}" stroke="${isAdded ? ADDED : GIVEN}" stroke-width="${fixed(lane.height)}" fill="none"/>`;
  };
  const bars = Array.from({ length: (end - begin) / bar + 1 }, (_, b) => begin + b * bar);
  const grid = bars.map((step) => `M${fixed(x(step))} ${TOP}V${bottom}`).join("");
  const number = (step: number) => `<text x="${fixed(x(step) + 3)}" y="${HEIGHT - 12}">${step / bar + 1}</text>`;
  const every = Math.ceil(bars.length / 20);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escaped(name)}, and how the network goes on</title>`,
    `<rect width="100%" height="100%" rx="6" fill="${PAPER}"/>`,
    `<path d="${grid}" stroke="${INK}" stroke-opacity="0.12"/>`,
    strokes(false, false),
    strokes(true, false),
    strokes(false, true),
    strokes(true, true),
    `<path d="M${fixed(x(from))} ${TOP - 8}V${bottom}" stroke="${INK}" stroke-width="1.5" stroke-dasharray="4 3"/>`,
    `<g font-family="system-ui, sans-serif" font-size="11" fill="${INK}">`,
    ...bars.slice(0, -1).flatMap((step, b) => (b % every === 0 ? [number(step)] : [])),
    `<text transform="translate(22 ${(TOP + bottom - DRUMS) / 2}) rotate(-90)" text-anchor="middle">bass, lead</text>`,
    `<text transform="translate(22 ${bottom - DRUMS / 2}) rotate(-90)" text-anchor="middle">drums</text>`,
    `<text x="${LEFT}" y="24" font-size="14">${escaped(shortened(name))}: <tspan fill="${GIVEN}" font-weight="700">given</tspan>, and <tspan fill="${ADDED}" font-weight="700">what the network adds</tspan></text>`,
    "</g>",
    "</svg>\n",
  ].join("\n");
}

/** Where each pitch of a lane lies: the highest on top. */
function laneOf(notes: readonly Note[], drums: boolean, top: number, bottom: number): { y: (pitch: number) => number; height: number } {
  const pitches = notes.filter(({ voice }) => (voice === "drums") === drums).map(({ pitch }) => pitch);
  const used = drums ? [...new Set(pitches)].sort((a, b) => a - b) : []; // of drums those that are there: they have no order between them
  const [least, most] = drums
    ? [0, used.length - 1]
    : [pitches.reduce((a, b) => Math.min(a, b), 127), pitches.reduce((a, b) => Math.max(a, b), 0)];
  const height = Math.min(8, (bottom - top) / Math.max(1, most - least + 1));
  const row = (pitch: number) => (drums ? used.indexOf(pitch) : pitch - least);
  return { y: (pitch) => bottom - (row(pitch) + 0.5) * height, height: Math.max(1.2, 0.8 * height) };
}

function fixed(value: number): string {
  return String(Math.round(10 * value) / 10);
}

function shortened(name: string): string {
  return name.length > 40 ? `${name.slice(0, 39)}…` : name;
}
