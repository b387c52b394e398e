/** Numbers as a text: to be typed where they are few. A field of a million lines would hold up the page for a minute. */
import { grouped } from "./words";

/** Characters that are in a field. */
const MOST = 20_000;

interface NumbersTextProps {
  /** Of the input. */
  readonly name: string;
  readonly text: string;
  onText(text: string): void;
}

export function NumbersText({ name, text, onText }: NumbersTextProps) {
  if (text.length > MOST)
    return (
      <p class="row">
        <span>
          Numbers for {name}: {grouped(text.length)} characters, which begin with “{text.slice(0, 60).replace(/\s+/g, " ")}”.
        </span>
        <button type="button" class="secondary outline" onClick={() => onText("")}>
          Type others
        </button>
      </p>
    );
  const paste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (pasted.length <= MOST) return;
    event.preventDefault();
    onText(pasted);
  };
  return (
    <label>
      Numbers for {name}, row by row, with spaces, commas or line breaks between
      <textarea rows={3} value={text} onPaste={paste} onInput={(event) => onText(event.currentTarget.value)} />
    </label>
  );
}
