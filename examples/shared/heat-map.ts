/** Attention weights in the terminal. */
import pc from "picocolors";

/** From nothing to all. */
const SHADES = " ·░▒▓█";
/** Rows and columns at most: of longer sequences, means of neighbours. */
const MOST = 25;

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
      return (SHADES[Math.min(SHADES.length - 1, Math.floor(mass * SHADES.length))] as string).repeat(2);
    });
    return `  ${pc.dim(String(r * down + 1).padStart(4))} ${pc.cyan(cells.join(""))}`;
  });
  const title = pc.dim(`       the source's steps 1 … ${S}${down > 1 || across > 1 ? `, ${down} × ${across} to a cell` : ""}`);
  return [title, ...lines];
}
