/** How much of the gradient reaches back to each step, before anything was learned. */
import { framed, HEIGHT, PALETTE, path, text, WIDTH } from "../shared/svg.js";
import type { Norms } from "./norms.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [64, WIDTH - 88, 84, HEIGHT - 44];
/** Powers of ten below which it ends, and between two lines. */
const [LEAST, TICK] = [-25, 5];
const COLOURS = { RNN: PALETTE.dim, LSTM: PALETTE.first, GRU: PALETTE.second };

/** Of the shortest sequences. */
export function picture(norms: readonly Norms[]): string {
  const T = Math.min(...norms.map((entry) => entry.T));
  const x = (share: number) => LEFT + (RIGHT - LEFT) * share;
  const y = (power: number) => TOP + ((BOTTOM - TOP) * power) / LEAST;
  const ticks = Array.from({ length: -LEAST / TICK + 1 }, (_, i) => -i * TICK);
  const lines = norms
    .filter((entry) => entry.T === T)
    .flatMap(({ kind, values }) => {
      const powers = values.map((value) => Math.max(LEAST, Math.log10(value / (values.at(-1) as number))));
      return [
        path(
          powers.map((power, i) => [x(i / (powers.length - 1)), y(power)]),
          COLOURS[kind],
          { width: 2.5 },
        ),
        text(x(0) + 8, y(powers[0] as number) + (kind === "GRU" ? -8 : 20), kind, { size: 13, fill: COLOURS[kind], bold: true }),
      ];
    });
  return framed("Why LSTMs exist", `what is left of the gradient of the last step's error, ${T} steps back`, [
    ...ticks.flatMap((power) => [
      path(
        [
          [LEFT, y(power)],
          [RIGHT, y(power)],
        ],
        PALETTE.line,
        { width: 1 },
      ),
      text(LEFT - 8, y(power) + 4, power === 0 ? "all" : `10${superscript(power)}`, { size: 12, fill: PALETTE.dim, anchor: "end" }),
    ]),
    ...lines,
    text(LEFT, BOTTOM + 20, "the first step", { size: 12, fill: PALETTE.dim }),
    text(RIGHT, BOTTOM + 20, "the last step", { size: 12, fill: PALETTE.dim, anchor: "end" }),
  ]);
}

function superscript(power: number): string {
  return String(power).replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)] as string);
}
