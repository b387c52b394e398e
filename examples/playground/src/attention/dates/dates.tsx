/** Dates, as people write them, written as machines do: the network learns it in the page, and its attention is seen to form. */
import { useEffect, useState } from "preact/hooks";
import { HeatMap } from "../heat-map";
import { lookedAt, percent } from "../percent";
import { QUESTIONS, type Written } from "./learner";
import { EXAMPLES, School } from "./school";

/** Letters of a date. */
const MOST = 40;

export function Dates() {
  const [school] = useState(() => new School());
  useEffect(() => () => school.dispose(), [school]);
  if (!school.ready.value) return <p aria-busy="true">Loading …</p>;
  const problem = school.problem.value;
  return (
    <>
      <p>
        A date can be written in many ways. An encoder reads one letter by letter, in both directions; a decoder writes it as 2021-03-14,
        and before each sign looks back at what was read. Nobody tells it where to look: that is learned, in this page, in some seconds.
      </p>
      {problem !== undefined && <article role="alert">{problem}</article>}
      <Lesson school={school} />
      <Writer school={school} />
      {school.written.value && <Seen written={school.written.value} />}
    </>
  );
}

function Lesson({ school }: { school: School }) {
  const [report, learning] = [school.learned.value?.report, school.learning.value];
  const isLeft = !learning && report !== undefined && report.done < report.rounds;
  return (
    <article>
      <h2>Learning</h2>
      <div class="row middle">
        {isLeft && (
          <button type="button" onClick={() => void school.learn(true)}>
            Resume
          </button>
        )}
        <button
          type="button"
          class={isLeft ? "secondary outline" : undefined}
          onClick={() => void school.learn()}
          disabled={learning}
          aria-busy={learning}
        >
          {learning ? "Learning" : report ? "Learn again" : "Learn"}
        </button>
        {learning && (
          <button type="button" class="secondary" onClick={() => school.stop()}>
            Stop
          </button>
        )}
        <p class="right-answers">
          {report ? (
            <>
              <strong>{percent(report.right)}</strong> of {QUESTIONS} dates that it has never seen are right to the last digit
            </>
          ) : (
            "It has learned nothing yet: below is what random weights write."
          )}
        </p>
      </div>
      {learning && <progress aria-label="Learning" value={report?.done ?? 0} max={report?.rounds ?? 1} />}
      <p class="for-ears" role="status">
        {learning ? "It learns." : report ? `${isLeft ? "It was stopped" : "It has learned"}: ${percent(report.right)} are right.` : ""}
      </p>
    </article>
  );
}

function Writer({ school }: { school: School }) {
  return (
    <article>
      <h2>Writing</h2>
      <label>
        A date, as you would write it
        <input type="text" maxLength={MOST} value={school.text.value} onInput={(event) => school.type(event.currentTarget.value)} />
      </label>
      <fieldset class="row examples">
        <legend>Or one of these</legend>
        {EXAMPLES.map((example) => (
          <button key={example} type="button" class="secondary outline" onClick={() => school.type(example)}>
            {example}
          </button>
        ))}
      </fieldset>
    </article>
  );
}

function Seen({ written: { iso, source, weights } }: { written: Written }) {
  const [active, setActive] = useState<number>();
  const said = [...iso];
  const row = active === undefined ? undefined : weights[active];
  return (
    <>
      <p class="iso">{iso || "(nothing)"}</p>
      <p class="looked">
        {row && active !== undefined && active < said.length ? (
          <>
            For <strong>{said[active]}</strong> it looked at {lookedAt(source, row)}.
          </>
        ) : (
          "A row for each sign that it wrote, a column for each that it read. The stronger the colour, the more it looked there."
        )}
      </p>
      <HeatMap attention={{ source, said, weights: weights.slice(0, said.length) }} active={active} onActive={setActive} of="letters" />
    </>
  );
}
