/** The table of the examples' results, as it is read in a terminal and in a document. */
import Table from "cli-table3";
import pc from "picocolors";
import type { Row } from "../examples/shared/summary.js";
import { wrap } from "../examples/shared/text.js";

const HEAD = ["example", "data", "split", "metric", "baselines", "ours", "goal", "time", "seeds"];
/** Columns that the borders and the paddings of four cells take. */
const FRAME = 13;

/** Each example is a table of its own; its rows are measures. */
export function forTerminal(rows: readonly Row[], columns: number): string {
  const titles = [...new Set(rows.map(({ title }) => title))];
  const share = (part: number) => Math.floor((columns - FRAME) * part);
  const widths = [0.19, 0.47, 0.17, 0.17].map((part) => share(part) + 2);
  return titles
    .map((title) => {
      const own = rows.filter((row) => row.title === title);
      const { data, split, time, seeds } = own[0] as Row;
      const table = new Table({ colWidths: widths, wordWrap: true, style: { head: [], border: pc.isColorSupported ? ["gray"] : [] } });
      table.push(["metric", "baselines (ours is better by)", "ours", "goal"].map((name) => pc.dim(name)));
      for (const { metric, baselines, ours, goal } of own)
        table.push([metric, baselines.join("\n"), pc.bold(pc.cyan(ours)), coloured(goal)]);
      const notes = `${data}; ${split}; ${time}, ${seeds.includes(",") ? "seeds" : "seed"} ${seeds}`;
      return [pc.bold(title), ...wrap(notes, columns).map(pc.dim), String(table)].join("\n");
    })
    .join("\n\n");
}

function coloured(goal: string): string {
  return goal.endsWith(": met") ? pc.green(goal) : pc.yellow(goal);
}

/** A row for each measure. */
export function forMarkdown(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const cells = ({ title, data, split, metric, baselines, ours, goal, time, seeds }: Row) => {
    return [title, data, split, metric, baselines.join("<br>"), `**${ours}**`, goal, time, seeds];
  };
  return [line(HEAD), line(HEAD.map(() => "---")), ...rows.map((row) => line(cells(row)))].join("\n");
}
