/** The button, and how the training goes. */
import { useMemo } from "preact/hooks";
import { Chart, type Line } from "../shared/chart";
import type { Series } from "./series";
import { start, stop, type Training } from "./session";
import type { Losses } from "./train";

interface LearningProps {
  readonly training: Training;
  /** undefined where it cannot be learned. */
  readonly series: Series | undefined;
}

function linesOf(passes: readonly Losses[], naive: number): Line[] {
  return [
    { label: "learned", values: passes.map(({ learned }) => learned), colour: "--first" },
    { label: "watched", values: passes.map(({ watched }) => watched), colour: "--third" },
    { label: "naive, watched", values: passes.map(() => naive), colour: "--pico-muted-color", dashed: true },
  ];
}

/** In words that change seldom, for they are read aloud. */
function status({ state, result, passes }: Training): string {
  if (state === "running") return "The network learns …";
  if (state === "stopping") return "Stopping …";
  if (state === "paused")
    return `It was left after ${passes.length === 1 ? "1 pass" : `${passes.length} passes`}, and can go on from there.`;
  if (!result) return "";
  const { best, stopped } = result.learned;
  const why = { finished: "All passes are done", early: "It stopped learning anything new", callback: "Stopped" }[stopped];
  if (best === undefined) return `${why}, before the first pass was over.`;
  const loss = passes[best - 1]?.watched.toPrecision(3);
  return `${why}: of ${passes.length}, the weights of pass ${best} are taken, whose loss on the part that is watched is ${loss}.`;
}

export function Learning({ training, series }: LearningProps) {
  const { state, share, passes, naive, problem, lesson } = training;
  const busy = state === "running" || state === "stopping";
  const lines = useMemo(() => linesOf(passes, naive), [passes, naive]);
  const x = useMemo(() => passes.map((_, i) => i + 1), [passes]);
  return (
    <article>
      <h2>3. Learning</h2>
      <div class="row">
        {lesson && (
          <button type="button" onClick={() => start(lesson.series, lesson)}>
            Resume
          </button>
        )}
        <button
          type="button"
          class={lesson && "secondary outline"}
          disabled={!series || busy}
          aria-busy={busy}
          onClick={() => series && start(series)}
        >
          {lesson ? "Start over" : "Train"}
        </button>
        <button type="button" class="secondary" disabled={state !== "running"} onClick={stop}>
          Stop
        </button>
        <p aria-live="polite">{status(training)}</p>
      </div>
      {busy && <progress value={share} max={1} aria-label="Progress of the training" />}
      {problem !== undefined && <p role="alert">The training ended: {problem}</p>}
      {passes.length > 0 && (
        <>
          <Chart
            title="The loss of each pass, learned and watched"
            x={x}
            lines={lines}
            xLabel="pass"
            yLabel="mean squared error"
            height={220}
          />
          <small>
            Of numbers that are scaled to a deviation of 1. Where the watched line lies below the dashed one, the network forecasts better
            than the last value does.
          </small>
        </>
      )}
    </article>
  );
}
