/**
 * The pictures of examples whose saved models can be asked again: `node --import @oxc-node/core/register examples/shared/pictures.ts [NAME …]`
 * writes examples/NAME/picture.svg. The others draw theirs while they learn (`--picture`). Nothing in them is made up.
 */
import { readFileSync } from "node:fs";
import { createRuntime, Generator, type Runtime } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { write } from "../char-lstm/model.js";
import { readSaved, reopen } from "../char-lstm/session.js";
import { findNames, loadTaggers } from "../names/use.js";
import { readWords } from "../pronounce/data.js";
import { ipa } from "../pronounce/ipa.js";
import { opinions } from "../pronounce/opinion.js";
import { readModel } from "../pronounce/use.js";
import { loadReaders, opinionOf } from "../sentiment/use.js";
import { asterisk, strings } from "../speech/data.js";
import { STEP_SECONDS } from "../speech/features.js";
import { Listener } from "../speech/listen.js";
import { recogniserIn } from "../speech/saved.js";
import { attentionIn, translations } from "../translate/translator.js";
import { loadTranslator } from "../translate/use.js";
import { run, UserError } from "./program.js";
import type { Result } from "./results.js";
import { columnsOf, flowed, framed, HEIGHT, keepPicture, MONO, PALETTE, path, rectangle, text, WIDTH } from "./svg.js";

const LEFT = 24;
const RIGHT = WIDTH - LEFT;
const [NAME_SIZE, SENTENCE_SIZE] = [17, 14];

async function charLstm(): Promise<string> {
  const { model, vocabulary } = await reopen(readSaved("models/moby-dick.safetensors"));
  const prompt = "The whale ";
  const said = prompt + vocabulary.decode(write(model, vocabulary.encode(prompt), 330, 0.7, 1));
  const lines = flowed(said.replace(/\s+/g, " "), columnsOf(RIGHT - LEFT - 24, 13)).slice(0, 4);
  const { measures } = JSON.parse(readFileSync("examples/char-lstm/results/seed-1.json", "utf8")) as Result;
  const { value = 0, baselines = [] } = measures[0] ?? {};
  const rows = [{ name: "LSTM", value }, ...baselines.slice(0, 5)];
  const widest = Math.max(...rows.map((row) => row.value));
  return framed("A character at a time", "what it writes after Moby Dick, and its bits for a character of chapters never seen", [
    rectangle(LEFT, 76, RIGHT - LEFT, 96, "#ffffff"),
    ...lines.map((line, i) => text(LEFT + 12, 98 + 21 * i, line, { size: 13, mono: true })),
    ...rows.flatMap((row, i) => {
      const y = 190 + 26 * i;
      const fill = i === 0 ? PALETTE.first : PALETTE.dim;
      return [
        text(LEFT + 56, y + 14, row.name, { size: 13, anchor: "end", bold: i === 0 }),
        rectangle(LEFT + 68, y, ((RIGHT - LEFT - 130) * row.value) / widest, 18, fill, i === 0 ? 1 : 0.55),
        text(LEFT + 76 + ((RIGHT - LEFT - 130) * row.value) / widest, y + 14, row.value.toFixed(2), { size: 13 }),
      ];
    }),
  ]);
}

async function names(rt: Runtime): Promise<string> {
  const said =
    "Ada Lovelace met Charles Babbage in London in June, 1833. Babbage's friends, among them the Duke of Wellington, came to see his engine in Dorset Street. Prairie dogs live in the West. Later that week Mr. Huxley flew from Baltimore to Paris.";
  const found = await findNames(loadTaggers(rt, "models/names.safetensors"), said);
  const lines = flowed(said, columnsOf(RIGHT - LEFT, NAME_SIZE));
  const parts: string[] = [];
  let begin = 0;
  for (const [l, line] of lines.entries()) {
    begin = said.indexOf(line, begin);
    const y = 108 + 42 * l;
    const at = (character: number) => LEFT + (character - begin) * NAME_SIZE * MONO;
    for (const { from, to } of found) {
      if (from < begin || from >= begin + line.length) continue;
      parts.push(rectangle(at(from) - 4, y - 18, at(to) - at(from) + 8, 26, PALETTE.first, 0.18));
      parts.push(rectangle(at(from) - 4, y + 8, at(to) - at(from) + 8, 3, PALETTE.first));
    }
    parts.push(text(LEFT, y, line, { size: NAME_SIZE, mono: true }));
  }
  return framed("Which words are names?", "marked by two BiLSTM-CRFs that learned from the Brown corpus", parts);
}

