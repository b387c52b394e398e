/** One fault and the hour around it, and what the network said of it that had not learned in its place. */
import { framed, HEIGHT, PALETTE, path, rectangle, text, WIDTH } from "../shared/svg.js";
import type { Tested } from "./folds.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [24, WIDTH - 24, 84, HEIGHT - 84];
const BEFORE = 90; // readings that are seen before the fault, and after it

/** Of the last place that was tested. */
export function picture(tested: readonly [Tested, ...Tested[]]): string {
  const { place, logits, threshold } = tested.at(-1) as Tested;
  const m = place.motes.findIndex((mote) => mote.some(({ label }) => label === 1));
  const mote = place.motes[m] ?? [];
  const from = Math.max(0, mote.findIndex(({ label }) => label === 1) - BEFORE);
  const seen = mote.slice(from, mote.findLastIndex(({ label }) => label === 1) + BEFORE);
  const x = (i: number) => LEFT + ((RIGHT - LEFT) * i) / seen.length;
  const y = (value: number) => BOTTOM - ((BOTTOM - TOP) * (value - 20)) / 80; // 20 to 100, °C and %
  const bar = (name: string, at: number, fill: string, isOn: (i: number) => boolean) => [
    ...runsOf(seen.length, isOn).map(([begin, end]) => rectangle(x(begin), at, x(end) - x(begin), 14, fill)),
    text(LEFT, at + 12, name, { size: 12, fill: PALETTE.dim }),
  ];
  const peak = (name: "humidity" | "temperature") => {
    const values = seen.map((reading) => reading[name]);
    const [most, unit, fill] = [
      Math.max(...values),
      name === "humidity" ? "%" : "°C",
      name === "humidity" ? PALETTE.first : PALETTE.second,
    ];
    return text(x(values.indexOf(most)) + 10, y(most) - 6, `${most.toFixed(0)} ${unit}`, { size: 12, fill });
  };
  const label = ({ label }: { label: number }) => label === 1;
  return framed(
    "A sensor meets steam",
    `${place.name}, ${Math.round(seen.length / 12)} minutes of a mote; the network learned in three other places`,
    [
      path(
        [
          [LEFT, BOTTOM],
          [RIGHT, BOTTOM],
        ],
        PALETTE.line,
        { width: 1 },
      ),
      path(
        seen.map(({ humidity }, i) => [x(i), y(humidity)]),
        PALETTE.first,
      ),
      path(
        seen.map(({ temperature }, i) => [x(i), y(temperature)]),
        PALETTE.second,
      ),
      peak("humidity"),
      peak("temperature"),
      text(RIGHT, y(seen.at(-1)?.humidity ?? 0) - 8, "humidity, %", { size: 12, fill: PALETTE.first, anchor: "end" }),
      text(RIGHT, y(seen.at(-1)?.temperature ?? 0) - 8, "temperature, °C", { size: 12, fill: PALETTE.second, anchor: "end" }),
      ...bar("labelled faulty", BOTTOM + 20, PALETTE.dim, (i) => label(seen[i] as { label: number })),
      ...bar("the network's alarm", BOTTOM + 44, PALETTE.second, (i) => (logits[m]?.[from + i] as number) > threshold),
    ],
  );
}

/** From the first to the one after the last, of each stretch. */
function runsOf(length: number, isOn: (i: number) => boolean): [number, number][] {
  const runs: [number, number][] = [];
  for (let i = 0; i < length; i++) {
    const last = runs.at(-1);
    if (isOn(i) && last?.[1] === i) last[1]++;
    else if (isOn(i)) runs.push([i, i + 1]);
  }
  return runs;
}
