/**
 * Peak memory of a training step (forward, backward, Adam) beyond what the process held before the layer was made: parameters, gradients, moments, tape,
 * workspace. Ours: bytes of linear memory in use after the second step (nothing is given back in between). PyTorch's: how far the resident set of a process of its own rises (memory.py).
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Adam, createRuntime, LSTM } from "./library.js";
import { PYTHON } from "./peers/python.js";

export interface Memory {
  readonly id: string;
  readonly contenders: Readonly<Record<"wasm-rnn" | "pytorch", { readonly megabytes: number }>>;
  readonly ratios: { readonly pytorch: number };
}

export async function peakMemory({ T, N, H }: { T: number; N: number; H: number }): Promise<Memory> {
  const rt = await createRuntime();
  const x = rt.zeros([T, N, H]);
  const dY = rt.zeros([T, N, H]);
  const inputs = rt.bytesInUse;
  const layer = new LSTM(rt, { inputSize: H, hiddenSize: H });
  const adam = new Adam(layer.parameters(), { lr: 1e-4 });
  for (let step = 0; step < 2; step++) {
    adam.zeroGrad();
    layer.forward(x);
    layer.backward(dY, undefined, { dX: false });
    adam.step();
  }
  const ours = { megabytes: (rt.bytesInUse - inputs) / 1e6 };
  rt.dispose();
  const script = fileURLToPath(new URL("memory.py", import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  const theirs = JSON.parse(execFileSync(PYTHON, [script, `${T}`, `${N}`, `${H}`], { encoding: "utf8", env }));
  return {
    id: `peak-memory/lstm-train/T${T}-N${N}-I${H}-H${H}`,
    contenders: { "wasm-rnn": ours, pytorch: theirs },
    ratios: { pytorch: theirs.megabytes / ours.megabytes },
  };
}

export function memoryLine({ id, contenders }: Memory): string {
  return `${id}: ${contenders["wasm-rnn"].megabytes.toFixed(1)} MB, PyTorch ${contenders.pytorch.megabytes.toFixed(1)} MB`;
}
