/** The places that count, drawn: in the terminal, and as SVG. */
import pc from "picocolors";
import { framed, HEIGHT, PALETTE, path, rectangle, text, WIDTH } from "../shared/svg.js";
import { JUNCTION, NAMES, WINDOW } from "./data.js";
import type { Place } from "./gradients.js";

const BLOCKS = " ▁▂▃▄▅▆▇█";
/** Of a class's greatest weight: what is above it has its letter. */
const TELLING = 0.25;
/** What is before the junction and after it. */
const SIDES = [
  ["exon", "intron"],
  ["intron", "exon"],
  ["", ""],
] as const;
const COLOURS = [pc.cyan, pc.yellow, pc.dim];

function heightsOf(places: readonly Place[]): number[] {
  const most = Math.max(...places.map(({ weight }) => weight));
  return places.map(({ weight }) => weight / most);
}

/** A strip of blocks for each class, under it the bases that raise its logit most. */
export function gradientLines(classes: readonly (readonly Place[])[]): string[] {
  const lines = classes.flatMap((places, label) => {
    const heights = heightsOf(places);
    const cut = (cells: readonly string[]) => `${cells.slice(0, JUNCTION).join("")}${pc.dim("|")}${cells.slice(JUNCTION).join("")}`;
    const blocks = heights.map((height) => (COLOURS[label] as typeof pc.cyan)(BLOCKS[Math.round(height * (BLOCKS.length - 1))] as string));
    const letters = places.map(({ base }, i) => ((heights[i] as number) > TELLING ? pc.bold(base) : " "));
    return [`  ${(NAMES[label] as string).padEnd(10)}${cut(blocks)}`, `  ${" ".repeat(10)}${cut(letters)}`];
  });
  return [`  ${pc.bold("where each class looks")}${pc.dim(", and the base that speaks for it")}`, ...lines];
}

const [LEFT, RIGHT, TOP, ROW, TALL] = [92, WIDTH - 24, 84, 88, 54];
const FILLS = [PALETTE.first, PALETTE.second, PALETTE.dim];

export function picture(classes: readonly (readonly Place[])[], accuracy: number): string {
  const wide = (RIGHT - LEFT) / WINDOW;
  const rows = classes.flatMap((places, label) => {
    const [bottom, fill] = [TOP + ROW * label + TALL + 16, FILLS[label] as string];
    const heights = heightsOf(places);
    const bars = heights.map((height, i) => rectangle(LEFT + i * wide + 1, bottom - TALL * height, wide - 2, TALL * height, fill));
    const letters = places.flatMap(({ base }, i) => {
      const height = heights[i] as number;
      return height > TELLING
        ? [text(LEFT + (i + 0.5) * wide, bottom - TALL * height - 3, base, { size: 11, anchor: "middle", bold: true, mono: true })]
        : [];
    });
    const [before, after] = SIDES[label] as readonly [string, string];
    const sides = [
      text(LEFT, bottom + 13, before, { size: 11, fill: PALETTE.dim }),
      text(RIGHT, bottom + 13, after, { size: 11, fill: PALETTE.dim, anchor: "end" }),
    ];
    return [text(24, bottom - 4, NAMES[label] as string, { size: 13, fill, bold: true }), ...bars, ...letters, ...(before ? sides : [])];
  });
  const junction = LEFT + JUNCTION * wide;
  return framed(
    "Where exons and introns meet",
    `each place's weight, and the base that speaks for it; ${accuracy.toFixed(1)} % of windows told right`,
    [
      path(
        [
          [junction, TOP - 8],
          [junction, HEIGHT - 24],
        ],
        PALETTE.line,
        { width: 1.5, dash: "4 4" },
      ),
      ...rows,
      text(junction, HEIGHT - 10, "the junction", { size: 11, fill: PALETTE.dim, anchor: "middle" }),
    ],
  );
}
