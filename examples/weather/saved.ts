/** The model in a file, its scaler with it, and what it says of the day after the last. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { loadScaler, predict, type Runtime } from "wasm-rnn";
import { readBytes, UserError } from "../shared/program.js";
import { type Day, dayAfter, LENGTH, numbersOf } from "./data.js";
import { build } from "./model.js";

export function keep(file: string, bytes: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  console.log(`\n  kept as ${file}; --use ${file} tells the day after the last`);
}

/** @throws {UserError} when there are too few days */
export async function tomorrow(rt: Runtime, days: readonly Day[], file: string): Promise<void> {
  if (days.length < LENGTH) throw new UserError(`expected ${LENGTH} days or more, got ${days.length}`);
  const bytes = readBytes(file, "model");
  const scaler = loadScaler(bytes, "scaler");
  const model = build(rt).load(bytes);
  const seen = scaler.transform(numbersOf(days.slice(-LENGTH)));
  const [forecast] = await predict(model, [seen], { targetScaler: scaler.columns([0]) });
  console.log(`  ${dayAfter(days.at(-1) as Day)}: at most ${forecast?.data[0]?.toFixed(1)} °C`);
}
