/** The training: its buttons, its figures, its curve. */
import { useState } from "preact/hooks";
import { Curve } from "./curve";
import { lasts, number } from "./format";
import { begin, discard, goOn, isKept, memory, pause, phase, problem, progress, run } from "./session";
import type { Choice } from "./settings";
import { BATCH, LENGTH } from "./sizes";
import { reading, source } from "./source";

/** In words that change seldom, for they are read aloud. */
function status(): string {
  const step = number.format(run.value?.step ?? 0);
  switch (phase.value) {
    case "starting":
      return "Getting ready …";
    case "training":
      return "The network learns …";
    case "pausing":
      return "Pausing …";
    case "paused":
      return `Paused at step ${step}. It can go on from here, also after a reload of the page.`;
    case "done":
      return `Done: ${step} steps.`;
    default:
      return "";
  }
}

export function Learning({ choice }: { readonly choice: Choice }) {
  const { value } = run;
  const busy = phase.value === "starting" || phase.value === "training" || phase.value === "pausing";
  const step = progress.value?.step ?? value?.step ?? 0;
  return (
    <article>
      <h2>3. Learning</h2>
      <div class="row">
        <Buttons choice={choice} />
        <p aria-live="polite">{status()}</p>
      </div>
      {problem.value !== undefined && <p role="alert">The training ended: {problem.value}</p>}
      {!isKept.value && <p class="note">This browser keeps nothing for this page: a reload loses the training.</p>}
      {value && (
        <>
          {busy && <progress value={step} max={value.goal} aria-label="Progress of the training" />}
          <Figures step={step} goal={value.goal} />
        </>
      )}
      {value && source.value && value.curve.length > 1 && (
        <Curve curve={value.curve} entropy={source.value.entropy} different={source.value.different} />
      )}
    </article>
  );
}

function Buttons({ choice }: { readonly choice: Choice }) {
  const { value: from } = source;
  switch (phase.value) {
    case "loading":
      return (
        <button type="button" disabled>
          Train
        </button>
      );
    case "none":
      return (
        <button type="button" disabled={!from || reading.value} onClick={() => from && begin(choice, choice.goal, from)}>
          Train
        </button>
      );
    case "paused":
    case "done":
      return (
        <>
          {phase.value === "paused" ? (
            <button type="button" onClick={() => goOn()}>
              Resume
            </button>
          ) : (
            <button type="button" onClick={() => goOn(choice.goal)}>
              Train further
            </button>
          )}
          <StartOver />
        </>
      );
    default:
      return (
        <button type="button" disabled={phase.value === "pausing"} aria-busy={phase.value !== "training"} onClick={pause}>
          Pause
        </button>
      );
  }
}

/** It asks, for what is thrown away may have taken an hour. */
function StartOver() {
  const [asks, setAsks] = useState(false);
  if (!asks)
    return (
      <button type="button" class="secondary outline" onClick={() => setAsks(true)}>
        Start over
      </button>
    );
  return (
    <fieldset class="row asks" aria-label="Throw away what it has learned?">
      <button type="button" class="secondary" onClick={discard}>
        Throw it away
      </button>
      <button type="button" class="secondary outline" onClick={() => setAsks(false)}>
        Keep it
      </button>
    </fieldset>
  );
}

function Figures({ step, goal }: { readonly step: number; readonly goal: number }) {
  const { value: now } = progress;
  const point = run.value?.curve.at(-1);
  return (
    <dl class="facts figures">
      <Fact name="Step">
        {number.format(step)} of {number.format(goal)}
      </Fact>
      <Fact name="Training">{point?.training == null ? "–" : `${point.training.toFixed(2)} bits`}</Fact>
      <Fact name="Held out">{point ? `${point.validation.toFixed(2)} bits` : "–"}</Fact>
      {now && <Fact name="Speed">{number.format(Math.round(now.speed / 100) * 100)} characters/s</Fact>}
      {now && <Fact name="Time left">{lasts(((goal - step) * BATCH * LENGTH) / now.speed)}</Fact>}
      {memory.value !== undefined && (
        <Fact name="Memory in use">
          <data value={memory.value}>{(memory.value / 1e6).toFixed(2)} MB</data>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
