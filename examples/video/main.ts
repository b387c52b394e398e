/** What does it do? Actions of creatures that were never seen, from eight small frames. README.md says more. */
import pc from "picocolors";
import { terminalReporter } from "wasm-rnn/terminal";
import { quickFileOf, useOf } from "../shared/model-command.js";
import { INTERRUPTED, run, untilCtrlC } from "../shared/program.js";
import { record, show } from "../shared/results.js";
import { placeOf, writeWhole } from "../shared/saving.js";
import { keepPicture } from "../shared/svg.js";
import { grouped, parametersOf, printable } from "../shared/text.js";
import type { Clip } from "./clips.js";
import { FOLDS, loadClips, QUICK_FOLDS } from "./data.js";
import { accuracyOf, runtimeOf, type Tested, testEach } from "./folds.js";
import { follow, learn } from "./learn.js";
import { type Options, parseOptions } from "./options.js";
import { picture } from "./picture.js";
import { writePng } from "./png.js";
import { confusionLines, countLines, familyLines, resultOf } from "./report.js";
import { readModel } from "./saved.js";
import { clipOf, use } from "./use.js";
import { sheetOfWrong, wrongLines, wrongOnes } from "./wrong.js";

const EPOCHS = 8;
/** What is drawn where a picture is asked for. */
const SHOWN = { creature: "zombie", action: "die", direction: 5 };
/** A clip to try the model on. */
const MINE = "examples/video/sample/mine.png";

async function learnAndTest(options: Options): Promise<number> {
  const { seed, quick, save } = options;
  const place = placeOf(options, quickFileOf("video"));
  if (place.notice) console.log(`  ${pc.yellow(place.notice)}`);
  const { clips, notes } = loadClips(options);
  for (const note of notes) console.log(`  ${note}`);
  console.log(`\n${countLines(clips).join("\n")}\n`);
  const begin = performance.now();
  const found = await untilCtrlC((signal) => learnAll(clips, options, signal));
  if (!found) return INTERRUPTED;
  const { tested, model, parameters, drawn } = found;
  const seconds = (performance.now() - begin) / 1000;
  place.write(model);
  const result = resultOf(tested, { seed, seconds });
  show(result, "network", { quick });
  console.log(`\n${familyLines(tested).join("\n")}\n\n${confusionLines(tested).join("\n")}`);
  const wrong = wrongOnes(tested);
  const sheet = save.replace(/\.safetensors$|$/, "-wrong.png");
  writeWhole(sheet, writePng(sheetOfWrong(wrong)));
  console.log(`\n  ${pc.bold("some of what it got wrong")}${pc.dim(": what it was, and what it was taken for")}`);
  console.log(wrongLines(wrong).join("\n"));
  console.log(pc.dim(`  drawn in ${printable(sheet)}`));
  if (options.picture !== undefined && drawn !== undefined) keepPicture(options.picture, drawn);
  console.log(`\n  ${grouped(parameters)} parameters, learned from all clips in ${seconds.toFixed(0)} s with the tests,`);
  console.log(`  kept as ${printable(save)}; try it:`);
  console.log(`  ${pc.cyan(useOf("video", MINE, options))}`);
  if (options.record) record(result);
  if (quick) await tell(options, [MINE]);
  return 0;
}

interface Found {
  readonly tested: Tested[];
  /** That has learned from all clips, in a file. */
  readonly model: Uint8Array;
  readonly parameters: number;
  readonly drawn: string | undefined;
}

async function learnAll(clips: readonly Clip[], { seed, quick }: Options, signal: AbortSignal): Promise<Found> {
  const training = { epochs: quick ? 1 : EPOCHS, seed, signal };
  let drawn: string | undefined;
  const tested = await testEach(clips, quick ? QUICK_FOLDS : FOLDS, training, {
    onFold: (fold, own) =>
      console.log(pc.dim(`  ${fold.join(" and ")}: ${accuracyOf(own, "network").toFixed(0)} % of ${own.length} clips`)),
    async onNetwork(fold, model) {
      const clip = clips.find(
        ({ creature, action, direction }) => creature === SHOWN.creature && action === SHOWN.action && direction === SHOWN.direction,
      );
      if (clip && fold.includes(clip.family)) drawn = picture(clip, await follow(model, clip));
    },
  });
  using rt = await runtimeOf(seed);
  const callbacks = terminalReporter({ title: "all clips, for what is kept", unit: "clips" });
  const model = await learn(rt, "in order", clips, { ...training, callbacks });
  return { tested, model: model.save(), parameters: parametersOf(model), drawn };
}

async function tell({ save, seed }: Options, files: readonly string[]): Promise<void> {
  const clip = clipOf(files);
  using rt = await runtimeOf(seed);
  await use(readModel(rt, save), clip);
}

await run(async () => {
  const options = parseOptions();
  if (options.use === undefined) return await learnAndTest(options);
  await tell(options, options.use);
  return 0;
});
