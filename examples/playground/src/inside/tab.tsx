/** What goes on in recurrent cells, step by step, and where their gradients vanish. */
import { useEffect, useState } from "preact/hooks";
import { GradientChart } from "./gradient-chart";
import { Lab } from "./lab";
import { Legend } from "./legend";
import { Maps } from "./maps";
import { SequenceForm } from "./sequence-form";
import { StepBar } from "./step-bar";
import "./style.css";
import { Trainer } from "./trainer";

export default function Inside() {
  const [lab, setLab] = useState<Lab>();
  useEffect(() => {
    const made = new Lab();
    setLab(made);
    return () => made.dispose();
  }, []);
  return lab?.ready.value || lab?.problem.value ? <Content lab={lab} /> : <p aria-busy="true">Making the networks …</p>;
}

function Content({ lab }: { lab: Lab }) {
  const shown = lab.shown.value;
  return (
    <div class="inside">
      {lab.problem.value !== undefined && <article role="alert">This did not work: {lab.problem.value}</article>}
      <div class="columns">
        <SequenceForm lab={lab} />
        <Trainer lab={lab} />
      </div>
      {shown && (
        <>
          <StepBar lab={lab} shown={shown} />
          <Legend />
          <Maps lab={lab} shown={shown} />
          <article aria-label="Gradients">
            <h2>Where the gradient vanishes</h2>
            <p>
              ‖∂L/∂x<sup>⟨t⟩</sup>‖: how much the answer at the end, which is all that the loss L looks at, would change with what was read
              at step t. A line that falls to the left is a gradient that vanishes: from so small a one nothing can be learned.{" "}
              {NOTES[lab.state.value]}
            </p>
            <GradientChart lab={lab} shown={shown} />
          </article>
        </>
      )}
    </div>
  );
}

const NOTES = {
  fresh:
    "In fresh networks the gates stand half open, and what is remembered halves at each step, in the LSTM too: that it can keep something is what it has to learn.",
  trained:
    "Training has opened the gates that keep. Where an answer is sure and is held by units near ±1, little can change it, and the gradient is small though nothing is forgotten.",
} as const;
