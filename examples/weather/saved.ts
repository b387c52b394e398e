/** The model in a file, its scaler with it, and what it says of the day after the last. */
import pc from "picocolors";
import { loadScaler, predict, type Runtime } from "wasm-rnn";
import { commandOf, readBytes, UserError } from "../shared/program.js";
import { placeOf } from "../shared/saving.js";
import { printable } from "../shared/text.js";
import { type Day, dayAfter, LENGTH, numbersOf } from "./data.js";
import { build } from "./model.js";

/** @param data the file of one's own days, if any */
export function keep(file: string, bytes: Uint8Array, data?: string): void {
  const place = placeOf({ save: file, quick: false });
  if (place.notice) console.log(`\n  ${pc.yellow(place.notice)}`);
  place.write(bytes);
  console.log(`\n  kept as ${printable(file)}; it tells the day after the last:`);
  console.log(`  ${pc.cyan(commandOf("weather", { use: file, data }))}`);
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
