/** Where the decoder looked, token by token. */
import { framed, HEIGHT, PALETTE, rectangle, text, WIDTH } from "../shared/svg.js";
import type { Row } from "./report.js";

const [TOP, BOTTOM, LEFT] = [92, HEIGHT - 40, 190];
/** Less than this of a token's attention is not drawn. */
const LEAST = 0.03;

/** @param weights of each token that was said to the first sequence, over the source */
export function picture({ task, said, wanted }: Row, weights: readonly ArrayLike<number>[]): string {
  const steps = weights[0]?.length ?? 0;
  const cell = Math.min((BOTTOM - TOP) / weights.length, (WIDTH - LEFT - 24) / steps);
  const cells = weights.flatMap((row, t) =>
    Array.from(row, (weight, s) =>
      weight < LEAST
        ? ""
        : rectangle(LEFT + s * cell, TOP + t * cell, cell, cell, PALETTE.first, Math.round(20 * Math.min(1, weight)) / 20),
    ).filter((drawn) => drawn !== ""),
  );
  const right = wanted[0]?.filter((token, t) => said[0]?.[t] === token).length;
  const words = task === "copy" ? "said again as they are" : "said backwards";
  const down = TOP + (weights.length * cell) / 2;
  return framed(
    "Where attention looks",
    `${steps} random tokens, ${words}: ${right} of ${steps} right in a sequence that was not learned`,
    [
      rectangle(LEFT, TOP, steps * cell, weights.length * cell, "#ffffff"),
      ...cells,
      text(LEFT, TOP - 8, "what was read →", { size: 12, fill: PALETTE.dim }),
      text(LEFT - 12, down, "what is said ↓", { size: 12, fill: PALETTE.dim, anchor: "end" }),
      text(LEFT + steps * cell + 20, down - 8, "dark: how much", { size: 12, fill: PALETTE.dim }),
      text(LEFT + steps * cell + 20, down + 8, "of its attention", { size: 12, fill: PALETTE.dim }),
    ],
  );
}
