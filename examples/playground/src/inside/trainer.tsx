/** Fresh networks or trained ones; to train them, and how well they do. */
import { percent } from "./figures";
import { CELL_INFO } from "./formulas";
import { isOver, type Lab } from "./lab";
import { CLASSES, LONGEST, QUESTIONS } from "./lessons";
import { CELLS, UNITS } from "./sizes";

const TASKS = {
  letters: `Read ${LONGEST} letters, of which the first is a capital from A to D and the others mean nothing, then say which capital it was.`,
  numbers: `Read ${LONGEST} numbers, of which all but the first mean nothing, then say whether the first was low or high.`,
} as const;

export function Trainer({ lab }: { lab: Lab }) {
  const [lesson, training] = [lab.lesson.value, lab.training.value];
  const learned = lab.learned.value[lesson];
  const report = learned?.report;
  const isLeft = !training && learned && !isOver(learned);
  return (
    <article>
      <h2>A long memory</h2>
      <p>
        {TASKS[lesson]} Each network has {UNITS} units. They learn in this page, each time from other random weights.
      </p>
      <div class="row middle">
        {isLeft && (
          <button type="button" onClick={() => void lab.train(true)}>
            Resume
          </button>
        )}
        <button
          type="button"
          class={isLeft ? "secondary outline" : undefined}
          onClick={() => void lab.train()}
          disabled={training}
          aria-busy={training}
        >
          {training ? "Training" : learned ? "Train all four again" : "Train all four"}
        </button>
        {training && (
          <button type="button" class="secondary" onClick={() => lab.stop()}>
            Stop
          </button>
        )}
        <Choice lab={lab} />
      </div>
      {training && <progress aria-label="Training" value={report?.done ?? 0} max={report?.rounds ?? 1} />}
      <Accuracies lab={lab} />
      <p class="visually-hidden" role="status">
        {training
          ? "The networks are being trained."
          : report
            ? `${isLeft ? "Stopped" : "Trained"}. Right: ${summary(report.accuracy)}.`
            : ""}
      </p>
    </article>
  );
}

function Choice({ lab }: { lab: Lab }) {
  const there = lab.learned.value[lab.lesson.value] !== undefined;
  return (
    <fieldset class="choice">
      <legend>Show the networks</legend>
      <label>
        <input type="radio" name="state" checked={lab.state.value === "fresh"} onChange={() => lab.choose({ state: "fresh" })} />
        fresh
      </label>
      <label>
        <input
          type="radio"
          name="state"
          checked={lab.state.value === "trained"}
          disabled={!there}
          onChange={() => lab.choose({ state: "trained" })}
        />
        trained
      </label>
    </fieldset>
  );
}

function Accuracies({ lab }: { lab: Lab }) {
  const lesson = lab.lesson.value;
  const accuracy = lab.learned.value[lesson]?.report.accuracy;
  return (
    <table class="accuracies figures">
      <caption>
        Right answers, of {QUESTIONS} new sequences; by chance {percent(1 / CLASSES[lesson].length)}
      </caption>
      <tbody>
        {CELLS.map((cell, i) => (
          <tr key={cell}>
            <th scope="row">{cell}</th>
            <td class="bar">
              <span style={{ width: `${100 * (accuracy?.[i] ?? 0)}%`, background: `var(${CELL_INFO[cell].colour})` }} />
            </td>
            <td>{accuracy ? percent(accuracy[i] ?? 0) : "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const summary = (accuracy: readonly number[]) => CELLS.map((cell, i) => `${cell} ${percent(accuracy[i] ?? 0)}`).join(", ");
