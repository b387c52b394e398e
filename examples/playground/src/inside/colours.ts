/** Numbers as colours, in both schemes of the page. */
import { signal } from "@preact/signals";

/** "gate": 0 … 1, from nothing to full. "signed": −1 … 1, two colours with nothing between. */
export type ScaleName = "gate" | "signed";

type Colour = readonly [number, number, number];

const STOPS: Readonly<Record<"light" | "dark", Readonly<Record<ScaleName, readonly Colour[]>>>> = {
  light: {
    gate: [
      [247, 247, 244],
      [127, 191, 154],
      [10, 92, 52],
    ],
    signed: [
      [21, 90, 170],
      [128, 177, 222],
      [247, 247, 244],
      [240, 160, 118],
      [178, 44, 16],
    ],
  },
  dark: {
    gate: [
      [27, 32, 42],
      [30, 110, 74],
      [116, 236, 172],
    ],
    signed: [
      [112, 190, 255],
      [40, 104, 168],
      [27, 32, 42],
      [166, 76, 36],
      [255, 158, 100],
    ],
  },
};

const query = matchMedia("(prefers-color-scheme: dark)");
const scheme = signal<"light" | "dark">(query.matches ? "dark" : "light");
query.addEventListener("change", () => {
  scheme.value = query.matches ? "dark" : "light";
});

const LEVELS = 256;

const tables = new Map<readonly Colour[], Uint32Array>();

/** Colours of a scale from its least to its greatest number, as pixels of 256 levels. Follows the scheme where it is read by a component. */
export function tableOf(scale: ScaleName): Uint32Array {
  const stops = STOPS[scheme.value][scale];
  const table = tables.get(stops) ?? makeTable(stops);
  tables.set(stops, table);
  return table;
}

function makeTable(stops: readonly Colour[]): Uint32Array {
  const table = new Uint8ClampedArray(4 * LEVELS);
  for (let level = 0; level < LEVELS; level++) {
    const place = (level / (LEVELS - 1)) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    const [from, to] = [stops[below] as Colour, stops[below + 1] as Colour];
    for (let k = 0; k < 3; k++) table[4 * level + k] = (from[k] as number) + ((to[k] as number) - (from[k] as number)) * (place - below);
    table[4 * level + 3] = 255;
  }
  return new Uint32Array(table.buffer);
}

/** @param reach what the full colour stands for */
export function levelOf(value: number, scale: ScaleName, reach: number): number {
  const share = scale === "gate" ? value / reach : (value / reach + 1) / 2;
  return Math.round(Math.min(Math.max(share, 0), 1) * (LEVELS - 1));
}

/** The scale as a CSS image. */
export function gradientOf(scale: ScaleName): string {
  return `linear-gradient(to right, ${STOPS[scheme.value][scale].map((colour) => `rgb(${colour.join(" ")})`).join(", ")})`;
}
