/** The attention as a table: a row for each word that was said, a column for each that was read, the darker the more. */
import type { Attention } from "../../../translate/attention";
import { percent } from "./percent";

interface HeatMapProps {
  readonly attention: Attention;
  /** The row that is looked at. */
  readonly active: number | undefined;
  onActive(row: number | undefined): void;
  /** Letters stand upright; words are in English and in German. */
  readonly of?: "words" | "letters";
}

export function HeatMap({ attention: { source, said, weights }, active, onActive, of = "words" }: HeatMapProps) {
  const [read, written] = of === "words" ? ["en", "de"] : [];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where the sentence is wide
    <section class={`heat ${of}`} tabIndex={0} aria-label="Where it looked, as a table">
      <table onMouseLeave={() => onActive(undefined)}>
        <thead>
          <tr>
            <td />
            {source.map((word, column) => (
              <th key={column} scope="col" lang={read}>
                <span>{word || "·"}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {said.map((word, row) => (
            <tr key={row} class={row === active ? "active" : undefined} onMouseEnter={() => onActive(row)}>
              <th scope="row" lang={written}>
                {word || "·"}
              </th>
              {(weights[row] as readonly number[]).map((weight, column) => (
                <td key={column} title={`${word} ← ${source[column]}: ${percent(weight)}`} style={{ "--weight": weight.toFixed(3) }}>
                  <span class="for-ears">{percent(weight)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
