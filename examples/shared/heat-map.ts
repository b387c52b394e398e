/** Attention weights in the terminal. */
import pc from "picocolors";

/** From nothing to all. */
const SHADES = " ·░▒▓█";
/** Rows and columns at most: of longer sequences, means of neighbours. */
const MOST = 25;
/** Columns of the terminal for a word at the side, and for the last word on top. */
const [SIDE, LAST] = [22, 8];

function shade(weight: number): string {
  return SHADES[Math.min(SHADES.length - 1, Math.floor(weight * SHADES.length))] as string;
}

/**
 * One row for each token that was said, one column for each step of the source.
 *
 * @param weights of each token, over the source
 */
export function heatMap(weights: readonly ArrayLike<number>[]): string[] {
  const [T, S] = [weights.length, weights[0]?.length ?? 0];
  const [down, across] = [Math.ceil(T / MOST), Math.ceil(S / MOST)];
  const [rows, columns] = [Math.ceil(T / down), Math.ceil(S / across)];
  const lines = Array.from({ length: rows }, (_, r) => {
    const cells = Array.from({ length: columns }, (_, c) => {
      const block = weights.slice(r * down, (r + 1) * down).map((row) => Array.from(row).slice(c * across, (c + 1) * across));
      const mass = block.flat().reduce((sum, weight) => sum + weight, 0) / block.length; // at most 1
      return shade(mass).repeat(2);
    });
    return `  ${pc.dim(String(r * down + 1).padStart(4))} ${pc.cyan(cells.join(""))}`;
  });
  const title = pc.dim(`       the source's steps 1 … ${S}${down > 1 || across > 1 ? `, ${down} × ${across} to a cell` : ""}`);
  return [title, ...lines];
}

/**
 * The same with words: those of the source on top, as a staircase, those that were said at the side. Where there is no room for all of them, without.
 *
 * @param columns of the terminal
 */
export function labelledHeatMap(
  weights: readonly ArrayLike<number>[],
  source: readonly string[],
  said: readonly string[],
  columns: number,
) {
  const side = Math.min(SIDE, Math.max(...said.map((word) => [...word].length)));
  const cell = Math.min(3, Math.floor((columns - side - 3 - LAST) / source.length));
  if (cell < 1) return heatMap(weights);
  const stairs = source.map((word, s) => {
    const before = `${"│".padEnd(cell)}`.repeat(s);
    const room = columns - side - 3 - s * cell - 2;
    return `${" ".repeat(side + 3)}${pc.dim(`${before}┌`)} ${cut(word, room)}`;
  });
  const rows = weights.map((row, t) => {
    const cells = Array.from(row, (weight) => shade(weight).repeat(Math.min(2, cell)).padEnd(cell));
    const word = cut(said[t] as string, side);
    return `  ${" ".repeat(side - [...word].length)}${word} ${pc.cyan(cells.join("").trimEnd())}`;
  });
  return [...stairs, ...rows];
}

function cut(word: string, room: number): string {
  const letters = [...word];
  return letters.length <= room ? word : `${letters.slice(0, room - 1).join("")}…`;
}
