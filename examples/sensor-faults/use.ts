/** Alarms of one's own readings, said as they come in. */
import { createReadStream } from "node:fs";
import { CsvError, parse } from "csv-parse";
import pc from "picocolors";
import { UserError } from "../shared/program.js";
import { printable } from "../shared/text.js";
import { Follower } from "./features.js";
import type { Detector } from "./saved.js";

const COLUMNS = ["temperature", "humidity"] as const;
/** Beyond it no sensor can measure: a mistake in a file, which would spoil all that comes after it. */
const GREATEST = 1e6;

/** @param file a CSV file, or - for stdin @throws {UserError} when it is none, or has no readings */
export async function raiseAlarms({ model, threshold }: Detector, file: string): Promise<void> {
  const follower = new Follower();
  const stream = model.stream();
  let [readings, alarms, since] = [0, 0, 0];
  for await (const { temperature, humidity } of readingsOf(file)) {
    stream.input.set(follower.next(temperature, humidity));
    stream.step();
    const isAlarm = (stream.output[0] as number) > threshold;
    readings++;
    alarms += Number(isAlarm);
    const what = `reading ${String(readings).padStart(6)}  ${temperature.toFixed(1).padStart(6)} °C  ${humidity.toFixed(1).padStart(5)} %`;
    if (isAlarm && since === 0) console.log(`  ${pc.bold(pc.yellow("alarm"))}  ${what}`);
    if (!isAlarm && since > 0) console.log(`  ${pc.dim(`over   ${what}  after ${count(readings - since)}`)}`);
    since = isAlarm ? since || readings : 0;
  }
  stream.dispose();
  if (readings === 0) throw new UserError(`--use: there are no readings in ${nameOf(file)}`);
  console.log(`  ${count(readings)}, ${alarms} of them faulty`);
}

function count(readings: number): string {
  return readings === 1 ? "1 reading" : `${readings} readings`;
}

function nameOf(file: string): string {
  return file === "-" ? "stdin" : printable(file);
}

async function* readingsOf(file: string): AsyncGenerator<{ temperature: number; humidity: number }> {
  const input = file === "-" ? process.stdin : createReadStream(file);
  const rows = input.pipe(
    parse({ bom: true, columns: (head: string[]) => head.map((name) => name.toLowerCase()), skip_empty_lines: true, trim: true }),
  );
  input.on("error", (error: Error) => rows.destroy(error));
  let reading = 0;
  try {
    for await (const row of rows as AsyncIterable<Record<string, string>>) {
      const where = `${nameOf(file)}, reading ${++reading}`;
      const [temperature = 0, humidity = 0] = COLUMNS.map((name) => numberIn(row[name], name, where));
      yield { temperature, humidity };
    }
  } catch (error) {
    if (error instanceof CsvError) throw new UserError(`--use: ${nameOf(file)} is no CSV file: ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UserError(`--use: there is no file ${nameOf(file)}`);
    if (code === "EISDIR") throw new UserError(`--use: ${nameOf(file)} is a directory`);
    throw error;
  }
}

function numberIn(text: string | undefined, name: string, where: string): number {
  if (text === undefined) throw new UserError(`--use: ${where}: expected a column ${name}; the columns needed are ${COLUMNS.join(", ")}`);
  const value = text === "" ? Number.NaN : Number(text);
  if (Math.abs(value) <= GREATEST) return value;
  throw new UserError(`--use: ${where}: expected a number for ${name}, got ${JSON.stringify(text.slice(0, 40))}`);
}
