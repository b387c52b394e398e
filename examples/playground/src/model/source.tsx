/** Where the file comes from. */
import { Drop } from "../shared/drop";
import { EXTENSIONS } from "./files";
import { LARGEST_KEPT } from "./remembered";
import type { Model } from "./use-model";
import { short, sizeText } from "./words";

const ACCEPT = Object.values(EXTENSIONS).flat().join(",");

/** What may have happened to a file that is not as its format has it. */
function hint(problem: string): string {
  return problem.includes("expected ")
    ? " (It may have been cut short on its way, be damaged, or be of a kind that is not read here.)"
    : "";
}

export function Source({ model: { shown, busy, problem, openFiles, openSample, stop } }: { model: Model }) {
  return (
    <article>
      <h2>A file</h2>
      <p>
        A network of ONNX (<code>.onnx</code>); weights of PyTorch, NumPy or safetensors (<code>.pt</code>, <code>.pth</code>,{" "}
        <code>.npz</code>, <code>.npy</code>, <code>.safetensors</code>); a model that <code>model.save()</code> wrote, or one of Keras (
        <code>.keras</code>, <code>.h5</code>) or TensorFlow.js (<code>model.json</code> together with its <code>.bin</code> files).
      </p>
      <div class="row">
        <Drop what="a file" accept={ACCEPT} multiple onFile={(_, all) => openFiles(all)} />
        <button type="button" class="secondary outline" onClick={openSample}>
          Use a network that learns here
        </button>
        {busy === "reading" && (
          <button type="button" class="secondary" onClick={stop}>
            Stop
          </button>
        )}
      </div>
      <div aria-live="polite" class="model-found">
        {busy === "reading" && <p aria-busy="true">Reading …</p>}
        {shown && busy !== "reading" && (
          <p>
            <strong>{short(shown.opened.name)}</strong>: {shown.opened.format}, {shown.opened.kind}, {sizeText(shown.opened.bytes)}.
          </p>
        )}
      </div>
      {shown && !shown.comesBack && busy !== "reading" && (
        <p>It is not kept in this browser, which keeps up to {sizeText(LARGEST_KEPT)}: after a reload it has to be chosen again.</p>
      )}
      {problem !== undefined && <p role="alert">{`This file cannot be used. ${problem}${hint(problem)}`}</p>}
    </article>
  );
}
