/** Where the table comes from, and what was found in it. */
import { Drop } from "../shared/drop";
import { dateText } from "./dates";
import { counted, type Table, unitOf } from "./table";
import type { Opened } from "./use-table";

interface SourceProps {
  readonly opened: Opened | undefined;
  readonly problem: string | undefined;
  readonly reading: boolean;
  readonly busy: boolean;
  onFile(file: File): void;
  onSample(): void;
}

function summary({ rows, columns, times }: Table): string {
  const numbers = columns.filter(({ kind }) => kind === "number").length;
  const span = times ? `, from ${dateText(times[0] as number)} to ${dateText(times.at(-1) as number)}` : "";
  const unit = unitOf({ times });
  const each = unit === "row" ? "" : `, one a ${unit}`;
  return `${counted(rows, "row")}${each}${span}; ${counted(numbers, "column")} of numbers among ${columns.length}.`;
}

export function Source({ opened, problem, reading, busy, onFile, onSample }: SourceProps) {
  return (
    <article>
      <h2>1. A table</h2>
      <p>
        A CSV file: a row for each hour, day or month, the oldest first, and a header above. Its first column of dates, if it has one, gives
        the order.
      </p>
      <div class="row">
        <Drop what="a CSV file" accept=".csv,.tsv,.txt,text/csv,text/plain" onFile={onFile} />
        <button type="button" class="secondary outline" disabled={busy} onClick={onSample}>
          Use the weather of Seattle
        </button>
      </div>
      <div aria-live="polite" class="found">
        {reading && <p aria-busy="true">Reading …</p>}
        {opened && !reading && (
          <p>
            <strong>{opened.table.name}</strong>: {summary(opened.table)}
          </p>
        )}
      </div>
      {problem !== undefined && <p role="alert">{`This file cannot be used. ${problem}`}</p>}
      {opened && !reading && (
        <ul class="notes">
          {opened.table.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
          {!opened.comesBack && <li>It is too large to be kept: after a reload it has to be chosen again.</li>}
        </ul>
      )}
    </article>
  );
}
