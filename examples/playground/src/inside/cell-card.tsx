/** One cell: its heat maps over time, its answer, its equations with numbers. */
import { AllUnits } from "./all-units";
import { Equations } from "./equations";
import { decimal, percent } from "./figures";
import { Formula } from "./formula";
import { CELL_INFO, type MapInfo } from "./formulas";
import { HeatMap } from "./heat-map";
import type { Lab, Shown } from "./lab";
import { CLASSES } from "./lessons";
import { UNITS } from "./sizes";
import type { Trace } from "./trace";

/** Steps up to which each has its letter below the maps: more have no room. */
const LETTERED = 36;

export function CellCard({ lab, shown, trace }: { lab: Lab; shown: Shown; trace: Trace }) {
  const { about, colour, maps } = CELL_INFO[trace.cell];
  const [state, ...inside] = maps;
  return (
    <article class="cell" style={{ borderTopColor: `var(${colour})` }} aria-label={trace.cell}>
      <hgroup>
        <h2>{trace.cell}</h2>
        <p>{about}</p>
      </hgroup>
      <p class="answer">{answer(shown, trace)}</p>
      <UnitMap lab={lab} trace={trace} map={state as MapInfo} />
      <AnswerMap lab={lab} shown={shown} trace={trace} />
      {inside.map((map) => (
        <UnitMap key={map.name} lab={lab} trace={trace} map={map} />
      ))}
      <Equations lab={lab} trace={trace} />
      <AllUnits lab={lab} trace={trace} />
    </article>
  );
}

function AnswerMap({ lab, shown, trace }: { lab: Lab; shown: Shown; trace: Trace }) {
  const classes = CLASSES[shown.lesson];
  return (
    <figure class="map">
      <figcaption>
        <Formula text="answer ŷ^{⟨t⟩}" />
      </figcaption>
      <div class="rows" aria-hidden="true">
        {classes.map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <div class="picture short" data-rows={classes.length}>
        <HeatMap title={`${trace.cell}: its answer after each step`} values={trace.answers} rows={classes.length} scale="gate" reach={1} />
        <Mark lab={lab} steps={trace.steps} />
      </div>
      {shown.lesson === "letters" && trace.steps <= LETTERED ? <Letters labels={shown.labels} /> : <Ends steps={trace.steps} />}
    </figure>
  );
}

function UnitMap({ lab, trace, map }: { lab: Lab; trace: Trace; map: MapInfo }) {
  const values = trace.values[map.name] as Float32Array;
  const reach = map.unbounded ? values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1) : 1;
  return (
    <figure class="map">
      <figcaption>
        {map.title} <Formula text={map.symbol} />
        {reach > 1.05 && <small> ±{decimal(reach).slice(0, -2)}</small>}
      </figcaption>
      <div class="rows" aria-hidden="true">
        <span>1</span>
        <span>{UNITS}</span>
      </div>
      <div class="picture" data-rows={UNITS}>
        <HeatMap
          title={`${trace.cell}: ${map.title}, ${UNITS} units over ${trace.steps} steps`}
          {...{ values, rows: UNITS, scale: map.scale, reach }}
        />
        <Mark lab={lab} steps={trace.steps} units={UNITS} />
      </div>
    </figure>
  );
}

/** The step, and in it the unit. Apart, so that to move it draws no map again. */
function Mark({ lab, steps, units }: { lab: Lab; steps: number; units?: number }) {
  const left = `${(100 * lab.step.value) / steps}%`;
  return (
    <span class="mark" style={{ left, width: `${100 / steps}%` }}>
      {units !== undefined && <span class="unit" style={{ top: `${(100 * lab.unit.value) / units}%`, height: `${100 / units}%` }} />}
    </span>
  );
}

function Letters({ labels }: { labels: readonly string[] }) {
  return (
    <div class="letters" aria-hidden="true" style={{ "--steps": labels.length }}>
      {labels.map((label, t) => (
        <span key={t}>{label}</span>
      ))}
    </div>
  );
}

/** The steps where they have no letters. */
function Ends({ steps }: { steps: number }) {
  return (
    <div class="ends" aria-hidden="true">
      <span>1</span>
      <span>step</span>
      <span>{steps}</span>
    </div>
  );
}

/** What the network answers at the end, and whether that is how the sequence began. */
function answer({ lesson, first }: Shown, { answers }: Trace): string {
  const classes = CLASSES[lesson];
  const last = Array.from(answers.slice(-classes.length));
  const best = last.indexOf(Math.max(...last));
  const said = `At the end it says “${classes[best]}”, ${percent(last[best] ?? 0)} sure`;
  return first === undefined ? `${said}.` : `${said}: ${first === best ? "right" : "wrong"}.`;
}
