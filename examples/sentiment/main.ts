/** Is a sentence glad or cross? An embedding and a bidirectional LSTM over 3000 labelled sentences of reviews. README.md says more. */
import { Command, Option } from "commander";
import pc from "picocolors";
import Sentiment from "sentiment";
import { AdamW, CrossEntropyLoss, createRuntime, evaluate, fit } from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";
import { count, run, seed } from "../shared/program.js";
import { loadSentences, type Sentence, Vocabulary } from "./data.js";
import { build } from "./model.js";

interface Options {
  readonly epochs: number;
  readonly hidden: number;
  readonly seed: number;
}

function parseOptions(): Options {
  return new Command()
    .name("npm run example sentiment --")
    .option("--epochs <n>", "passes over the sentences", count, 12)
    .option("--hidden <n>", "units of each direction", count, 32)
    .option("--seed <n>", "of everything random", seed, 1)
    .addOption(new Option("--quick", "2 passes").implies({ epochs: 2 }))
    .parse()
    .opts();
}

async function main(): Promise<number> {
  const options = parseOptions();
  const { learned, watched, tested } = loadSentences(options.seed);
  const vocabulary = new Vocabulary(learned);
  using rt = await createRuntime({ seed: options.seed });
  const model = build(rt, vocabulary.size, options.hidden);
  console.log(
    `  ${learned.length} sentences to learn from, ${watched.length} to watch, ${tested.length} to test; ${vocabulary.words} words\n`,
  );
  console.log(model.summary().replace(/^/gm, "  "), "\n");
  const loss = new CrossEntropyLoss(rt);
  await fit(model, {
    data: vocabulary.samples(learned),
    validation: vocabulary.samples(watched),
    metrics: ["accuracy"],
    loss,
    optimizer: new AdamW(model.parameters(), { lr: 4e-3, weightDecay: 0.05 }),
    epochs: options.epochs,
    batchSize: 32,
    bucketByLength: true,
    clipNorm: 1,
    seed: options.seed,
    earlyStopping: { patience: 4 },
    callbacks: terminalReporter({ unit: "sentences" }),
  });
  const { accuracy = 0, f1 = 0 } = await evaluate(model, { data: vocabulary.samples(tested), loss, metrics: ["accuracy", "f1"] });
  const lexicon = new Sentiment();
  const byLexicon = share(tested, ({ text, class: y }) => Number(lexicon.analyze(text).score > 0) === y);
  const glad = share(tested, (sentence) => sentence.class === 1);
  console.log(`\n  ${pc.bold("accuracy on sentences never seen")}`);
  console.log(`  bidirectional LSTM                         ${percent(accuracy)}  ${pc.dim(`F1 ${f1.toFixed(3)}`)}`);
  console.log(`  a lexicon of glad and cross words (AFINN)  ${percent(byLexicon)}`);
  console.log(`  always the more frequent class             ${percent(Math.max(glad, 1 - glad))}`);
  return 0;
}

function share(sentences: readonly Sentence[], holds: (sentence: Sentence) => boolean): number {
  return sentences.filter(holds).length / sentences.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

await run(main);
