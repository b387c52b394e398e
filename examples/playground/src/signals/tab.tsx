/** Signals: a table of one's own, a network that learns to forecast a column of it, and whether that was worth it. */
import { useEffect, useMemo } from "preact/hooks";
import { said } from "../shared/errors";
import "./style.css";
import { Columns } from "./columns";
import { Learning } from "./learning";
import { Outcome } from "./outcome";
import { Parts } from "./parts";
import { type Series, seriesOf } from "./series";
import { change, leave, training as session } from "./session";
import { Settings } from "./settings";
import { Source } from "./source";
import { type Opened, useTable } from "./use-table";

/** The series that is chosen, or what is wrong with it. */
function seriesOrProblem(opened: Opened | undefined): { series?: Series; problem?: string } {
  if (!opened) return {};
  try {
    return { series: seriesOf(opened.table, opened.choice) };
  } catch (error) {
    return { problem: said(error) };
  }
}

export default function Tab() {
  const { opened, problem, reading, openFile, openSample, choose } = useTable();
  const { value: training } = session;
  const { series, problem: unfit } = useMemo(() => seriesOrProblem(opened), [opened]);
  useEffect(() => void change(opened?.table), [opened?.table]);
  useEffect(() => leave, []);
  const busy = training.state === "running" || training.state === "stopping";
  return (
    <div class="signals">
      <Source {...{ opened, problem, reading, busy }} onFile={openFile} onSample={openSample} />
      {opened && (
        <article>
          <h2>2. What to forecast</h2>
          <fieldset disabled={busy} aria-label="What to forecast">
            <Columns table={opened.table} choice={opened.choice} onChoice={choose} />
            <Settings table={opened.table} choice={opened.choice} onChoice={choose} />
          </fieldset>
          {unfit !== undefined && <p role="alert">{unfit}</p>}
          {series && <Parts series={series} />}
        </article>
      )}
      {opened && <Learning training={training} series={series} />}
      {training.result && <Outcome result={training.result} />}
    </div>
  );
}
