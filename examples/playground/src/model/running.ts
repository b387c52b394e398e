/** Runs a network on filled inputs, and times it. */
import type { DType, Runtime, Tensor } from "wasm-rnn";
import { valueShapes } from "wasm-rnn/inspect";
import { loadOnnx } from "wasm-rnn/onnx";
import { filled } from "./filling";
import type { Feed, Outcome, Output } from "./opened";

/** Milliseconds that are spent on timing, before which a browser compiles what is new to it, and of one measurement: clocks of pages are coarse. */
const [TIMED_MS, WARM_UP_MS, LEAST_MS] = [250, 100, 4];
/** Numbers of an output that go to the page, and outputs that do: of thousands it would stand still. */
const [SHOWN, MOST_OUTPUTS] = [50_000, 20];
/** A network of more bytes is not gone through a second time for the shapes between. */
const MOST_BYTES = 32_000_000;

/** What runs a network. */
export interface Session {
  readonly inputs: readonly { readonly name: string; readonly dtype: string }[];
  readonly outputs: readonly { readonly name: string; readonly type: string }[];
  /** The outputs stay until it runs again. */
  runSync(given: Readonly<Record<string, Tensor>>): Record<string, Tensor>;
  /** Of the values between, where they can be told. */
  shapes?(given: Readonly<Record<string, Tensor>>): ReadonlyMap<string, readonly number[]>;
}

export async function onnxSession(rt: Runtime, bytes: Uint8Array): Promise<Session> {
  const session = await loadOnnx(rt, bytes);
  return {
    ...{ inputs: session.inputs, outputs: session.outputs, runSync: (given) => session.runSync(given) },
    ...(bytes.length <= MOST_BYTES && { shapes: (given) => valueShapes(rt, bytes, given) }),
  };
}

export function ran(rt: Runtime, session: Session, feeds: readonly Feed[]): Outcome {
  const tensors: Record<string, Tensor> = Object.create(null); // a name may be __proto__
  try {
    for (const feed of feeds) {
      const dtype = session.inputs.find(({ name }) => name === feed.name)?.dtype ?? rt.dtype;
      const shape = feed.shape.length === 0 ? [1] : feed.shape;
      tensors[feed.name] = rt.tensor(filled(feed, dtype === "i32"), shape, { dtype: dtype as DType });
    }
    const shapes = shapesOf(session, feeds, tensors);
    const results = session.runSync(tensors);
    const all = Object.entries(results);
    const outputs = all
      .slice(0, MOST_OUTPUTS)
      .map(([name, tensor]) => outputOf(name, session.outputs.find((port) => port.name === name)?.type ?? "", tensor));
    for (const [name, { shape }] of all) shapes.set(name, shape);
    return { outputs, outputCount: all.length, ...timed(() => session.runSync(tensors)), bytesInUse: rt.bytesInUse, shapes };
  } finally {
    for (const tensor of Object.values(tensors)) tensor.dispose();
  }
}

/** Shapes are for looking at: what cannot tell them stands in the way of nothing. */
function shapesOf(session: Session, feeds: readonly Feed[], tensors: Readonly<Record<string, Tensor>>): Map<string, readonly number[]> {
  const ofInputs = feeds.map(({ name, shape }) => [name, shape] as const);
  try {
    return new Map([...(session.shapes?.(tensors) ?? []), ...ofInputs]);
  } catch {
    return new Map(ofInputs);
  }
}

function outputOf(name: string, type: string, tensor: Tensor): Output {
  const all = tensor.toArray();
  let [least, most, sum, notFinite] = [Infinity, -Infinity, 0, 0];
  for (const value of all) {
    if (!Number.isFinite(value)) {
      notFinite++;
      continue;
    }
    if (value < least) least = value;
    if (value > most) most = value;
    sum += value;
  }
  const mean = sum / (all.length - notFinite);
  return {
    name,
    type,
    shape: tensor.shape,
    data: Float64Array.from(all.subarray(0, SHOWN)),
    numbers: all.length,
    least,
    most,
    mean,
    notFinite,
  };
}

function timed(run: () => void): Pick<Outcome, "median" | "shortest" | "runs"> {
  const times: number[] = [];
  let [runs, batch] = [0, 1];
  const begin = performance.now();
  do {
    const from = performance.now();
    for (let i = 0; i < batch; i++) run();
    const took = performance.now() - from;
    runs += batch;
    if (took < LEAST_MS && batch < 100_000) batch *= 2;
    else if (took > TIMED_MS || performance.now() - begin > WARM_UP_MS) times.push(took / batch);
  } while (performance.now() - begin < WARM_UP_MS + TIMED_MS || times.length === 0);
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1] as number, shortest: times[0] as number, runs };
}
