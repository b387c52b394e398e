/** The stretches of speech, with their times. */
import { clock } from "../../../../vad/clock";
import type { Stretch } from "./ear";

export function Stretches({ heard }: { heard: readonly Stretch[] }) {
  return (
    <div role="log" aria-label="Speech" class="recognised figures">
      {heard.map(({ start, end, step }) => (
        <p key={step}>
          <span>
            {clock(start)} – {clock(end)}
          </span>
          <small>{(end - start).toFixed(2)} s</small>
        </p>
      ))}
    </div>
  );
}
