/** The arrays of a file as a table. */
import type { Opened } from "./opened";
import { counted, grouped, shapeText } from "./words";

export function Parameters({ opened: { arrays, arrayCount, numbers, summary } }: { opened: Opened }) {
  if (arrays.length === 0) return null;
  return (
    <article>
      <h2>Parameters</h2>
      <p>
        {counted(arrayCount, "array")}, {counted(numbers, "number")}
        {arrays.length < arrayCount && `; the first ${arrays.length} of them`}.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section class="model-scroll" tabIndex={0} aria-label="Parameters, a table">
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">name</th>
              <th scope="col">type</th>
              <th scope="col">shape</th>
              <th scope="col">numbers</th>
            </tr>
          </thead>
          <tbody>
            {arrays.map(({ name, dtype, shape, numbers }, i) => (
              <tr key={i}>
                <th scope="row">{name}</th>
                <td>{dtype}</td>
                <td>{shapeText(shape)}</td>
                <td>{grouped(numbers)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {summary !== undefined && (
        <details>
          <summary>Layer by layer</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
          <pre tabIndex={0} class="model-code">
            {summary}
          </pre>
        </details>
      )}
    </article>
  );
}
