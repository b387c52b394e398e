/** The command line. */
import { Command, Option } from "commander";
import { count, number, OUTPUT } from "../shared/program.js";

export interface ScoreOptions {
  readonly sequences: number;
  readonly poison: number;
  readonly span: number;
  readonly input?: string;
  readonly workers: number;
  readonly kills: number;
  readonly redisKills: number;
  readonly check?: true;
  readonly dashboard?: number;
  readonly folder: string;
  readonly quick?: true;
}

export interface SweepOptions {
  readonly workers: number;
  readonly dashboard?: number;
  readonly folder: string;
  readonly quick?: true;
}

export type Chosen =
  | { readonly command: "score" | "single"; readonly options: ScoreOptions }
  | { readonly command: "sweep"; readonly options: SweepOptions }
  | { readonly command: "work"; readonly options: { readonly workers: number; readonly kind: "score" | "sweep" } };

const none = number({ min: 0, whole: true });
const port = () =>
  new Option("--dashboard [port]", "bull-board, on loopback").argParser(number({ min: 0, max: 65_535, whole: true })).preset("0");
const folder = () => new Option("--folder <dir>", "the data, the model, Redis' files, what comes out").default("models/fleet");

function scoring(command: Command): Command {
  return command
    .option("--sequences <n>", "of the file that is made", count, 100_000)
    .option("--poison <n>", "malformed lines among them", none, 12)
    .option("--input <file>", "a file of your own, a JSON a line: { id, x: [[temperature, humidity], …] }")
    .option("--span <lines>", "of a job", count, 100)
    .addOption(folder());
}

export function parseOptions(): Chosen {
  let chosen: Chosen | undefined;
  const program = new Command().name("npm run example fleet --").configureOutput(OUTPUT);
  scoring(program.command("score", { isDefault: true }).description("a file by a fleet: Redis, workers, jobs, and one file out of it"))
    .option("--workers <n>", "processes; 0: those of other machines", none, 2)
    .option("--kills <n>", "kill -9 of workers and processors, as a test", none, 0)
    .option("--redis-kills <n>", "kill -9 of Redis, as a test", none, 0)
    .option("--check", "compare with what one process gives")
    .addOption(port())
    .addOption(new Option("--quick", "3,000 sequences, 3 kills, 1 of Redis, compared; in a folder quick, emptied first").implies(QUICK))
    .action((options) => {
      chosen = { command: "score", options };
    });
  scoring(program.command("single").description("the same by one process, without a queue")).action((options) => {
    chosen = { command: "single", options: { ...options, workers: 0, kills: 0, redisKills: 0 } };
  });
  program
    .command("sweep")
    .description("hyperparameters by successive halving, a trial a job")
    .option("--workers <n>", "processes; 0: those of other machines", none, 2)
    .option("--quick", "6 trials instead of 24")
    .addOption(port())
    .addOption(folder())
    .action((options) => {
      chosen = { command: "sweep", options };
    });
  program
    .command("work <kind>")
    .description("workers alone, for the Redis of REDIS_URL; kind: score or sweep")
    .option("--workers <n>", "processes", count, 2)
    .action((kind, { workers }) => {
      chosen = { command: "work", options: { workers, kind: kind === "sweep" ? "sweep" : "score" } };
    });
  program.parse();
  return chosen as Chosen;
}

const QUICK = { sequences: 3000, span: 10, kills: 3, redisKills: 1, check: true };
