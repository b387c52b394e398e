/** Both sentences: the words that were read, shaded by how much the word looked at them that is pointed to below. */
import { lookedAt } from "./percent";
import { placed } from "./placed";
import type { Said } from "./translating";

interface SentencesProps {
  readonly said: Said;
  readonly active: number | undefined;
  onActive(word: number | undefined): void;
}

export function Sentences({ said: { english, german, attention }, active, onActive }: SentencesProps) {
  const { source, said, weights } = attention;
  const row = active === undefined ? undefined : weights[active];
  return (
    <>
      <p class="sentence" lang="en">
        {placed(english, source).map(({ before, word }, i) => (
          <span key={i}>
            {before || (i === source.length - 1 && " ")}
            <span class={i === source.length - 1 ? "read end" : "read"} style={{ "--weight": (row?.[i] ?? 0).toFixed(3) }}>
              {word}
            </span>
          </span>
        ))}
      </p>
      <p class="sentence said" lang="de" onMouseLeave={() => onActive(undefined)}>
        {placed(german, said).map(({ before, word }, i) => (
          <span key={i}>
            {before}
            {word && (
              <button
                type="button"
                class={i === active ? "active" : undefined}
                aria-label={`${word}: looked at ${lookedAt(source, weights[i] as readonly number[])}`}
                onMouseEnter={() => onActive(i)}
                onFocus={() => onActive(i)}
                onBlur={() => onActive(undefined)}
                onClick={() => onActive(i)}
              >
                {word}
              </button>
            )}
          </span>
        ))}
      </p>
      <p class="looked">
        {row && active !== undefined ? (
          <>
            For <strong lang="de">{said[active]}</strong> it looked at <span lang="en">{lookedAt(source, row)}</span>.
          </>
        ) : (
          "Point to a German word, or go to it with the Tab key, to see where it looked."
        )}
      </p>
    </>
  );
}
