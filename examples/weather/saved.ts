/** The model in a file, its scaler with it, and what it says of the day after the last. */
import pc from "picocolors";
import { loadScaler, predict, type Runtime } from "wasm-rnn";
import { commandOf, UserError } from "../shared/program.js";
import { readSaved } from "../shared/saved.js";
import { placeOf } from "../shared/saving.js";
import { printable } from "../shared/text.js";
import { type Day, dayAfter, LENGTH, MOST, numbersOf } from "./data.js";
import { build } from "./model.js";
import { type Options, QUICK_FILE } from "./options.js";

export function keep(bytes: Uint8Array, { save, quick, data }: Options): void {
  const place = placeOf({ save, quick }, QUICK_FILE);
  if (place.notice) console.log(`\n  ${pc.yellow(place.notice)}`);
  place.write(bytes);
  console.log(`\n  kept as ${printable(save)}; it tells the day after the last:`);
  console.log(`  ${pc.cyan(commandOf("weather", { use: save, data }))}`);
}

/** @throws {UserError} when there are too few days, or the file is no model of this example */
export async function tomorrow(rt: Runtime, days: readonly Day[], file: string): Promise<void> {
  if (days.length < LENGTH) throw new UserError(`expected ${LENGTH} days or more, got ${days.length}`);
  const { model, scaler } = readSaved(file, "weather", (bytes) => {
    const scaler = loadScaler(bytes, "scaler");
    return scaler.columns([0]) && { model: build(rt).load(bytes), scaler };
  });
  const seen = scaler.transform(numbersOf(days.slice(-LENGTH)));
  const [forecast] = await predict(model, [seen], { targetScaler: scaler.columns([0]) });
  const most = forecast?.data[0] ?? Number.NaN;
  if (!(Math.abs(most) <= MOST)) throw new UserError(`${file}: its forecast is no temperature`);
  console.log(`  ${dayAfter(days.at(-1) as Day)}: at most ${most.toFixed(1)} °C`);
}
