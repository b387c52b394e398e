import pc from "picocolors";
import { bitsOf, grouped, passage, shellWord, width, wrap } from "./format.js";
import { NgramModel } from "./ngram.js";

const NGRAM_ORDERS = 4;

/**
 * @param {import("./session.js").Session} session
 * @param {string} [notice] what the person at the keyboard may want to prevent
 */
export function printHeader({ corpus, vocabulary, settings, model, rt, batches, step, steps }, notice) {
  const { hidden, layers, embed, batch, length, lr, seed } = settings;
  const row = (/** @type {string} */ name, /** @type {string} */ value, paint = (/** @type {string} */ s) => s) =>
    wrap(value, width() - 13).forEach((line, i) => void console.log(`  ${pc.dim((i === 0 ? name : "").padEnd(9))} ${paint(line)}`));
  console.log();
  row("text", `${corpus.title}: ${grouped(batches.tokens.length)} characters, ${vocabulary.size - 1} different ones`);
  row("held out", `${corpus.split}: ${grouped([...corpus.heldOut].length)} characters`);
  if (corpus.copied > 0) row("", `${(100 * corpus.copied).toFixed(0)} % of it stand word for word in the training text too`, pc.yellow);
  const stack = layers === 1 ? `LSTM of ${hidden} units` : `${layers} LSTM layers of ${hidden} units`;
  row("model", `embedding of ${embed}, ${stack}, ${grouped(model.parameterCount)} parameters (${rt.build} build)`);
  const epochs = (steps / batches.perEpoch).toFixed(1);
  const from = step > 0 ? `from step ${step} to ${steps}` : `${steps} steps`;
  row("training", `${from} (${epochs} epochs) of ${batch} × ${length} characters, rate ${lr}, seed ${seed}`);
  if (notice) row("saving", notice, pc.yellow);
  console.log();
}

/**
 * The end of a run: held-out bits per character, beside those of n-grams counted on the same training text.
 *
 * @param {import("./session.js").Session} session
 */
export function printResult({ model, vocabulary, trainingTokens, heldOutTokens, settings }) {
  const surcharge = vocabulary.unknownSurcharge(heldOutTokens);
  const ngrams = new NgramModel(trainingTokens, NGRAM_ORDERS, vocabulary.size);
  const orders = Array.from({ length: NGRAM_ORDERS }, (_, k) => k + 1);
  const rows = orders.map((order) => ({ name: `${order}-gram`, bits: ngrams.bits(heldOutTokens, order) + surcharge }));
  const name = `LSTM, ${settings.layers > 1 ? `${settings.layers} × ` : ""}${settings.hidden} units`;
  rows.push({ name, bits: bitsOf(model.evaluate(heldOutTokens)) + surcharge });

  const longest = Math.max(...rows.map((row) => row.name.length));
  const most = Math.max(...rows.map((row) => row.bits));
  const room = width() - longest - 16;
  console.log(`\n  ${pc.bold("held-out text, bits per character")} ${pc.dim(`(less is better)`)}`);
  rows.forEach(({ name, bits }, i) => {
    const isModel = i === rows.length - 1;
    const paint = isModel ? (/** @type {string} */ s) => pc.bold(pc.cyan(s)) : (/** @type {string} */ s) => s;
    const bar = "▇".repeat(Math.max(1, Math.round((room * bits) / most)));
    console.log(`  ${paint(`${name.padEnd(longest)}  ${bits.toFixed(3).padStart(6)}`)}  ${isModel ? pc.cyan(bar) : pc.dim(bar)}`);
  });
  if (surcharge > 0) console.log(pc.dim(`  (${surcharge.toFixed(3)} of each for naming characters that training did not show twice)`));
}

/**
 * @param {string} prompt
 * @param {string} text
 * @param {string} [title]
 */
export function printPassage(prompt, text, title) {
  if (title) console.log(`\n  ${pc.bold(title)}`);
  const bar = pc.dim("│");
  for (const line of passage((prompt + text).replace(/^\s+/, ""), width() - 4)) console.log(`  ${bar} ${line}`.trimEnd());
}

/**
 * @param {string} file the saved model
 * @param {number} steps done
 */
export function printNext(file, steps) {
  const say = (/** @type {string} */ what, /** @type {string} */ how) => console.log(`  ${pc.dim(what.padEnd(8))} ${pc.cyan(how)}`);
  const name = shellWord(file);
  console.log();
  say("continue", `npm start -- --resume ${name} --steps ${2 * steps}`);
  say("write", `npm start -- --model ${name} --sample 400`);
  say("your own", "npm start -- --text my.txt --hidden 256 --layers 1 --epochs 3 --seed 7");
  say("help", "npm start -- --help");
}
