/** Where a sequence is typed, or taken from a file. */
import { useState } from "preact/hooks";
import { Drop } from "../shared/drop";
import { said } from "../shared/errors";
import { type Column, columnsOfFile, textOf } from "./files";
import type { Lab } from "./lab";
import type { LessonName } from "./lessons";
import { LIMIT } from "./sequence";

const KINDS: readonly { readonly lesson: LessonName; readonly name: string }[] = [
  { lesson: "letters", name: "Letters" },
  { lesson: "numbers", name: "Numbers" },
];

export function SequenceForm({ lab }: { lab: Lab }) {
  const [columns, setColumns] = useState<readonly Column[]>([]);
  const [problem, setProblem] = useState<string>();
  const lesson = lab.lesson.value;
  const take = async (file: File) => {
    setProblem(undefined);
    setColumns([]);
    try {
      if (lesson === "letters") return lab.type(await textOf(file));
      const found = await columnsOfFile(file);
      setColumns(found);
      lab.type(found[0]?.text ?? "");
    } catch (error) {
      setProblem(said(error));
    }
  };
  return (
    <article>
      <h2>A sequence</h2>
      <fieldset class="choice">
        <legend>Made of</legend>
        {KINDS.map(({ lesson: each, name }) => (
          <label key={each}>
            <input
              type="radio"
              name="lesson"
              checked={each === lesson}
              disabled={lab.training.value}
              onChange={() => lab.choose({ lesson: each })}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <Typed lab={lab} />
      {lesson === "numbers" && columns.length > 1 && (
        <label>
          Column
          <select onChange={(event) => lab.type(columns[event.currentTarget.selectedIndex]?.text ?? "")}>
            {columns.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {lesson === "letters" ? (
        <Drop what="a text file" accept=".txt,.md,text/*" onFile={take} />
      ) : (
        <Drop what="a CSV file" accept=".csv,.txt,text/csv" onFile={take} />
      )}
      {problem !== undefined && <p role="alert">{problem}</p>}
    </article>
  );
}

function Typed({ lab }: { lab: Lab }) {
  const { labels, left, problem } = lab.read.value;
  const lesson = lab.lesson.value;
  const hint =
    problem ??
    (left > 0
      ? `The first ${LIMIT} steps are read; ${left} more are left off.`
      : labels.length === 0
        ? "Type something: each letter or number is a step."
        : `${labels.length} steps.`);
  return (
    <label>
      {lesson === "letters"
        ? "Begin with A, B, C or D: that is what the networks learn to remember"
        : "Numbers, with commas or spaces between"}
      <textarea
        rows={2}
        spellcheck={false}
        value={lab.texts.value[lesson]}
        aria-invalid={problem === undefined ? undefined : "true"}
        aria-describedby="inside-hint"
        onInput={(event) => lab.type(event.currentTarget.value)}
      />
      <small id="inside-hint">{hint}</small>
    </label>
  );
}
