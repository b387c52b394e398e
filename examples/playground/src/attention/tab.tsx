/** The tab: what a decoder writes, and where it looked. Dates, learned here, or sentences, by a translator that learned before. */
import type { Remote } from "comlink";
import { useEffect, useState } from "preact/hooks";
import { NotReady, Training, UNTRAINED } from "../shared/not-ready";
import { keep, kept } from "../shared/store";
import { useTrained } from "../shared/use-trained";
import type { AttentionWorker } from "./attention.worker";
import { Dates } from "./dates/dates";
import { HeatMap } from "./heat-map";
import { Sentences } from "./sentences";
import "./style.css";
import { useTranslation } from "./use-translation";

const EXAMPLES = [
  "Opens the dialog.",
  "Closes the dialog and saves all changes.",
  "Choose Format - Paragraph - Borders.",
  "Inserts a row above the selected cell.",
  "Press Esc to close the window.",
];
/** Characters of a text. */
const MOST = 400;
const KEPT = "attention.text";

const CHOICE = "attention.choice";

const CHOICES = [
  { title: "Dates, learned here", Shown: Dates },
  { title: "English to German", Shown: Translation },
];

export default function Tab() {
  const [chosen, setChosen] = useState<number>();
  useEffect(() => {
    kept<unknown>(CHOICE).then((before) => setChosen(typeof before === "number" && before in CHOICES ? before : 0));
  }, []);
  const choose = (now: number) => {
    setChosen(now);
    void keep(CHOICE, now);
  };
  return (
    <>
      <fieldset class="row choice">
        <legend>What to write</legend>
        {CHOICES.map(({ title }, i) => (
          <label key={title}>
            <input type="radio" name="attention" checked={i === chosen} onChange={() => choose(i)} />
            {title}
          </label>
        ))}
      </fieldset>
      {CHOICES.map(({ title, Shown }, i) => i === chosen && <Shown key={title} />)}
    </>
  );
}

const makeWorker = () => new Worker(new URL("./attention.worker.ts", import.meta.url), { type: "module" });

function Translation() {
  const trained = useTrained<AttentionWorker>("translate.safetensors", makeWorker);
  return (
    <>
      <p>
        It has learned its German from one source alone: the help texts and menus of LibreOffice. Of anything else it knows nothing, and
        even of these it says much wrongly. What it shows is how such a network works: for each word that it says, it looks at some of the
        words that it read.
      </p>
      {trained.state === "ready" ? (
        <Translator api={trained.api} />
      ) : (
        <NotReady trained={trained} what="the translator" missing={UNTRAINED}>
          <Training example="translate" />
        </NotReady>
      )}
    </>
  );
}

function Translator({ api }: { api: Remote<AttentionWorker> }) {
  const [text, setText] = useState<string>(); // none until it is known: what is typed before would be mixed with it
  useEffect(() => {
    kept<unknown>(KEPT).then((before) => setText(typeof before === "string" && before ? before : EXAMPLES[0]));
  }, []);
  if (text === undefined) return <p aria-busy="true">Loading …</p>;
  const write = (now: string) => {
    setText(now);
    void keep(KEPT, now);
  };
  return (
    <>
      <article>
        <label>
          English
          <textarea rows={2} maxLength={MOST} lang="en" value={text} onInput={(event) => write(event.currentTarget.value)} />
        </label>
        <fieldset class="row examples">
          <legend>Or one of these</legend>
          {EXAMPLES.map((example) => (
            <button key={example} type="button" class="secondary outline" lang="en" onClick={() => write(example)}>
              {example}
            </button>
          ))}
        </fieldset>
      </article>
      <Result api={api} text={text} />
    </>
  );
}

function Result({ api, text }: { api: Remote<AttentionWorker>; text: string }) {
  const { said, isDraft, problem } = useTranslation(api, text);
  const [active, setActive] = useState<number>();
  useEffect(() => setActive(undefined), [said]);
  return (
    <>
      <p role="status" class={problem === undefined ? "for-ears" : undefined} lang={problem === undefined ? "de" : undefined}>
        {problem ?? (isDraft ? "" : said?.german)}
      </p>
      {said && (
        <div class={isDraft ? "translation draft" : "translation"} aria-busy={isDraft ? "true" : undefined}>
          <Sentences said={said} active={active} onActive={setActive} />
          <p class="about">
            All of it: a row for each word that it said, a column for each that it read. The stronger the colour, the more it looked there.
          </p>
          <HeatMap attention={said.attention} active={active} onActive={setActive} />
        </div>
      )}
    </>
  );
}
