/** A translation as it comes: first what the decoder says straight away, word by word, then the best that a search finds. */
import type { Attention } from "../../../translate/attention";
import { sourceOf } from "../../../translate/model";
import { withNames } from "../../../translate/names";
import { tidied } from "../../../translate/tidy";
import { attentionIn, LENGTH, LONGEST, type Translation, type Translator, translations } from "../../../translate/translator";

/** What was said, and where the decoder looked. */
export interface Said {
  /** As it was read. */
  readonly english: string;
  readonly german: string;
  readonly attention: Attention;
}

/** What came of a text: a translation, nothing when another text came in between, or why there is none. */
export type Outcome = Said | undefined | { readonly refused: "no word" | "too long" };

/** @param onDraft called with what is said so far @param signal of a text that came in between */
export async function translated(
  translator: Translator,
  text: string,
  onDraft: (draft: Said) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const english = tidied(text);
  if (!/\p{L}/u.test(english)) return { refused: "no word" };
  const source = sourceOf(translator.languages, english);
  if (source.length > LONGEST) return { refused: "too long" };
  try {
    await draft(translator, english, source, onDraft, signal);
  } catch (problem) {
    if (signal.aborted) return undefined;
    throw problem;
  }
  const [{ german, beam }] = translations(translator, [english]) as [Translation];
  return { english, german, attention: attentionIn(translator, english, beam) };
}

async function draft(
  translator: Translator,
  english: string,
  source: readonly number[],
  onDraft: (draft: Said) => void,
  signal: AbortSignal,
): Promise<void> {
  const { model, languages } = translator;
  const names = languages.names.of(english);
  const tokens: number[] = [];
  const weights: ArrayLike<number>[] = [];
  for await (const said of model.stream(source, { length: LENGTH, signal })) {
    tokens.push(said.token);
    weights.push(said.weights as NonNullable<typeof said.weights>);
    const attention = attentionIn(translator, english, { tokens, weights });
    onDraft({ english, german: withNames(languages.de.decode(tokens), names), attention });
  }
}
