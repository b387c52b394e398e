/** The command line. */
import { Command, Option } from "commander";
import { count, list, number, OUTPUT, oneOf, seed, UserError } from "../shared/program.js";
import { type Sizes, TASKS, type Task } from "./data.js";

export interface Options extends Sizes {
  readonly steps: number;
  readonly hidden: number;
  readonly tasks: readonly Task[];
  readonly lr: number;
  readonly seeds: readonly number[];
  readonly picture?: string;
  readonly record: boolean;
}

/** @throws {UserError} when several seeds are to be recorded, whose times would be mixed */
export function parseOptions(): Options {
  const options = new Command()
    .name("npm run example copy-reversal --")
    .configureOutput(OUTPUT)
    .option("--steps <n>", "optimizer steps for each network", count, 1400)
    .option("--length <n>", "tokens of a sequence", count, 50)
    .option("--symbols <n>", "different tokens", count, 10)
    .option("--hidden <n>", "units, an even number", number({ min: 2, whole: true }), 64)
    .option("--tasks <list>", TASKS.join(", "), list(oneOf(...TASKS)), [...TASKS])
    .option("--lr <rate>", "Adam's greatest rate", number({ above: 0 }), 0.005)
    .option("--seeds <list>", "of everything random; each is a run of its own", list(seed), [1])
    .option("--picture <file>", "draw where the decoder looked, as SVG")
    .addOption(new Option("--quick", "a run of a few seconds").implies({ steps: 50, length: 8, lr: 0.01 }))
    .addOption(
      new Option("--record", "keep the figures beside the example")
        .default(false)
        .conflicts(["quick", "steps", "length", "symbols", "hidden", "tasks", "lr"]),
    )
    .parse()
    .opts<Options>();
  if (options.record && options.seeds.length > 1) throw new UserError("--record: one seed a run, whose time is kept, too");
  return options;
}
