/** Where the text comes from. */
import { useState } from "preact/hooks";
import { Drop } from "../shared/drop";
import { number } from "./format";
import { LEAST, MOST } from "./sizes";
import { BOOK, problem, reading, source, takeBook, takeFile, takeText } from "./source";
import { heldOut } from "./windows";

/** Longer ones are taken as they are pasted: no field shows them well. */
const LONG_PASTE = 20_000;
const EXCERPT = 240;

export function TextSource({ locked }: { readonly locked: boolean }) {
  return (
    <article>
      <h2>1. A text</h2>
      <fieldset disabled={locked} aria-label="The text to learn">
        <div class="row">
          <Drop what="a text file" accept=".txt,.md,.csv,.html,.json,text/*" onFile={(file) => !locked && takeFile(file)} />
          <button type="button" class="secondary outline" onClick={() => takeBook()}>
            Use the beginning of {BOOK}
          </button>
          <button type="button" class="secondary outline" onClick={() => takeBook(MOST)}>
            Use all of it
          </button>
        </div>
        <Paste />
      </fieldset>
      <div aria-live="polite">
        {reading.value && <p aria-busy="true">Reading …</p>}
        {problem.value !== undefined && <p role="alert">{`This text cannot be used. ${problem.value}`}</p>}
      </div>
      <Found />
    </article>
  );
}

function Paste() {
  const [typed, setTyped] = useState("");
  return (
    <details>
      <summary>Paste a text</summary>
      <label>
        Your text, {number.format(LEAST)} characters at least
        <textarea
          rows={5}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          onPaste={(event) => {
            const pasted = event.clipboardData?.getData("text/plain") ?? "";
            if (pasted.length <= LONG_PASTE) return;
            event.preventDefault();
            takeText(pasted);
          }}
        />
      </label>
      <button type="button" class="secondary" onClick={() => takeText(typed)}>
        Use this text
      </button>
    </details>
  );
}

function Found() {
  const { value } = source;
  if (!value || reading.value) return null;
  const { name, text, cut, characters, different } = value;
  const length = `${name === BOOK && cut ? "its first " : ""}${number.format(characters)} characters`;
  return (
    <>
      <p class="found">
        <strong>{name}</strong>: {length}, {number.format(different)} different ones (those that occur once are one and the same to the
        network). The last {number.format(heldOut(characters))} are not learned: on them is measured how well it predicts what it has never
        seen.
      </p>
      {cut && name !== BOOK && <p class="note">It is longer; only its first {number.format(MOST)} characters are taken.</p>}
      <blockquote>{text.slice(0, EXCERPT).trim()} …</blockquote>
    </>
  );
}
