/** The command line. */
import { Command, Option } from "commander";
import { seed, UserError } from "../shared/program.js";

export interface Options {
  readonly use?: string;
  readonly save: string;
  readonly seed: number;
  readonly quick: boolean;
  readonly record: boolean;
  readonly resume: boolean;
}

/** @throws {UserError} when options contradict one another */
export function parseOptions(argv?: string[]): Options {
  const command = new Command()
    .name("npm run example pronounce --")
    .option("--use <words>", "what the saved model says of words of your own, between spaces; none is learned")
    .option("--save <file>", "where the model is kept, and with --use lies", "models/pronounce.safetensors")
    .option("--seed <n>", "of everything random", seed, 1)
    .addOption(
      new Option("--quick", "a run of a few seconds on a part of the words")
        .default(false)
        .implies({ save: "models/pronounce-quick.safetensors" }),
    )
    .addOption(new Option("--record", "keep the figures for the table of all examples").default(false))
    .addOption(new Option("--resume", "go on with a run that was killed, where its last epoch ended").default(false))
    .parse(argv);
  const options = command.opts<Options>();
  const [idle] = (["quick", "record", "resume"] as const).filter((name) => options[name]);
  if (options.use !== undefined && idle) throw new UserError(`--${idle}: a model is used, none is learned`);
  if (options.record && options.quick) throw new UserError("--record: only full runs are recorded, not --quick ones");
  if (options.record && options.resume) throw new UserError("--record: the time of a resumed run says nothing; run it as a whole");
  return options;
}
