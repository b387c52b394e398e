/** The column over time, in its three parts. */
import { useMemo } from "preact/hooks";
import { Chart, type Line } from "../shared/chart";
import type { Series } from "./series";
import { counted } from "./table";

function linesOf({ truth, watched, tested }: Series): Line[] {
  const part = (from: number, to: number) =>
    Array.from(truth, (value, row) => (row >= from && row < to && !Number.isNaN(value) ? value : null));
  return [
    { label: "learned", values: part(0, watched), colour: "--pico-muted-color" },
    { label: "watched", values: part(watched, tested), colour: "--third" },
    { label: "measured", values: part(tested, truth.length), colour: "--first" },
  ];
}

export function Parts({ series }: { readonly series: Series }) {
  const { at, dated, truth, watched, tested, choice, unit, dropped, gaps } = series;
  const lines = useMemo(() => linesOf(series), [series]);
  return (
    <>
      <Chart
        title={`${choice.target} over time, in three parts`}
        x={at}
        lines={lines}
        xLabel={dated ? "date" : "row"}
        time={dated}
        height={180}
      />
      <p>
        The network learns from the first {counted(watched, unit)}, is watched on the next {counted(tested - watched, unit)} to know when to
        stop, and is measured on the last {counted(truth.length - tested, unit)}, once.
      </p>
      {(dropped > 0 || gaps > 0) && (
        <ul class="notes">
          {dropped > 0 && <li>{counted(dropped, "row")} left out at the beginning, where a chosen column has no value yet.</li>}
          {gaps > 0 && (
            <li>
              {counted(gaps, "row")} with a gap in a chosen column: the value before it is taken. Where the column to forecast has the gap,
              nothing is learned or measured.
            </li>
          )}
        </ul>
      )}
    </>
  );
}
