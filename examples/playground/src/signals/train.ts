/** A small network learns the series in the page's worker, and is measured once, at the end. */

import type { LayerData } from "wasm-rnn/worker";
import { fit, predict } from "wasm-rnn/worker";
import { engine } from "../shared/engine";
import type { Choice } from "./choice";
import { samplesOf } from "./samples";
import { scaledOf } from "./scale";
import type { Series } from "./series";

export interface Losses {
  /** Mean squared errors, scaled: of the part that is learned, and of the one that is watched. */
  readonly learned: number;
  readonly watched: number;
}

export interface Learned {
  /** Of a .safetensors file, its scaler with it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In the units of the data: of the rows that are tested, and of those that come after the last one. */
  readonly tested: readonly number[];
  readonly future: readonly number[];
  /** The pass whose weights were taken, from 1; undefined where none was over. */
  readonly best: number | undefined;
  readonly stopped: "finished" | "early" | "callback";
}

export interface Listener {
  /** Ends all of it; nothing comes of it. */
  readonly signal: AbortSignal;
  /** Whether a person has enough of it: what was learned until then is taken. */
  stopped(): boolean;
  onProgress(share: number): void;
  onPass(losses: Losses): void;
  /** After each pass, and where it ends, in the middle of one too: all that is needed to go on. */
  onCheckpoint(bytes: Uint8Array<ArrayBuffer>): void;
}

/** Passes without an improvement after which it ends. */
const PATIENCE = 10;

function recurrent({ kind, units }: Choice, inputSize: number): LayerData {
  const options = { inputSize, hiddenSize: units };
  return kind === "GRU" ? ["GRU", options] : ["LSTM", options];
}

/** Lets the page draw. */
function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}

/** @param from where an earlier training of the same series was left */
export async function train(
  series: Series,
  { signal, stopped, onProgress, onPass, onCheckpoint }: Listener,
  from?: Uint8Array<ArrayBuffer>,
): Promise<Learned> {
  const { choice, names } = series;
  const rt = await engine();
  const features = names.length;
  const model = await rt.sequential({
    recurrent: recurrent(choice, features),
    last: ["LastStep"],
    dropout: ["Dropout", { p: 0.2 }],
    head: ["Dense", { inputSize: choice.units, outputSize: 1 }],
  });
  try {
    const scaled = scaledOf(series);
    await pause();
    const { scaler } = scaled;
    const { learned, watched, tested, future } = samplesOf(scaled);
    await pause();
    const inputs = tested.map((x) => x.slice()); // what is learned lies in the same buffer, and is moved
    const history = await fit(model, {
      ...{ data: learned, validation: watched, features, loss: ["MSELoss"], optimizer: ["AdamW", { lr: 0.003, weightDecay: 0.1 }] },
      ...{ epochs: choice.passes, batchSize: 16, clipNorm: 1, seed: 1, earlyStopping: { patience: PATIENCE }, signal },
      checkpoint: { save: onCheckpoint },
      ...(from && { resume: from.slice() }), // its bytes are moved
      callbacks: {
        onProgress({ done, total }, training) {
          if (stopped()) training.stop();
          if (total) onProgress(done / total);
        },
        onEpoch: ({ loss, validation }) => onPass({ learned: loss, watched: validation?.loss ?? Number.NaN }),
      },
    });
    const forecasts = await predict(model, [...inputs, ...future], { features, targetScaler: scaler.columns([0]), batchSize: 256 });
    const values = forecasts.map(({ data }) => data[0] as number);
    const bytes = await model.save({ scaler, ...about(series) });
    const { bestEpoch: best, stopped: end } = history;
    return { bytes, tested: values.slice(0, inputs.length), future: values.slice(inputs.length), best, stopped: end };
  } finally {
    model.dispose();
  }
}

/** What whoever loads the model has to know of its input. */
function about({ names, choice }: Series): Record<string, string> {
  return { columns: JSON.stringify(names), target: choice.target, length: String(choice.length), ahead: String(choice.ahead) };
}
