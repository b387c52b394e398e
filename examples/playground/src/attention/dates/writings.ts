/** What is learned: dates as people write them, and as ISO 8601 does. Letter by letter, from writings that are made up as they are needed. */
import type { Generator } from "wasm-rnn";

export const MONTHS = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
] as const;
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
/** Years that are drawn: the first, and how many. */
const YEARS = [1900, 200] as const;

export interface Writing {
  /** As somebody writes it. */
  readonly text: string;
  /** As a machine does: 2021-03-14. */
  readonly iso: string;
}

/** Of a day: name, name in short and number of the month, the day's name, its number and with what one says after it, the year. */
interface Parts {
  readonly month: string;
  readonly short: string;
  readonly number: number;
  readonly weekday: string;
  readonly day: number;
  readonly th: string;
  readonly year: number;
}

const WAYS: readonly ((of: Parts) => string)[] = [
  ({ month, day, year }) => `${month} ${day}, ${year}`,
  ({ month, day, year }) => `${day} ${month} ${year}`,
  ({ month, th, year }) => `${th} of ${month} ${year}`,
  ({ month, th, year }) => `the ${th} of ${month}, ${year}`,
  ({ month, th, year }) => `${month} ${th}, ${year}`,
  ({ short, day, year }) => `${day} ${short} ${year}`,
  ({ short, day, year }) => `${short} ${day}, ${year}`,
  ({ short, th, year }) => `${short}. ${th} ${year}`,
  ({ weekday, day, month, year }) => `${weekday}, ${day} ${month} ${year}`,
  ({ weekday, short, day, year }) => `${weekday.slice(0, 3)} ${short} ${day} ${year}`,
  ({ day, number, year }) => `${day}.${number}.${year}`,
  ({ year, month, day }) => `${year} ${month} ${day}`,
];

/** @param n its number of the month */
function withEnding(n: number): string {
  const ending = n % 100 > 10 && n % 100 < 14 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${ending}`;
}

export function draw(random: Generator): Writing {
  const year = YEARS[0] + random.integer(YEARS[1]);
  const index = random.integer(12);
  const day = 1 + random.integer(new Date(Date.UTC(year, index + 1, 0)).getUTCDate());
  const date = new Date(Date.UTC(year, index, day));
  const month = MONTHS[index] as string;
  const way = WAYS[random.integer(WAYS.length)] as (typeof WAYS)[number];
  const text = way({
    ...{ month, short: month.slice(0, 3), number: index + 1, weekday: DAYS[date.getUTCDay()] as string },
    ...{ day, th: withEnding(day), year },
  });
  return { text: random.uniform() < 0.2 ? text.toLowerCase() : text, iso: date.toISOString().slice(0, 10) };
}
