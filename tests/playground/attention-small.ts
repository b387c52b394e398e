/** A translator of three sentences, learned by heart in a second, as the file of a model. */
import { AdamW, createRuntime, fit } from "wasm-rnn";
import { loadOperators } from "wasm-rnn/sequence";
import { dictionary } from "../../examples/translate/lexicon.js";
import { build, lossOf, samplesOf } from "../../examples/translate/model.js";
import { Names } from "../../examples/translate/names.js";
import { Subwords } from "../../examples/translate/subwords.js";
import { saved } from "../../examples/translate/translator.js";

export const PAIRS = [
  { en: "Opens the dialog.", de: "Öffnet den Dialog." },
  { en: "Closes the window.", de: "Schließt das Fenster." },
  { en: "Deletes all rows.", de: "Löscht alle Zeilen." },
];

export async function smallTranslator(): Promise<Uint8Array> {
  using rt = await createRuntime({ seed: 1 });
  await loadOperators(rt);
  const words = PAIRS.flatMap(({ en, de }) => en.split(" ").map((word, w) => ({ en: word, de: de.split(" ")[w] as string })));
  const learn = (texts: readonly string[]) => Subwords.learn(Array.from({ length: 10 }, () => texts).flat(), 60);
  const languages = {
    en: learn(PAIRS.map(({ en }) => en)),
    de: learn(PAIRS.map(({ de }) => de)),
    names: Names.learn(PAIRS),
    words: dictionary(words),
  };
  const model = build(rt, languages, { hidden: 32, embedding: 16 });
  const data = samplesOf(model, languages, Array.from({ length: 10 }, () => PAIRS).flat());
  await fit(model, { data, loss: lossOf(rt), optimizer: new AdamW(model.parameters(), { lr: 0.01 }), epochs: 30, batchSize: 6, seed: 1 });
  return saved({ model, languages });
}
