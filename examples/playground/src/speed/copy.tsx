/** A line that can be copied. */
import { useId, useRef, useState } from "preact/hooks";

export function Copy({ line }: { line: string }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line);
      setSaid("Copied.");
    } catch {
      area.current?.select();
      setSaid("This browser does not let the page copy: the line is marked, copy it by Ctrl+C or ⌘C.");
    }
  };
  return (
    <div class="speed-copy">
      <label for={id}>All of it in a line, for an issue or a message</label>
      <textarea id={id} ref={area} readOnly rows={4} value={line} />
      <div class="row">
        <button type="button" class="secondary" onClick={copy}>
          Copy the line
        </button>
        <span role="status">{said}</span>
      </div>
    </div>
  );
}
