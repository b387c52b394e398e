/** Which event comes next in a piece of music? An LSTM over the notes of MIDI files. README.md says more. */
import { existsSync, rmSync } from "node:fs";
import pc from "picocolors";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record } from "../shared/results.js";
import { type Checkpoint, checkpointOf, placeOf, sayInterrupted } from "../shared/saving.js";
import { grouped, parametersOf, printable } from "../shared/text.js";
import { allPieces, FOLDS, type Fold, foldOf, type Piece, partsOf, shortened } from "./data.js";
import { learn, runtimeOf } from "./learn.js";
import { lessonOf } from "./lessons.js";
import { commandFor, type Options, parseOptions, QUICK_FILE, runOf } from "./options.js";
import { type Judged, judge, report, typical } from "./report.js";
import { logsOf } from "./scores.js";
import { placesOf, readModel, readScore, refuseSame, use } from "./use.js";

/** Of what is written at the end of a run, a typical piece of the first fold: bars that are given, and bars that are added. */
const SHOWN = { given: 16, bars: 8, temperature: 1, topP: 0.95 };

/** All of it: data, the folds one after another, their tests, the first one's model in a file. @returns the exit code */
async function learnAndTest(options: Options): Promise<number> {
  const { seed, save, quick } = options;
  const checkpoints = checkpointsOf(options);
  const place = placeOf(options, QUICK_FILE);
  const written = placesOf(save.replace(/\.safetensors$|$/, ".mid"), quick && save === QUICK_FILE);
  for (const notice of [...(place.notice ? [place.notice] : []), ...written.notices]) console.log(`  ${pc.yellow(printable(notice))}`);
  const pieces = quick ? shortened(allPieces(options.data)) : allPieces(options.data);
  console.log(`  ${pieces.length} pieces, ${grouped(pieces.reduce((sum, { events }) => sum + events.length, 0))} events`);
  const folds = Array.from({ length: quick ? 1 : FOLDS }, (_, fold) => foldOf(partsOf(pieces), fold));
  const begin = performance.now();
  const judged: Judged[] = [];
  let first: { bytes: Uint8Array; piece: Piece } | undefined;
  for (const [number, fold] of folds.entries()) {
    console.log(`\n  ${pc.bold(`fold ${number + 1} of ${folds.length}`)}  ${pc.dim(sizesOf(fold))}`);
    using rt = await runtimeOf(seed, number);
    const checkpoint = checkpoints[number] as Checkpoint;
    const resume = options.resume && existsSync(checkpoint.file);
    const model = await untilCtrlC((signal) => learn(rt, fold, { ...options, resume }, { number, checkpoint, signal }));
    if (!model) {
      sayInterrupted(checkpoint, commandFor({ resume: true }, options));
      return INTERRUPTED;
    }
    const held = heldOf(fold, quick);
    judged.push(...judge(fold, held, logsOf(model, held.map(lessonOf))));
    first ??= { bytes: model.save(), piece: typical(judged) };
  }
  const { bytes, piece } = first as NonNullable<typeof first>;
  place.write(bytes);
  for (const { file } of checkpoints) rmSync(file, { force: true });
  const seconds = (performance.now() - begin) / 1000;
  const result = report(judged, { seed, seconds, quick });
  using rt = await runtimeOf(seed, 0);
  const model = readModel(rt, save);
  console.log(
    `\n  learned in ${seconds.toFixed(0)} s, ${grouped(parametersOf(model))} parameters; the first fold's are kept as ${printable(save)}`,
  );
  use(model, piece.score, { ...SHOWN, seed }, written);
  console.log(`  try it on a MIDI file of your own:\n  ${pc.cyan(commandFor({ continue: "song.mid" }, options))}`);
  if (options.record) record(result);
  return 0;
}

/** What is tested is for full runs alone. */
function heldOf({ tested, watched }: Fold, quick: boolean): readonly Piece[] {
  return quick ? watched : tested;
}

function sizesOf({ learned, watched, tested }: Fold): string {
  return `${learned.length} pieces to learn from, ${watched.length} to watch, ${tested.length} to test`;
}

/** One for each fold; those of an earlier run are in nobody's way. */
function checkpointsOf(options: Options): Checkpoint[] {
  const { save, resume } = options;
  return Array.from({ length: FOLDS }, (_, fold) => {
    const own = `${save}.fold-${fold + 1}`;
    const isThere = existsSync(`${own}.checkpoint`);
    if (!resume) rmSync(`${own}.checkpoint`, { force: true });
    return checkpointOf({ save: own, resume: resume && (fold === 0 || isThere) }, runOf(options));
  });
}

await run(async () => {
  const options = parseOptions();
  if (options.continue === undefined) return await learnAndTest(options);
  const score = readScore(options.continue); // refused before anything is made
  refuseSame(options.continue, options.out);
  using rt = await runtimeOf(options.seed, 0);
  const model = readModel(rt, options.save);
  const places = placesOf(options.out);
  for (const notice of places.notices) console.log(`  ${pc.yellow(printable(notice))}`);
  use(model, score, options, places);
  return 0;
});