async function pronounce(rt: Runtime): Promise<string> {
  const words = ["wasm", "chatbot", "quokka", "skyscraping", "defenestrate"];
  const known = new Set(readWords().map(({ spelling }) => spelling));
  const learned = words.find((word) => known.has(word));
  if (learned !== undefined) throw new UserError(`pronounce: ${learned} is in the dictionary`);
  const said = await opinions(readModel(rt, "models/pronounce.safetensors"), words);
  const rows = words.flatMap((word, w) => {
    const y = 112 + 50 * w;
    const [best, second] = said[w] ?? [];
    if (best === undefined) return [];
    const share = (of: typeof best) => `${Math.round(100 * Math.exp(of.logProbability))} %`;
    return [
      text(LEFT, y, word, { size: 20, bold: true }),
      text(LEFT + 176, y, `/${ipa(best.phones)}/`, { size: 20, fill: PALETTE.first }),
      text(LEFT + 376, y, share(best), { size: 13, fill: PALETTE.dim, anchor: "end" }),
      ...(second ? [text(LEFT + 400, y, `or /${ipa(second.phones)}/ ${share(second)}`, { size: 13, fill: PALETTE.dim })] : []),
    ];
  });
  return framed("How is it said?", "words that the dictionary does not have, and how sure the networks are", rows);
}

async function sentiment(rt: Runtime): Promise<string> {
  const model = loadReaders(rt, "models/sentiment.safetensors");
  const sentences = [
    "The phone broke after two days, what a waste of money.",
    "Great coffee, and the waiters were lovely!",
    "The acting was wonderful, the plot makes no sense.",
    "I won't be going back.",
    "The food was not bad at all.",
  ];
  const parts: string[] = [];
  for (const [s, sentence] of sentences.entries()) {
    const y = 104 + 52 * s;
    const { logit, pieces } = await opinionOf(model, sentence);
    const isGlad = logit > 0;
    parts.push(text(LEFT, y, isGlad ? "glad" : "cross", { size: 16, bold: true, fill: isGlad ? PALETTE.first : PALETTE.second }));
    let column = 0;
    for (const { text: piece, share } of pieces) {
      const [x, width] = [LEFT + 70 + column * SENTENCE_SIZE * MONO, piece.trimEnd().length * SENTENCE_SIZE * MONO];
      const strength = Math.min(1, Math.abs(share) / 4);
      if (strength > 0.1)
        parts.push(
          rectangle(x - 2, y - 15, width + 4, 21, share > 0 ? PALETTE.first : PALETTE.second, Number((0.4 * strength).toFixed(2))),
        );
      column += piece.length;
    }
    parts.push(text(LEFT + 70, y, sentence, { size: SENTENCE_SIZE, mono: true }));
  }
  return framed("Glad or cross?", "coloured: what counts for it, by reading again without the word; the last one it gets wrong", parts);
}

