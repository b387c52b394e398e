/** What goes in: sizes that may vary, and numbers. */
import { useState } from "preact/hooks";
import { Drop } from "../shared/drop";
import { said } from "../shared/errors";
import { textOf } from "../signals/decode";
import { type Choice, type ChosenInput, openSizes, shapeOf } from "./choice";
import { NumbersText } from "./numbers-text";
import type { Fill, Network, Port } from "./opened";
import type { Model } from "./use-model";
import { counted, shapeText, short } from "./words";

const FILLS: readonly (readonly [Fill, string])[] = [
  ["zeros", "zeros"],
  ["random", "random numbers"],
  ["wave", "a wave"],
  ["numbers", "numbers of my own"],
];

/** Inputs, and open sizes, that have fields: of thousands the page would stand still. */
const MOST = 40;

interface InputsProps {
  readonly network: Network;
  readonly choice: Choice;
  readonly model: Model;
}

export function Inputs({ network, choice, model: { choose, run, stop, busy } }: InputsProps) {
  const sizes = openSizes(network);
  const isCut = network.inputs.length > MOST || sizes.length > MOST;
  const change = (name: string, input: ChosenInput) => choose({ ...choice, inputs: { ...choice.inputs, [name]: input } });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) run();
      }}
    >
      {sizes.length > 0 && (
        <fieldset class="row model-sizes">
          <legend>Sizes that the network leaves open</legend>
          {sizes.slice(0, MOST).map(({ key, label }) => (
            <label key={key}>
              {short(label, 40)}
              <input
                type="number"
                min={1}
                max={1_000_000}
                required
                value={choice.sizes[key]}
                onInput={(event) =>
                  choose({ ...choice, sizes: { ...choice.sizes, [key]: Math.trunc(event.currentTarget.valueAsNumber || 0) } })
                }
              />
            </label>
          ))}
        </fieldset>
      )}
      {network.inputs.slice(0, MOST).map((port) => (
        <Input
          key={port.name}
          port={port}
          shape={shapeOf(port, choice.sizes)}
          chosen={choice.inputs[port.name] ?? { fill: "zeros", text: "" }}
          onChange={(input) => change(port.name, input)}
        />
      ))}
      {isCut && (
        <p>
          There are fields for the first {MOST} of {counted(network.inputs.length, "input")}, and {MOST} of{" "}
          {counted(sizes.length, "open size")} at most: the rest is filled by itself.
        </p>
      )}
      <div class="model-go">
        <button type="submit" class="model-run" disabled={busy !== undefined} aria-busy={busy === "running" ? "true" : undefined}>
          Run
        </button>
        {busy === "running" && (
          <button type="button" class="secondary" onClick={stop}>
            Stop
          </button>
        )}
      </div>
    </form>
  );
}

interface InputProps {
  readonly port: Port;
  readonly shape: readonly number[];
  readonly chosen: ChosenInput;
  onChange(chosen: ChosenInput): void;
}

function Input({ port: { name, type }, shape, chosen: { fill, text }, onChange }: InputProps) {
  const [problem, setProblem] = useState<string>();
  const read = async (file: File) => {
    setProblem(undefined);
    try {
      onChange({ fill: "numbers", text: await textOf(file) });
    } catch (error) {
      setProblem(said(error));
    }
  };
  return (
    <div class="model-input">
      <label>
        <span>
          <strong>{short(name, 40)}</strong> {type} {shapeText(shape)}
        </span>
        <select value={fill} onChange={(event) => onChange({ fill: event.currentTarget.value as Fill, text })}>
          {FILLS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {fill === "numbers" && (
        <>
          <NumbersText name={short(name, 40)} text={text} onText={(next) => onChange({ fill, text: next })} />
          <Drop what="a CSV file of them" accept=".csv,.tsv,.txt,text/csv,text/plain" onFile={read} />
          {problem !== undefined && <p role="alert">{problem}</p>}
        </>
      )}
    </div>
  );
}
