/** The tab: how fast it is here and now. */
import { useState } from "preact/hooks";
import { version } from "wasm-rnn/package.json";
import "./style.css";
import { Copy } from "./copy";
import { PACES, USUAL } from "./paces";
import { Rates } from "./rates";
import { lineOf } from "./result";
import { roofOf } from "./roof";
import { Roofline } from "./roofline";
import { Times } from "./times";
import { buildsOf, type Speed, useSpeed } from "./use-speed";
import { Why } from "./why";

export default function Tab() {
  const speed = useSpeed();
  const { result, running } = speed;
  const rows = (running ?? result)?.rows ?? [];
  const builds = buildsOf(rows);
  const roof = roofOf(rows, builds);
  return (
    <>
      <Controls speed={speed} />
      {rows.length > 0 && <Times rows={rows} builds={builds} />}
      {builds.length === 1 && (
        <p>This browser has no relaxed SIMD, so that the baseline build alone is measured. Chrome and Edge have it from version 114.</p>
      )}
      {result && !running && (
        <>
          <p class="about">
            Measured on {new Date(result.date).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })} in {result.browser}.
          </p>
          <Copy line={lineOf(result, version)} />
        </>
      )}
      <h2 class="speed-heading">What is measured</h2>
      <p>
        {rows.length > 0
          ? "The bars are shares of the ceiling: the greatest rate of arithmetic that a product of large matrices reached just here."
          : "Once it is measured, bars will show here how near each comes to what this machine can do at the most."}
      </p>
      {roof && <Roofline roof={roof} />}
      <Rates rows={rows} builds={builds} />
      <Why />
    </>
  );
}

function Controls({ speed: { running, status, problem, start, stop } }: { speed: Speed }) {
  const [pace, setPace] = useState(USUAL);
  return (
    <article>
      <p>All that is listed below is computed again and again, in each build of the code that this browser can run, and timed.</p>
      <div class="row speed-controls">
        <label>
          How long
          <select value={pace} disabled={running !== undefined} onChange={(event) => setPace(Number(event.currentTarget.value))}>
            {PACES.map(({ name }, i) => (
              <option key={name} value={i}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {running ? (
          <button type="button" class="secondary" onClick={stop}>
            Stop
          </button>
        ) : (
          <button type="button" onClick={() => start(pace)}>
            Run
          </button>
        )}
      </div>
      {running && (
        <label class="speed-progress">
          {running.now}
          <progress value={running.share} max={1} />
        </label>
      )}
      <p role="status">{status}</p>
      {problem !== undefined && <p role="alert">It could not be measured: {problem}</p>}
    </article>
  );
}
