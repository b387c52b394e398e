/** Splice junctions: is the middle of these 60 bases where an exon ends, where one begins, or neither? README.md says more. */
import pc from "picocolors";
import type { Runtime } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { quickFileOf, useOf } from "../shared/model-command.js";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { placeOf } from "../shared/saving.js";
import { keepPicture } from "../shared/svg.js";
import { grouped, parametersOf, printable, width, wrap } from "../shared/text.js";
import { CLASSES, isStatLog, JUNCTION, loadWindows, NAMES, WINDOW, type Window } from "./data.js";
import { placesThatCount } from "./gradients.js";
import { inRuntime, learn, logitsOf, SETTINGS, type Settings } from "./learn.js";
import type { Ensemble } from "./model.js";
import { type Options, parseOptions } from "./options.js";
import { gradientLines, picture } from "./picture.js";
import { accuracyOf, confusionLines, resultOf } from "./report.js";
import { checkGroups, FOLDS, mixed, sidesOf, type Tested, testedOf, testFolds } from "./tested.js";
import { findJunctions, loadEnsemble, type Sequence, sequencesOf } from "./use.js";

const QUICK = { members: 2, epochs: 1, folds: 2 };
/** Of a quick run: so many windows at most. */
const FEW = 266;

interface Sizes extends Settings {
  readonly folds: number;
  /** Whether the rows' order is StatLog's, and so are the sides. */
  readonly statLog: boolean;
}

async function learnAndTest(rt: Runtime, options: Options): Promise<number> {
  const { seed, quick, save, data } = options;
  const place = placeOf(options, quickFileOf("dna"));
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const all = await loadWindows(data);
  const statLog = !quick && isStatLog(all);
  const windows = statLog ? all : mixed(all, seed).slice(0, quick ? FEW : all.length);
  const settings: Sizes = { ...(quick ? QUICK : { ...SETTINGS, folds: FOLDS }), statLog, seed };
  checkGroups(windows, settings.folds);
  introduce(windows);
  const begin = performance.now();
  const found = await untilCtrlC((signal) => learnBoth(rt, windows, settings, signal));
  if (!found) return INTERRUPTED;
  const { folds, model, split, fresh } = found;
  const result = resultOf({ folds, split, fresh }, { seed, seconds: (performance.now() - begin) / 1000, folded: settings.folds, statLog });
  show(result, `${settings.members} bidirectional GRUs`, { quick });
  console.log(`\n${confusionLines(folds).join("\n")}`);
  const places = placesThatCount(model, split.windows);
  console.log(`\n${gradientLines(places).join("\n")}`);

  place.write(model.save());
  const [example] = split.windows as [Window];
  const learned = `of ${statLog ? "StatLog's" : "the learned"} part`;
  const kept = `${grouped(parametersOf(model))} parameters, ${learned}, kept as ${printable(save)}; try it:`;
  console.log(`\n${indented(kept)}`);
  console.log(`  ${pc.cyan(useOf("dna", example.bases, options))}`);
  if (options.record) record(result);
  if (options.picture !== undefined) keepPicture(options.picture, picture(places, accuracyOf(folds, "ours")));
  if (quick) {
    console.log();
    await sayJunctions(loadEnsemble(rt, save), [{ name: "", bases: example.bases }]);
  }
  return 0;
}

/** The split, whose ensemble is kept, and the folds. */
async function learnBoth(rt: Runtime, windows: readonly Window[], settings: Sizes, signal: AbortSignal) {
  const sides = sidesOf(windows);
  const first = terminalReporter({
    title: `network 1 of ${settings.members}, ${settings.statLog ? "StatLog's" : "the"} split`,
    unit: "windows",
  });
  const report = (member: number) =>
    member === 1 ? first : { onEnd: () => console.log(pc.dim(`  network ${member} of ${settings.members}`)) };
  const model = await learn(rt, sides.learned, settings, { signal, report });
  const split = testedOf(sides, await logitsOf(model, sides.tested));
  const known = new Set(sides.learned.map(({ group }) => group));
  const fresh = only(split, ({ group }) => !known.has(group));
  console.log();
  const folds = await testFolds(windows, settings.folds, settings, {
    signal,
    onFold(fold, tested) {
      const [ours, bayes] = [accuracyOf(tested, "ours"), accuracyOf(tested, "bayes")].map((value) => value.toFixed(1).padStart(5));
      console.log(pc.dim(`  fold ${String(fold + 1).padStart(2)} of ${settings.folds}: ${ours} %, naive Bayes ${bayes} %`));
    },
  });
  return { model, split, fresh, folds };
}

function only({ windows, ours, bayes, most }: Tested, wanted: (window: Window) => boolean): Tested {
  const isWanted = (_: unknown, i: number) => wanted(windows[i] as Window);
  return { windows: windows.filter(isWanted), ours: ours.filter(isWanted), bayes: bayes.filter(isWanted), most: most.filter(isWanted) };
}

function introduce(windows: readonly Window[]): void {
  const groups = new Set(windows.map(({ group }) => group)).size;
  const counts = CLASSES.map((_, label) => `${grouped(windows.filter((window) => window.label === label).length)} ${NAMES[label]}`);
  console.log(`  ${grouped(windows.length)} windows of ${WINDOW} bases, the junction after base ${JUNCTION}:`);
  console.log(`${indented(`${counts.join(", ")}; ${grouped(groups)} groups of related ones`)}\n`);
}

function indented(line: string): string {
  return wrap(line, width() - 2)
    .map((piece) => `  ${piece}`)
    .join("\n");
}

async function sayJunctions(model: Ensemble, sequences: readonly Sequence[]): Promise<void> {
  for await (const lines of findJunctions(model, sequences)) console.log(lines.join("\n"));
}

await run(async () => {
  const options = parseOptions();
  return await inRuntime(options.seed, async (rt) => {
    if (options.use === undefined) return await learnAndTest(rt, options);
    const sequences = sequencesOf(options.use);
    await sayJunctions(loadEnsemble(rt, options.save), sequences);
    return 0;
  });
});
