/** The year that was tested: what was measured, and what had been said of it the day before. */
import { framed, HEIGHT, keepPicture, PALETTE, path, text, WIDTH } from "../shared/svg.js";
import { LENGTH, type Parts } from "./data.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [56, WIDTH - 24, 84, HEIGHT - 44];
const TICK = 10; // °C
const MONTHS = ["Jan", "Mar", "May", "Jul", "Sep", "Nov"];

/** @param values the forecast */
export function draw(file: string, { tested }: Parts, values: readonly number[]): void {
  const days = tested.slice(LENGTH);
  const truth = days.map(({ max }) => max);
  const least = TICK * Math.floor(Math.min(...truth, ...values) / TICK);
  const most = TICK * Math.ceil(Math.max(...truth, ...values) / TICK);
  const x = (i: number) => LEFT + ((RIGHT - LEFT) * i) / (days.length - 1);
  const y = (value: number) => BOTTOM - ((BOTTOM - TOP) * (value - least)) / (most - least);
  const line = (of: readonly number[]) => of.map((value, i) => [x(i), y(value)] as const);
  const ticks = Array.from({ length: (most - least) / TICK + 1 }, (_, i) => least + i * TICK);
  const months = days.flatMap(({ date }, i) =>
    date.getUTCDate() === 1 && date.getUTCMonth() % 2 === 0 ? [{ i, month: date.getUTCMonth() / 2 }] : [],
  );
  const year = days[0]?.date.getUTCFullYear();
  const picture = framed(
    `Tomorrow's highest temperature, ${year}`,
    "said the day before by a GRU that had seen fourteen days; a year it never learned",
    [
      ...ticks.flatMap((value) => [
        path(
          [
            [LEFT, y(value)],
            [RIGHT, y(value)],
          ],
          PALETTE.line,
          { width: 1 },
        ),
        text(LEFT - 8, y(value) + 4, `${value} °C`, { size: 12, fill: PALETTE.dim, anchor: "end" }),
      ]),
      ...months.map(({ i, month }) => text(x(i), BOTTOM + 18, MONTHS[month] as string, { size: 12, fill: PALETTE.dim })),
      path(line(truth), PALETTE.first, { width: 1.5 }),
      path(line(values), PALETTE.second, { width: 1.5 }),
      text(RIGHT, TOP - 6, "measured", { size: 12, fill: PALETTE.first, anchor: "end" }),
      text(RIGHT - 64, TOP - 6, "said", { size: 12, fill: PALETTE.second, anchor: "end" }),
    ],
  );
  keepPicture(file, picture);
}
