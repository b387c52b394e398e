/** What it writes while it learns: the newest, and how it began. */

import { number } from "./format";
import type { Sample } from "./run";
import { run } from "./session";

export function Samples() {
  const samples = run.value?.samples ?? [];
  const newest = samples.at(-1);
  if (!newest) return null;
  const earlier = samples.slice(0, -1).reverse();
  return (
    <article>
      <h2>What it writes as it learns</h2>
      <div role="log" aria-live="off" aria-label="Samples as it learns">
        <Written sample={newest} />
      </div>
      {earlier.length > 0 && (
        <details>
          <summary>Earlier ones</summary>
          {earlier.map((sample) => (
            <Written key={sample.step} sample={sample} />
          ))}
        </details>
      )}
    </article>
  );
}

function Written({ sample: { step, text } }: { readonly sample: Sample }) {
  return (
    <figure>
      <figcaption>after {number.format(step)} steps</figcaption>
      <pre class="written">{text}</pre>
    </figure>
  );
}
