/** The network to begin with: it learns here, in less than a second, to say the next value of a wave, and becomes a file. */
import { Adam, createRuntime, Dense, fit, GRU, MSELoss, Sequential } from "wasm-rnn";
import { exportOnnx } from "wasm-rnn/onnx";

const [STEPS, PERIOD, WAVES, UNITS] = [40, 20, 16, 12];

export async function sampleFile(): Promise<Uint8Array<ArrayBuffer>> {
  using rt = await createRuntime({ seed: 1 });
  const model = new Sequential(rt, {
    gru: new GRU(rt, { inputSize: 1, hiddenSize: UNITS, batchFirst: true }),
    head: new Dense(rt, { inputSize: UNITS, outputSize: 1 }),
  });
  const wave = (from: number) => Float32Array.from({ length: STEPS }, (_, t) => Math.sin((2 * Math.PI * (from + t)) / PERIOD));
  const starts = Array.from({ length: WAVES }, (_, i) => (i * PERIOD) / WAVES);
  const data = starts.map((from) => ({ x: wave(from), y: wave(from + 1) }));
  await fit(model, {
    data,
    loss: new MSELoss(rt),
    optimizer: new Adam(model.parameters(), { lr: 0.02 }),
    epochs: 60,
    batchSize: 8,
    seed: 1,
  });
  return exportOnnx(model);
}