async function speech(rt: Runtime): Promise<string> {
  const recogniser = recogniserIn(rt, "models/speech.safetensors");
  const [sound] = strings(asterisk(), 200, new Generator(1)).filter(({ labels }) => labels.length >= 6);
  if (!sound) throw new UserError("speech: no string of six symbols");
  const steps: Float32Array[] = [];
  const listener = new Listener(recogniser, undefined, (logits) => steps.push(probabilitiesOf(logits)));
  const heard = [...listener.push(sound.samples), ...listener.end()];
  const [top, bottom] = [110, 250];
  const x = (seconds: number) => LEFT + ((RIGHT - LEFT) * seconds) / (steps.length * STEP_SECONDS);
  const present = [...new Set(steps.flatMap((step) => Array.from(step).flatMap((p, label) => (label > 0 && p > 0.2 ? [label] : []))))];
  const curves = present.map((label, i) =>
    path(
      steps.map((step, t) => [x(t * STEP_SECONDS), bottom - (bottom - top) * (step[label] as number)] as const),
      i % 2 === 0 ? PALETTE.first : PALETTE.second,
      { width: 1.5 },
    ),
  );
  return framed(
    "Letters and digits, as they are heard",
    "how sure the network is of each symbol, over time; a voice that it never learned from",
    [
      path(
        [
          [LEFT, bottom],
          [RIGHT, bottom],
        ],
        PALETTE.line,
        { width: 1 },
      ),
      ...curves,
      ...heard.map(({ symbol, seconds }) => text(x(seconds - STEP_SECONDS), top - 8, symbol, { size: 14, bold: true, anchor: "middle" })),
      text(LEFT, bottom + 36, `heard  ${heard.map(({ symbol }) => symbol).join(" ")}`, { size: 16, mono: true, fill: PALETTE.first }),
      text(LEFT, bottom + 62, `said   ${sound.labels.map((label) => recogniser.symbols[label - 1]).join(" ")}`, { size: 16, mono: true }),
    ],
  );
}

function probabilitiesOf(logits: ArrayLike<number>): Float32Array {
  const all = Array.from(logits);
  const most = Math.max(...all);
  const sum = all.reduce((total, logit) => total + Math.exp(logit - most), 0);
  return Float32Array.from(all, (logit) => Math.exp(logit - most) / sum);
}

async function translate(rt: Runtime): Promise<string> {
  const translator = loadTranslator(rt, "models/translate.safetensors");
  const english = "Save the document before closing.";
  const [translation] = translations(translator, [english]);
  if (!translation) throw new UserError("translate: nothing was said");
  const { source, said, weights } = attentionIn(translator, english, translation.beam);
  const [left, top] = [150, 138];
  const [width, height] = [(RIGHT - left - 40) / source.length, (HEIGHT - top - 20) / said.length];
  const cells = weights.flatMap((row, t) =>
    row.flatMap((weight, s) => {
      const cell = (fill: string, opacity: number) =>
        rectangle(left + s * width + 1, top + t * height + 1, width - 2, height - 2, fill, opacity);
      return [cell("#ffffff", 1), cell(PALETTE.first, Number(Math.min(1, weight).toFixed(2)))];
    }),
  );
  return framed(english, translation.german, [
    ...source.map((word, s) => turned(left + (s + 0.4) * width, top - 8, word)),
    ...said.map((word, t) => text(left - 10, top + (t + 0.65) * height, word, { size: 13, anchor: "end", fill: PALETTE.first })),
    ...cells,
  ]);
}

function turned(x: number, y: number, word: string): string {
  return `<g transform="rotate(-40 ${x.toFixed(1)} ${y.toFixed(1)})">${text(x, y, word, { size: 13 })}</g>`;
}

const PICTURES: Readonly<Record<string, (rt: Runtime) => Promise<string>>> = {
  "char-lstm": charLstm,
  ...{ names, pronounce, sentiment, speech, translate },
};

await run(async () => {
  using rt = await createRuntime({ seed: 1 });
  await loadOperators(rt);
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => PICTURES[name] === undefined);
  if (unknown !== undefined) throw new UserError(`expected names among ${Object.keys(PICTURES).join(", ")}, got ${unknown}`);
  for (const [name, draw] of Object.entries(PICTURES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    keepPicture(`examples/${name}/picture.svg`, await draw(rt));
    console.log(`  examples/${name}/picture.svg`);
  }
  return 0;
});
