/** Where the sound comes from: the microphone, or a file. And how it goes. */
import { Drop } from "../shared/drop";
import type { Placed } from "./history";
import type { Listening } from "./use-listening";

interface SourcesProps<Found extends Placed> {
  readonly listening: Listening<Found>;
  /** What to do while the microphone is heard: "say letters or digits". */
  readonly what: string;
  /** What came of a sound that is over. */
  readonly outcome: string;
}

export function Sources<Found extends Placed>({ listening, what, outcome }: SourcesProps<Found>) {
  const { state, share, problem, steps, start, stop, read } = listening;
  const isOn = state !== "idle";
  const status = { asking: "Waiting until the microphone may be used …", listening: `Listening: ${what}.`, reading: "Hearing the file …" };
  return (
    <article>
      <div class="row sources">
        <button type="button" class={isOn ? "secondary" : undefined} onClick={isOn ? stop : start}>
          {isOn ? "Stop" : "Listen to the microphone"}
        </button>
        <Drop what="a sound file" accept="audio/*,.wav" onFile={read} />
      </div>
      {state === "reading" && <progress value={share} aria-label="How much of the file was heard" />}
      <p role="status">{state !== "idle" ? status[state] : steps.value > 0 && outcome}</p>
      {problem !== undefined && <p role="alert">{problem}</p>}
    </article>
  );
}
