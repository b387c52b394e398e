/** Splice junctions: is the middle of these 60 bases where an exon ends, where one begins, or neither? README.md says more. */
import pc from "picocolors";
import type { Runtime } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { placeOf, writeWhole } from "../shared/saving.js";
import { grouped, parametersOf, printable } from "../shared/text.js";
import { JUNCTION, loadWindows, WINDOW, type Window } from "./data.js";
import { placesThatCount } from "./gradients.js";
import { inRuntime, learn, logitsOf, SETTINGS, type Settings } from "./learn.js";
import { commandFor, type Options, parseOptions, QUICK_FILE } from "./options.js";
import { gradientLines, picture } from "./picture.js";
import { accuracyOf, confusionLines, resultOf } from "./report.js";
import { FOLDS, LEARNED, statLog, type Tested, testedOf, testFolds } from "./tested.js";
import { findJunctions, loadEnsemble, sequencesOf } from "./use.js";

/** Of a quick run: every so many windows. */
const THIN = 12;
const QUICK = { members: 2, epochs: 1, folds: 2, learned: Math.ceil(LEARNED / THIN) };

interface Sizes extends Settings {
  readonly folds: number;
  /** Of StatLog's split. */
  readonly learned: number;
}

async function learnAndTest(rt: Runtime, options: Options): Promise<number> {
  const { seed, quick, save, data } = options;
  const place = placeOf(options, QUICK_FILE);
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const windows = (await loadWindows(data)).filter((_, i) => !quick || i % THIN === 0);
  const settings: Sizes = quick ? { ...QUICK, seed } : { ...SETTINGS, folds: FOLDS, learned: LEARNED, seed };
  introduce(windows);
  const begin = performance.now();
  const found = await untilCtrlC((signal) => learnBoth(rt, windows, settings, signal));
  if (!found) return INTERRUPTED;
  const { folds, model, split, fresh } = found;
  const result = resultOf({ folds, split, fresh }, { seed, seconds: (performance.now() - begin) / 1000 });
  show(result, `${settings.members} bidirectional GRUs`, { quick });
  console.log(`\n${confusionLines(folds).join("\n")}`);
  const places = placesThatCount(model, split.windows);
  console.log(`\n${gradientLines(places).join("\n")}`);

  place.write(model.save());
  const [example] = split.windows as [Window];
  console.log(`\n  ${grouped(parametersOf(model))} parameters, of StatLog's part, kept as ${printable(save)}; try it:`);
  console.log(`  ${pc.cyan(commandFor(example.bases, options))}`);
  if (options.record) record(result);
  if (options.picture !== undefined) writeWhole(options.picture, Buffer.from(picture(places, accuracyOf(folds, "ours"))));
  if (quick) console.log(`\n${(await findJunctions(loadEnsemble(rt, save), [{ name: "", bases: example.bases }])).join("\n")}`);
  return 0;
}

/** StatLog's split, whose ensemble is kept, and the folds. */
async function learnBoth(rt: Runtime, windows: readonly Window[], settings: Sizes, signal: AbortSignal) {
  const sides = statLog(windows, settings.learned);
  const first = terminalReporter({ title: `network 1 of ${settings.members}, StatLog's split`, unit: "windows" });
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
  const [ei = 0, ie = 0, n = 0] = [0, 1, 2].map((label) => windows.filter((window) => window.label === label).length);
  console.log(`  ${grouped(windows.length)} windows of ${WINDOW} bases, the junction after base ${JUNCTION}:`);
  console.log(`  ${grouped(ei)} donors, ${grouped(ie)} acceptors, ${grouped(n)} neither; ${grouped(groups)} groups of related ones\n`);
}

await run(async () => {
  const options = parseOptions();
  return await inRuntime(options.seed, async (rt) => {
    if (options.use === undefined) return await learnAndTest(rt, options);
    const sequences = sequencesOf(options.use);
    console.log((await findJunctions(loadEnsemble(rt, options.save), sequences)).join("\n"));
    return 0;
  });
});
