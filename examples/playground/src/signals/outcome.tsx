/** Who wins, by how much, the forecasts beside the truth, and files to keep. */
import { useMemo, useState } from "preact/hooks";
import { Chart, type Line } from "../shared/chart";
import { download } from "../shared/download";
import { csvOf, futureOf, placeOf, type Result } from "./result";
import { counted } from "./table";

const number = new Intl.NumberFormat("en", { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
const COLOURS = ["--second", "--pico-muted-color", "--fourth"] as const;
/** Rows that may be shown alone, the last ones. */
const SPANS = [30, 90, 365];

function linesOf({ truth, forecasts, series }: Result, from: number): Line[] {
  const known = truth.slice(from).map((value) => (Number.isNaN(value) ? null : value));
  return [
    { label: series.choice.target, values: known, colour: "--first" },
    ...forecasts.map(({ name, values }, i) => ({
      ...{ label: name, values: values.slice(from), colour: COLOURS[i] ?? COLOURS[0], dashed: i > 0 },
    })),
  ];
}

function Errors({ result: { forecasts, series } }: { readonly result: Result }) {
  return (
    <table class="figures">
      <thead>
        <tr>
          <th scope="col">Forecast</th>
          <th scope="col">
            <abbr title="mean absolute error">MAE</abbr>
          </th>
          <th scope="col">
            <abbr title="root mean squared error">RMSE</abbr>
          </th>
        </tr>
      </thead>
      <tbody>
        {forecasts.map(({ name, mae, rmse }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{number.format(mae)}</td>
            <td>{number.format(rmse)}</td>
          </tr>
        ))}
      </tbody>
      <caption>Errors in the units of {series.choice.target}, less is better</caption>
    </table>
  );
}

/** Of the files. */
function nameOf({ series }: Result): string {
  return `${series.choice.target.replace(/[^\w-]+/g, "-")}-forecast`;
}

function Files({ result }: { readonly result: Result }) {
  const name = nameOf(result);
  return (
    <div class="row">
      <button type="button" class="secondary" onClick={() => download(`${name}.safetensors`, result.learned.bytes)}>
        Download the model
      </button>
      <button
        type="button"
        class="secondary"
        onClick={() => download(`${name}.csv`, new TextEncoder().encode(csvOf(result)), "text/csv;charset=utf-8")}
      >
        Download the forecasts
      </button>
    </div>
  );
}

export function Outcome({ result }: { readonly result: Result }) {
  const { series, at, truth } = result;
  const [span, setSpan] = useState<number>();
  const from = span === undefined ? 0 : Math.max(0, truth.length - span);
  const lines = useMemo(() => linesOf(result, from), [result, from]);
  const x = useMemo(() => at.slice(from), [at, from]);
  const next = futureOf(result);
  return (
    <article>
      <h2>4. The last part, which it has never seen</h2>
      <p class="verdict" aria-live="polite">
        {result.verdict}
      </p>
      <Errors result={result} />
      <label class="span">
        Show
        <select value={span ?? "all"} onChange={({ currentTarget: { value } }) => setSpan(value === "all" ? undefined : Number(value))}>
          <option value="all">all {counted(truth.length, series.unit)}</option>
          {SPANS.filter((rows) => rows < truth.length).map((rows) => (
            <option key={rows} value={rows}>
              the last {counted(rows, series.unit)}
            </option>
          ))}
        </select>
      </label>
      <Chart
        title={`${series.choice.target} in the last part: truth and forecasts`}
        {...{ x, lines, xLabel: series.dated ? "date" : "row", time: series.dated, height: 320 }}
      />
      <small>Drag over the chart to look closer, double-click to see all of it. A click on a name hides its line.</small>
      <p>After the last row: {next.map(({ at: place, value }) => `${placeOf(series, place)}: ${number.format(value)}`).join(", ")}.</p>
      <Files result={result} />
      <details>
        <summary>Use the model in Node</summary>
        <Snippet result={result} />
      </details>
    </article>
  );
}

function Snippet({ result }: { readonly result: Result }) {
  const { series } = result;
  const { length, ahead } = series.choice;
  return (
    <>
      <p>
        It takes the last {counted(length, series.unit)} with these columns, in this order: {series.names.join(", ")}.
      </p>
      <pre>
        <code>{`import { readFileSync } from "node:fs";
import { createRuntime, loadModel, loadScaler, predict } from "wasm-rnn";

const bytes = readFileSync("${nameOf(result)}.safetensors");
const rt = await createRuntime();
const model = loadModel(rt, bytes);
const scaler = loadScaler(bytes, "scaler");
const rows = [/* ${length} lists of ${series.names.length}, the newest last */];
const seen = scaler.transform(rows.flat());
const [{ data }] = await predict(model, [seen], { targetScaler: scaler.columns([0]) });
console.log(data[0]); // ${series.choice.target}, ${counted(ahead, series.unit)} ahead`}</code>
      </pre>
    </>
  );
}
