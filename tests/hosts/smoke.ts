/** What every host does with the package, which each of them imports by itself: a little of everything, and what came of it. */
type Library = typeof import("../../bindings/index.js");
type Runtime = import("../../bindings/index.js").Runtime;

export interface Smoke {
  readonly build: string;
  /** Bits of a forward, of a stream, and of weights after some steps of training, which were saved and loaded. */
  readonly forward: number;
  readonly stream: number;
  readonly trained: number;
  /** The same in numbers: the last output, and the losses. */
  readonly output: number;
  readonly losses: readonly number[];
}

/** @param rt of seed 1; it is disposed of */
export async function smoke(lib: Library, rt: Runtime): Promise<Smoke> {
  const { LSTM, Dense, Sequential, Adam, MSELoss } = lib;
  const lstm = new LSTM(rt, { inputSize: 3, hiddenSize: 19, numLayers: 2 });
  const x = Float32Array.from({ length: 8 * 2 * 3 }, (_, i) => ((i * 7) % 11) / 11 - 0.5);
  const { output } = lstm.forward(rt.tensor(x, [8, 2, 3]));
  const [forward, last] = [hash([output.toArray()]), output.toArray().at(-1) as number];

  const model = new Sequential(rt, {
    lstm: new LSTM(rt, { inputSize: 3, hiddenSize: 8 }),
    head: new Dense(rt, { inputSize: 8, outputSize: 1 }),
  });
  const step = (t: number) => [...x.subarray(3 * (t % 16), 3 * (t % 16) + 3)];
  const data = Array.from({ length: 16 }, (_, n) => ({ x: [step(n), step(n + 1), step(n + 2)], y: [n / 16, -n / 16, 0.5] }));
  const losses: number[] = [];
  const onEpoch = ({ loss }: { loss: number }) => void losses.push(loss);
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const saved: Uint8Array[] = [];
  const checkpoint = { save: (bytes: Uint8Array) => void saved.push(bytes) };
  await lib.fit(model, { data, loss: new MSELoss(rt), optimizer, epochs: 3, batchSize: 8, callbacks: [{ onEpoch }], checkpoint });
  const bytes = model.save({ of: "häuser 🏠" });
  model.load(bytes);
  const stream = model.stream();
  const outputs: number[] = [];
  for (let t = 0; t < 8; t++) {
    stream.input.set(x.subarray(3 * t, 3 * t + 3));
    stream.step();
    outputs.push(stream.output[0] as number);
  }
  const result = {
    build: rt.build,
    forward,
    output: last,
    stream: hash([Float64Array.from(outputs)]),
    trained: hash([bytes, ...saved]),
    losses,
  };
  rt.dispose();
  if (rt.bytesInUse !== 0) throw new Error(`${rt.bytesInUse} bytes in use after the end`);
  return result;
}

/** FNV-1a over the bytes. */
export function hash(arrays: readonly ArrayBufferView[]): number {
  let h = 0x811c9dc5;
  for (const array of arrays) {
    for (const byte of new Uint8Array(array.buffer, array.byteOffset, array.byteLength)) h = Math.imul(h ^ byte, 0x01000193);
  }
  return h >>> 0;
}

/** What is thrown, as a line. */
export async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
    return "none";
  } catch (error) {
    return String(error);
  }
}

/** A sound, the same everywhere: no function of Math is in it. */
export function sound(length: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, t) => (((t * 220) % 44_100) / 44_100 - 0.5) * (((t * 3) % 44_100) / 44_100));
}
