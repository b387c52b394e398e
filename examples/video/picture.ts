/** A clip of a family that the network has not learned, and what it says after each frame, as SVG. */
import { framed, HEIGHT, PALETTE, path, text, WIDTH } from "../shared/svg.js";
import { ACTIONS, type Clip } from "./clips.js";
import { writePng } from "./png.js";
import { contactSheet } from "./sheet.js";
import { STEPS } from "./views.js";

const [LEFT, RIGHT] = [70, WIDTH - 84];
const STEP = (RIGHT - LEFT) / STEPS;
/** Of the frames, and of the curves. */
const FRAMES = 76;
const [TOP, BOTTOM] = [FRAMES + STEP + 24, HEIGHT - 44];
/** Actions with a name at their curve. */
const NAMED = 3;

/** @param said the probabilities of the actions, after each frame */
export function picture(clip: Clip, said: readonly (readonly number[])[]): string {
  const x = (t: number) => LEFT + (t + 0.5) * STEP;
  const y = (chance: number) => BOTTOM - (BOTTOM - TOP) * chance;
  const curves = ACTIONS.map((action, a) => ({ action, chances: said.map((chances) => chances[a] as number) }));
  const ranked = curves.sort((a, b) => Math.max(...b.chances) - Math.max(...a.chances));
  const colourOf = (action: string, rank: number) =>
    action === clip.action ? PALETTE.first : rank < NAMED ? PALETTE.second : PALETTE.line;
  const sheet = contactSheet([clip]);
  const data = Buffer.from(writePng(sheet)).toString("base64");
  return framed(
    `${clip.creature.replaceAll("_", " ")}: ${clip.action}`,
    "eight frames of a creature of a family never learned, and what the network says after each",
    [
      `<image x="${LEFT}" y="${FRAMES}" width="${RIGHT - LEFT}" height="${((RIGHT - LEFT) * sheet.height) / sheet.width}" href="data:image/png;base64,${data}"/>`,
      ...[0, 0.5, 1].flatMap((chance) => [
        path([[LEFT, y(chance)], [RIGHT, y(chance)]], PALETTE.line, { width: 1 }),
        text(LEFT - 8, y(chance) + 4, `${100 * chance} %`, { size: 12, fill: PALETTE.dim, anchor: "end" }),
      ]), // biome-ignore format: rows of a table
      ...ranked.map(({ action, chances }, rank) => path(chances.map((chance, t) => [x(t), y(chance)]), colourOf(action, rank), { width: action === clip.action ? 3 : 2 })).reverse(), // biome-ignore format: one thought
      ...labelled(ranked.filter(({ action }, rank) => rank < NAMED || action === clip.action), colourOf, y), // biome-ignore format: one thought
      text(24, HEIGHT - 16, "frames from Flare, Clint Bellanger and others, CC-BY-SA 3.0", { size: 11, fill: PALETTE.dim }),
    ],
  );
}

/** Names at the ends of curves, none over another. */
function labelled(
  curves: readonly { action: string; chances: readonly number[] }[],
  colourOf: (action: string, rank: number) => string,
  y: (chance: number) => number,
): string[] {
  let above = Number.NEGATIVE_INFINITY;
  return curves
    .map(({ action, chances }, rank) => ({ action, at: y(chances.at(-1) ?? 0), fill: colourOf(action, rank) }))
    .sort((a, b) => a.at - b.at)
    .map(({ action, at, fill }) => {
      above = Math.max(at + 4, above + 14);
      return text(RIGHT - STEP / 2 + 8, above, action, { size: 13, fill, bold: true });
    });
}
