/** The network writes: a beginning of one's own, how daring it is, and the network as a file. */
import { useState } from "preact/hooks";
import { download } from "../shared/download";
import { Drop } from "../shared/drop";
import { engine } from "../shared/engine";
import { said } from "../shared/errors";
import { remembered } from "../shared/remembered";
import { number } from "./format";
import { isWriter, openWriter, readModelFile, type Writer } from "./model-file";
import { nameOf } from "./network";
import type { Run } from "./run";
import { run, style } from "./session";
import { useWriting } from "./use-writing";
import { strangers } from "./vocabulary";
import { MOST } from "./write";

/** A network that was saved before, which writes in the place of the one above. */
const saved = remembered<Writer | null>("text.saved", null, (before) => before === null || isWriter(before));

function writerOf({ textName, file, ...rest }: Run): Writer | undefined {
  return file && { ...rest, name: textName, file };
}

function fileName({ name, cell, units }: Writer): string {
  const text = name
    .replace(/\.\w+$/, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
  return `${text || "text"}-${cell.toLowerCase()}-${units}.safetensors`;
}

export function Writing() {
  const [problem, setProblem] = useState<string>();
  const learned = run.value && writerOf(run.value);
  const { value: loaded } = saved;
  const writer = loaded ?? learned;
  const load = async (file: File) => {
    setProblem(undefined);
    try {
      const read = await readModelFile(file);
      (await openWriter(await engine(), read)).dispose(); // whether it can
      saved.value = read;
    } catch (error) {
      setProblem(`${file.name} cannot be used. ${said(error)}`);
    }
  };
  return (
    <article>
      <h2>4. Writing</h2>
      <p aria-live="polite">
        {loaded
          ? `${loaded.name} writes: ${nameOf(loaded)}.`
          : learned
            ? `The network above writes, as it is after ${number.format(run.value?.step ?? 0)} steps.`
            : "No network can write yet: train one above, or load one."}
      </p>
      {writer && <Desk writer={writer} />}
      <div class="row files">
        <button type="button" class="secondary" disabled={!learned} onClick={() => learned && download(fileName(learned), learned.file)}>
          Save the network
        </button>
        <Drop what="a saved network" accept=".safetensors" onFile={load} />
        {loaded && learned && (
          <button type="button" class="secondary outline" onClick={() => (saved.value = null)}>
            Back to the one above
          </button>
        )}
      </div>
      {problem !== undefined && <p role="alert">{problem}</p>}
    </article>
  );
}

function Desk({ writer }: { readonly writer: Writer }) {
  const { writing, write, stop } = useWriting();
  const { prompt } = style.value;
  const unknown = strangers(prompt, writer.vocabulary);
  const writes = writing.state === "writing";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        write(writer, style.value);
      }}
    >
      <label>
        Begins with
        <input
          type="text"
          value={prompt}
          maxLength={MOST.prompt}
          placeholder="nothing: a new line"
          onInput={({ currentTarget }) => {
            style.value = { ...style.value, prompt: currentTarget.value };
          }}
        />
      </label>
      {unknown.length > 0 && <p class="note">The network does not know: {unknown.join(" ")}</p>}
      <Sliders />
      <div class="row">
        <button type="submit" aria-busy={writes} disabled={writes}>
          Write
        </button>
        {writes && (
          <button type="button" class="secondary" onClick={stop}>
            Stop
          </button>
        )}
        <p aria-live="polite">
          {writing.state === "done" && !writing.problem && `Written: ${number.format(writing.text.length)} characters.`}
        </p>
      </div>
      {writing.problem !== undefined && <p role="alert">It could not write: {writing.problem}</p>}
      {writing.state !== "none" && (
        <section aria-label="What it wrote">
          <pre class="written">
            <span class="prompt">{writing.prompt}</span>
            {writing.text}
          </pre>
        </section>
      )}
    </form>
  );
}

function Sliders() {
  const { temperature, topP } = style.value;
  return (
    <div class="sliders">
      <label>
        Temperature <span class="figures">{temperature === 0 ? "0: always the likeliest" : temperature.toFixed(2)}</span>
        <input
          {...{ type: "range", min: 0, max: MOST.temperature, step: 0.05, value: temperature }}
          onInput={({ currentTarget }) => {
            style.value = { ...style.value, temperature: currentTarget.valueAsNumber };
          }}
        />
        <small>low: safe and dull; high: daring and wrong</small>
      </label>
      <label>
        Top-p <span class="figures">{topP.toFixed(2)}</span>
        <input
          {...{ type: "range", min: 0.05, max: 1, step: 0.05, value: topP }}
          onInput={({ currentTarget }) => {
            style.value = { ...style.value, topP: currentTarget.valueAsNumber };
          }}
        />
        <small>leaves out the unlikely characters; 1 leaves out none</small>
      </label>
    </div>
  );
}
