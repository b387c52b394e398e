/** Text: a network learns to write, a character at a time, from a text of one's own or from a book. */
import { useEffect } from "preact/hooks";
import "./style.css";
import { Learning } from "./learning";
import { Samples } from "./samples";
import { pause, phase, restore, run } from "./session";
import { choice, Settings } from "./settings";
import { TextSource } from "./text-source";
import { Writing } from "./writing";

export default function Tab() {
  useEffect(() => {
    restore();
    return pause;
  }, []);
  const locked = phase.value !== "none";
  return (
    <div class="text">
      <TextSource locked={locked} />
      <article>
        <h2>2. A network</h2>
        <Settings
          choice={run.value ?? choice.value}
          locked={locked}
          onChoice={(chosen) => {
            choice.value = chosen;
          }}
        />
      </article>
      <Learning choice={choice.value} />
      <Samples />
      <Writing />
    </div>
  );
}
