/** A place to drop a file, which is a button, too. */
import { useRef, useState } from "preact/hooks";

interface DropProps {
  /** What to drop: "a text file". */
  readonly what: string;
  /** As of an input: ".csv,text/csv". */
  readonly accept: string;
  /** Whether several may come together. */
  readonly multiple?: boolean;
  /** @param all of them, the first among them */
  onFile(file: File, all: readonly File[]): void;
}

export function Drop({ what, accept, multiple = false, onFile }: DropProps) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) onFile(file, [...(files ?? [])]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped here can be chosen by the button inside
    <div
      class={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <button type="button" class="secondary outline" onClick={() => input.current?.click()}>
        Choose {what}
      </button>
      <span aria-hidden="true"> or drop it here</span>
      <input
        ref={input}
        type="file"
        accept={accept}
        multiple={multiple}
        hidden
        aria-label={`Choose ${what}`}
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = ""; // the same file once more
        }}
      />
    </div>
  );
}
