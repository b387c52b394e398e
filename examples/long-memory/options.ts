/** The command line. */
import { Command, InvalidArgumentError, Option } from "commander";
import { count, list, number, OUTPUT, oneOf, seed, UserError } from "../shared/program.js";
import type { Task } from "./data.js";
import { type Gates, KINDS, type Kind } from "./model.js";
import { PIECES } from "./norms.js";

/** Steps of the sequences whose figures are recorded. */
const RECORDED = 100;
/** Steps that are still learned in hours. */
const LONGEST = 2000;

export interface Options {
  readonly steps: number;
  readonly hidden: number;
  readonly lengths: readonly number[];
  readonly tasks: readonly Task["name"][];
  readonly kinds: readonly Kind[];
  readonly lr: number;
  readonly schedule: "cosine" | "constant";
  readonly clip: number;
  readonly gates: Gates;
  readonly seed: number;
  readonly picture?: string;
  readonly record: boolean;
}

function gates(text: string): Gates {
  if (text === "chrono") return text;
  const bias = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(bias)) throw new InvalidArgumentError("Expected chrono or a number.");
  return bias;
}

/** @throws {UserError} when lengths are odd */
export function parseOptions(): Options {
  const command = new Command()
    .name("npm run example long-memory --")
    .configureOutput(OUTPUT)
    .option("--steps <n>", "optimizer steps for each network", count, 4000)
    .option("--hidden <n>", "units", count, 32)
    .option(
      "--lengths <list>",
      `steps of a sequence, multiples of ${PIECES}`,
      list(number({ min: PIECES, max: LONGEST, whole: true })),
      [100, 200],
    )
    .option("--tasks <list>", "adding, copy", list(oneOf("adding", "copy")), ["adding", "copy"])
    .option("--kinds <list>", KINDS.join(", "), list(oneOf(...KINDS)), [...KINDS])
    .option("--lr <rate>", "Adam's rate at first", number({ above: 0 }), 0.02)
    .option("--schedule <name>", "of the rate: cosine, down to 0, or constant", oneOf("cosine", "constant"), "cosine")
    .option("--clip <norm>", "the gradient's greatest norm", number({ above: 0 }), 1)
    .option("--gates <how>", "how they begin: chrono, or the bias of the LSTM's forget gate", gates, "chrono")
    .option("--seed <n>", "of everything random", seed, 1)
    .option("--picture <file>", "draw what reaches the first step, as SVG")
    .addOption(new Option("--quick", "a run of a few seconds").implies({ steps: 100, lengths: [40] }))
    .addOption(
      new Option("--record", "keep the figures of sequences of 100 beside the example")
        .default(false)
        .implies({ lengths: [RECORDED] })
        .conflicts(["quick", "steps", "hidden", "tasks", "kinds", "lr", "schedule", "clip", "gates"]),
    )
    .parse();
  const options = command.opts<Options>();
  if (options.record && command.getOptionValueSource("lengths") === "cli")
    throw new UserError(`--record: of sequences of ${RECORDED} alone; leave --lengths out`);
  const odd = options.lengths.find((T) => T % PIECES !== 0);
  if (odd !== undefined) throw new UserError(`--lengths: expected multiples of ${PIECES}, got ${odd}`);
  return options;
}
