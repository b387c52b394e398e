/** Is a sentence glad or cross? An embedding and a bidirectional LSTM over 3000 labelled sentences of reviews. README.md says more. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Command } from "commander";
import pc from "picocolors";
import Sentiment from "sentiment";
import {
  AdamW,
  CrossEntropyLoss,
  createRuntime,
  Dense,
  Dropout,
  Embedding,
  evaluate,
  fit,
  Generator,
  LSTM,
  MaxPool,
  Sequential,
} from "wasm-rnn";
import { terminalReporter } from "wasm-rnn/terminal";

const options = new Command()
  .name("npm run example sentiment --")
  .option("--epochs <n>", "passes over the sentences", Number, 12)
  .option("--hidden <n>", "units of each direction", Number, 32)
  .option("--seed <n>", "of everything random", Number, 1)
  .parse()
  .opts();

/** Words that occur less often than this in what is learned are one word, the unknown. */
const LEAST_COUNT = 2;
const PADDING = 0;
const UNKNOWN = 1;

const { resolve } = createRequire(import.meta.url);
/** @type {{ text: string, class: 0 | 1 }[]} */
const sentences = ["amazon", "imdb", "yelp"].flatMap((name) =>
  JSON.parse(readFileSync(resolve(`sentiment/test/fixtures/${name}.json`), "utf8")),
);
const usable = sentences.filter(({ text }) => words(text).length > 0);
const random = new Generator(options.seed);
for (let i = usable.length - 1; i > 0; i--) {
  const j = random.integer(i + 1);
  [usable[i], usable[j]] = [usable[j], usable[i]];
}
const [tested, validated, learned] = [usable.slice(0, 600), usable.slice(600, 900), usable.slice(900)];
const vocabulary = vocabularyOf(learned);
const samples = (/** @type {typeof usable} */ part) => part.map(({ text, class: y }) => ({ x: tokens(text), y }));

const rt = await createRuntime({ seed: options.seed });
const model = new Sequential(rt, {
  embedding: new Embedding(rt, { numEmbeddings: vocabulary.size + 2, embeddingDim: 32, paddingIdx: PADDING }),
  drop: new Dropout(rt, { p: 0.5 }),
  lstm: new LSTM(rt, { inputSize: 32, hiddenSize: options.hidden, bidirectional: true }),
  pool: new MaxPool(rt),
  dropout: new Dropout(rt, { p: 0.5 }),
  head: new Dense(rt, { inputSize: 2 * options.hidden, outputSize: 2 }),
});
console.log(
  `  ${learned.length} sentences to learn from, ${validated.length} to watch, ${tested.length} to test; ${vocabulary.size} words\n`,
);
console.log(model.summary().replace(/^/gm, "  "), "\n");
const loss = new CrossEntropyLoss(rt);
const optimizer = new AdamW(model.parameters(), { lr: 4e-3, weightDecay: 0.05 });
await fit(model, {
  ...{ data: samples(learned), validation: samples(validated), loss, optimizer, metrics: ["accuracy"] },
  ...{ epochs: options.epochs, batchSize: 32, bucketByLength: true, clipNorm: 1, seed: options.seed, earlyStopping: { patience: 4 } },
  callbacks: terminalReporter({ unit: "sentences" }),
});
const result = await evaluate(model, { data: samples(tested), loss, metrics: ["accuracy", "f1"] });
const lexicon = new Sentiment();
const byLexicon = share(tested, ({ text, class: y }) => Number(lexicon.analyze(text).score > 0) === y);
const majority = Math.max(
  share(tested, (s) => s.class === 1),
  share(tested, (s) => s.class === 0),
);
console.log(`\n  ${pc.bold("accuracy on sentences never seen")}`);
console.log(
  `  bidirectional LSTM                         ${(100 * result.accuracy).toFixed(1)} %  ${pc.dim(`F1 ${result.f1.toFixed(3)}`)}`,
);
console.log(`  a lexicon of glad and cross words (AFINN)  ${(100 * byLexicon).toFixed(1)} %`);
console.log(`  always the more frequent class             ${(100 * majority).toFixed(1)} %`);
rt.dispose();

/** @param {string} text */
function words(text) {
  return text.toLowerCase().match(/[a-z']+|[!?]/g) ?? [];
}

/** @param {typeof usable} part */
function vocabularyOf(part) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { text } of part) for (const word of words(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return new Map([...counts].filter(([, count]) => count >= LEAST_COUNT).map(([word], i) => [word, i + 2]));
}

/** @param {string} text */
function tokens(text) {
  return Int32Array.from(words(text), (word) => vocabulary.get(word) ?? UNKNOWN);
}

/**
 * @template V
 * @param {V[]} values
 * @param {(value: V) => boolean} holds
 */
function share(values, holds) {
  return values.filter(holds).length / values.length;
}
