/** Text: a network learns to write, a character at a time, from a text of one's own or from a book. */
import { useEffect, useState } from "preact/hooks";
import "./style.css";
import { Learning } from "./learning";
import { Samples } from "./samples";
import { pause, phase, restore, run } from "./session";
import { CHOICE, Settings } from "./settings";
import { TextSource } from "./text-source";
import { Writing } from "./writing";

export default function Tab() {
  const [choice, setChoice] = useState(CHOICE);
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
        <Settings choice={run.value ?? choice} locked={locked} onChoice={setChoice} />
      </article>
      <Learning choice={choice} />
      <Samples />
      <Writing />
    </div>
  );
}
