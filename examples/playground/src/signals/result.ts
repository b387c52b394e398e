/** What came of a training: forecasts beside the truth, their errors, and files to keep. */
import { baselinesOf, type Forecast } from "./baselines";
import { dateText } from "./dates";
import { type Scored, scored, verdict } from "./errors";
import type { Series } from "./series";
import type { Learned } from "./train";

export interface Result {
  readonly series: Series;
  readonly learned: Learned;
  /** Of the rows that are tested. */
  readonly at: readonly number[];
  readonly truth: readonly number[];
  /** The network first. */
  readonly forecasts: readonly Scored[];
  readonly verdict: string;
}

export function resultOf(series: Series, learned: Learned): Result {
  const { tested, choice } = series;
  const truth = [...series.truth.subarray(tested)];
  const score = (forecast: Forecast) => scored(forecast, truth);
  const network = score({ name: `${choice.kind} of ${choice.units} units`, values: learned.tested });
  const naive = baselinesOf(series).map(score);
  return {
    ...{ series, learned, truth, at: series.at.slice(tested), forecasts: [network, ...naive] },
    verdict: verdict(network, naive, truth, choice.length),
  };
}

/** A place on the axis in words. */
export function placeOf({ dated }: Series, at: number): string {
  return dated ? dateText(at) : `row ${at}`;
}

/** The places after the last row that are forecast. */
export function futureOf({ series, learned }: Result): { at: number; value: number }[] {
  const last = series.at.at(-1) as number;
  return learned.future.map((value, i) => ({ at: last + (i + 1) * series.step, value }));
}

/** A line for each row of the last part, and for those after it, which have no truth. */
export function csvOf(result: Result): string {
  const { series, at, truth, forecasts } = result;
  const place = (value: number) => (series.dated ? dateText(value) : String(value));
  const header = [series.dated ? "date" : "row", "truth", ...forecasts.map(({ name }) => name)];
  const rows = at.map((value, i) => [
    place(value),
    Number.isNaN(truth[i]) ? "" : String(truth[i]),
    ...forecasts.map(({ values }) => String(values[i])),
  ]);
  const future = futureOf(result).map(({ at: value, value: forecast }) => [
    ...[place(value), "", String(forecast)],
    ...forecasts.slice(1).map(() => ""),
  ]);
  return `${[header, ...rows, ...future].map((fields) => fields.join(",")).join("\n")}\n`;
}
