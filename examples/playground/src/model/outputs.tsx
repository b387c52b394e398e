/** What comes out: in figures, as a line, and how long it took. */
import { Chart } from "../shared/chart";
import { coursesOf } from "./lines";
import type { Outcome, Output } from "./opened";
import { counted, grouped, numberText, shapeText, short, sizeText, timeText } from "./words";

const COLOURS = ["--first", "--second", "--third", "--fourth"] as const;
/** Of a table. */
const [MOST_ROWS, MOST_COLUMNS] = [12, 8];

export function Outputs({ outcome: { outputs, outputCount, median, shortest, runs, bytesInUse } }: { outcome: Outcome }) {
  return (
    <section aria-label="What came out">
      <p role="status" class="model-time">
        <strong>{timeText(median)}</strong> a run (the shortest {timeText(shortest)}; {counted(runs, "run")}, one thread). The network holds{" "}
        {sizeText(bytesInUse)} of memory.
      </p>
      {outputs.map((output) => (
        <One key={output.name} output={output} />
      ))}
      {outputs.length < outputCount && (
        <p>
          The first {outputs.length} of {counted(outputCount, "output")}.
        </p>
      )}
    </section>
  );
}

function One({ output }: { output: Output }) {
  const { name, type, shape, numbers, least, most, mean, notFinite } = output;
  const courses = coursesOf(output);
  return (
    <section class="model-output" aria-label={`Output ${short(name, 40)}`}>
      <h3>
        {short(name, 40)} <small>{`${type} ${shapeText(shape)}`}</small>
      </h3>
      <p class="figures">
        {counted(numbers, "number")}
        {numbers > notFinite && `, from ${numberText(least)} to ${numberText(most)}, on average ${numberText(mean)}`}
        {notFinite > 0 && `; ${grouped(notFinite)} of them not finite`}.
      </p>
      {courses && (
        <Chart
          title={`${short(name, 40)} over ${courses[0]?.values.length} steps`}
          x={(courses[0]?.values ?? []).map((_, t) => t)}
          lines={courses.map(({ label, values }, i) => ({
            ...{ label, values: values.map((value) => (Number.isFinite(value) ? value : null)), colour: COLOURS[i] ?? "--first" },
          }))}
          xLabel="step"
          height={200}
        />
      )}
      {numbers > 0 && <Values output={output} />}
    </section>
  );
}

/** The first of them, the last axis from left to right. */
function Values({ output: { name, shape, data, numbers } }: { output: Output }) {
  const width = Math.max(1, shape.length > 1 ? (shape.at(-1) ?? 1) : 1);
  const columns = Math.min(width, MOST_COLUMNS);
  const rows = Math.min(Math.ceil(data.length / width), MOST_ROWS);
  const isCut = rows * width < numbers || columns < width;
  return (
    <details open>
      <summary>{isCut ? "The first values" : "Its values"}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section class="model-scroll" tabIndex={0} aria-label={`Values of ${short(name, 40)}, a table`}>
        <table class="figures model-values">
          <thead>
            <tr>
              <th scope="col">place</th>
              {Array.from({ length: columns }, (_, c) => (
                <th key={c} scope="col">
                  {c}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: rows }, (_, r) => (
              <tr key={r}>
                <th scope="row">{placeOf(r, width === 1 ? shape : shape.slice(0, -1), width === 1 && shape.length > 1)}</th>
                {Array.from({ length: columns }, (_, c) => (
                  <td key={c}>{r * width + c < data.length ? numberText(data[r * width + c] as number) : ""}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

/** "0, 3": of the r-th row. @param dropLast where the last axis is of one */
function placeOf(r: number, shape: readonly number[], dropLast: boolean): string {
  const axes = dropLast ? shape.slice(0, -1) : shape;
  const place: number[] = [];
  let rest = r;
  for (const size of [...axes].reverse()) {
    place.unshift(rest % Math.max(1, size));
    rest = Math.floor(rest / Math.max(1, size));
  }
  return place.join(", ") || "0";
}
