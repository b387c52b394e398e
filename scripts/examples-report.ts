/** `npm run examples:report`: one table of the results that full runs of the examples have recorded; also written into examples/README.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, UserError } from "../examples/shared/program.js";
import { recorded, rowsOf } from "../examples/shared/summary.js";
import { forMarkdown, forTerminal } from "./results-table.js";

const [BEGIN, END] = ["<!-- results -->", "<!-- /results -->"];

function writeInto(file: string, table: string): void {
  const text = readFileSync(file, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new UserError(`${file}: expected ${BEGIN} … ${END}`);
  writeFileSync(file, `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`);
}

await run(async () => {
  const examples = fileURLToPath(new URL("../examples", import.meta.url));
  const rows = rowsOf(recorded(examples));
  console.log(forTerminal(rows, Math.max(60, Math.min(140, process.stdout.columns ?? 120))));
  writeInto(join(examples, "README.md"), forMarkdown(rows));
  return 0;
});
